/* SPDX-License-Identifier: MPL-2.0 */
/* Sockets of all types joined with all others: whatever their patterns make of
 * it, calls give one of their errors, and every message is freed once. */
#include <string.h>

#include "tests/socket/support.h"

static const int types[] = { WEIR_PAIR,   WEIR_REQ,  WEIR_REP, WEIR_DEALER,
                             WEIR_ROUTER, WEIR_PULL, WEIR_PUSH };
#define TYPES 7

static int made, freed;

static void
count_free(void *data, void *hint)
{
    (void)data;
    (void)hint;
    freed++;
}

/* An external frame, an id of a peer, or an empty one. */
static void
make_frame(weir_msg *msg, weir_socket *s, struct random *r)
{
    static char bytes[100];

    switch (random_below(r, 4)) {
    case 0:
        weir_msg_init(msg);
        break;
    case 1:
        OK(weir_msg_init_copy(msg, s, random_below(r, 2) ? "a" : "b", 1));
        break;
    default:
        made++;
        OK(weir_msg_init_external(msg, bytes, random_below(r, 100), count_free,
                                  NULL));
    }
}

static void
check_code(long rc)
{
    CHECK(rc >= 0 || rc == -EAGAIN || rc == -EPROTO || rc == -ENOTSUP ||
          rc == -EMSGSIZE || rc == -EHOSTUNREACH || rc == -EBUSY);
}

static void
send_something(weir_socket *s, struct random *r)
{
    size_t n = 1 + random_below(r, 4);
    weir_msg msgs[4];
    long rc;

    for (size_t i = 0; i < n; i++) {
        make_frame(&msgs[i], s, r);
        weir_msg_set_more(&msgs[i], random_below(r, 3) > 0);
    }
    if (random_below(r, 2))
        rc = CALL(weir_send_batch(s, msgs, n, WEIR_DONTWAIT));
    else
        rc = CALL(weir_send(s, &msgs[0], WEIR_DONTWAIT));
    check_code(rc);
    OK(weir_msg_drop_batch(msgs, n));
}

static void
receive_something(weir_socket *s, struct random *r)
{
    weir_msg msgs[4];
    size_t n = 1 + random_below(r, 4);
    long rc;

    if (random_below(r, 2)) {
        rc = CALL(weir_recv_batch(s, msgs, n, WEIR_DONTWAIT));
    } else {
        rc = CALL(weir_recv(s, &msgs[0], WEIR_DONTWAIT));
        rc += rc == 0;
    }
    check_code(rc);
    if (rc > 0)
        OK(weir_msg_drop_batch(msgs, (size_t)rc));
}

static void
set_something(weir_socket *s, struct random *r)
{
    static const int options[] = { WEIR_REQ_CORRELATE, WEIR_REQ_RELAXED,
                                   WEIR_ROUTER_MANDATORY, WEIR_ROUTER_HANDOVER,
                                   WEIR_PROBE_ROUTER };
    static const int limits[] = { WEIR_SEND_HWM, WEIR_RECV_HWM };
    int rc = CALL(weir_socket_set(s, options[random_below(r, 5)],
                                  (int64_t)random_below(r, 2)));

    CHECK(rc == 0 || rc == -EINVAL);
    OK(weir_socket_set(s, limits[random_below(r, 2)],
                       (int64_t)random_below(r, 4)));
    CHECK(get(s, WEIR_EVENTS) >= 0);
}

static void
connect_something(weir_socket *s, struct random *r)
{
    const char *name = random_below(r, 2) ? "inproc://a" : "inproc://b";
    int rc;

    if (random_below(r, 2)) {
        rc = CALL(weir_socket_set_bytes(s, WEIR_CONNECT_ROUTING_ID,
                                        random_below(r, 2) ? "a" : "b", 1));
        CHECK(rc == 0 || rc == -EINVAL);
    }
    rc = CALL(random_below(r, 2) ? weir_connect(s, name)
                                 : weir_disconnect(s, name));
    CHECK(rc == 0 || rc == -ENOENT || rc == -EBUSY || rc == -EADDRINUSE);
}

static void
do_something(weir_socket *s, struct random *r)
{
    switch (random_below(r, 16)) {
    case 0:
        set_something(s, r);
        break;
    case 1:
        connect_something(s, r);
        break;
    default:
        if (random_below(r, 2))
            send_something(s, r);
        else
            receive_something(s, r);
    }
}

static weir_socket *
open_one(weir_context *ctx, int type, const char *id)
{
    weir_socket *s = new_socket(ctx, type);

    set(s, WEIR_ANY_PEER, 1);
    set(s, WEIR_PENDING_CONNECT, 1);
    name_socket(s, id);
    return s;
}

static void
meet(int first, int second, struct random *r)
{
    weir_context *ctx = new_context();
    weir_socket *s[2] = { open_one(ctx, first, "a"),
                          open_one(ctx, second, "b") };

    made = freed = 0;
    if (random_below(r, 2))
        OK(weir_bind(s[0], "inproc://a"));
    OK(weir_connect(s[1], "inproc://a"));
    for (int i = 0; i < 5; i++)
        do_something(s[1], r);
    (void)weir_bind(s[0], "inproc://a");
    OK(weir_bind(s[1], "inproc://b"));
    for (int i = 0; i < 200; i++)
        do_something(s[random_below(r, 2)], r);
    OK(weir_close(s[0]));
    for (int i = 0; i < 20; i++)
        do_something(s[1], r);
    OK(weir_close(s[1]));
    OK(weir_context_free(ctx));
    EQUAL(freed, made);
}

static void
all_types_meet_all_types(void **state)
{
    struct random r = random_from(announce_seed());

    (void)state;
    for (int round = 0; round < SCALED(50); round++)
        for (int i = 0; i < TYPES; i++)
            for (int j = 0; j < TYPES; j++)
                meet(types[i], types[j], &r);
}

/* Without the option, only those that talk to each other. */
static void
types_keep_to_themselves(void **state)
{
    static const unsigned peers[TYPES] = {
        1 << WEIR_PAIR,
        1 << WEIR_REP | 1 << WEIR_ROUTER,
        1 << WEIR_REQ | 1 << WEIR_DEALER,
        1 << WEIR_DEALER | 1 << WEIR_ROUTER | 1 << WEIR_REP,
        1 << WEIR_DEALER | 1 << WEIR_ROUTER | 1 << WEIR_REQ,
        1 << WEIR_PUSH,
        1 << WEIR_PULL,
    };

    (void)state;
    for (int i = 0; i < TYPES; i++) {
        for (int j = 0; j < TYPES; j++) {
            weir_context *ctx = new_context();
            weir_socket *a = new_socket(ctx, types[i]);
            weir_socket *b = new_socket(ctx, types[j]);
            bool fit = (peers[i] >> types[j] & 1) != 0;

            OK(weir_bind(a, "inproc://a"));
            GIVES(fit ? 0 : -EPROTOTYPE, weir_connect(b, "inproc://a"));
            EQUAL(get(a, WEIR_PEERS), fit);
            OK(weir_close(a));
            OK(weir_close(b));
            OK(weir_context_free(ctx));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_types_meet_all_types),
        cmocka_unit_test(types_keep_to_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
