/* SPDX-License-Identifier: MPL-2.0 */
/* Messages of several frames: all or nothing, in order, however they are sent
 * and received. */
#include <stdlib.h>
#include <string.h>

#include "tests/socket/support.h"

/* Lengths about the sizes of a ring, of a run, and far beyond. */
static const size_t lengths[] = {
    2, 3, 127, 128, 129, 1000, 16384, 16385, 32767, 32768, 32769, 65537,
};
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

/* n numbers from 0 on, the frames of one message. */
static weir_msg *
new_frames(size_t n)
{
    weir_msg *msgs = calloc(n, sizeof(*msgs));

    CHECK(msgs != NULL);
    for (size_t i = 0; i < n; i++)
        put_number(&msgs[i], i, i + 1 < n);
    return msgs;
}

static void
check_frames(const weir_msg *msgs, size_t first, size_t k, size_t n)
{
    for (size_t i = 0; i < k; i++) {
        if (number_of(&msgs[i]) != first + i)
            EQUAL(number_of(&msgs[i]), first + i);
        if (weir_msg_more(&msgs[i]) != (first + i + 1 < n))
            EQUAL(weir_msg_more(&msgs[i]), first + i + 1 < n);
    }
}

/* ---- Ways -------------------------------------------------------------- */

static void
send_one_by_one(weir_socket *s, size_t n)
{
    weir_msg msg;

    for (size_t i = 0; i < n; i++) {
        put_number(&msg, i, i + 1 < n);
        OK(weir_send(s, &msg, WEIR_DONTWAIT));
        EQUAL(weir_msg_size(&msg), 0);
    }
}

static void
send_as_array(weir_socket *s, size_t n)
{
    weir_msg *msgs = new_frames(n);

    GIVES(n, weir_send_batch(s, msgs, n, WEIR_DONTWAIT));
    for (size_t i = 0; i < n; i++)
        EQUAL(weir_msg_size(&msgs[i]), 0);
    free(msgs);
}

/* In arrays of 7 and single frames in turn. */
static void
send_in_pieces(weir_socket *s, size_t n)
{
    weir_msg *msgs = new_frames(n);

    for (size_t i = 0; i < n;) {
        size_t k = i % 8 == 0 && n - i > 7 ? 7 : 1;

        if (k == 1)
            OK(weir_send(s, &msgs[i], WEIR_DONTWAIT));
        else
            GIVES(k, weir_send_batch(s, &msgs[i], k, WEIR_DONTWAIT));
        i += k;
    }
    free(msgs);
}

static void
receive_one_by_one(weir_socket *s, size_t n)
{
    weir_msg msg;

    for (size_t i = 0; i < n; i++) {
        OK(weir_recv(s, &msg, WEIR_DONTWAIT));
        check_frames(&msg, i, 1, n);
    }
}

static void
receive_as_array(weir_socket *s, size_t n)
{
    weir_msg *msgs = calloc(n, sizeof(*msgs));

    GIVES(-EMSGSIZE, weir_recv_batch(s, msgs, n - 1, WEIR_DONTWAIT));
    GIVES(-EMSGSIZE, weir_recv_batch(s, msgs, 1, WEIR_DONTWAIT));
    GIVES(n, weir_recv_batch(s, msgs, n, WEIR_DONTWAIT));
    check_frames(msgs, 0, n, n);
    free(msgs);
}

/* Peeks at up to 1000, and uses two thirds of them. */
static void
receive_in_place(weir_socket *s, size_t n)
{
    weir_msg *span;

    for (size_t i = 0; i < n;) {
        size_t ask = n - i < 1000 ? n - i : 1000;
        ssize_t got = CALL(weir_peek(s, ask, &span, WEIR_DONTWAIT));
        size_t used = ((size_t)got * 2 + 2) / 3;

        CHECK(got > 0 && (size_t)got <= ask);
        check_frames(span, i, (size_t)got, n);
        OK(weir_release(s, used));
        i += used;
    }
}

/* Single frames first, then an array that takes the rest. */
static void
receive_the_rest(weir_socket *s, size_t n)
{
    weir_msg *msgs = calloc(n, sizeof(*msgs));
    size_t half = n / 2;

    for (size_t i = 0; i < half; i++) {
        OK(weir_recv(s, &msgs[i], WEIR_DONTWAIT));
        check_frames(&msgs[i], i, 1, n);
    }
    if (n - half > 1)
        GIVES(-EMSGSIZE, weir_recv_batch(s, msgs, n - half - 1, WEIR_DONTWAIT));
    GIVES(n - half, weir_recv_batch(s, msgs, n - half, WEIR_DONTWAIT));
    check_frames(msgs, half, n - half, n);
    free(msgs);
}

typedef void way_fn(weir_socket *s, size_t n);

static way_fn *const senders[] = { send_one_by_one, send_as_array,
                                   send_in_pieces };
