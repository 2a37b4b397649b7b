/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_msg_t: its states, who owns the bytes, and what is shared. */
#include "tests/zmq/support.h"

#include <stdlib.h>

/* ---- New messages ------------------------------------------------------ */

CASE(a_new_message_is_empty)
{
    zmq_msg_t msg;

    OK(zmq_msg_init(&msg));
    assert_int_equal(zmq_msg_size(&msg), 0);
    GIVES(zmq_msg_more(&msg), 0);
    GIVES(zmq_msg_get(&msg, ZMQ_MORE), 0);
    GIVES(zmq_msg_get(&msg, ZMQ_SHARED), 0);
    OK(zmq_msg_close(&msg));
}

static void
has_the_size(const void *arg)
{
    size_t size = *(const size_t *)arg;
    zmq_msg_t msg;

    OK(zmq_msg_init_size(&msg, size));
    assert_int_equal(zmq_msg_size(&msg), size);
    assert_non_null(zmq_msg_data(&msg));
    memset(zmq_msg_data(&msg), 0xA5, size);
    OK(zmq_msg_close(&msg));
}

static void
arrives_whole(const void *arg)
{
    size_t size = *(const size_t *)arg;
    unsigned char *bytes = malloc(size + 1), *got = malloc(size + 1);
    void *a, *b;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 256);
    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    GIVES(zmq_send(b, bytes, size, 0), (long)size);
    GIVES(zmq_recv(a, got, size + 1, 0), (long)size);
    assert_memory_equal(bytes, got, size);
    free(bytes);
    free(got);
}

static const struct {
    const char *name;
    size_t size;
} sizes[] = {
    { "0", 0 },       { "1", 1 },         { "29", 29 },
    { "33", 33 },     { "34", 34 },       { "56", 56 },
    { "64", 64 },     { "255", 255 },     { "256", 256 },
    { "4096", 4096 }, { "65536", 65536 }, { "3000000", 3000000 },
};

__attribute__((constructor)) static void
add_sizes(void)
{
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        add_row("init_size", sizes[i].name, has_the_size, &sizes[i].size);
        add_row("passes_bytes", sizes[i].name, arrives_whole, &sizes[i].size);
    }
}

CASE(a_size_beyond_memory_gives_enomem)
{
    zmq_msg_t msg;

    FAILS(zmq_msg_init_size(&msg, SIZE_MAX), ENOMEM);
    FAILS(zmq_msg_init_size(&msg, (size_t)1 << 62), ENOMEM);
}

/* ---- The caller's memory ----------------------------------------------- */

struct freed {
    int calls;
    void *data;
};

static void
note_free(void *data, void *hint)
{
    struct freed *freed = hint;

    freed->calls++;
    freed->data = data;
}

static void
init_with(zmq_msg_t *msg, char *text, struct freed *freed)
{
    memset(freed, 0, sizeof *freed);
    OK(zmq_msg_init_data(msg, text, strlen(text), note_free, freed));
}

CASE(init_data_uses_the_callers_memory)
{
    char text[] = "text";
    struct freed freed;
    zmq_msg_t msg;

    init_with(&msg, text, &freed);
    assert_ptr_equal(zmq_msg_data(&msg), text);
    assert_int_equal(zmq_msg_size(&msg), 4);
    assert_int_equal(freed.calls, 0);
    OK(zmq_msg_close(&msg));
    assert_int_equal(freed.calls, 1);
    assert_ptr_equal(freed.data, text);
}

CASE(init_data_of_nothing_is_freed_too)
{
    struct freed freed = { 0 };
    zmq_msg_t msg;

    OK(zmq_msg_init_data(&msg, NULL, 0, note_free, &freed));
    assert_int_equal(zmq_msg_size(&msg), 0);
    OK(zmq_msg_close(&msg));
    assert_int_equal(freed.calls, 1);
}

CASE(init_data_without_a_free_function)
{
    char text[] = "text";
    zmq_msg_t msg;

    OK(zmq_msg_init_data(&msg, text, 4, NULL, NULL));
    assert_ptr_equal(zmq_msg_data(&msg), text);
    OK(zmq_msg_close(&msg));
    assert_string_equal(text, "text");
}

