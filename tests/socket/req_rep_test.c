/* SPDX-License-Identifier: MPL-2.0 */
/* REQ and REP: turns, envelopes, and what is dropped. */
#include "tests/socket/support.h"

static void
request_and_reply_take_turns(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    weir_msg msg;

    (void)state;
    GIVES(-EPROTO, weir_recv(l.connected, &msg, WEIR_DONTWAIT));
    GIVES(-EPROTO, try_say(l.bound, "early", false));
    for (int i = 0; i < 3000; i++) {
        say(l.connected, "question");
        GIVES(-EPROTO, try_say(l.connected, "again", false));
        hear(l.bound, "question");
        GIVES(-EPROTO, weir_recv(l.bound, &msg, WEIR_DONTWAIT));
        say(l.bound, "answer");
        GIVES(-EPROTO, try_say(l.bound, "again", false));
        hear(l.connected, "answer");
    }
    close_link(&l);
}

static void
bodies_of_several_frames(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);

    (void)state;
    for (int i = 0; i < 3; i++) {
        OK(try_say(l.connected, "a", true));
        OK(try_say(l.connected, "", true));
        OK(try_say(l.connected, "b", false));
        hear_frame(l.bound, "a", true);
        GIVES(-EPROTO, try_say(l.bound, "early", false));
        hear_frame(l.bound, "", true);
        hear_frame(l.bound, "b", false);
        OK(try_say(l.bound, "", true));
        OK(try_say(l.bound, "c", false));
        hear_frame(l.connected, "", true);
        hear_frame(l.connected, "c", false);
    }
    close_link(&l);
}

static void
numbered_requests(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);

    (void)state;
    set(l.connected, WEIR_REQ_CORRELATE, 1);
    for (int i = 0; i < 3; i++) {
        say(l.connected, "question");
        hear(l.bound, "question");
        say(l.bound, "answer");
        hear(l.connected, "answer");
    }
    close_link(&l);
}

/* The option acts on requests to come, not on the one that is out. */
static void
numbers_come_and_go(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);

    (void)state;
    for (int i = 0; i < 4; i++) {
        say(l.connected, "question");
        hear(l.bound, "question");
        set(l.connected, WEIR_REQ_CORRELATE, i % 2 == 0);
        say(l.bound, "answer");
        hear(l.connected, "answer");
        EQUAL(try_say(l.connected, "a", true), 0);
        set(l.connected, WEIR_REQ_CORRELATE, i % 2 != 0);
        say(l.connected, "b");
        hear_all(l.bound, TEXTS("a", "b"));
        say_all(l.bound, TEXTS("c", "d"));
        hear_all(l.connected, TEXTS("c", "d"));
    }
    close_link(&l);
}

static void
a_router_sees_the_envelope(void **state)
{
    struct link l = new_link(WEIR_ROUTER, WEIR_REQ);
    weir_msg id;

    (void)state;
    say(l.connected, "question");
    OK(weir_recv(l.bound, &id, 0));
    EQUAL(weir_msg_size(&id), 5);
    EQUAL(*(const char *)weir_msg_bytes(&id), 0);
    CHECK(weir_msg_more(&id));
    hear_frame(l.bound, "", true);
    hear_frame(l.bound, "question", false);
    OK(weir_send(l.bound, &id, 0));
    OK(try_say(l.bound, "", true));
    OK(try_say(l.bound, "answer", false));
    hear(l.connected, "answer");
    close_link(&l);
}

static void
a_dealer_writes_the_envelope(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_DEALER);

    (void)state;
    say(l.connected, "no envelope");
    OK(try_say(l.connected, "to", true));
    OK(try_say(l.connected, "whom", true));
    OK(try_say(l.connected, "", true));
    OK(try_say(l.connected, "question", false));
    hear_frame(l.bound, "question", false);
    say(l.bound, "answer");
    hear_frame(l.connected, "to", true);
    hear_frame(l.connected, "whom", true);
    hear_frame(l.connected, "", true);
    hear_frame(l.connected, "answer", false);
    close_link(&l);
}

static void
relaxed_requests_may_be_given_up(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);

    (void)state;
    set(l.connected, WEIR_REQ_RELAXED, 1);
    set(l.connected, WEIR_REQ_CORRELATE, 1);
    say(l.connected, "first");
    hear(l.bound, "first");
    say(l.connected, "second");
    say(l.bound, "to first");
    hear(l.bound, "second");
    say(l.bound, "to second");
    hear(l.connected, "to second");
    close_link(&l);
}

static void
a_reply_to_nobody_is_dropped(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);

    (void)state;
    say(l.connected, "question");
    hear(l.bound, "question");
    OK(weir_close(l.connected));
    say(l.bound, "answer");
    GIVES(-EPROTO, try_say(l.bound, "again", false));
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

/* Nothing is sent on a connection that this side has ended. */
static void
a_reply_after_a_disconnect_is_dropped(void **state)
{
    struct link l = new_link(WEIR_REQ, WEIR_REP);

    (void)state;
    for (int i = 0; i < 2; i++) {
        say(l.bound, "question");
        if (i == 0)
            hear(l.connected, "question");
        OK(weir_disconnect(l.connected, "inproc://link"));
        if (i == 1)
            hear(l.connected, "question");
        say(l.connected, "answer");
        hear_nothing(l.bound);
        set(l.bound, WEIR_REQ_RELAXED, 1);
        OK(weir_connect(l.connected, "inproc://link"));
        EQUAL(get(l.bound, WEIR_PEERS), 1);
    }
    close_link(&l);
}

