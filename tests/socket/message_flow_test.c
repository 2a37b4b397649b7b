/* SPDX-License-Identifier: MPL-2.0 */
/* Single messages: every kind and size, every way of sending and receiving. */
#include <string.h>

#include "tests/socket/support.h"

/* ---- Ways -------------------------------------------------------------- */

static void
send_singly(weir_socket *s, weir_msg *msg)
{
    OK(weir_send(s, msg, WEIR_DONTWAIT));
    EQUAL(weir_msg_size(msg), 0);
}

static void
send_as_array(weir_socket *s, weir_msg *msg)
{
    GIVES(1, weir_send_batch(s, msg, 1, WEIR_DONTWAIT));
    EQUAL(weir_msg_size(msg), 0);
}

static void
send_in_place(weir_socket *s, weir_msg *msg)
{
    weir_msg *span;

    GIVES(1, weir_reserve(s, 1, &span, WEIR_DONTWAIT));
    OK(weir_msg_move(&span[0], msg));
    OK(weir_commit(s, 1));
}

static void
receive_singly(weir_socket *s, weir_msg *msg)
{
    OK(weir_recv(s, msg, WEIR_DONTWAIT));
}

static void
receive_as_array(weir_socket *s, weir_msg *msg)
{
    GIVES(1, weir_recv_batch(s, msg, 1, WEIR_DONTWAIT));
}

static void
receive_in_place(weir_socket *s, weir_msg *msg)
{
    weir_msg *span;

    GIVES(1, weir_peek(s, 1, &span, WEIR_DONTWAIT));
    OK(weir_msg_move(msg, &span[0]));
    EQUAL(weir_msg_size(&span[0]), 0);
    OK(weir_release(s, 1));
}

typedef void way_fn(weir_socket *s, weir_msg *msg);

static way_fn *const senders[] = { send_singly, send_as_array, send_in_place };
static way_fn *const receivers[] = { receive_singly, receive_as_array,
                                     receive_in_place };

/* ---- Contents ---------------------------------------------------------- */

static const size_t sizes[] = {
    0,
    1,
    7,
    8,
    9,
    23,
    24,
    25,
    32,
    55,
    56,
    57,
    64,
    65,
    128,
    129,
    4096,
    4097,
    5000,
    65536,
    (1 << 20) - 1,
    1 << 20,
    (1 << 20) + 1,
    5 << 20,
};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static unsigned char
byte_of(size_t size, size_t i)
{
    return (unsigned char)(size * 31 + i * 7 + (i >> 8));
}

/* The first bytes and the last ones, and some in between. */
static size_t
next_byte(size_t size, size_t i)
{
    return i < 200 || i + 200 > size ? i + 1 : i + 199;
}

static void
write_bytes(weir_msg *msg)
{
    unsigned char *data = weir_msg_data(msg);
    size_t size = weir_msg_size(msg);

    for (size_t i = 0; i < size; i = next_byte(size, i))
        data[i] = byte_of(size, i);
}

static void
check_bytes(const weir_msg *msg, size_t size)
{
    const unsigned char *data = weir_msg_bytes(msg);

    EQUAL(weir_msg_size(msg), size);
    for (size_t i = 0; i < size; i = next_byte(size, i))
        EQUAL(data[i], byte_of(size, i));
}

/* ---- Tests ------------------------------------------------------------- */

static void
every_size_arrives_in_every_way(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msg;

    (void)state;
    for (int from = 0; from < 3; from++) {
        for (int to = 0; to < 3; to++) {
            for (size_t i = 0; i < SIZES; i++) {
                OK(weir_msg_init_size(&msg, l.connected, sizes[i]));
                CHECK(!weir_msg_more(&msg));
                write_bytes(&msg);
                senders[from](l.connected, &msg);
                receivers[to](l.bound, &msg);
                check_bytes(&msg, sizes[i]);
                CHECK(!weir_msg_more(&msg));
                OK(weir_msg_drop(&msg));
                EQUAL(weir_msg_size(&msg), 0);
            }
        }
    }
    hear_nothing(l.bound);
    close_link(&l);
}

/* All sizes at once in the pipe. */
static void
sizes_keep_their_order(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msg;

    (void)state;
    for (size_t i = 0; i < 3 * SIZES; i++) {
        OK(weir_msg_init_size(&msg, l.connected, sizes[i % SIZES]));
        write_bytes(&msg);
        senders[i % 3](l.connected, &msg);
    }
    for (size_t i = 0; i < 3 * SIZES; i++) {
        receivers[i / 2 % 3](l.bound, &msg);
        check_bytes(&msg, sizes[i % SIZES]);
        OK(weir_msg_drop(&msg));
    }
    close_link(&l);
}

