/* SPDX-License-Identifier: MPL-2.0 */
/* A ROUTER that must not drop: it says when it cannot send, or waits. */
#include <unistd.h>

#include "tests/socket/support.h"

static void
count_free(void *data, void *hint)
{
    (void)data;
    ++*(int *)hint;
}

static void
put_external(weir_msg *msg, int *freed, bool more)
{
    static char bytes[100];

    OK(weir_msg_init_external(msg, bytes, sizeof(bytes), count_free, freed));
    weir_msg_set_more(msg, more);
}

static void
what_cannot_be_sent_is_kept(void **state)
{
    struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);
    weir_msg msg;
    int freed = 0;

    (void)state;
    set(l.bound, WEIR_ROUTER_MANDATORY, 1);
    put_external(&msg, &freed, true);
    GIVES(-EHOSTUNREACH, weir_send(l.bound, &msg, 0));
    GIVES(-EHOSTUNREACH, weir_send_batch(l.bound, &msg, 1, 0));
    EQUAL(weir_msg_size(&msg), 100);
    CHECK(weir_msg_more(&msg));
    EQUAL(freed, 0);
    OK(weir_msg_drop(&msg));
    EQUAL(freed, 1);
    say_all(l.bound, TEXTS("d", "1"));
    say_all(l.bound, TEXTS("d", "2"));
    EQUAL(get(l.bound, WEIR_EVENTS), 0);
    EQUAL(try_say(l.bound, "d", true), -EAGAIN);
    say(l.bound, "d"); /* an id without a message: nothing is sent */
    say(l.bound, "nobody");
    set(l.bound, WEIR_SEND_TIMEOUT_MS, 2);
    weir_msg_init_inline(&msg, 1);
    *(char *)weir_msg_data(&msg) = 'd';
    weir_msg_set_more(&msg, true);
    for (int wait = WEIR_WAIT_ADAPTIVE; wait <= WEIR_WAIT_PARK; wait++) {
        set(l.bound, WEIR_WAIT, wait);
        GIVES(-EAGAIN, weir_send(l.bound, &msg, 0));
        EQUAL(weir_msg_size(&msg), 1);
        CHECK(weir_msg_more(&msg));
    }
    hear(l.connected, "1");
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLOUT);
    OK(weir_send(l.bound, &msg, 0));
    say(l.bound, "3");
    hear(l.connected, "2");
    hear(l.connected, "3");
    close_link(&l);
}

struct sender {
    weir_socket *s;
    int gives;
    _Atomic pid_t tid;
};

static void *
send_to_full_peer(void *arg)
{
    struct sender *sender = arg;
    weir_msg msg;

    sender->tid = gettid();
    OK(weir_msg_init_copy(&msg, sender->s, "d", 1));
    weir_msg_set_more(&msg, true);
    GIVES(sender->gives, weir_send(sender->s, &msg, 0));
    if (sender->gives == 0)
        say(sender->s, "3");
    return NULL;
}

/* The other thread waits for room; it comes, or the peer goes. */
static void
a_full_peer_is_waited_for(void **state)
{
    static const int waits[] = { WEIR_WAIT_ADAPTIVE, WEIR_WAIT_PARK };

    (void)state;
    for (int i = 0; i < 6; i++) {
        struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);
        struct sender sender = { .s = l.bound, .gives = 0 };
        weir_socket *other = new_socket(l.ctx, WEIR_DEALER);
        pthread_t thread;

        OK(weir_connect(other, "inproc://link"));
        set(l.bound, WEIR_WAIT, waits[i % 2]);
        set(l.bound, WEIR_ROUTER_MANDATORY, 1);
        say_all(l.bound, TEXTS("d", "1"));
        say_all(l.bound, TEXTS("d", "2"));
        if (i >= 2)
            sender.gives = i >= 4 ? -ESHUTDOWN : -EHOSTUNREACH;
        thread = start(send_to_full_peer, &sender);
        while (sender.tid == 0)
            ;
        await_sleep(sender.tid);
        if (i < 2)
            hear(l.connected, "1");
        else if (i < 4)
            OK(weir_disconnect(l.connected, "inproc://link"));
        else
            OK(weir_context_shutdown(l.ctx));
        finish(thread);
        if (i < 2) {
            hear(l.connected, "2");
            hear(l.connected, "3");
        }
        OK(weir_close(other));
        close_link(&l);
    }
}

/* ---- Limits that fall in the middle of a message ----------------------- */

/* A connection with four messages to the peer, and the first frame of a fifth,
 * when no more than two may be there. */
static struct link
new_overfull_link(bool mandatory)
{
    struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);

    set(l.bound, WEIR_ROUTER_MANDATORY, mandatory);
    set(l.bound, WEIR_SEND_HWM, 10);
    for (uint64_t i = 0; i < 4; i++) {
        EQUAL(try_say(l.bound, "d", true), 0);
        OK(send_number(l.bound, i, 0));
    }
    EQUAL(try_say(l.bound, "d", true), 0);
    set(l.bound, WEIR_SEND_HWM, 1);
    EQUAL(get(l.bound, WEIR_EVENTS), mandatory ? 0 : WEIR_POLLOUT);
    return l;
}

static void *
send_last_frame(void *arg)
{
    struct sender *sender = arg;

    sender->tid = gettid();
    OK(send_number(sender->s, 4, 0));
    return NULL;
}

static void
a_limit_falls_in_a_message(void **state)
{
    struct link l = new_overfull_link(false);
    struct sender sender = { .gives = 0 };
    pthread_t thread;

    (void)state;
    OK(send_number(l.bound, 4, 0)); /* dropped */
    EQUAL(drain(l.connected, 0), 4);
    close_link(&l);
    for (int leaves = 0; leaves < 2; leaves++) {
        l = new_overfull_link(true);
        GIVES(-EAGAIN, send_number(l.bound, 4, WEIR_DONTWAIT));
        sender = (struct sender){ .s = l.bound };
        thread = start(send_last_frame, &sender);
        while (sender.tid == 0)
            ;
        await_sleep(sender.tid);
        if (leaves)
            OK(weir_disconnect(l.connected, "inproc://link"));
        else
            for (uint64_t i = 0; i < 3; i++)
                hear_number(l.connected, i);
        finish(thread);
        EQUAL(drain(l.connected, leaves ? 0 : 3), leaves ? 4 : 2);
        close_link(&l);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_sent_is_kept),
        cmocka_unit_test(a_full_peer_is_waited_for),
        cmocka_unit_test(a_limit_falls_in_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