/* Requests that were sent before anyone was there carry the envelope as a
 * frame, for nobody knew who would come. */
static void
a_request_waits_for_its_peer(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *req = new_socket(ctx, WEIR_REQ);
    weir_socket *rep = new_socket(ctx, WEIR_REP);

    (void)state;
    set(req, WEIR_PENDING_CONNECT, 1);
    OK(weir_connect(req, "inproc://later"));
    say(req, "question");
    OK(weir_bind(rep, "inproc://later"));
    hear(rep, "question");
    say(rep, "answer");
    hear(req, "answer");
    OK(weir_close(req));
    OK(weir_close(rep));
    OK(weir_context_free(ctx));
}

static void
turns_are_seen_in_the_events(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);

    (void)state;
    EQUAL(get(l.connected, WEIR_EVENTS), WEIR_POLLOUT);
    EQUAL(get(l.bound, WEIR_EVENTS), 0);
    say(l.connected, "question");
    EQUAL(get(l.connected, WEIR_EVENTS), 0);
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN);
    hear(l.bound, "question");
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLOUT);
    say(l.bound, "answer");
    EQUAL(get(l.connected, WEIR_EVENTS), WEIR_POLLIN);
    close_link(&l);
}

static void
arrays_hold_whole_messages(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    weir_msg msgs[4];

    (void)state;
    put_number(&msgs[0], 1, true);
    put_number(&msgs[1], 2, true);
    put_number(&msgs[2], 3, false);
    put_number(&msgs[3], 4, false);
    GIVES(3, weir_send_batch(l.connected, msgs, 4, 0));
    EQUAL(number_of(&msgs[3]), 4);
    GIVES(-EMSGSIZE, weir_recv_batch(l.bound, msgs, 2, WEIR_DONTWAIT));
    EQUAL(get(l.bound, WEIR_EVENTS) & WEIR_POLLIN, WEIR_POLLIN);
    GIVES(3, weir_recv_batch(l.bound, msgs, 4, WEIR_DONTWAIT));
    for (uint64_t i = 0; i < 3; i++)
        EQUAL(number_of(&msgs[i]), i + 1);
    GIVES(3, weir_send_batch(l.bound, msgs, 3, 0));
    GIVES(-EMSGSIZE, weir_recv_batch(l.connected, msgs, 1, WEIR_DONTWAIT));
    OK(weir_recv(l.connected, &msgs[0], WEIR_DONTWAIT));
    EQUAL(get(l.connected, WEIR_MORE), 1);
    OK(weir_recv(l.connected, &msgs[0], WEIR_DONTWAIT));
    OK(weir_recv(l.connected, &msgs[0], WEIR_DONTWAIT));
    EQUAL(get(l.connected, WEIR_MORE), 0);
    close_link(&l);
}

/* A message that did not fit into an array has not been received. */
static void
a_turn_lasts_until_all_is_received(void **state)
{
    struct link l = new_link(WEIR_REP, WEIR_REQ);
    weir_msg msgs[3];

    (void)state;
    say_all(l.connected, TEXTS("a", "b", "c"));
    GIVES(-EMSGSIZE, weir_recv_batch(l.bound, msgs, 2, WEIR_DONTWAIT));
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLIN);
    EQUAL(try_say(l.bound, "early", false), -EPROTO);
    hear_frame(l.bound, "a", true);
    EQUAL(try_say(l.bound, "early", false), -EPROTO);
    hear_all(l.bound, TEXTS("b", "c"));
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLOUT);
    say_all(l.bound, TEXTS("d", "e"));
    GIVES(-EMSGSIZE, weir_recv_batch(l.connected, msgs, 1, WEIR_DONTWAIT));
    EQUAL(get(l.connected, WEIR_EVENTS), WEIR_POLLIN);
    EQUAL(try_say(l.connected, "early", false), -EPROTO);
    hear_all(l.connected, TEXTS("d", "e"));
    EQUAL(get(l.connected, WEIR_EVENTS), WEIR_POLLOUT);
    /* A relaxed one may give up what it holds. */
    set(l.connected, WEIR_REQ_RELAXED, 1);
    say(l.connected, "f");
    hear(l.bound, "f");
    say_all(l.bound, TEXTS("never", "heard"));
    GIVES(-EMSGSIZE, weir_recv_batch(l.connected, msgs, 1, WEIR_DONTWAIT));
    say(l.connected, "g");
    hear_nothing(l.connected);
    hear(l.bound, "g");
    say(l.bound, "h");
    hear(l.connected, "h");
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_and_reply_take_turns),
        cmocka_unit_test(bodies_of_several_frames),
        cmocka_unit_test(numbered_requests),
        cmocka_unit_test(numbers_come_and_go),
        cmocka_unit_test(a_router_sees_the_envelope),
        cmocka_unit_test(a_dealer_writes_the_envelope),
        cmocka_unit_test(relaxed_requests_may_be_given_up),
        cmocka_unit_test(a_reply_to_nobody_is_dropped),
        cmocka_unit_test(a_reply_after_a_disconnect_is_dropped),
        cmocka_unit_test(a_request_waits_for_its_peer),
        cmocka_unit_test(turns_are_seen_in_the_events),
        cmocka_unit_test(arrays_hold_whole_messages),
        cmocka_unit_test(a_turn_lasts_until_all_is_received),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