CASE(the_last_copy_frees)
{
    char text[] = "text";
    struct freed freed;
    zmq_msg_t msg, copy;

    init_with(&msg, text, &freed);
    OK(zmq_msg_init(&copy));
    OK(zmq_msg_copy(&copy, &msg));
    assert_ptr_equal(zmq_msg_data(&copy), text);
    OK(zmq_msg_close(&msg));
    assert_int_equal(freed.calls, 0);
    OK(zmq_msg_close(&copy));
    assert_int_equal(freed.calls, 1);
}

CASE(a_move_does_not_free)
{
    char text[] = "text";
    struct freed freed;
    zmq_msg_t msg, to;

    init_with(&msg, text, &freed);
    OK(zmq_msg_init(&to));
    OK(zmq_msg_move(&to, &msg));
    assert_int_equal(zmq_msg_size(&msg), 0);
    OK(zmq_msg_close(&msg));
    assert_int_equal(freed.calls, 0);
    OK(zmq_msg_close(&to));
    assert_int_equal(freed.calls, 1);
}

CASE(a_move_frees_what_was_there)
{
    char text[] = "text";
    struct freed freed;
    zmq_msg_t msg, to;

    init_with(&to, text, &freed);
    OK(zmq_msg_init_size(&msg, 3));
    OK(zmq_msg_move(&to, &msg));
    assert_int_equal(freed.calls, 1);
    assert_int_equal(zmq_msg_size(&to), 3);
    OK(zmq_msg_close(&to));
    OK(zmq_msg_close(&msg));
}

CASE(a_copy_frees_what_was_there)
{
    char text[] = "text";
    struct freed freed;
    zmq_msg_t msg, to;

    init_with(&to, text, &freed);
    OK(zmq_msg_init_size(&msg, 3));
    OK(zmq_msg_copy(&to, &msg));
    assert_int_equal(freed.calls, 1);
    OK(zmq_msg_close(&to));
    OK(zmq_msg_close(&msg));
}

CASE(a_receive_frees_what_was_there)
{
    char text[] = "text";
    struct freed freed;
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    init_with(&msg, text, &freed);
    send_frame(b, "new", 0);
    GIVES(zmq_msg_recv(&msg, a, 0), 3);
    assert_int_equal(freed.calls, 1);
    assert_memory_equal(zmq_msg_data(&msg), "new", 3);
    OK(zmq_msg_close(&msg));
}

CASE(a_sent_message_is_freed_by_its_receiver)
{
    char text[] = "text";
    struct freed freed;
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    init_with(&msg, text, &freed);
    GIVES(zmq_msg_send(&msg, b, 0), 4);
    assert_int_equal(zmq_msg_size(&msg), 0);
    assert_int_equal(freed.calls, 0);
    OK(zmq_msg_init(&msg));
    GIVES(zmq_msg_recv(&msg, a, 0), 4);
    assert_ptr_equal(zmq_msg_data(&msg), text);
    assert_int_equal(freed.calls, 0);
    OK(zmq_msg_close(&msg));
    assert_int_equal(freed.calls, 1);
}

CASE(receiving_into_a_buffer_frees)
{
    char text[] = "text", buffer[8];
    struct freed freed;
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    init_with(&msg, text, &freed);
    GIVES(zmq_msg_send(&msg, b, 0), 4);
    GIVES(zmq_recv(a, buffer, sizeof buffer, 0), 4);
    assert_int_equal(freed.calls, 1);
}

CASE(what_nobody_received_is_freed_with_the_context)
{
    static char text[] = "text";
    static struct freed freed;
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    init_with(&msg, text, &freed);
    GIVES(zmq_msg_send(&msg, b, 0), 4);
    close_all();
    end_context();
    assert_int_equal(freed.calls, 1);
}

CASE(a_failed_send_keeps_the_message)
{
    char text[] = "text";
    struct freed freed;
    zmq_msg_t msg;

    init_with(&msg, text, &freed);
    FAILS(zmq_msg_send(&msg, open_socket(ZMQ_PUSH), ZMQ_DONTWAIT), EAGAIN);
    assert_int_equal(freed.calls, 0);
    assert_ptr_equal(zmq_msg_data(&msg), text);
    OK(zmq_msg_close(&msg));
    assert_int_equal(freed.calls, 1);
}

