/* SPDX-License-Identifier: MPL-2.0 */
/* XPUB: subscriptions as messages. */
#include <sched.h>
#include <unistd.h>

#include "tests/socket/topics.h"

/* ---- Notifications ----------------------------------------------------- */

static void
the_first_and_the_last_are_told(void **state)
{
    struct link l = new_link(WEIR_XPUB, WEIR_SUB);
    weir_socket *other = connected(l.ctx, WEIR_SUB);

    (void)state;
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLOUT);
    subscribe(l.connected, "a");
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN | WEIR_POLLOUT);
    asked(l.bound, 1, "a");
    subscribe(l.connected, "a");
    subscribe(other, "a");
    subscribe(other, "");
    asked(l.bound, 1, "");
    unsubscribe(l.connected, "a");
    unsubscribe(l.connected, "a");
    hear_nothing(l.bound);
    unsubscribe(other, "a");
    asked(l.bound, 0, "a");
    unsubscribe(other, "");
    asked(l.bound, 0, "");
    hear_nothing(l.bound);
    OK(weir_close(other));
    close_link(&l);
}

static void
verbose_tells_more(void **state)
{
    (void)state;
    for (int verbose = 0; verbose <= 2; verbose++) {
        struct link l = new_link(WEIR_XPUB, WEIR_XSUB);
        weir_socket *other = connected(l.ctx, WEIR_XSUB);

        set(l.bound, WEIR_XPUB_VERBOSE, verbose);
        EQUAL(get(l.bound, WEIR_XPUB_VERBOSE), verbose);
        ask(l.connected, 1, "a");
        asked(l.bound, 1, "a");
        ask(l.connected, 1, "a");
        ask(other, 1, "a");
        for (int i = 0; verbose >= 1 && i < 2; i++)
            asked(l.bound, 1, "a");
        hear_nothing(l.bound);
        ask(l.connected, 0, "a");
        hear_nothing(l.bound); /* one of two */
        ask(l.connected, 0, "a");
        if (verbose == 2)
            asked(l.bound, 0, "a");
        hear_nothing(l.bound);
        ask(other, 0, "a");
        asked(l.bound, 0, "a");
        hear_nothing(l.bound);
        OK(weir_close(other));
        close_link(&l);
    }
}

static void
who_leaves_unsubscribes(void **state)
{
    (void)state;
    for (int verbose = 0; verbose <= 2; verbose++) {
        struct link l = new_link(WEIR_XPUB, WEIR_SUB);
        weir_socket *other = connected(l.ctx, WEIR_SUB);

        set(l.bound, WEIR_XPUB_VERBOSE, verbose);
        subscribe(l.connected, "both");
        subscribe(l.connected, "one");
        asked(l.bound, 1, "both");
        asked(l.bound, 1, "one");
        subscribe(other, "both");
        if (verbose >= 1)
            asked(l.bound, 1, "both");
        hear_nothing(l.bound);
        OK(weir_close(l.connected));
        if (verbose == 2)
            asked(l.bound, 0, "both");
        asked(l.bound, 0, "one");
        hear_nothing(l.bound);
        OK(weir_disconnect(other, "inproc://link"));
        asked(l.bound, 0, "both");
        hear_nothing(l.bound);
        OK(weir_close(l.bound));
        OK(weir_close(other));
        OK(weir_context_free(l.ctx));
    }
}

