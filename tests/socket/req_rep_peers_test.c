/* SPDX-License-Identifier: MPL-2.0 */
/* REQ and REP with many peers, with peers that leave, with peers that do not
 * keep to the pattern, and with large frames. */
#include <string.h>

#include "tests/socket/support.h"

/* ---- Several peers ----------------------------------------------------- */

static void
requests_go_to_all_in_turn(void **state)
{
    enum { n = 4 };
    weir_context *ctx = new_context();
    weir_socket *req = new_socket(ctx, WEIR_REQ);
    weir_socket *reps[n];

    (void)state;
    OK(weir_bind(req, "inproc://req"));
    for (int i = 0; i < n; i++) {
        reps[i] = new_socket(ctx, WEIR_REP);
        OK(weir_connect(reps[i], "inproc://req"));
    }
    for (uint64_t i = 0; i < 10 * n; i++) {
        OK(send_number(req, i, 0));
        for (uint64_t j = 0; j < n; j++)
            if (j != i % n)
                hear_nothing(reps[j]);
        hear_number(reps[i % n], i);
        OK(send_number(reps[i % n], i + 1, 0));
        hear_number(req, i + 1);
    }
    for (int i = 0; i < n; i++)
        OK(weir_close(reps[i]));
    OK(weir_close(req));
    OK(weir_context_free(ctx));
}

static void
requests_come_from_all_in_turn(void **state)
{
    enum { n = 4 };
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    weir_socket *reqs[n];

    (void)state;
    for (int i = 0; i < n; i++) {
        reqs[i] = new_socket(l.ctx, WEIR_REQ);
        OK(weir_connect(reqs[i], "inproc://link"));
    }
    for (uint64_t i = 0; i < 10; i++) {
        for (uint64_t j = 0; j < n; j++)
            OK(send_number(reqs[j], j, 0));
        for (uint64_t j = 0; j < n; j++) {
            weir_msg msg;

            OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
            OK(weir_send(l.bound, &msg, 0));
        }
        for (uint64_t j = 0; j < n; j++)
            hear_number(reqs[j], j);
    }
    for (int i = 0; i < n; i++)
        OK(weir_close(reqs[i]));
    close_link(&l);
}

/* A REP reads the mark, a ROUTER the frame. */
static void
a_rep_and_a_router_take_turns(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *req = new_socket(ctx, WEIR_REQ);
    weir_socket *rep = new_socket(ctx, WEIR_REP);
    weir_socket *router = new_socket(ctx, WEIR_ROUTER);

    (void)state;
    OK(weir_bind(rep, "inproc://rep"));
    OK(weir_bind(router, "inproc://router"));
    OK(weir_connect(req, "inproc://rep"));
    name_socket(req, "req");
    OK(weir_connect(req, "inproc://router"));
    for (int i = 0; i < 20; i++) {
        bool several = i % 4 < 2;

        say_all(req, several ? TEXTS("a", "", "b") : TEXTS(""));
        if (i % 2 == 0) {
            hear_all(rep, several ? TEXTS("a", "", "b") : TEXTS(""));
            say_all(rep, several ? TEXTS("", "c") : TEXTS("d"));
        } else {
            hear_all(router, several ? TEXTS("req", "", "a", "", "b")
                                     : TEXTS("req", "", ""));
            say_all(router, several ? TEXTS("req", "", "", "c")
                                    : TEXTS("req", "", "d"));
        }
        hear_all(req, several ? TEXTS("", "c") : TEXTS("d"));
    }
    OK(weir_close(req));
    OK(weir_close(rep));
    OK(weir_close(router));
    OK(weir_context_free(ctx));
}

/* ---- Peers that leave -------------------------------------------------- */

static void
a_strict_req_waits_for_one_that_has_gone(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    weir_socket *next = new_socket(l.ctx, WEIR_REP);
    weir_msg msg;

    (void)state;
    say(l.connected, "question");
    hear(l.bound, "question");
    OK(weir_close(l.bound));
    OK(weir_bind(next, "inproc://link"));
    OK(weir_connect(l.connected, "inproc://link"));
    set(l.connected, WEIR_RECV_TIMEOUT_MS, 2);
    for (int i = 0; i < 3; i++) {
        GIVES(-EAGAIN, weir_recv(l.connected, &msg, 0));
        EQUAL(try_say(l.connected, "again", false), -EPROTO);
        EQUAL(get(l.connected, WEIR_EVENTS), 0);
    }
    set(l.connected, WEIR_REQ_RELAXED, 1);
    EQUAL(get(l.connected, WEIR_EVENTS), WEIR_POLLOUT);
    say(l.connected, "again");
    hear(next, "again");
    say(next, "answer");
    hear(l.connected, "answer");
    OK(weir_close(next));
    OK(weir_close(l.connected));
    OK(weir_context_free(l.ctx));
}

