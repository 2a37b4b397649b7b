/* SPDX-License-Identifier: MPL-2.0 */
/* DEALER: in turn both ways; and the middle of a broker. */
#include <string.h>

#include "tests/socket/support.h"

/* A DEALER that has bound a name to which n DEALERs have connected. */
#define N 3
struct star {
    weir_context *ctx;
    weir_socket *hub;
    weir_socket *peers[N];
};

static struct star
new_star(void)
{
    struct star s = { .ctx = new_context() };

    s.hub = new_socket(s.ctx, WEIR_DEALER);
    set(s.hub, WEIR_SEND_HWM, 1);
    OK(weir_bind(s.hub, "inproc://hub"));
    for (int i = 0; i < N; i++) {
        s.peers[i] = new_socket(s.ctx, WEIR_DEALER);
        set(s.peers[i], WEIR_RECV_HWM, 1);
        OK(weir_connect(s.peers[i], "inproc://hub"));
    }
    return s;
}

static void
close_star(struct star *s)
{
    for (int i = 0; i < N; i++)
        OK(weir_close(s->peers[i]));
    OK(weir_close(s->hub));
    OK(weir_context_free(s->ctx));
}

static void
messages_go_to_all_in_turn(void **state)
{
    struct star s = new_star();

    (void)state;
    for (uint64_t i = 0; i < 30 * N; i++) {
        OK(send_number(s.hub, i, 0));
        hear_number(s.peers[i % N], i);
    }
    /* Also those of several frames. */
    for (int i = 0; i < 10; i++) {
        for (int j = 0; j < N; j++)
            say_all(s.hub, TEXTS("a", "b"));
        for (int j = 0; j < N; j++)
            hear_all(s.peers[j], TEXTS("a", "b"));
    }
    close_star(&s);
}

static void
messages_come_from_all_in_turn(void **state)
{
    struct star s = new_star();
    uint64_t seen[N] = { 0 };

    (void)state;
    for (uint64_t i = 0; i < 10; i++)
        for (uint64_t j = 0; j < N; j++)
            OK(send_number(s.peers[j], j * 1000 + i, 0));
    for (int i = 0; i < 10; i++) {
        bool turn[N] = { false };

        for (int j = 0; j < N; j++) {
            weir_msg msg;
            uint64_t number, from;

            OK(weir_recv(s.hub, &msg, WEIR_DONTWAIT));
            number = number_of(&msg);
            from = number / 1000;
            EQUAL(number % 1000, seen[from]++);
            CHECK(!turn[from]);
            turn[from] = true;
        }
    }
    hear_nothing(s.hub);
    close_star(&s);
}

static void
full_peers_are_passed_over(void **state)
{
    struct star s = new_star();

    (void)state;
    EQUAL(fill(s.hub, 0), 2 * N);
    EQUAL(get(s.hub, WEIR_EVENTS), 0);
    for (uint64_t i = 0; i < 10; i++) {
        hear_number(s.peers[1], i == 0 ? 1 : i == 1 ? 1 + N : 98 + i);
        EQUAL(get(s.hub, WEIR_EVENTS), WEIR_POLLOUT);
        EQUAL(fill(s.hub, 100 + i), 1);
    }
    for (int i = 0; i < N; i += 2) {
        hear_number(s.peers[i], (uint64_t)i);
        hear_number(s.peers[i], (uint64_t)i + N);
        hear_nothing(s.peers[i]);
    }
    close_star(&s);
}

/* As many as fit, to one after the other. */
static void
arrays_are_spread(void **state)
{
    struct star s = new_star();
    weir_msg msgs[3 * N];

    (void)state;
    for (uint64_t i = 0; i < 3 * N; i++)
        put_number(&msgs[i], i, false);
    GIVES(2 * N, weir_send_batch(s.hub, msgs, 3 * N, 0));
    EQUAL(number_of(&msgs[2 * N]), 2 * N);
    for (uint64_t i = 0; i < N; i++) {
        GIVES(2, weir_recv_batch(s.peers[i], msgs, 3, 0));
        EQUAL(number_of(&msgs[0]), 2 * i);
        EQUAL(number_of(&msgs[1]), 2 * i + 1);
        GIVES(2, weir_send_batch(s.peers[i], msgs, 2, 0));
    }
    GIVES(2 * N, weir_recv_batch(s.hub, msgs, 3 * N, 0));
    close_star(&s);
}

static void
spans_are_of_one_peer(void **state)
{
    struct star s = new_star();
    weir_msg *span;

    (void)state;
    for (uint64_t i = 0; i < N; i++) {
        GIVES(2, weir_reserve(s.hub, 10, &span, 0));
        put_number(&span[0], 2 * i, false);
        put_number(&span[1], 2 * i + 1, false);
        OK(weir_commit(s.hub, 2));
        GIVES(2, weir_peek(s.peers[i], 10, &span, 0));
        EQUAL(number_of(&span[1]), 2 * i + 1);
        OK(weir_release(s.peers[i], 2));
    }
    close_star(&s);
}