/* It came, asked and went before the publisher looked. */
static void
a_short_visit_is_told(void **state)
{
    struct link l = new_link(WEIR_XPUB, WEIR_SUB);

    (void)state;
    subscribe(l.connected, "a");
    subscribe(l.connected, "b");
    unsubscribe(l.connected, "b");
    OK(weir_close(l.connected));
    asked(l.bound, 1, "a");
    asked(l.bound, 1, "b");
    asked(l.bound, 0, "b");
    asked(l.bound, 0, "a");
    hear_nothing(l.bound);
    EQUAL(get(l.bound, WEIR_PEERS), 0);
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

static void *
subscribe_elsewhere(void *arg)
{
    subscribe(arg, "wake");
    return NULL;
}

struct sleeper {
    weir_socket *xpub;
    _Atomic pid_t tid;
};

static void *
await_subscription(void *arg)
{
    struct sleeper *p = arg;
    weir_msg msg;

    p->tid = gettid();
    OK(weir_recv(p->xpub, &msg, 0));
    EQUAL(weir_msg_size(&msg), 5);
    return NULL;
}

static void
a_subscription_wakes_up(void **state)
{
    struct link l = new_link(WEIR_XPUB, WEIR_SUB);
    struct sleeper p = { .xpub = l.bound };
    pthread_t thread;

    (void)state;
    set(l.bound, WEIR_WAIT, WEIR_WAIT_PARK);
    set(l.bound, WEIR_RECV_TIMEOUT_MS, 10);
    {
        weir_msg msg;

        GIVES(-EAGAIN, weir_recv(l.bound, &msg, 0));
    }
    set(l.bound, WEIR_RECV_TIMEOUT_MS, -1);
    thread = start(await_subscription, &p);
    while (p.tid == 0)
        (void)sched_yield();
    await_sleep(p.tid);
    elsewhere(subscribe_elsewhere, l.connected);
    finish(thread);
    close_link(&l);
}

/* A peer of another kind subscribes in one message of several frames: each of
 * them is one. What begins otherwise is the user's. */
static void
others_may_subscribe(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *xpub = new_socket(ctx, WEIR_XPUB);
    weir_socket *pair = new_socket(ctx, WEIR_PAIR);

    (void)state;
    set(xpub, WEIR_ANY_PEER, 1);
    OK(weir_bind(xpub, "inproc://link"));
    set(pair, WEIR_ANY_PEER, 1);
    OK(weir_connect(pair, "inproc://link"));
    EQUAL(try_say(pair, "\001a", true), 0);
    EQUAL(try_say(pair, "\001b", true), 0);
    EQUAL(try_say(pair, "user", true), 0);
    EQUAL(try_say(pair, "\001c", false), 0);
    asked(xpub, 1, "a");
    asked(xpub, 1, "b");
    hear_frame(xpub, "user", true);
    hear_frame(xpub, "\001c", false);
    hear_nothing(xpub);
    say(xpub, "b1");
    say(xpub, "c1");
    hear(pair, "b1");
    hear_nothing(pair);
    OK(weir_close(pair));
    asked(xpub, 0, "a");
    asked(xpub, 0, "b");
    OK(weir_close(xpub));
    OK(weir_context_free(ctx));
}

/* ---- Manual mode ------------------------------------------------------- */

static void
manual_subscribes_for_the_last(void **state)
{
    struct link l = new_link(WEIR_XPUB, WEIR_SUB);
    weir_socket *other = connected(l.ctx, WEIR_XSUB);

    (void)state;
    GIVES(-EINVAL, weir_socket_set_bytes(l.bound, WEIR_SUBSCRIBE, "a", 1));
    set(l.bound, WEIR_XPUB_MANUAL, 1);
    OK(weir_socket_set_bytes(l.bound, WEIR_SUBSCRIBE, "x", 1)); /* nobody */
    subscribe(l.connected, "a");
    asked(l.bound, 1, "a");
    say(l.bound, "a");
    hear_nothing(l.connected);
    subscribe(l.bound, "b");
    subscribe(l.connected, "b"); /* lets it through its own filter */
    asked(l.bound, 1, "b");
    ask(other, 1, "o");
    asked(l.bound, 1, "o");
    subscribe(l.bound, "p");
    say(l.bound, "a");
    say(l.bound, "b");
    say(l.bound, "o");
    say(l.bound, "p");
    hear(l.connected, "b");
    hear_nothing(l.connected);
    hear(other, "p");
    hear_nothing(other);
    /* Unsubscribing acts for the last one, too. */
    ask(other, 0, "o");
    say(l.bound, "p");
    hear(other, "p");
    asked(l.bound, 0, "o");
    unsubscribe(l.bound, "b"); /* not its own */
    unsubscribe(l.bound, "p");
    say(l.bound, "b");
    say(l.bound, "p");
    hear(l.connected, "b");
    hear_nothing(other);
    OK(weir_close(other));
    close_link(&l);
}

/* Arrays that are full leave the next message, and its peer, alone. */
static void
manual_works_with_arrays(void **state)
{
    struct link l = new_link(WEIR_XPUB, WEIR_SUB);
    weir_socket *other = connected(l.ctx, WEIR_SUB);
    weir_msg msgs[2];

    (void)state;
    set(l.bound, WEIR_XPUB_MANUAL, 1);
    subscribe(l.connected, "a");
    subscribe(l.connected, "a");
    subscribe(l.connected, "a");
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN | WEIR_POLLOUT);
    subscribe(other, "a");
    GIVES(1, weir_recv_batch(l.bound, msgs, 1, 0));
    GIVES(2, weir_recv_batch(l.bound, msgs, 2, 0));
    subscribe(l.bound, "a");
    say(l.bound, "a");
    hear(l.connected, "a");
    hear_nothing(other);
    asked(l.bound, 1, "a");
    OK(weir_close(other));
    close_link(&l);
}