static void
a_reply_outlives_its_rep(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);

    (void)state;
    say(l.connected, "question");
    hear(l.bound, "question");
    say_all(l.bound, TEXTS("answer", "and more"));
    OK(weir_close(l.bound));
    hear_all(l.connected, TEXTS("answer", "and more"));
    EQUAL(try_say(l.connected, "nobody is there", false), -EAGAIN);
    EQUAL(try_say(l.connected, "nobody is there", true), -EAGAIN);
    OK(weir_close(l.connected));
    OK(weir_context_free(l.ctx));
}

/* The first frames were taken; the last one goes to whoever is there then. */
static void
the_peers_leave_in_a_request(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    weir_socket *next = new_socket(l.ctx, WEIR_REP);

    (void)state;
    EQUAL(try_say(l.connected, "a", true), 0);
    OK(weir_close(l.bound));
    EQUAL(try_say(l.connected, "b", true), 0);
    EQUAL(try_say(l.connected, "c", false), -EAGAIN);
    EQUAL(get(l.connected, WEIR_EVENTS), 0);
    OK(weir_bind(next, "inproc://link"));
    OK(weir_connect(l.connected, "inproc://link"));
    say(l.connected, "c");
    hear_all(next, TEXTS("a", "b", "c"));
    OK(weir_close(next));
    OK(weir_close(l.connected));
    OK(weir_context_free(l.ctx));
}

/* ---- Peers that do as they like ---------------------------------------- */

/* A REQ that a DEALER answers: the DEALER, bound. */
static struct link
new_answerer(bool correlate)
{
    struct link l = { .ctx = new_context() };

    l.bound = new_socket(l.ctx, WEIR_DEALER);
    l.connected = new_socket(l.ctx, WEIR_REQ);
    set(l.connected, WEIR_ANY_PEER, 1);
    set(l.connected, WEIR_REQ_CORRELATE, correlate);
    OK(weir_bind(l.bound, "inproc://link"));
    OK(weir_connect(l.connected, "inproc://link"));
    return l;
}

static void
malformed_replies_are_dropped(void **state)
{
    struct link l = new_answerer(false);

    (void)state;
    say_all(l.bound, TEXTS("", "from before the request"));
    say(l.connected, "question");
    hear_all(l.bound, TEXTS("", "question"));
    say(l.bound, "no envelope");
    say(l.bound, "");
    say_all(l.bound, TEXTS("no", "empty frame"));
    say_all(l.bound, TEXTS("address", "", "of nobody"));
    say_all(l.bound, TEXTS("", "", "x"));
    hear_all(l.connected, TEXTS("", "x"));
    say(l.connected, "next");
    hear_all(l.bound, TEXTS("", "next"));
    close_link(&l);
}

static void
replies_to_other_requests_are_dropped(void **state)
{
    struct link l = new_answerer(true);
    weir_msg old, number;

    (void)state;
    set(l.connected, WEIR_REQ_RELAXED, 1);
    say(l.connected, "first");
    OK(weir_recv(l.bound, &old, 0));
    EQUAL(weir_msg_size(&old), 4);
    hear_all(l.bound, TEXTS("", "first"));
    say(l.connected, "second");
    OK(weir_recv(l.bound, &number, 0));
    CHECK(memcmp(weir_msg_bytes(&old), weir_msg_bytes(&number), 4) != 0);
    hear_all(l.bound, TEXTS("", "second"));
    OK(weir_send(l.bound, &old, 0));
    say_all(l.bound, TEXTS("", "to first"));
    say_all(l.bound, TEXTS("", "without number"));
    say_all(l.bound, TEXTS("12345", "", "of another size"));
    say(l.bound, "1234");
    weir_msg_init_inline(&old, 4);
    memcpy(weir_msg_data(&old), weir_msg_bytes(&number), 4);
    weir_msg_set_more(&old, true);
    OK(weir_send(l.bound, &old, 0));
    say(l.bound, ""); /* the number, but no body */
    hear_nothing(l.connected);
    OK(weir_send(l.bound, &number, 0));
    say_all(l.bound, TEXTS("", "to second"));
    hear(l.connected, "to second");
    close_link(&l);
}

