/* SPDX-License-Identifier: MPL-2.0 */
/* PUB and SUB: high-water marks. */
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/socket/crowd.h"

static void
only_the_slow_one_loses(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    weir_socket *slow = new_socket(l.ctx, WEIR_SUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    set(l.bound, WEIR_SEND_HWM, 3);
    set(slow, WEIR_RECV_HWM, 2);
    OK(weir_connect(slow, "inproc://link"));
    subscribe(l.connected, "");
    subscribe(slow, "");
    for (uint64_t i = 0; i < 500; i++) {
        OK(send_number(l.bound, i, WEIR_DONTWAIT));
        hear_number(l.connected, i);
    }
    EQUAL(drain(slow, 0), 5);
    for (uint64_t i = 500; i < 510; i++) {
        OK(send_number(l.bound, i, WEIR_DONTWAIT));
        hear_number(l.connected, i);
    }
    EQUAL(drain(slow, 500), 5);
    /* Of shared bytes, too, nobody has a share who has not the message. */
    for (uint64_t i = 0; i < 10; i++) {
        init_external(&msg, 100, &freed);
        OK(weir_send(l.bound, &msg, WEIR_DONTWAIT));
        OK(weir_recv(l.connected, &msg, WEIR_DONTWAIT));
        OK(weir_msg_drop(&msg));
        EQUAL(freed, i < 5 ? 0 : i - 4);
    }
    OK(weir_close(slow));
    close_link(&l);
    EQUAL(freed, 10);
}

static void
no_limit_loses_nothing(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    uint64_t n = SCALED(200000);

    (void)state;
    set(l.connected, WEIR_RECV_HWM, 0);
    subscribe(l.connected, "");
    for (uint64_t i = 0; i < n; i++)
        OK(send_number(l.bound, i, WEIR_DONTWAIT));
    EQUAL(drain(l.connected, 0), n);
    close_link(&l);
}

/* Subscriptions are no messages: no limit is theirs. */
static void
subscriptions_have_no_limit(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pub = new_socket(ctx, WEIR_PUB);
    weir_socket *sub = new_socket(ctx, WEIR_SUB);
    char text[16];

    (void)state;
    set(pub, WEIR_RECV_HWM, 1);
    set(sub, WEIR_SEND_HWM, 1);
    OK(weir_bind(pub, "inproc://link"));
    OK(weir_connect(sub, "inproc://link"));
    set(sub, WEIR_SEND_HWM, 2);
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(text, sizeof(text), "%d.", i);
        subscribe(sub, text);
    }
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(text, sizeof(text), "%d.", i);
        say(pub, text);
        hear(sub, text);
    }
    OK(weir_close(sub));
    OK(weir_close(pub));
    OK(weir_context_free(ctx));
}

static void
nodrop_gives_all_or_none(void **state)
{
    static const int types[] = { WEIR_PUB, WEIR_XPUB };

    (void)state;
    for (int t = 0; t < 2; t++) {
        struct crowd c = new_crowd(types[t]);
        uint64_t n;

        set(c.pub, WEIR_XPUB_NODROP, 1);
        set(c.pub, WEIR_SEND_HWM, 10);
        for (int i = 0; i < SUBS; i++)
            set(c.subs[i], WEIR_RECV_HWM, i == 3 ? 5 : 100);
        n = fill(c.pub, 0);
        EQUAL(n, 15);
        for (int i = 0; i < SUBS; i++)
            if (i != 3)
                EQUAL(drain(c.subs[i], 0), 15);
        EQUAL(fill(c.pub, 15), 0);
        EQUAL(try_say(c.pub, "a", true), 0);
        EQUAL(try_say(c.pub, "b", false), -EAGAIN);
        hear_nothing(c.subs[0]);
        EQUAL(drain(c.subs[3], 0), 15);
        EQUAL(try_say(c.pub, "b", false), 0);
        for (int i = 0; i < SUBS; i++) {
            hear_frame(c.subs[i], "a", true);
            hear_frame(c.subs[i], "b", false);
            hear_nothing(c.subs[i]);
        }
        /* A message that the full one does not want goes. */
        unsubscribe(c.subs[3], "");
        subscribe(c.subs[3], "x");
        for (int i = 0; i < 15; i++)
            say(c.pub, "x");
        EQUAL(try_say(c.pub, "x", false), -EAGAIN);
        say(c.pub, "y");
        close_crowd(&c);
    }
}

struct waiter {
    weir_socket *pub;
    _Atomic pid_t tid;
};

static void *
send_and_wait(void *arg)
{
    struct waiter *w = arg;

    w->tid = gettid();
    OK(send_number(w->pub, 15, 0));
    return NULL;
}

/* The full peer reads, then leaves, then unsubscribes: each wakes the
 * publisher up. */
static void
nodrop_waits(void **state)
{
    (void)state;
    for (int what = 0; what < 3; what++) {
        struct crowd c = new_crowd(WEIR_PUB);
        struct waiter w = { .pub = c.pub };
        pthread_t thread;

        set(c.pub, WEIR_XPUB_NODROP, 1);
        set(c.pub, WEIR_WAIT, WEIR_WAIT_PARK);
        set(c.pub, WEIR_SEND_HWM, 10);
        set(c.subs[3], WEIR_RECV_HWM, 5);
        EQUAL(fill(c.pub, 0), 15);
        thread = start(send_and_wait, &w);
        while (w.tid == 0)
            (void)sched_yield();
        await_sleep(w.tid);
        if (what == 0) {
            for (uint64_t i = 0; i < 15; i++)
                hear_number(c.subs[3], i);
        } else if (what == 1) {
            OK(weir_close(c.subs[3]));
            c.subs[3] = NULL;
        } else {
            unsubscribe(c.subs[3], "");
        }
        finish(thread);
        EQUAL(drain(c.subs[0], 0), 16);
        close_crowd(&c);
    }
}

static void
nodrop_has_a_timeout(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);

    (void)state;
    set(c.pub, WEIR_XPUB_NODROP, 1);
    set(c.pub, WEIR_SEND_TIMEOUT_MS, 20);
    set(c.pub, WEIR_SEND_HWM, 1);
    set(c.subs[0], WEIR_RECV_HWM, 1);
    EQUAL(fill(c.pub, 0), 2);
    GIVES(-EAGAIN, send_number(c.pub, 2, 0));
    OK(weir_close(c.subs[0]));
    c.subs[0] = NULL;
    OK(send_number(c.pub, 2, 0));
    EQUAL(drain(c.subs[1], 0), 3);
    close_crowd(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_slow_one_loses),
        cmocka_unit_test(no_limit_loses_nothing),
        cmocka_unit_test(subscriptions_have_no_limit),
        cmocka_unit_test(nodrop_gives_all_or_none),
        cmocka_unit_test(nodrop_waits),
        cmocka_unit_test(nodrop_has_a_timeout),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