static way_fn *const receivers[] = { receive_one_by_one, receive_as_array,
                                     receive_in_place, receive_the_rest };

/* ---- Tests ------------------------------------------------------------- */

/* Two at a time, so that the second one meets the rings of the first. */
static void
go_through(struct link *l, int from, int to, size_t n)
{
    senders[from](l->connected, n);
    say(l->connected, "single");
    senders[from](l->connected, n);
    receivers[to](l->bound, n);
    hear(l->bound, "single");
    receivers[to](l->bound, n);
    hear_nothing(l->bound);
}

static void
every_length_arrives_in_every_way(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    for (size_t i = 0; i < LENGTHS; i++) {
        for (int way = 0; way < 12; way++) {
            if (lengths[i] > 1000 && way % 3 != way % 4 && way != 3)
                continue; /* enough, and these take long */
            go_through(&l, way % 3, way % 4, lengths[i]);
        }
    }
    close_link(&l);
}

static void
a_million_frames_arrive(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    for (int way = 0; way < 3; way++) {
        senders[way](l.connected, SCALED(1000000));
        receivers[way](l.bound, SCALED(1000000));
    }
    close_link(&l);
}

/* The limit counts messages, not frames. */
static void
long_messages_go_through_a_low_limit(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_msg msg;

    (void)state;
    set(push, WEIR_SEND_HWM, 1);
    set(pull, WEIR_RECV_HWM, 1);
    OK(weir_bind(pull, "inproc://x"));
    OK(weir_connect(push, "inproc://x"));
    for (int i = 0; i < 100; i++) {
        send_one_by_one(push, 1000);
        send_as_array(push, 1000);
        put_number(&msg, 0, true);
        GIVES(-EAGAIN, weir_send(push, &msg, WEIR_DONTWAIT));
        receive_one_by_one(pull, 1000);
        receive_in_place(pull, 1000);
        hear_nothing(pull);
    }
    OK(weir_close(push));
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

static void
nothing_is_seen_before_the_last_frame(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msgs[5];
    weir_msg *span;

    (void)state;
    for (uint64_t i = 0; i < 5; i++)
        put_number(&msgs[i], i, i < 4);
    OK(weir_send(l.connected, &msgs[0], 0));
    hear_nothing(l.bound);
    GIVES(2, weir_send_batch(l.connected, &msgs[1], 2, 0));
    hear_nothing(l.bound);
    GIVES(-EBUSY, weir_reserve(l.connected, 1, &span, 0));
    OK(weir_send(l.connected, &msgs[3], 0));
    GIVES(-EAGAIN, weir_peek(l.bound, 1, &span, WEIR_DONTWAIT));
    OK(weir_send(l.connected, &msgs[4], 0));
    receive_as_array(l.bound, 5);
    close_link(&l);
}

/* The first frame has gone, the last one does not fit any more: the message
 * waits, whole, for better times. */
static void
a_message_that_cannot_end_is_kept(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msgs[4];

    (void)state;
    set(l.connected, WEIR_SEND_HWM, 2);
    set(l.bound, WEIR_RECV_HWM, 1);
    for (uint64_t i = 0; i < 4; i++)
        put_number(&msgs[i], i, i < 3);
    say(l.connected, "before");
    say(l.connected, "before");
    OK(weir_send(l.connected, &msgs[0], WEIR_DONTWAIT));
    set(l.connected, WEIR_SEND_HWM, 1);
    GIVES(2, weir_send_batch(l.connected, &msgs[1], 2, WEIR_DONTWAIT));
    GIVES(-EAGAIN, weir_send(l.connected, &msgs[3], WEIR_DONTWAIT));
    GIVES(-EAGAIN, weir_send_batch(l.connected, &msgs[3], 1, WEIR_DONTWAIT));
    EQUAL(number_of(&msgs[3]), 3);
    hear(l.bound, "before");
    hear(l.bound, "before");
    hear_nothing(l.bound);
    OK(weir_send(l.connected, &msgs[3], WEIR_DONTWAIT));
    receive_one_by_one(l.bound, 4);
    close_link(&l);
}

/* Arrays of several messages, as far as the limit lets them. */
static void
arrays_go_in_whole_messages(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msgs[30];

    (void)state;
    set(l.connected, WEIR_SEND_HWM, 3);
    set(l.bound, WEIR_RECV_HWM, 4);
    for (uint64_t i = 0; i < 30; i++)
        put_number(&msgs[i], i, i % 3 < 2);
    GIVES(21, weir_send_batch(l.connected, msgs, 30, WEIR_DONTWAIT));
    GIVES(-EAGAIN, weir_send_batch(l.connected, msgs + 21, 9, WEIR_DONTWAIT));
    for (uint64_t i = 0; i < 30; i++) {
        EQUAL(weir_msg_size(&msgs[i]), i < 21 ? 0 : 8);
        if (i >= 21)
            EQUAL(number_of(&msgs[i]), i);
    }
    GIVES(9, weir_recv_batch(l.bound, msgs, 11, WEIR_DONTWAIT));
    GIVES(-EMSGSIZE, weir_recv_batch(l.bound, msgs + 9, 2, WEIR_DONTWAIT));
    GIVES(12, weir_recv_batch(l.bound, msgs + 9, 21, WEIR_DONTWAIT));
    for (uint64_t i = 0; i < 21; i++) {
        EQUAL(number_of(&msgs[i]), i);
        EQUAL(weir_msg_more(&msgs[i]), i % 3 < 2);
    }
    close_link(&l);
}

static void
count_free(void *data, void *hint)
{
    (void)data;
    ++*(int *)hint;
}

/* What is still in the pipe is nobody else's: an array may be dropped whole,
 * used or not. */
static void
arrays_leave_no_second_owner(void **state)
{
    static char bytes[1];
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msgs[8];
    int freed = 0;

    (void)state;
    for (int i = 0; i < 6; i++) {
        OK(weir_msg_init_external(&msgs[i], bytes, 1, count_free, &freed));
        weir_msg_set_more(&msgs[i], i % 3 < 2);
    }
    GIVES(6, weir_send_batch(l.connected, msgs, 6, 0));
    for (int i = 0; i < 8; i++)
        weir_msg_init(&msgs[i]);
    GIVES(-EMSGSIZE, weir_recv_batch(l.bound, msgs, 2, 0));
    OK(weir_msg_drop_batch(msgs, 8));
    EQUAL(freed, 0);
    GIVES(3, weir_recv_batch(l.bound, msgs, 5, 0));
    OK(weir_msg_drop_batch(msgs, 8));
    EQUAL(freed, 3);
    GIVES(3, weir_recv_batch(l.bound, msgs, 8, 0));
    OK(weir_msg_drop_batch(msgs, 8));
    EQUAL(freed, 6);
    close_link(&l);
}

/* An array that begins and ends in the middle of messages. */
static void
messages_span_arrays(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msgs[40];

    (void)state;
    for (uint64_t i = 0; i < 40; i++)
        put_number(&msgs[i], i, i % 5 < 4);
    for (size_t i = 0; i < 40; i += 8)
        GIVES(8, weir_send_batch(l.connected, msgs + i, 8, WEIR_DONTWAIT));
    memset(msgs, 0, sizeof(msgs));
    for (size_t i = 0; i < 40; i += 10)
        GIVES(10, weir_recv_batch(l.bound, msgs + i, 14, WEIR_DONTWAIT));
    for (uint64_t i = 0; i < 40; i++) {
        EQUAL(number_of(&msgs[i]), i);
        EQUAL(weir_msg_more(&msgs[i]), i % 5 < 4);
    }
    close_link(&l);
}

/* Frames of every kind in one message. */
static void
frames_are_of_any_kind(void **state)
{
    static const size_t sizes[] = { 0, 8, 56, 57, 4096, (1 << 20) + 1, 1 };
    static char external[10] = "external";
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msgs[8];

    (void)state;
    for (int i = 0; i < 8; i++) {
        if (i < 7)
            OK(weir_msg_init_size(&msgs[i], l.connected, sizes[i]));
        else
            OK(weir_msg_init_external(&msgs[i], external, 10, NULL, NULL));
        if (i < 7)
            memset(weir_msg_data(&msgs[i]), i, sizes[i]);
        weir_msg_set_more(&msgs[i], i < 7);
    }
    for (int i = 0; i < 8; i++)
        OK(weir_send(l.connected, &msgs[i], WEIR_DONTWAIT));
    GIVES(8, weir_recv_batch(l.bound, msgs, 8, WEIR_DONTWAIT));
    for (int i = 0; i < 7; i++) {
        const char *bytes = weir_msg_bytes(&msgs[i]);

        EQUAL(weir_msg_size(&msgs[i]), sizes[i]);
        if (sizes[i] > 0)
            CHECK(bytes[0] == i && bytes[sizes[i] - 1] == i);
    }
    CHECK(weir_msg_bytes(&msgs[7]) == external);
    OK(weir_msg_drop_batch(msgs, 8));
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_arrives_in_every_way),
        cmocka_unit_test(a_million_frames_arrive),
        cmocka_unit_test(long_messages_go_through_a_low_limit),
        cmocka_unit_test(nothing_is_seen_before_the_last_frame),
        cmocka_unit_test(a_message_that_cannot_end_is_kept),
        cmocka_unit_test(arrays_go_in_whole_messages),
        cmocka_unit_test(arrays_leave_no_second_owner),
        cmocka_unit_test(messages_span_arrays),
        cmocka_unit_test(frames_are_of_any_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
