/* SPDX-License-Identifier: MPL-2.0 */
/* Options that are ints: their defaults, ranges and lengths. */
#include "tests/zmq/support.h"

#include <limits.h>

enum { MANY = INT_MAX };

/* Takes numbers from min to max; one past them is refused. */
struct option {
    const char *name;
    int option;
    int initial;
    int min, max;
};

#define OPTION(name, initial, min, max)      \
    {                                        \
#name, ZMQ_##name, initial, min, max \
    }

static const struct option options[] = {
    OPTION(BACKLOG, 100, 0, MANY),
    OPTION(CONFLATE, 0, 0, 1),
    OPTION(CONNECT_TIMEOUT, 0, 0, MANY),
    OPTION(HANDSHAKE_IVL, 30000, 0, MANY),
    OPTION(HEARTBEAT_IVL, 0, 0, MANY),
    OPTION(HEARTBEAT_TIMEOUT, -1, 0, MANY),
    OPTION(IMMEDIATE, 0, 0, 1),
    OPTION(IPV4ONLY, 1, 0, 1),
    OPTION(IPV6, 0, 0, 1),
    OPTION(LINGER, -1, -1, MANY),
    OPTION(MULTICAST_HOPS, 1, 1, MANY),
    OPTION(MULTICAST_MAXTPDU, 1500, 1, MANY),
    OPTION(RATE, 100, 1, MANY),
    OPTION(RCVBUF, -1, -1, MANY),
    OPTION(RCVHWM, 1000, 0, MANY),
    OPTION(RCVTIMEO, -1, -1, MANY),
    OPTION(RECONNECT_IVL, 100, -1, MANY),
    OPTION(RECONNECT_IVL_MAX, 0, 0, MANY),
    OPTION(RECOVERY_IVL, 10000, 0, MANY),
    OPTION(SNDBUF, -1, -1, MANY),
    OPTION(SNDHWM, 1000, 0, MANY),
    OPTION(SNDTIMEO, -1, -1, MANY),
    OPTION(TCP_KEEPALIVE, -1, -1, 1),
    OPTION(TCP_KEEPALIVE_CNT, -1, -1, MANY),
    OPTION(TCP_KEEPALIVE_IDLE, -1, -1, MANY),
    OPTION(TCP_KEEPALIVE_INTVL, -1, -1, MANY),
    OPTION(TCP_MAXRT, 0, 0, MANY),
    OPTION(TOS, 0, 0, MANY),
    OPTION(USE_FD, -1, -1, MANY),
};

static void
has_its_default(const void *arg)
{
    const struct option *o = arg;
    void *s = open_socket(ZMQ_DEALER);

    assert_int_equal(get_int(s, o->option), o->initial);
}

static void
takes_its_range(const void *arg)
{
    const struct option *o = arg;
    void *s = open_socket(ZMQ_DEALER);
    int high = o->max == MANY ? 100000 : o->max;

    set_int(s, o->option, o->min);
    assert_int_equal(get_int(s, o->option), o->min);
    set_int(s, o->option, o->min + 1);
    assert_int_equal(get_int(s, o->option), o->min + 1);
    set_int(s, o->option, high);
    assert_int_equal(get_int(s, o->option), high);
}

static void
refuses(void *s, int option, int value)
{
    FAILS(zmq_setsockopt(s, option, &value, sizeof value), EINVAL);
}

static void
refuses_what_is_outside(const void *arg)
{
    const struct option *o = arg;
    void *s = open_socket(ZMQ_DEALER);

    refuses(s, o->option, o->min - 1);
    if (o->max != MANY)
        refuses(s, o->option, o->max + 1);
    assert_int_equal(get_int(s, o->option), o->initial);
}

static const size_t wrong_lengths[] = { 0, 1, 3, 5, 8, 256 };

static void
has_one_length(const void *arg)
{
    const struct option *o = arg;
    void *s = open_socket(ZMQ_DEALER);
    char bytes[256] = { 1 };

    for (size_t i = 0; i < LENGTH(wrong_lengths); i++) {
        size_t size = wrong_lengths[i];

        FAILS(zmq_setsockopt(s, o->option, bytes, size), EINVAL);
        FAILS(zmq_getsockopt(s, o->option, bytes, &size), EINVAL);
    }
    assert_int_equal(get_int(s, o->option), o->initial);
}

__attribute__((constructor)) static void
add_options(void)
{
    for (size_t i = 0; i < LENGTH(options); i++) {
        const struct option *o = &options[i];

        add_row("default_of", o->name, has_its_default, o);
        add_row("range_of", o->name, takes_its_range, o);
        add_row("outside_of", o->name, refuses_what_is_outside, o);
        add_row("length_of", o->name, has_one_length, o);
    }
}

/* ---- Others ------------------------------------------------------------ */

CASE(linger_is_0_on_subscribers)
{
    assert_int_equal(get_int(open_socket(ZMQ_SUB), ZMQ_LINGER), 0);
    assert_int_equal(get_int(open_socket(ZMQ_XSUB), ZMQ_LINGER), 0);
}

CASE(invert_matching_takes_any_int)
{
    void *s = open_socket(ZMQ_SUB);

    assert_int_equal(get_int(s, ZMQ_INVERT_MATCHING), 0);
    set_int(s, ZMQ_INVERT_MATCHING, -7);
    assert_int_equal(get_int(s, ZMQ_INVERT_MATCHING), 1);
    set_int(s, ZMQ_INVERT_MATCHING, 0);
    assert_int_equal(get_int(s, ZMQ_INVERT_MATCHING), 0);
}

CASE(heartbeat_ttl_counts_tenths_of_seconds)
{
    void *s = open_socket(ZMQ_DEALER);

    assert_int_equal(get_int(s, ZMQ_HEARTBEAT_TTL), 0);
    set_int(s, ZMQ_HEARTBEAT_TTL, 255);
    assert_int_equal(get_int(s, ZMQ_HEARTBEAT_TTL), 200);
}

CASE(ipv6_and_ipv4only_are_opposites)
{
    void *s = open_socket(ZMQ_DEALER);

    set_int(s, ZMQ_IPV6, 1);
    assert_int_equal(get_int(s, ZMQ_IPV4ONLY), 0);
    set_int(s, ZMQ_IPV4ONLY, 1);
    assert_int_equal(get_int(s, ZMQ_IPV6), 0);
}

CASE(mechanism_is_null)
{
    void *s = open_socket(ZMQ_DEALER);

    assert_int_equal(get_int(s, ZMQ_MECHANISM), ZMQ_NULL);
    refuses(s, ZMQ_MECHANISM, ZMQ_PLAIN);
}

CASE(an_unknown_option_gives_einval)
{
    static const int unknown[] = { -1, 0, 1, 2, 3, 10, 20, 4711 };
    void *s = open_socket(ZMQ_DEALER);

    for (size_t i = 0; i < LENGTH(unknown); i++) {
        int value = 1;
        size_t size = sizeof value;

        FAILS(zmq_getsockopt(s, unknown[i], &value, &size), EINVAL);
        FAILS(zmq_setsockopt(s, unknown[i], &value, size), EINVAL);
    }
}

int
main(int argc, char **argv)
{
    return run_cases("option", argc, argv);
}
