/* SPDX-License-Identifier: MPL-2.0 */
/* Contexts: their options, their end, and what bad arguments give. */
#include "tests/zmq/support.h"

#include <limits.h>

/* ---- Options ----------------------------------------------------------- */

struct option {
    const char *name;
    int option;
    int initial;
    int good[3];
    int bad;
    bool any_is_good;
};

static const struct option options[] = {
    { "io_threads", ZMQ_IO_THREADS, 1, { 0, 1, 4 }, -1, false },
    { "max_sockets", ZMQ_MAX_SOCKETS, 1023, { 1, 2, 5000 }, 0, false },
    { "max_msgsz", ZMQ_MAX_MSGSZ, INT_MAX, { 0, 1, 100000 }, -1, false },
    { "ipv6", ZMQ_IPV6, 0, { 0, 1, 1 }, -1, false },
    { "blocky", ZMQ_BLOCKY, 1, { 0, 1, 0 }, -1, false },
    { "thread_sched_policy",
      ZMQ_THREAD_SCHED_POLICY,
      -1,
      { 0, 1, 2 },
      -1,
      false },
};

static void
has_its_default(const void *arg)
{
    const struct option *o = arg;

    GIVES(zmq_ctx_get(the_context(), o->option), o->initial);
}

static void
keeps_what_is_set(const void *arg)
{
    const struct option *o = arg;

    for (size_t i = 0; i < LENGTH(o->good); i++) {
        OK(zmq_ctx_set(the_context(), o->option, o->good[i]));
        GIVES(zmq_ctx_get(the_context(), o->option), o->good[i]);
    }
}

static void
refuses_a_bad_value(const void *arg)
{
    const struct option *o = arg;

    FAILS(zmq_ctx_set(the_context(), o->option, o->bad), EINVAL);
    GIVES(zmq_ctx_get(the_context(), o->option), o->initial);
}

__attribute__((constructor)) static void
add_options(void)
{
    for (size_t i = 0; i < LENGTH(options); i++) {
        const struct option *o = &options[i];

        add_row("default_of", o->name, has_its_default, o);
        add_row("set_and_get", o->name, keeps_what_is_set, o);
        add_row("bad_value_of", o->name, refuses_a_bad_value, o);
    }
}

CASE(socket_limit_can_be_read)
{
    GIVES(zmq_ctx_get(the_context(), ZMQ_SOCKET_LIMIT), 65535);
}

CASE(msg_t_size_can_be_read)
{
    GIVES(zmq_ctx_get(the_context(), ZMQ_MSG_T_SIZE), sizeof(zmq_msg_t));
}

CASE(msg_t_size_cannot_be_set)
{
    FAILS(zmq_ctx_set(the_context(), ZMQ_MSG_T_SIZE, 64), EINVAL);
}

CASE(unknown_option_cannot_be_set)
{
    FAILS(zmq_ctx_set(the_context(), 4711, 1), EINVAL);
}

CASE(unknown_option_cannot_be_read)
{
    FAILS(zmq_ctx_get(the_context(), 4711), EINVAL);
}

CASE(thread_priority_can_be_set)
{
    OK(zmq_ctx_set(the_context(), ZMQ_THREAD_PRIORITY, 0));
    FAILS(zmq_ctx_set(the_context(), ZMQ_THREAD_PRIORITY, -1), EINVAL);
}

CASE(thread_affinity_takes_cpus)
{
    OK(zmq_ctx_set(the_context(), ZMQ_THREAD_AFFINITY_CPU_ADD, 0));
    OK(zmq_ctx_set(the_context(), ZMQ_THREAD_AFFINITY_CPU_REMOVE, 0));
    FAILS(zmq_ctx_set(the_context(), ZMQ_THREAD_AFFINITY_CPU_REMOVE, 0),
          EINVAL);
    FAILS(zmq_ctx_set(the_context(), ZMQ_THREAD_AFFINITY_CPU_ADD, -1), EINVAL);
}

CASE(thread_name_prefix_can_be_set)
{
    OK(zmq_ctx_set(the_context(), ZMQ_THREAD_NAME_PREFIX, 7));
    GIVES(zmq_ctx_get(the_context(), ZMQ_THREAD_NAME_PREFIX), 7);
}

CASE(max_sockets_may_be_the_limit)
{
    OK(zmq_ctx_set(the_context(), ZMQ_MAX_SOCKETS, 65535));
}

/* ---- What options do --------------------------------------------------- */

CASE(more_than_max_sockets_gives_emfile)
{
    OK(zmq_ctx_set(the_context(), ZMQ_MAX_SOCKETS, 3));
    open_socket(ZMQ_PAIR);
    open_socket(ZMQ_PAIR);
    open_socket(ZMQ_PAIR);
    assert_null(zmq_socket(the_context(), ZMQ_PAIR));
    assert_int_equal(zmq_errno(), EMFILE);
}

CASE(a_closed_socket_makes_room_for_another)
{
    void *s;

    OK(zmq_ctx_set(the_context(), ZMQ_MAX_SOCKETS, 1));
    close_socket(open_socket(ZMQ_PUSH));
    EVENTUALLY((s = zmq_socket(the_context(), ZMQ_PULL)));
    OK(zmq_close(s));
}

CASE(max_sockets_counts_from_the_first_socket_on)
{
    OK(zmq_ctx_set(the_context(), ZMQ_MAX_SOCKETS, 1));
    open_socket(ZMQ_PAIR);
    OK(zmq_ctx_set(the_context(), ZMQ_MAX_SOCKETS, 10));
    assert_null(zmq_socket(the_context(), ZMQ_PAIR));
    assert_int_equal(zmq_errno(), EMFILE);
}