/* Small messages made without a call, and in the pipe's own memory. */
static void
inline_messages_are_made_in_place(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg *span;
    ssize_t n;

    (void)state;
    for (size_t size = 0; size <= WEIR_INLINE_MAX; size++) {
        GIVES(1, weir_reserve(l.connected, 1, &span, WEIR_DONTWAIT));
        weir_msg_init_inline(&span[0], size);
        write_bytes(&span[0]);
        OK(weir_commit(l.connected, 1));
    }
    for (size_t size = 0; size <= WEIR_INLINE_MAX; size += (size_t)n) {
        n = CALL(weir_peek(l.bound, 10, &span, WEIR_DONTWAIT));
        CHECK(n > 0 && n <= 10);
        for (ssize_t i = 0; i < n; i++)
            check_bytes(&span[i], size + (size_t)i);
        OK(weir_release(l.bound, (size_t)n));
    }
    hear_nothing(l.bound);
    close_link(&l);
}

static void
bytes_are_copied_on_request(void **state)
{
    static char text[3000];
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msg;

    (void)state;
    for (size_t size = 0; size < sizeof(text); size = 3 * size + 1) {
        memset(text, 'x', sizeof(text));
        OK(weir_msg_init_copy(&msg, l.connected, text, size));
        memset(text, 'y', sizeof(text));
        OK(weir_send(l.connected, &msg, 0));
        OK(weir_recv(l.bound, &msg, 0));
        EQUAL(weir_msg_size(&msg), size);
        for (size_t i = 0; i < size; i++)
            EQUAL(((char *)weir_msg_data(&msg))[i], 'x');
        OK(weir_msg_drop(&msg));
    }
    close_link(&l);
}

static void
what_cannot_be_had_is_refused(void **state)
{
    static const size_t never[] = { SIZE_MAX,        SIZE_MAX - 1,
                                    SIZE_MAX - 63,   SIZE_MAX - 64,
                                    SIZE_MAX - 4096, (size_t)PTRDIFF_MAX + 1,
                                    PTRDIFF_MAX };
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msg;

    (void)state;
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        GIVES(-ENOMEM, weir_msg_init_size(&msg, l.connected, never[i]));
        GIVES(-ENOMEM, weir_msg_init_copy(&msg, l.connected, "", never[i]));
    }
    if (!SANITIZED)
        for (int bits = 47; bits < 63; bits++)
            GIVES(-ENOMEM,
                  weir_msg_init_size(&msg, l.connected, (size_t)1 << bits));
    say(l.connected, "nothing happened");
    hear(l.bound, "nothing happened");
    close_link(&l);
}

/* Moving and dropping leave an empty message; `more` is kept. */
static void
messages_move(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *s = new_socket(ctx, WEIR_PUSH);
    weir_msg a;
    weir_msg b;

    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        OK(weir_msg_init_size(&a, s, sizes[i]));
        write_bytes(&a);
        weir_msg_set_more(&a, true);
        OK(weir_msg_move(&b, &a));
        check_bytes(&b, sizes[i]);
        CHECK(weir_msg_more(&b));
        EQUAL(weir_msg_size(&a), 0);
        CHECK(weir_msg_more(&a));
        OK(weir_msg_move(&b, &b));
        check_bytes(&b, sizes[i]);
        OK(weir_msg_drop(&b));
        EQUAL(weir_msg_size(&b), 0);
        CHECK(weir_msg_more(&b));
        OK(weir_msg_drop(&b));
    }
    OK(weir_close(s));
    OK(weir_context_free(ctx));
}

/* A send that fails leaves the message, with all that it is. */
static void
a_failed_send_leaves_the_message(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msgs[2];

    (void)state;
    EQUAL(fill(l.connected, 0), 2000);
    for (size_t i = 0; i < SIZES; i++) {
        OK(weir_msg_init_size(&msgs[0], l.connected, sizes[i]));
        OK(weir_msg_init_size(&msgs[1], l.connected, sizes[i]));
        write_bytes(&msgs[0]);
        write_bytes(&msgs[1]);
        GIVES(-EAGAIN, weir_send(l.connected, &msgs[0], WEIR_DONTWAIT));
        GIVES(-EAGAIN, weir_send_batch(l.connected, msgs, 2, WEIR_DONTWAIT));
        GIVES(-EINVAL, weir_send(l.connected, &msgs[0], 64));
        GIVES(-ENOTSUP, weir_send(l.bound, &msgs[0], 0));
        GIVES(-EBADF, weir_send(NULL, &msgs[0], 0));
        check_bytes(&msgs[0], sizes[i]);
        check_bytes(&msgs[1], sizes[i]);
        OK(weir_msg_drop_batch(msgs, 2));
    }
    EQUAL(drain(l.bound, 0), 2000);
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_arrives_in_every_way),
        cmocka_unit_test(sizes_keep_their_order),
        cmocka_unit_test(inline_messages_are_made_in_place),
        cmocka_unit_test(bytes_are_copied_on_request),
        cmocka_unit_test(what_cannot_be_had_is_refused),
        cmocka_unit_test(messages_move),
        cmocka_unit_test(a_failed_send_leaves_the_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
