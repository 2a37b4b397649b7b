/* SPDX-License-Identifier: MPL-2.0 */
/* Options that are no plain ints: texts, ids, 64-bit numbers, those that only
 * some socket types take, and those that can only be read. */
#include "tests/zmq/support.h"

#define ALL_TYPES 11

static const char *const type_names[ALL_TYPES] = {
    "PAIR",   "PUB",  "SUB",  "REQ",  "REP",  "DEALER",
    "ROUTER", "PULL", "PUSH", "XPUB", "XSUB",
};

static const int types[ALL_TYPES] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

/* ---- Read only --------------------------------------------------------- */

static void
has_its_type(const void *arg)
{
    int type = *(const int *)arg;
    void *s = open_socket(type);

    assert_int_equal(get_int(s, ZMQ_TYPE), type);
    assert_int_equal(get_int(s, ZMQ_THREAD_SAFE), 0);
    assert_int_equal(get_int(s, ZMQ_RCVMORE), 0);
    assert_true(get_int(s, ZMQ_FD) >= 0);
}

/* Those that send to whoever is there never block. */
static void
has_its_events_when_alone(const void *arg)
{
    int type = *(const int *)arg;
    bool never_blocks = type == ZMQ_PUB || type == ZMQ_XPUB ||
                        type == ZMQ_XSUB || type == ZMQ_ROUTER;
    void *s = open_socket(type);

    assert_int_equal(get_int(s, ZMQ_EVENTS), never_blocks ? ZMQ_POLLOUT : 0);
}

__attribute__((constructor)) static void
add_types(void)
{
    for (size_t i = 0; i < ALL_TYPES; i++) {
        add_row("type_of", type_names[i], has_its_type, &types[i]);
        add_row("events_of", type_names[i], has_its_events_when_alone,
                &types[i]);
    }
}

static const int read_only[] = { ZMQ_RCVMORE,     ZMQ_FD,
                                 ZMQ_EVENTS,      ZMQ_TYPE,
                                 ZMQ_THREAD_SAFE, ZMQ_LAST_ENDPOINT,
                                 ZMQ_MECHANISM };

CASE(what_can_only_be_read_cannot_be_set)
{
    void *s = open_socket(ZMQ_DEALER);
    int value = 0;

    for (size_t i = 0; i < LENGTH(read_only); i++)
        FAILS(zmq_setsockopt(s, read_only[i], &value, sizeof value), EINVAL);
}

CASE(some_options_give_an_int_into_more_room)
{
    static const int options[] = { ZMQ_RCVMORE, ZMQ_FD, ZMQ_EVENTS,
                                   ZMQ_THREAD_SAFE };
    void *s = open_socket(ZMQ_DEALER);
    char room[64];

    for (size_t i = 0; i < LENGTH(options); i++) {
        size_t size = sizeof room;

        OK(zmq_getsockopt(s, options[i], room, &size));
        assert_int_equal(size, sizeof(int));
        size = 3;
        FAILS(zmq_getsockopt(s, options[i], room, &size), EINVAL);
    }
}

CASE(fd_stays_the_same)
{
    void *a = open_socket(ZMQ_PULL), *b = open_socket(ZMQ_PULL);
    int fd = get_int(a, ZMQ_FD);

    assert_int_equal(get_int(a, ZMQ_FD), fd);
    assert_true(get_int(b, ZMQ_FD) != fd);
}

/* ---- Numbers of 64 bits ------------------------------------------------ */

static void
takes_64_bits(int option, int64_t initial, int64_t value)
{
    void *s = open_socket(ZMQ_DEALER);
    int64_t got = 4711;
    size_t size = sizeof got;

    OK(zmq_getsockopt(s, option, &got, &size));
    assert_true(got == initial);
    OK(zmq_setsockopt(s, option, &value, sizeof value));
    OK(zmq_getsockopt(s, option, &got, &size));
    assert_true(got == value);
    assert_int_equal(size, 8);
    size = 4;
    FAILS(zmq_getsockopt(s, option, &got, &size), EINVAL);
    FAILS(zmq_setsockopt(s, option, &value, 4), EINVAL);
}

CASE(affinity_is_a_mask_of_64_bits)
{
    takes_64_bits(ZMQ_AFFINITY, 0, 5);
}

CASE(maxmsgsize_is_a_number_of_64_bits)
{
    takes_64_bits(ZMQ_MAXMSGSIZE, -1, (int64_t)1 << 40);
}

