/* SPDX-License-Identifier: MPL-2.0 */
/* PUSH and PULL: to ready peers in turn, from all peers in turn. */
#include <stdio.h>

#include "tests/socket/every_call.h"
#include "tests/socket/support.h"

/* One socket of a type that has bound, and n that have connected to it. */
struct star {
    weir_context *ctx;
    weir_socket *hub;
    weir_socket *leaf[16];
    int n;
};

/* The limits are per socket; a connection has twice as much. */
static struct star
new_star(int hub_type, int leaf_type, int n, int64_t hwm)
{
    struct star star = { .ctx = new_context(), .n = n };

    star.hub = new_socket(star.ctx, hub_type);
    set(star.hub, WEIR_SEND_HWM, hwm);
    set(star.hub, WEIR_RECV_HWM, hwm);
    OK(weir_bind(star.hub, "inproc://star"));
    for (int i = 0; i < n; i++) {
        star.leaf[i] = new_socket(star.ctx, leaf_type);
        set(star.leaf[i], WEIR_SEND_HWM, hwm);
        set(star.leaf[i], WEIR_RECV_HWM, hwm);
        OK(weir_connect(star.leaf[i], "inproc://star"));
    }
    return star;
}

static void
close_star(struct star *star)
{
    for (int i = 0; i < star->n; i++)
        OK(weir_close(star->leaf[i]));
    OK(weir_close(star->hub));
    OK(weir_context_free(star->ctx));
}

/* ---- PUSH -------------------------------------------------------------- */

static void
push_sends_to_each_in_turn(void **state)
{
    struct star s = new_star(WEIR_PUSH, WEIR_PULL, 3, 1000);

    (void)state;
    for (uint64_t i = 0; i < 30; i++)
        EQUAL(send_number(s.hub, i, WEIR_DONTWAIT), 0);
    for (uint64_t i = 0; i < 30; i++)
        hear_number(s.leaf[i % 3], i);
    for (int i = 0; i < 3; i++)
        hear_nothing(s.leaf[i]);
    close_star(&s);
}

/* An array goes to one peer as far as that has room, the next to the next. */
static void
push_sends_arrays_in_turn(void **state)
{
    struct star s = new_star(WEIR_PUSH, WEIR_PULL, 3, 1000);
    weir_msg msgs[10];

    (void)state;
    for (uint64_t i = 0; i < 6; i++) {
        for (uint64_t j = 0; j < 10; j++)
            put_number(&msgs[j], 10 * i + j, false);
        GIVES(10, weir_send_batch(s.hub, msgs, 10, WEIR_DONTWAIT));
    }
    for (uint64_t i = 0; i < 6; i++)
        for (uint64_t j = 0; j < 10; j++)
            hear_number(s.leaf[i % 3], 10 * i + j);
    close_star(&s);
}

static void
push_sends_spans_in_turn(void **state)
{
    struct star s = new_star(WEIR_PUSH, WEIR_PULL, 3, 1000);
    weir_msg *span;

    (void)state;
    for (uint64_t i = 0; i < 6; i++) {
        GIVES(2, weir_reserve(s.hub, 2, &span, WEIR_DONTWAIT));
        put_number(&span[0], 2 * i, false);
        put_number(&span[1], 2 * i + 1, false);
        OK(weir_commit(s.hub, 2));
    }
    for (uint64_t i = 0; i < 6; i++) {
        hear_number(s.leaf[i % 3], 2 * i);
        hear_number(s.leaf[i % 3], 2 * i + 1);
    }
    close_star(&s);
}

static void
push_skips_peers_that_are_full(void **state)
{
    struct star s = new_star(WEIR_PUSH, WEIR_PULL, 4, 1);

    (void)state;
    EQUAL(fill(s.hub, 0), 8);
    /* Peer 2 makes room; all that comes is for it. */
    hear_number(s.leaf[2], 2);
    hear_number(s.leaf[2], 6);
    hear_nothing(s.leaf[2]);
    EQUAL(fill(s.hub, 100), 2);
    EQUAL(drain(s.leaf[2], 100), 2);
    hear_number(s.leaf[0], 0);
    hear_number(s.leaf[3], 3);
    EQUAL(fill(s.hub, 200), 4); /* one each for 0 and 3, two for 2 */
    close_star(&s);
}

