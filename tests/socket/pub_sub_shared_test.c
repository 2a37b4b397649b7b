/* SPDX-License-Identifier: MPL-2.0 */
/* One message to many: what each peer gets, when it is freed, limits, frames,
 * and arrays. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/socket/topics.h"

#define SUBS 7

struct crowd {
    weir_context *ctx;
    weir_socket *pub;
    weir_socket *subs[SUBS];
};

static struct crowd
new_crowd(int type)
{
    struct crowd c = { .ctx = new_context() };

    c.pub = new_socket(c.ctx, type);
    OK(weir_bind(c.pub, "inproc://link"));
    for (int i = 0; i < SUBS; i++) {
        c.subs[i] = connected(c.ctx, WEIR_SUB);
        subscribe(c.subs[i], "");
    }
    return c;
}

static void
close_crowd(struct crowd *c)
{
    for (int i = 0; i < SUBS; i++)
        if (c->subs[i] != NULL)
            OK(weir_close(c->subs[i]));
    OK(weir_close(c->pub));
    OK(weir_context_free(c->ctx));
}

/* ---- Shared bytes ------------------------------------------------------ */

static const size_t sizes[] = { 0, 1, 8, 24, 56, 57, 4096, 2000000 };

static void
put_pattern(weir_msg *msg)
{
    unsigned char *data = weir_msg_data(msg);

    for (size_t i = 0; i < weir_msg_size(msg); i++)
        data[i] = (unsigned char)(i * 31 + weir_msg_size(msg));
}

static void
check_pattern(const weir_msg *msg, size_t size)
{
    const unsigned char *data = weir_msg_bytes(msg);
    size_t bad = 0;

    EQUAL(weir_msg_size(msg), size);
    for (size_t i = 0; i < size; i++)
        bad += data[i] != (unsigned char)(i * 31 + size);
    EQUAL(bad, 0);
}

static void
every_size_reaches_everybody(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    weir_msg msg;

    (void)state;
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        OK(weir_msg_init_size(&msg, c.pub, sizes[k]));
        put_pattern(&msg);
        OK(weir_send(c.pub, &msg, 0));
        EQUAL(weir_msg_size(&msg), 0);
        for (int i = 0; i < SUBS; i++) {
            OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
            check_pattern(&msg, sizes[k]);
            OK(weir_msg_drop(&msg));
        }
    }
    close_crowd(&c);
}

static void
count_free(void *data, void *hint)
{
    ++*(int *)hint;
    free(data);
}

static void
init_external(weir_msg *msg, size_t size, int *freed)
{
    void *data = malloc(size);

    CHECK(data != NULL);
    OK(weir_msg_init_external(msg, data, size, count_free, freed));
    put_pattern(msg);
}

static void
external_bytes_are_freed_by_the_last(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    init_external(&msg, 300, &freed);
    OK(weir_send(c.pub, &msg, 0));
    for (int i = 0; i < SUBS; i++) {
        EQUAL(freed, 0);
        OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
        check_pattern(&msg, 300);
        OK(weir_msg_drop(&msg));
    }
    EQUAL(freed, 1);
    /* The publisher has a share of its own in this one. */
    init_external(&msg, 300, &freed);
    {
        weir_msg kept;

        OK(weir_msg_share(&kept, &msg));
        OK(weir_send(c.pub, &msg, 0));
        for (int i = 0; i < SUBS; i++) {
            OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
            OK(weir_msg_drop(&msg));
        }
        EQUAL(freed, 1);
        check_pattern(&kept, 300);
        OK(weir_msg_drop(&kept));
    }
    EQUAL(freed, 2);
    close_crowd(&c);
}

static void
what_nobody_wants_is_freed_at_once(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    init_external(&msg, 300, &freed);
    OK(weir_send(l.bound, &msg, 0));
    EQUAL(freed, 1);
    for (int i = 0; i < 3; i++) {
        init_external(&msg, 300, &freed);
        weir_msg_set_more(&msg, i < 2);
        OK(weir_send(l.bound, &msg, 0));
        CHECK(!weir_msg_more(&msg));
        EQUAL(freed, 2 + i);
    }
    close_link(&l);
}

/* Half of the peers close with it in their pipes; the others read it after. */
static void
who_closes_gives_up_a_share(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    init_external(&msg, 100, &freed);
    OK(weir_send(c.pub, &msg, 0));
    OK(weir_msg_init_size(&msg, c.pub, 5000));
    put_pattern(&msg);
    OK(weir_send(c.pub, &msg, 0));
    for (int i = 0; i < SUBS; i += 2) {
        OK(weir_close(c.subs[i]));
        c.subs[i] = NULL;
    }
    for (int i = 1; i < SUBS; i += 2) {
        OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
        check_pattern(&msg, 100);
        OK(weir_msg_drop(&msg));
        OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
        check_pattern(&msg, 5000);
        OK(weir_msg_drop(&msg));
    }
    say(c.pub, ""); /* lets go of those that have closed */
    say(c.pub, "");
    EQUAL(freed, 1);
    close_crowd(&c);
    EQUAL(freed, 1);
}