CASE(maxmsgsize_does_not_concern_inproc)
{
    void *pull = open_socket(ZMQ_PULL);
    int64_t value = 2;

    OK(zmq_setsockopt(pull, ZMQ_MAXMSGSIZE, &value, sizeof value));
    OK(zmq_bind(pull, "inproc://x"));
    send_frame(connected(ZMQ_PUSH, "inproc://x"), "longer", 0);
    expect_frame(pull, "longer");
}

/* ---- Texts ------------------------------------------------------------- */

static const struct text_option {
    const char *name;
    int option;
} texts[] = {
    { "PLAIN_USERNAME", ZMQ_PLAIN_USERNAME },
    { "PLAIN_PASSWORD", ZMQ_PLAIN_PASSWORD },
    { "ZAP_DOMAIN", ZMQ_ZAP_DOMAIN },
    { "SOCKS_PROXY", ZMQ_SOCKS_PROXY },
};

static void
keeps_text(const void *arg)
{
    const struct text_option *o = arg;
    void *s = open_socket(ZMQ_DEALER);
    char text[20] = "?";
    size_t size = sizeof text;

    OK(zmq_getsockopt(s, o->option, text, &size));
    assert_string_equal(text, "");
    assert_int_equal(size, 1);
    set_text(s, o->option, "value");
    size = sizeof text;
    OK(zmq_getsockopt(s, o->option, text, &size));
    assert_string_equal(text, "value");
    assert_int_equal(size, 6);
    size = 5;
    FAILS(zmq_getsockopt(s, o->option, text, &size), EINVAL);
}

__attribute__((constructor)) static void
add_texts(void)
{
    for (size_t i = 0; i < LENGTH(texts); i++)
        add_row("text_of", texts[i].name, keeps_text, &texts[i]);
}

/* ---- Routing ids ------------------------------------------------------- */

CASE(routing_id_is_empty_at_first)
{
    char id[8];
    size_t size = sizeof id;

    OK(zmq_getsockopt(open_socket(ZMQ_DEALER), ZMQ_ROUTING_ID, id, &size));
    assert_int_equal(size, 0);
}

CASE(routing_id_is_what_was_set)
{
    void *s = open_socket(ZMQ_DEALER);
    char id[255];
    size_t size = sizeof id;

    OK(zmq_setsockopt(s, ZMQ_ROUTING_ID, "a\0b", 3));
    OK(zmq_getsockopt(s, ZMQ_ROUTING_ID, id, &size));
    assert_int_equal(size, 3);
    assert_memory_equal(id, "a\0b", 3);
}

CASE(routing_id_needs_room)
{
    void *s = open_socket(ZMQ_DEALER);
    char id[8];
    size_t size = 2;

    set_text(s, ZMQ_ROUTING_ID, "abc");
    FAILS(zmq_getsockopt(s, ZMQ_ROUTING_ID, id, &size), EINVAL);
    size = 3;
    OK(zmq_getsockopt(s, ZMQ_ROUTING_ID, id, &size));
}

CASE(routing_id_has_1_to_255_bytes)
{
    void *s = open_socket(ZMQ_DEALER);
    char id[256] = "";

    FAILS(zmq_setsockopt(s, ZMQ_ROUTING_ID, id, 0), EINVAL);
    FAILS(zmq_setsockopt(s, ZMQ_ROUTING_ID, NULL, 0), EINVAL);
    FAILS(zmq_setsockopt(s, ZMQ_ROUTING_ID, id, 256), EINVAL);
    OK(zmq_setsockopt(s, ZMQ_ROUTING_ID, id, 1));
    OK(zmq_setsockopt(s, ZMQ_ROUTING_ID, id, 255));
}

CASE(any_type_keeps_a_routing_id)
{
    for (size_t i = 0; i < ALL_TYPES; i++)
        set_text(open_socket(types[i]), ZMQ_ROUTING_ID, "id");
}

/* ---- Options of some types --------------------------------------------- */

#define TYPE(name) (1U << ZMQ_##name)