/* The array's end does not fit any more: it stays with the caller. */
static void
push_fills_all_peers_from_one_array(void **state)
{
    struct star s = new_star(WEIR_PUSH, WEIR_PULL, 3, 2);
    weir_msg msgs[20];

    (void)state;
    for (uint64_t i = 0; i < 20; i++)
        put_number(&msgs[i], i, false);
    GIVES(12, weir_send_batch(s.hub, msgs, 20, 0));
    for (int i = 0; i < 12; i++)
        EQUAL(weir_msg_size(&msgs[i]), 0);
    for (uint64_t i = 12; i < 20; i++)
        EQUAL(number_of(&msgs[i]), i);
    GIVES(-EAGAIN, weir_send_batch(s.hub, msgs + 12, 8, WEIR_DONTWAIT));
    for (int i = 0; i < 3; i++)
        EQUAL(drain(s.leaf[i], (uint64_t)(4 * i)), 4);
    close_star(&s);
}

static void
push_keeps_the_frames_of_a_message_together(void **state)
{
    struct star s = new_star(WEIR_PUSH, WEIR_PULL, 3, 1000);
    weir_msg msg;

    (void)state;
    for (uint64_t i = 0; i < 30; i++) {
        put_number(&msg, i, i % 5 < 4);
        OK(weir_send(s.hub, &msg, WEIR_DONTWAIT));
    }
    for (uint64_t i = 0; i < 30; i++) {
        OK(weir_recv(s.leaf[i / 5 % 3], &msg, WEIR_DONTWAIT));
        EQUAL(number_of(&msg), i);
        EQUAL(weir_msg_more(&msg), i % 5 < 4);
    }
    close_star(&s);
}

static void
push_without_peers_has_to_wait(void **state)
{
    struct star s = new_star(WEIR_PUSH, WEIR_PULL, 0, 1000);
    weir_msg msgs[2];
    weir_msg *span;

    (void)state;
    GIVES(-EAGAIN, send_number(s.hub, 1, WEIR_DONTWAIT));
    put_number(&msgs[0], 1, true);
    put_number(&msgs[1], 2, false);
    GIVES(-EAGAIN, weir_send(s.hub, msgs, WEIR_DONTWAIT));
    GIVES(-EAGAIN, weir_send_batch(s.hub, msgs, 2, WEIR_DONTWAIT));
    GIVES(-EAGAIN, weir_reserve(s.hub, 1, &span, WEIR_DONTWAIT));
    EQUAL(number_of(&msgs[0]), 1);
    EQUAL(number_of(&msgs[1]), 2);
    close_star(&s);
}

/* ---- PULL -------------------------------------------------------------- */

static void
pull_takes_from_each_in_turn(void **state)
{
    struct star s = new_star(WEIR_PULL, WEIR_PUSH, 3, 1000);

    (void)state;
    for (uint64_t i = 0; i < 10; i++)
        for (uint64_t j = 0; j < 3; j++)
            EQUAL(send_number(s.leaf[j], 3 * i + j, WEIR_DONTWAIT), 0);
    EQUAL(drain(s.hub, 0), 30);
    close_star(&s);
}

static void
pull_is_not_flooded_by_one_peer(void **state)
{
    struct star s = new_star(WEIR_PULL, WEIR_PUSH, 3, 1000);
    weir_msg msg;
    int before = 0;

    (void)state;
    EQUAL(fill(s.leaf[0], 0), 2000);
    EQUAL(fill(s.leaf[1], 0), 2000);
    hear_number(s.hub, 0);
    hear_number(s.hub, 0);
    EQUAL(send_number(s.leaf[2], 12345, WEIR_DONTWAIT), 0);
    for (; before < 10; before++) {
        OK(weir_recv(s.hub, &msg, WEIR_DONTWAIT));
        if (number_of(&msg) == 12345)
            break;
    }
    CHECK(before < 3);
    close_star(&s);
}