static void
malformed_requests_are_dropped(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_DEALER);

    (void)state;
    say(l.connected, "");
    say(l.connected, "no envelope");
    say_all(l.connected, TEXTS("only", "addresses"));
    say_all(l.connected, TEXTS("an", "address", ""));
    hear_nothing(l.bound);
    say_all(l.connected, TEXTS("", ""));
    hear(l.bound, "");
    say(l.bound, "good");
    hear_all(l.connected, TEXTS("", "good"));
    close_link(&l);
}

/* ---- Large frames ------------------------------------------------------ */

static void
count_free(void *data, void *hint)
{
    (void)data;
    ++*(_Atomic int *)hint;
}

static const size_t sizes[] = { 56, 57, 5000, (1 << 20) + 1 };

/* Frames of each size and an external one, all in one message. */
static void
send_large(weir_socket *s, _Atomic int *freed)
{
    static char bytes[10];
    weir_msg msgs[5];

    for (int i = 0; i < 4; i++) {
        OK(weir_msg_init_size(&msgs[i], s, sizes[i]));
        memset(weir_msg_data(&msgs[i]), i, sizes[i]);
        weir_msg_set_more(&msgs[i], true);
    }
    OK(weir_msg_init_external(&msgs[4], bytes, 10, count_free, freed));
    GIVES(5, weir_send_batch(s, msgs, 5, WEIR_DONTWAIT));
}

static void
check_large(weir_socket *s)
{
    weir_msg msg;

    for (int i = 0; i < 5; i++) {
        OK(weir_recv(s, &msg, WEIR_DONTWAIT));
        EQUAL(weir_msg_size(&msg), i < 4 ? sizes[i] : 10);
        if (i < 4)
            EQUAL(((const char *)weir_msg_bytes(&msg))[sizes[i] - 1], i);
        EQUAL(weir_msg_more(&msg), i < 4);
        OK(weir_msg_drop(&msg));
    }
}

/* Each is freed once: received, dropped by REP or REQ, or never received. */
static void
large_frames_are_freed_once(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    weir_socket *dealer = new_socket(l.ctx, WEIR_DEALER);
    weir_msg msg;
    _Atomic int freed = 0;

    (void)state;
    OK(weir_connect(dealer, "inproc://link"));
    for (int i = 0; i < 10; i++) {
        set(l.connected, WEIR_REQ_CORRELATE, i % 2);
        send_large(l.connected, &freed);
        check_large(l.bound);
        send_large(l.bound, &freed);
        check_large(l.connected);
        EQUAL(freed, 2 * i + 2);
    }
    send_large(dealer, &freed); /* malformed */
    hear_nothing(l.bound);
    EQUAL(freed, 21);
    set(l.connected, WEIR_REQ_RELAXED, 1);
    send_large(l.connected, &freed);
    check_large(l.bound);
    send_large(l.bound, &freed);
    send_large(l.connected, &freed); /* gives the reply up */
    EQUAL(freed, 23);
    GIVES(-EMSGSIZE, weir_recv_batch(l.bound, &msg, 1, WEIR_DONTWAIT));
    send_large(dealer, &freed);
    EQUAL(try_say(l.connected, "unfinished", true), 0);
    OK(weir_msg_init_external(&msg, &freed, 1, count_free, &freed));
    weir_msg_set_more(&msg, true);
    OK(weir_send(l.connected, &msg, 0));
    EQUAL(freed, 23);
    OK(weir_close(dealer));
    close_link(&l);
    EQUAL(freed, 26);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_go_to_all_in_turn),
        cmocka_unit_test(requests_come_from_all_in_turn),
        cmocka_unit_test(a_rep_and_a_router_take_turns),
        cmocka_unit_test(a_strict_req_waits_for_one_that_has_gone),
        cmocka_unit_test(a_reply_outlives_its_rep),
        cmocka_unit_test(the_peers_leave_in_a_request),
        cmocka_unit_test(malformed_replies_are_dropped),
        cmocka_unit_test(replies_to_other_requests_are_dropped),
        cmocka_unit_test(malformed_requests_are_dropped),
        cmocka_unit_test(large_frames_are_freed_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