/* ---- A broker ---------------------------------------------------------- */

#define CLIENTS 20
#define WORKERS 7

/* Moves what is there from one socket to the other, frame by frame. */
static void
pass_on(weir_socket *from, weir_socket *to)
{
    weir_msg msg;

    while (CALL(weir_recv(from, &msg, WEIR_DONTWAIT)) == 0)
        OK(weir_send(to, &msg, WEIR_DONTWAIT));
}

/* Clients, a ROUTER, a DEALER, and REPs. */
struct broker {
    weir_context *ctx;
    weir_socket *front;
    weir_socket *back;
    weir_socket *clients[CLIENTS];
    weir_socket *workers[WORKERS];
};

static struct broker
new_broker(int client_type)
{
    struct broker b = { .ctx = new_context() };

    b.front = new_socket(b.ctx, WEIR_ROUTER);
    b.back = new_socket(b.ctx, WEIR_DEALER);
    OK(weir_bind(b.front, "inproc://front"));
    OK(weir_bind(b.back, "inproc://back"));
    for (int i = 0; i < CLIENTS; i++) {
        b.clients[i] = new_socket(b.ctx, client_type);
        OK(weir_connect(b.clients[i], "inproc://front"));
    }
    for (int i = 0; i < WORKERS; i++) {
        b.workers[i] = new_socket(b.ctx, WEIR_REP);
        OK(weir_connect(b.workers[i], "inproc://back"));
    }
    return b;
}

static void
close_broker(struct broker *b)
{
    for (int i = 0; i < CLIENTS; i++)
        OK(weir_close(b->clients[i]));
    for (int i = 0; i < WORKERS; i++)
        OK(weir_close(b->workers[i]));
    OK(weir_close(b->front));
    OK(weir_close(b->back));
    OK(weir_context_free(b->ctx));
}

static void
work(weir_socket *worker, int *n)
{
    weir_msg msg;

    while (CALL(weir_recv(worker, &msg, WEIR_DONTWAIT)) == 0) {
        OK(send_number(worker, number_of(&msg) + 1, 0));
        ++*n;
    }
}

static void
everyone_gets_the_reply_to_its_request(void **state)
{
    struct broker b = new_broker(WEIR_REQ);
    int worked[WORKERS] = { 0 };

    (void)state;
    for (uint64_t round = 0; round < 50; round++) {
        for (uint64_t i = 0; i < CLIENTS; i++)
            OK(send_number(b.clients[i], round * 1000 + i, 0));
        pass_on(b.front, b.back);
        for (int i = 0; i < WORKERS; i++)
            work(b.workers[i], &worked[i]);
        pass_on(b.back, b.front);
        for (uint64_t i = 0; i < CLIENTS; i++)
            hear_number(b.clients[i], round * 1000 + i + 1);
    }
    for (int i = 0; i < WORKERS; i++)
        CHECK(worked[i] >= 50 * CLIENTS / WORKERS - 1);
    close_broker(&b);
}

/* Addresses before and behind: each adds its own, and takes it off again. */
static void
addresses_are_kept_through_brokers(void **state)
{
    static const char long_id[] =
        "an id of more than 56 bytes, which does not fit into a message";
    struct broker b = new_broker(WEIR_DEALER);
    weir_socket *outer = new_socket(b.ctx, WEIR_ROUTER);
    weir_socket *req = new_socket(b.ctx, WEIR_REQ);
    int worked = 0;

    (void)state;
    name_socket(req, long_id);
    set(req, WEIR_REQ_CORRELATE, 1);
    OK(weir_bind(outer, "inproc://outer"));
    OK(weir_connect(req, "inproc://outer"));
    for (uint64_t i = 0; i < 20; i++) {
        OK(send_number(req, i, 0));
        pass_on(outer, b.clients[0]);
        pass_on(b.front, b.back);
        for (int j = 0; j < WORKERS; j++)
            work(b.workers[j], &worked);
        pass_on(b.back, b.front);
        pass_on(b.clients[0], outer);
        hear_number(req, i + 1);
    }
    EQUAL(worked, 20);
    OK(weir_close(outer));
    OK(weir_close(req));
    close_broker(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_go_to_all_in_turn),
        cmocka_unit_test(messages_come_from_all_in_turn),
        cmocka_unit_test(full_peers_are_passed_over),
        cmocka_unit_test(arrays_are_spread),
        cmocka_unit_test(spans_are_of_one_peer),
        cmocka_unit_test(everyone_gets_the_reply_to_its_request),
        cmocka_unit_test(addresses_are_kept_through_brokers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