static void
pull_fills_an_array_from_all_peers(void **state)
{
    struct star s = new_star(WEIR_PULL, WEIR_PUSH, 3, 1000);
    weir_msg msgs[64];

    (void)state;
    for (uint64_t i = 0; i < 3; i++)
        for (uint64_t j = 0; j < 5; j++)
            EQUAL(send_number(s.leaf[i], 5 * i + j, WEIR_DONTWAIT), 0);
    GIVES(15, weir_recv_batch(s.hub, msgs, 64, WEIR_DONTWAIT));
    for (uint64_t i = 0; i < 15; i++)
        EQUAL(number_of(&msgs[i]), i);
    GIVES(-EAGAIN, weir_recv_batch(s.hub, msgs, 64, WEIR_DONTWAIT));
    close_star(&s);
}

/* Messages of several frames from several peers do not get mixed. */
static void
pull_keeps_the_frames_of_a_message_together(void **state)
{
    struct star s = new_star(WEIR_PULL, WEIR_PUSH, 3, 1000);
    uint64_t next[3] = { 0 };
    weir_msg msg;

    (void)state;
    for (uint64_t i = 0; i < 10; i++) {
        for (uint64_t j = 0; j < 3; j++) {
            for (uint64_t k = 0; k < 4; k++) {
                put_number(&msg, 1000 * j + 4 * i + k, k < 3);
                OK(weir_send(s.leaf[j], &msg, WEIR_DONTWAIT));
            }
        }
    }
    for (int i = 0; i < 30; i++) {
        uint64_t from = 0;

        for (uint64_t k = 0; k < 4; k++) {
            OK(weir_recv(s.hub, &msg, WEIR_DONTWAIT));
            if (k == 0)
                from = number_of(&msg) / 1000;
            EQUAL(number_of(&msg), 1000 * from + next[from]++);
            EQUAL(weir_msg_more(&msg), k < 3);
        }
    }
    hear_nothing(s.hub);
    close_star(&s);
}

/* Peers that come, speak, and go while others stay idle, many times over: the
 * idle ones are heard when they speak at last. */
static void
pull_hears_peers_that_were_idle_for_long(void **state)
{
    struct star s = new_star(WEIR_PULL, WEIR_PUSH, 16, 1000);

    (void)state;
    for (uint64_t i = 0; i < 5000; i++) {
        EQUAL(send_number(s.leaf[0], i, WEIR_DONTWAIT), 0);
        hear_number(s.hub, i);
        hear_nothing(s.hub);
    }
    for (uint64_t i = 16; i-- > 0;) {
        EQUAL(send_number(s.leaf[i], i, WEIR_DONTWAIT), 0);
        hear_number(s.hub, i);
    }
    close_star(&s);
}

/* ---- Both -------------------------------------------------------------- */

static void
neither_does_the_others_part(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    for (const struct any_call *c = every_call; c->name != NULL; c++) {
        if (c->part == SENDING)
            check_equal(CALL(c->make(l.bound)), -ENOTSUP, c->name, __FILE__,
                        __LINE__);
        if (c->part == RECEIVING)
            check_equal(CALL(c->make(l.connected)), -ENOTSUP, c->name, __FILE__,
                        __LINE__);
    }
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(push_sends_to_each_in_turn),
        cmocka_unit_test(push_sends_arrays_in_turn),
        cmocka_unit_test(push_sends_spans_in_turn),
        cmocka_unit_test(push_skips_peers_that_are_full),
        cmocka_unit_test(push_fills_all_peers_from_one_array),
        cmocka_unit_test(push_keeps_the_frames_of_a_message_together),
        cmocka_unit_test(push_without_peers_has_to_wait),
        cmocka_unit_test(pull_takes_from_each_in_turn),
        cmocka_unit_test(pull_is_not_flooded_by_one_peer),
        cmocka_unit_test(pull_fills_an_array_from_all_peers),
        cmocka_unit_test(pull_keeps_the_frames_of_a_message_together),
        cmocka_unit_test(pull_hears_peers_that_were_idle_for_long),
        cmocka_unit_test(neither_does_the_others_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