static void
manual_acts_for_no_one_who_has_left(void **state)
{
    struct link l = new_link(WEIR_XPUB, WEIR_SUB);
    weir_socket *other = connected(l.ctx, WEIR_SUB);

    (void)state;
    set(l.bound, WEIR_XPUB_MANUAL, 1);
    subscribe(l.connected, "a");
    asked(l.bound, 1, "a");
    subscribe(l.connected, "later");
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN | WEIR_POLLOUT);
    subscribe(other, "a");
    OK(weir_close(l.connected));
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN | WEIR_POLLOUT);
    EQUAL(get(l.bound, WEIR_PEERS), 1);
    subscribe(l.bound, "a");
    say(l.bound, "a");
    asked(l.bound, 1, "later");
    subscribe(l.bound, "a");
    say(l.bound, "a");
    hear_nothing(other);
    asked(l.bound, 1, "a");
    subscribe(l.bound, "a");
    say(l.bound, "a");
    hear(other, "a");
    /* What it had asked for, not what it was given. */
    asked(l.bound, 0, "a");
    asked(l.bound, 0, "later");
    subscribe(l.bound, "a");
    hear_nothing(l.bound);
    OK(weir_close(other));
    asked(l.bound, 0, "a");
    hear_nothing(l.bound);
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

/* ---- Welcome ----------------------------------------------------------- */

static void
everybody_is_welcomed_first(void **state)
{
    static char text[301];
    struct link l = new_link(WEIR_XPUB, WEIR_XSUB);
    weir_socket *subs[3];

    (void)state;
    memset(text, 'w', 300);
    hear_nothing(l.bound);
    OK(weir_socket_set_bytes(l.bound, WEIR_WELCOME, "small", 5));
    OK(weir_socket_set_bytes(l.bound, WEIR_WELCOME, text, 300));
    for (int i = 0; i < 3; i++) {
        subs[i] = connected(l.ctx, i == 2 ? WEIR_SUB : WEIR_XSUB);
        if (i == 2)
            subscribe(subs[i], "www");
        else
            ask(subs[i], 1, "x");
    }
    say(l.bound, "x");
    hear(subs[0], text);
    hear(subs[1], text);
    hear(subs[0], "x");
    hear(subs[1], "x");
    hear(subs[2], text);
    hear_nothing(subs[2]);
    hear_nothing(l.connected);
    OK(weir_socket_set_bytes(l.bound, WEIR_WELCOME, NULL, 0));
    OK(weir_close(subs[0]));
    subs[0] = connected(l.ctx, WEIR_XSUB);
    say(l.bound, "x");
    hear_nothing(subs[0]);
    for (int i = 0; i < 3; i++)
        OK(weir_close(subs[i]));
    close_link(&l);
}

/* ---- Closing ----------------------------------------------------------- */

/* The rest of a message that was begun is no more than bytes. */
static void
it_is_closed_within_a_message(void **state)
{
    static const char *const frames[] = { "first", "looks like a pointer",
                                          "last", NULL };
    struct link l = new_link(WEIR_XPUB, WEIR_XSUB);

    (void)state;
    say_all(l.connected, frames);
    hear_frame(l.bound, "first", true);
    ask(l.connected, 1, "a");
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_and_the_last_are_told),
        cmocka_unit_test(verbose_tells_more),
        cmocka_unit_test(who_leaves_unsubscribes),
        cmocka_unit_test(a_short_visit_is_told),
        cmocka_unit_test(a_subscription_wakes_up),
        cmocka_unit_test(others_may_subscribe),
        cmocka_unit_test(manual_subscribes_for_the_last),
        cmocka_unit_test(manual_works_with_arrays),
        cmocka_unit_test(manual_acts_for_no_one_who_has_left),
        cmocka_unit_test(everybody_is_welcomed_first),
        cmocka_unit_test(it_is_closed_within_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