/* A flag that can be set on some types and read on none. */
static const struct flag {
    const char *name;
    int option;
    unsigned takers;
} flags[] = {
    { "ROUTER_MANDATORY", ZMQ_ROUTER_MANDATORY, TYPE(ROUTER) | TYPE(REP) },
    { "ROUTER_HANDOVER", ZMQ_ROUTER_HANDOVER, TYPE(ROUTER) | TYPE(REP) },
    { "PROBE_ROUTER", ZMQ_PROBE_ROUTER,
      TYPE(ROUTER) | TYPE(DEALER) | TYPE(REQ) | TYPE(REP) },
    { "REQ_CORRELATE", ZMQ_REQ_CORRELATE, TYPE(REQ) },
    { "REQ_RELAXED", ZMQ_REQ_RELAXED, TYPE(REQ) },
    { "XPUB_VERBOSE", ZMQ_XPUB_VERBOSE, TYPE(XPUB) | TYPE(PUB) },
    { "XPUB_VERBOSER", ZMQ_XPUB_VERBOSER, TYPE(XPUB) | TYPE(PUB) },
    { "XPUB_NODROP", ZMQ_XPUB_NODROP, TYPE(XPUB) | TYPE(PUB) },
    { "XPUB_MANUAL", ZMQ_XPUB_MANUAL, TYPE(XPUB) | TYPE(PUB) },
};

static void
only_some_take(const void *arg)
{
    const struct flag *f = arg;

    for (size_t i = 0; i < ALL_TYPES; i++) {
        void *s = open_socket(types[i]);
        int value = 1;

        if (f->takers & 1U << types[i])
            OK(zmq_setsockopt(s, f->option, &value, sizeof value));
        else
            FAILS(zmq_setsockopt(s, f->option, &value, sizeof value), EINVAL);
    }
}

static int
a_taker(const struct flag *f)
{
    int type = 0;

    while (!(f->takers & 1U << type))
        type++;
    return type;
}

static void
takes_what_is_not_negative(const void *arg)
{
    const struct flag *f = arg;
    void *s = open_socket(a_taker(f));
    int64_t wide = 1;
    int value = -1;

    set_int(s, f->option, 0);
    set_int(s, f->option, 1);
    set_int(s, f->option, 7);
    FAILS(zmq_setsockopt(s, f->option, &value, sizeof value), EINVAL);
    FAILS(zmq_setsockopt(s, f->option, &wide, sizeof wide), EINVAL);
    FAILS(zmq_setsockopt(s, f->option, &wide, 1), EINVAL);
}

static void
cannot_be_read(const void *arg)
{
    const struct flag *f = arg;
    int value;
    size_t size = sizeof value;

    FAILS(zmq_getsockopt(open_socket(a_taker(f)), f->option, &value, &size),
          EINVAL);
}

__attribute__((constructor)) static void
add_flags(void)
{
    for (size_t i = 0; i < LENGTH(flags); i++) {
        add_row("takers_of", flags[i].name, only_some_take, &flags[i]);
        add_row("values_of", flags[i].name, takes_what_is_not_negative,
                &flags[i]);
        add_row("no_reading_of", flags[i].name, cannot_be_read, &flags[i]);
    }
}

CASE(only_sub_subscribes_by_option)
{
    for (size_t i = 0; i < ALL_TYPES; i++) {
        void *s = open_socket(types[i]);

        if (types[i] == ZMQ_SUB) {
            OK(zmq_setsockopt(s, ZMQ_SUBSCRIBE, "topic", 5));
            OK(zmq_setsockopt(s, ZMQ_UNSUBSCRIBE, "topic", 5));
            OK(zmq_setsockopt(s, ZMQ_SUBSCRIBE, NULL, 0));
            continue;
        }
        if (types[i] == ZMQ_XPUB || types[i] == ZMQ_PUB)
            continue;
        FAILS(zmq_setsockopt(s, ZMQ_SUBSCRIBE, "topic", 5), EINVAL);
        FAILS(zmq_setsockopt(s, ZMQ_UNSUBSCRIBE, "topic", 5), EINVAL);
    }
}

CASE(connect_routing_id_is_for_routers)
{
    FAILS(
        zmq_setsockopt(open_socket(ZMQ_DEALER), ZMQ_CONNECT_ROUTING_ID, "a", 1),
        EINVAL);
    FAILS(
        zmq_setsockopt(open_socket(ZMQ_ROUTER), ZMQ_CONNECT_ROUTING_ID, "", 0),
        EINVAL);
    set_text(open_socket(ZMQ_ROUTER), ZMQ_CONNECT_ROUTING_ID, "a");
}

CASE(welcome_message_is_for_publishers)
{
    FAILS(zmq_setsockopt(open_socket(ZMQ_SUB), ZMQ_XPUB_WELCOME_MSG, "a", 1),
          EINVAL);
    set_text(open_socket(ZMQ_XPUB), ZMQ_XPUB_WELCOME_MSG, "hello");
    OK(zmq_setsockopt(open_socket(ZMQ_XPUB), ZMQ_XPUB_WELCOME_MSG, NULL, 0));
}

int
main(int argc, char **argv)
{
    return run_cases("special_option", argc, argv);
}