CASE(a_message_sent_to_nobody_is_freed)
{
    char text[] = "text";
    struct freed freed;
    zmq_msg_t msg;

    init_with(&msg, text, &freed);
    GIVES(zmq_msg_send(&msg, open_socket(ZMQ_PUB), 0), 4);
    assert_int_equal(freed.calls, 1);
}

CASE(send_const_does_not_copy)
{
    static const char text[] = "constant bytes, long enough not to be copied";
    zmq_msg_t msg;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    GIVES(zmq_send_const(b, text, sizeof text, 0), sizeof text);
    OK(zmq_msg_init(&msg));
    GIVES(zmq_msg_recv(&msg, a, 0), sizeof text);
    assert_ptr_equal(zmq_msg_data(&msg), text);
    OK(zmq_msg_close(&msg));
}

/* ---- Copy and move ----------------------------------------------------- */

CASE(a_copy_of_a_small_message_has_bytes_of_its_own)
{
    zmq_msg_t msg, copy;

    OK(zmq_msg_init_size(&msg, 4));
    memcpy(zmq_msg_data(&msg), "abcd", 4);
    OK(zmq_msg_init(&copy));
    OK(zmq_msg_copy(&copy, &msg));
    memcpy(zmq_msg_data(&msg), "ABCD", 4);
    assert_memory_equal(zmq_msg_data(&copy), "abcd", 4);
    GIVES(zmq_msg_get(&msg, ZMQ_SHARED), 0);
    OK(zmq_msg_close(&msg));
    OK(zmq_msg_close(&copy));
}

CASE(a_copy_of_a_large_message_shares_its_bytes)
{
    zmq_msg_t msg, copy;

    OK(zmq_msg_init_size(&msg, 1000));
    OK(zmq_msg_init(&copy));
    GIVES(zmq_msg_get(&msg, ZMQ_SHARED), 0);
    OK(zmq_msg_copy(&copy, &msg));
    assert_ptr_equal(zmq_msg_data(&msg), zmq_msg_data(&copy));
    GIVES(zmq_msg_get(&msg, ZMQ_SHARED), 1);
    GIVES(zmq_msg_get(&copy, ZMQ_SHARED), 1);
    OK(zmq_msg_close(&msg));
    memset(zmq_msg_data(&copy), 0, 1000);
    OK(zmq_msg_close(&copy));
}

CASE(many_copies_share_their_bytes)
{
    zmq_msg_t msg, copies[50];

    OK(zmq_msg_init_size(&msg, 5000));
    memset(zmq_msg_data(&msg), 'x', 5000);
    for (size_t i = 0; i < LENGTH(copies); i++) {
        OK(zmq_msg_init(&copies[i]));
        OK(zmq_msg_copy(&copies[i], i ? &copies[i - 1] : &msg));
    }
    OK(zmq_msg_close(&msg));
    for (size_t i = 0; i < LENGTH(copies); i++) {
        assert_int_equal(((char *)zmq_msg_data(&copies[i]))[4999], 'x');
        OK(zmq_msg_close(&copies[i]));
    }
}

CASE(a_move_leaves_an_empty_message)
{
    zmq_msg_t msg, to;

    OK(zmq_msg_init_size(&msg, 5));
    memcpy(zmq_msg_data(&msg), "abcde", 5);
    OK(zmq_msg_init(&to));
    OK(zmq_msg_move(&to, &msg));
    assert_memory_equal(zmq_msg_data(&to), "abcde", 5);
    assert_int_equal(zmq_msg_size(&msg), 0);
    OK(zmq_msg_close(&msg));
    OK(zmq_msg_close(&to));
}

CASE(a_sent_copy_reaches_the_peer)
{
    zmq_msg_t msg, copy;
    void *a, *b;

    join(ZMQ_PAIR, &a, ZMQ_PAIR, &b);
    OK(zmq_msg_init_size(&msg, 100));
    memset(zmq_msg_data(&msg), 'y', 100);
    OK(zmq_msg_init(&copy));
    OK(zmq_msg_copy(&copy, &msg));
    GIVES(zmq_msg_send(&copy, b, 0), 100);
    expect_bytes(a, zmq_msg_data(&msg), 100);
    OK(zmq_msg_close(&msg));
}

int
main(int argc, char **argv)
{
    return run_cases("message", argc, argv);
}