/* ---- Frames ------------------------------------------------------------ */

static void
only_the_first_frame_is_matched(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);

    (void)state;
    unsubscribe(c.subs[0], "");
    subscribe(c.subs[0], "b");
    for (int k = 0; k < 2; k++) {
        EQUAL(try_say(c.pub, k == 0 ? "a" : "b", true), 0);
        for (int i = 0; k == 0 && i < SUBS; i++)
            hear_nothing(c.subs[i]);
        EQUAL(try_say(c.pub, "b", true), 0);
        EQUAL(try_say(c.pub, "", false), 0);
    }
    for (int i = 0; i < SUBS; i++) {
        if (i > 0) {
            hear_frame(c.subs[i], "a", true);
            hear_frame(c.subs[i], "b", true);
            hear_frame(c.subs[i], "", false);
        }
        hear_frame(c.subs[i], "b", true);
        hear_frame(c.subs[i], "b", true);
        hear_frame(c.subs[i], "", false);
        hear_nothing(c.subs[i]);
    }
    close_crowd(&c);
}

static void
frames_are_shared_too(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    for (int k = 0; k < 300; k++) {
        if (k % 3 == 0)
            init_external(&msg, 100, &freed);
        else
            OK(weir_msg_init_size(&msg, c.pub, k % 3 == 1 ? 10 : 1000));
        put_pattern(&msg);
        weir_msg_set_more(&msg, k < 299);
        OK(weir_send(c.pub, &msg, 0));
        EQUAL(weir_msg_size(&msg), 0);
    }
    for (int i = 0; i < SUBS; i++) {
        EQUAL(freed, 0);
        for (int k = 0; k < 300; k++) {
            OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
            check_pattern(&msg, k % 3 == 0 ? 100 : k % 3 == 1 ? 10 : 1000);
            EQUAL(weir_msg_more(&msg), k < 299);
            OK(weir_msg_drop(&msg));
        }
        hear_nothing(c.subs[i]);
    }
    EQUAL(freed, 100);
    close_crowd(&c);
}

static void
an_unfinished_message_is_dropped(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    init_external(&msg, 100, &freed);
    weir_msg_set_more(&msg, true);
    OK(weir_send(c.pub, &msg, 0));
    EQUAL(freed, 0);
    close_crowd(&c);
    EQUAL(freed, 1);
}

/* They leave between two frames: first one, then all. */
static void
peers_leave_in_the_middle(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    int freed = 0;
    weir_msg msg;

    (void)state;
    for (int round = 0; round < 2; round++) {
        init_external(&msg, 100, &freed);
        weir_msg_set_more(&msg, true);
        OK(weir_send(c.pub, &msg, 0));
        for (int i = 0; i < (round == 0 ? 1 : SUBS); i++) {
            if (c.subs[i] != NULL)
                OK(weir_close(c.subs[i]));
            c.subs[i] = NULL;
        }
        say(c.pub, "end");
        for (int i = 1; round == 0 && i < SUBS; i++) {
            OK(weir_recv(c.subs[i], &msg, WEIR_DONTWAIT));
            OK(weir_msg_drop(&msg));
            hear(c.subs[i], "end");
        }
        EQUAL(freed, round + 1);
    }
    close_crowd(&c);
}

/* ---- Limits ------------------------------------------------------------ */

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

/* ---- Arrays ------------------------------------------------------------ */

static void
arrays_go_to_everybody(void **state)
{
    struct crowd c = new_crowd(WEIR_PUB);
    weir_msg msgs[64];

    (void)state;
    for (uint64_t i = 0; i < 64; i++)
        put_number(&msgs[i], i, i % 4 == 1);
    GIVES(64, weir_send_batch(c.pub, msgs, 64, 0));
    for (int i = 0; i < SUBS; i++) {
        GIVES(1, weir_recv_batch(c.subs[i], msgs, 2, 0));
        EQUAL(number_of(&msgs[0]), 0);
        GIVES(-EMSGSIZE, weir_recv_batch(c.subs[i], msgs, 1, 0));
        GIVES(2, weir_recv_batch(c.subs[i], msgs, 2, 0));
        EQUAL(number_of(&msgs[0]), 1);
        CHECK(weir_msg_more(&msgs[0]));
        EQUAL(number_of(&msgs[1]), 2);
        for (uint64_t next = 3; next < 64;) {
            ssize_t n = CALL(weir_recv_batch(c.subs[i], msgs, 64, 0));

            CHECK(n > 0);
            for (ssize_t k = 0; k < n; k++)
                EQUAL(number_of(&msgs[k]), next++);
        }
        GIVES(-EAGAIN, weir_recv_batch(c.subs[i], msgs, 64, WEIR_DONTWAIT));
    }
    close_crowd(&c);
}