CASE(inproc_needs_no_io_threads)
{
    void *a, *b;

    OK(zmq_ctx_set(the_context(), ZMQ_IO_THREADS, 0));
    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_frame(b, "hello", 0);
    expect_frame(a, "hello");
}

CASE(max_msgsz_does_not_concern_inproc)
{
    void *a, *b;

    OK(zmq_ctx_set(the_context(), ZMQ_MAX_MSGSZ, 2));
    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    send_frame(b, "longer", 0);
    expect_frame(a, "longer");
}

CASE(max_msgsz_leaves_maxmsgsize_of_sockets_alone)
{
    int64_t size = 0;
    size_t length = sizeof size;

    OK(zmq_ctx_set(the_context(), ZMQ_MAX_MSGSZ, 1234));
    OK(zmq_getsockopt(open_socket(ZMQ_PAIR), ZMQ_MAXMSGSIZE, &size, &length));
    assert_int_equal(size, -1);
}

CASE(ipv6_of_the_context_is_that_of_new_sockets)
{
    void *before = open_socket(ZMQ_PAIR);

    OK(zmq_ctx_set(the_context(), ZMQ_IPV6, 1));
    assert_int_equal(get_int(before, ZMQ_IPV6), 0);
    assert_int_equal(get_int(open_socket(ZMQ_PAIR), ZMQ_IPV6), 1);
}

CASE(not_blocky_gives_new_sockets_no_linger)
{
    void *before = open_socket(ZMQ_PUSH);

    OK(zmq_ctx_set(the_context(), ZMQ_BLOCKY, 0));
    assert_int_equal(get_int(before, ZMQ_LINGER), -1);
    assert_int_equal(get_int(open_socket(ZMQ_PUSH), ZMQ_LINGER), 0);
}

CASE(contexts_do_not_share_names)
{
    void *other = zmq_ctx_new();
    void *s = zmq_socket(other, ZMQ_PAIR);

    bound(ZMQ_PAIR, "inproc://x");
    OK(zmq_bind(s, "inproc://x"));
    OK(zmq_close(s));
    OK(zmq_ctx_term(other));
}

CASE(many_contexts_at_once)
{
    void *contexts[50], *s[50];

    for (size_t i = 0; i < LENGTH(contexts); i++) {
        contexts[i] = zmq_ctx_new();
        s[i] = zmq_socket(contexts[i], ZMQ_PAIR);
        assert_non_null(s[i]);
    }
    for (size_t i = 0; i < LENGTH(contexts); i++) {
        OK(zmq_close(s[i]));
        OK(zmq_ctx_term(contexts[i]));
    }
}

/* ---- Bad arguments ----------------------------------------------------- */

CASE(no_context_to_term)
{
    FAILS(zmq_ctx_term(NULL), EFAULT);
    FAILS(zmq_ctx_destroy(NULL), EFAULT);
    FAILS(zmq_term(NULL), EFAULT);
}

CASE(no_context_to_shut_down)
{
    FAILS(zmq_ctx_shutdown(NULL), EFAULT);
}

CASE(no_context_to_set)
{
    FAILS(zmq_ctx_set(NULL, ZMQ_IO_THREADS, 1), EFAULT);
}

CASE(no_context_to_get)
{
    FAILS(zmq_ctx_get(NULL, ZMQ_IO_THREADS), EFAULT);
}

CASE(no_context_for_a_socket)
{
    errno = 0;
    assert_null(zmq_socket(NULL, ZMQ_PAIR));
    assert_int_equal(errno, EFAULT);
}

CASE(a_socket_is_no_context)
{
    void *s = open_socket(ZMQ_PAIR);

    FAILS(zmq_ctx_term(s), EFAULT);
    FAILS(zmq_ctx_shutdown(s), EFAULT);
    FAILS(zmq_ctx_get(s, ZMQ_IO_THREADS), EFAULT);
    FAILS(zmq_ctx_set(s, ZMQ_IO_THREADS, 1), EFAULT);
    assert_null(zmq_socket(s, ZMQ_PAIR));
    assert_int_equal(zmq_errno(), EFAULT);
}

static const int bad_types[] = { -2, -1, 21, 100, INT_MAX };

CASE(unknown_socket_types_are_refused)
{
    for (size_t i = 0; i < LENGTH(bad_types); i++) {
        errno = 0;
        assert_null(zmq_socket(the_context(), bad_types[i]));
        assert_int_equal(errno, EINVAL);
    }
}

/* ---- Old names --------------------------------------------------------- */

CASE(zmq_init_sets_the_io_threads)
{
    void *old = zmq_init(3);

    assert_non_null(old);
    GIVES(zmq_ctx_get(old, ZMQ_IO_THREADS), 3);
    OK(zmq_term(old));
}

CASE(zmq_init_with_no_io_threads)
{
    void *old = zmq_init(0);

    GIVES(zmq_ctx_get(old, ZMQ_IO_THREADS), 0);
    OK(zmq_ctx_destroy(old));
}

CASE(zmq_init_refuses_a_negative_number)
{
    errno = 0;
    assert_null(zmq_init(-1));
    assert_int_equal(errno, EINVAL);
}

int
main(int argc, char **argv)
{
    return run_cases("context", argc, argv);
}
