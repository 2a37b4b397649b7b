/* SPDX-License-Identifier: MPL-2.0 */
/* Messages that a REQ, REP or ROUTER drops do not keep it from its own: neither
 * from what comes with them, nor from giving up in time. */
#include <unistd.h>

#include "tests/socket/support.h"

/* A thread that receives, and has a timeout. */
struct receiver {
    weir_socket *s;
    _Atomic pid_t tid;
    _Atomic bool done;
};

static void *
receive_nothing(void *arg)
{
    struct receiver *r = arg;
    weir_msg msg;

    r->tid = gettid();
    GIVES(-EAGAIN, weir_recv(r->s, &msg, 0));
    r->done = true;
    return NULL;
}

/* Whenever it sleeps it gets one more that it drops. */
static void
gives_up_in_time(weir_socket *s, weir_socket *from)
{
    struct receiver r = { .s = s };
    pthread_t thread;

    set(s, WEIR_WAIT, WEIR_WAIT_PARK);
    set(s, WEIR_RECV_TIMEOUT_MS, 150);
    thread = start(receive_nothing, &r);
    while (r.tid == 0)
        ;
    while (!r.done) {
        weir_msg msg;

        put_number(&msg, 1, false);
        (void)weir_send(from, &msg, WEIR_DONTWAIT);
        for (int i = 0; i < 1000 && !r.done; i++)
            (void)get(from, WEIR_EVENTS);
    }
    finish(thread);
}

static void
a_timeout_is_not_put_off(void **state)
{
    struct link req = new_link(WEIR_DEALER, WEIR_DEALER);
    struct link rep = new_link(WEIR_REP, WEIR_DEALER);
    struct link router = new_small_link(WEIR_ROUTER, WEIR_DEALER);
    weir_socket *s = new_socket(req.ctx, WEIR_REQ);
    weir_socket *second = new_socket(router.ctx, WEIR_DEALER);

    (void)state;
    set(s, WEIR_ANY_PEER, 1);
    OK(weir_connect(s, "inproc://link"));
    say(s, "question");
    gives_up_in_time(s, req.bound);
    gives_up_in_time(rep.bound, rep.connected);
    name_socket(second, "d"); /* as another one already is */
    EQUAL(get(router.bound, WEIR_PEERS), 1);
    EQUAL(get(router.bound, WEIR_EVENTS), WEIR_POLLOUT);
    OK(weir_connect(second, "inproc://link"));
    gives_up_in_time(router.bound, second);
    OK(weir_close(second));
    OK(weir_close(s));
    close_link(&router);
    close_link(&rep);
    close_link(&req);
}

/* Many that were not asked wait; the one that was is heard in its turn. */
static void
others_do_not_stand_before_the_reply(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    weir_socket *noisy = new_socket(l.ctx, WEIR_DEALER);

    (void)state;
    set(l.connected, WEIR_ANY_PEER, 1);
    OK(weir_bind(noisy, "inproc://noisy"));
    say(l.connected, "question");
    OK(weir_connect(l.connected, "inproc://noisy"));
    hear_nothing(l.connected);
    hear(l.bound, "question");
    EQUAL(fill(noisy, 0), 2000);
    hear_nothing(l.connected); /* the turn is with the noisy one */
    EQUAL(fill(noisy, 0), 2000);
    say(l.bound, "answer");
    hear(l.connected, "answer");
    EQUAL(fill(noisy, 0), 0);
    OK(weir_close(noisy));
    close_link(&l);
}

/* What will be dropped is no message that can be received. */
static void
events_do_not_tell_of_them(void **state)
{
    struct link l = new_small_link(WEIR_ROUTER, WEIR_DEALER);
    weir_socket *same = new_socket(l.ctx, WEIR_DEALER);
    weir_socket *req = new_socket(l.ctx, WEIR_REQ);

    (void)state;
    say(l.connected, "heard");
    hear_all(l.bound, TEXTS("d", "heard"));
    name_socket(same, "d");
    OK(weir_connect(same, "inproc://link"));
    say_all(same, TEXTS("not", "heard"));
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLOUT);
    OK(weir_disconnect(same, "inproc://link"));
    OK(weir_bind(same, "inproc://same"));
    set(req, WEIR_ANY_PEER, 1);
    for (int numbered = 0; numbered < 2; numbered++) {
        weir_msg msg;

        set(req, WEIR_REQ_CORRELATE, numbered);
        if (numbered == 0)
            OK(weir_connect(req, "inproc://same"));
        say(req, "question");
        OK(weir_recv(same, &msg, WEIR_DONTWAIT));
        EQUAL(weir_msg_size(&msg), numbered * 4);
        if (numbered)
            hear_frame(same, "", true);
        hear(same, "question");
        say(same, "no envelope");
        for (size_t n = 1; n < 10; n++) { /* which share slots */
            weir_msg small[10];

            for (size_t i = 0; i < n; i++)
                put_number(&small[i], i, false);
            GIVES(n, weir_send_batch(same, small, n, 0));
        }
        say_all(same, TEXTS("an", "address"));
        if (numbered)
            say_all(same, TEXTS("", "no number"));
        EQUAL(get(req, WEIR_EVENTS), 0);
        hear_nothing(req);
        OK(weir_send(same, &msg, WEIR_DONTWAIT));
        if (numbered)
            EQUAL(try_say(same, "", true), 0);
        say(same, "answer");
        EQUAL(get(req, WEIR_EVENTS), WEIR_POLLIN);
        hear(req, "answer");
    }
    OK(weir_close(req));
    OK(weir_close(same));
    close_link(&l);
}

/* A request with an address has to be read before it is known as one; it is the
 * next to be received, whatever comes in between. */
static void
events_of_rep_do_not_tell_of_them(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_DEALER);
    weir_msg small[3];

    (void)state;
    say(l.connected, "");
    say(l.connected, "no envelope");
    say_all(l.connected, TEXTS("an", "address", "without", "end"));
    for (uint64_t i = 0; i < 3; i++)
        put_number(&small[i], i, false);
    GIVES(3, weir_send_batch(l.connected, small, 3, 0));
    EQUAL(get(l.bound, WEIR_EVENTS), 0);
    hear_nothing(l.bound);
    say(l.connected, "no envelope");
    say_all(l.connected, TEXTS("an", "address", "", "question", "in two"));
    say_all(l.connected, TEXTS("", "next"));
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN);
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN);
    EQUAL(get(l.bound, WEIR_MORE), 0);
    EQUAL(try_say(l.bound, "answer", false), -EPROTO);
    hear_frame(l.bound, "question", true);
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN);
    hear(l.bound, "in two");
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLOUT);
    say(l.bound, "answer");
    hear_all(l.connected, TEXTS("an", "address", "", "answer"));
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN);
    hear(l.bound, "next");
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timeout_is_not_put_off),
        cmocka_unit_test(events_do_not_tell_of_them),
        cmocka_unit_test(events_of_rep_do_not_tell_of_them),
        cmocka_unit_test(others_do_not_stand_before_the_reply),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