static void
arrays_are_filtered(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    weir_msg msgs[40];

    (void)state;
    subscribe(l.connected, "a");
    subscribe(l.connected, "b");
    for (int i = 0; i < 40; i++)
        OK(weir_msg_init_copy(&msgs[i], l.bound,
                              i % 2 == 0   ? "a"
                              : i % 4 == 1 ? "b"
                                           : "c",
                              1));
    GIVES(40, weir_send_batch(l.bound, msgs, 40, 0));
    unsubscribe(l.connected, "b");
    GIVES(20, weir_recv_batch(l.connected, msgs, 40, 0));
    for (int i = 0; i < 20; i++)
        EQUAL(*(const char *)weir_msg_bytes(&msgs[i]), 'a');
    hear_nothing(l.connected);
    close_link(&l);
}

/* An array goes on with a message whose first frame was received before, and
 * leaves a message that is too long alone, unless nobody wants it. */
static void
arrays_and_frames_mix(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    weir_msg msgs[8];

    (void)state;
    subscribe(l.connected, "a");
    subscribe(l.connected, "b");
    EQUAL(try_say(l.bound, "a", true), 0);
    EQUAL(try_say(l.bound, "x", true), 0);
    EQUAL(try_say(l.bound, "y", false), 0);
    for (int i = 0; i < 9; i++)
        EQUAL(try_say(l.bound, "b", i < 8), 0);
    EQUAL(try_say(l.bound, "a", true), 0);
    EQUAL(try_say(l.bound, "z", false), 0);
    hear_frame(l.connected, "a", true);
    GIVES(2, weir_recv_batch(l.connected, msgs, 8, 0));
    EQUAL(*(const char *)weir_msg_bytes(&msgs[0]), 'x');
    EQUAL(*(const char *)weir_msg_bytes(&msgs[1]), 'y');
    GIVES(-EMSGSIZE, weir_recv_batch(l.connected, msgs, 8, 0));
    unsubscribe(l.connected, "b");
    GIVES(2, weir_recv_batch(l.connected, msgs, 8, 0));
    EQUAL(*(const char *)weir_msg_bytes(&msgs[0]), 'a');
    EQUAL(*(const char *)weir_msg_bytes(&msgs[1]), 'z');
    GIVES(-EAGAIN, weir_recv_batch(l.connected, msgs, 8, WEIR_DONTWAIT));
    close_link(&l);
}

/* A peer of another kind, whose messages share slots. */
static void
others_are_filtered_too(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *sub = new_socket(ctx, WEIR_SUB);
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_msg msgs[21];

    (void)state;
    set(sub, WEIR_ANY_PEER, 1);
    set(push, WEIR_ANY_PEER, 1);
    OK(weir_bind(sub, "inproc://link"));
    OK(weir_connect(push, "inproc://link"));
    subscribe(sub, "b");
    for (int i = 0; i < 21; i++)
        OK(weir_msg_init_copy(&msgs[i], push, i % 3 == 1 ? "b" : "a", 1));
    GIVES(21, weir_send_batch(push, msgs, 21, 0));
    for (int i = 0; i < 7; i++) {
        EQUAL(get(sub, WEIR_EVENTS), WEIR_POLLIN);
        hear(sub, "b");
    }
    EQUAL(get(sub, WEIR_EVENTS), 0);
    OK(weir_close(sub));
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_reaches_everybody),
        cmocka_unit_test(external_bytes_are_freed_by_the_last),
        cmocka_unit_test(what_nobody_wants_is_freed_at_once),
        cmocka_unit_test(who_closes_gives_up_a_share),
        cmocka_unit_test(only_the_first_frame_is_matched),
        cmocka_unit_test(frames_are_shared_too),
        cmocka_unit_test(an_unfinished_message_is_dropped),
        cmocka_unit_test(peers_leave_in_the_middle),
        cmocka_unit_test(only_the_slow_one_loses),
        cmocka_unit_test(no_limit_loses_nothing),
        cmocka_unit_test(subscriptions_have_no_limit),
        cmocka_unit_test(nodrop_gives_all_or_none),
        cmocka_unit_test(nodrop_waits),
        cmocka_unit_test(nodrop_has_a_timeout),
        cmocka_unit_test(arrays_go_to_everybody),
        cmocka_unit_test(arrays_are_filtered),
        cmocka_unit_test(arrays_and_frames_mix),
        cmocka_unit_test(others_are_filtered_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
