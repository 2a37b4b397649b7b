/* SPDX-License-Identifier: MPL-2.0 */
/* Pooled messages that were sent in one batch: whatever way they are received,
 * each arrives once, with its bytes and an owner of its own. */
#include <string.h>

#include "tests/socket/support.h"

#define SIZE  300
#define BATCH 64
#define KEPT  256

static void
make(weir_msg *msg, weir_socket *s, size_t size, uint64_t number)
{
    OK(weir_msg_init_size(msg, s, size));
    memset(weir_msg_data(msg), (int)(number & 0xff), size);
    memcpy(weir_msg_data(msg), &number, sizeof(number));
}

static void
check_bytes(const weir_msg *msg, size_t size, uint64_t number)
{
    const unsigned char *bytes = weir_msg_bytes(msg);

    EQUAL(weir_msg_size(msg), size);
    CHECK(!weir_msg_more(msg));
    CHECK(memcmp(bytes, &number, sizeof(number)) == 0);
    for (size_t i = sizeof(number); i < size; i++)
        EQUAL(bytes[i], number & 0xff);
}

static void
send_batch(weir_socket *s, size_t n, uint64_t first)
{
    weir_msg msgs[BATCH];

    for (size_t i = 0; i < n; i++)
        make(&msgs[i], s, SIZE, first + i);
    GIVES(n, weir_send_batch(s, msgs, n, WEIR_DONTWAIT));
    for (size_t i = 0; i < n; i++)
        EQUAL(weir_msg_size(&msgs[i]), 0);
}

/* A buffer that was given back twice would be there twice. */
static void
check_pool(weir_socket *s)
{
    static weir_msg msgs[KEPT];

    for (size_t i = 0; i < KEPT; i++) {
        make(&msgs[i], s, SIZE, i);
        for (size_t j = 0; j < i; j++)
            CHECK(weir_msg_bytes(&msgs[i]) != weir_msg_bytes(&msgs[j]));
    }
    OK(weir_msg_drop_batch(msgs, KEPT));
}

static struct link
new_pipeline(void)
{
    return new_link(WEIR_PULL, WEIR_PUSH);
}

static void
end(struct link *l)
{
    check_pool(l->connected);
    close_link(l);
}

/* ---- Copies ------------------------------------------------------------ */

static void
one_at_a_time(void **state)
{
    struct link l = new_pipeline();
    weir_msg msg;

    (void)state;
    for (size_t n = 1; n <= BATCH; n++) {
        send_batch(l.connected, n, n);
        for (uint64_t i = 0; i < n; i++) {
            OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
            check_bytes(&msg, SIZE, n + i);
            OK(weir_msg_drop(&msg));
        }
        hear_nothing(l.bound);
    }
    end(&l);
}

static void
in_arrays_of_any_length(void **state)
{
    struct link l = new_pipeline();
    weir_msg msgs[BATCH];

    (void)state;
    for (size_t length = 1; length <= 17; length++) {
        uint64_t next = 0;

        send_batch(l.connected, BATCH, 0);
        while (next < BATCH) {
            ssize_t n =
                CALL(weir_recv_batch(l.bound, msgs, length, WEIR_DONTWAIT));

            CHECK(n > 0 && (size_t)n <= length);
            for (ssize_t i = 0; i < n; i++)
                check_bytes(&msgs[i], SIZE, next++);
            OK(weir_msg_drop_batch(msgs, (size_t)n));
        }
        hear_nothing(l.bound);
    }
    end(&l);
}

/* Neighbours that differ in size, pool, kind or owners. */
static void
mixed_with_others(void **state)
{
    struct link l = new_pipeline();
    weir_socket *other = new_socket(l.ctx, WEIR_PUSH);
    struct random r = random_from(announce_seed());
    weir_msg msgs[BATCH], shares[BATCH], msg;

    (void)state;
    for (int round = 0; round < SCALED(2000); round++) {
        size_t sizes[BATCH];

        for (size_t i = 0; i < BATCH; i++) {
            uint64_t dice = random_below(&r, 20);

            sizes[i] = dice < 14 ? SIZE : dice < 17 ? SIZE + 1 : 8;
            weir_msg_init(&shares[i]);
            make(&msgs[i], dice == 0 ? other : l.connected, sizes[i], i);
            if (dice == 1)
                OK(weir_msg_share(&shares[i], &msgs[i]));
        }
        GIVES(BATCH, weir_send_batch(l.connected, msgs, BATCH, WEIR_DONTWAIT));
        for (size_t i = 0; i < BATCH; i++) {
            OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
            check_bytes(&msg, sizes[i], i);
            OK(weir_msg_drop(&msg));
            if (weir_msg_size(&shares[i]) > 0)
                check_bytes(&shares[i], sizes[i], i);
        }
        OK(weir_msg_drop_batch(shares, BATCH));
    }
    check_pool(other);
    OK(weir_close(other));
    end(&l);
}

static void
nobody_receives_them(void **state)
{
    (void)state;
    for (size_t taken = 0; taken <= 11; taken++) {
        struct link l = new_pipeline();
        weir_msg msg;

        send_batch(l.connected, 11, 0);
        for (uint64_t i = 0; i < taken; i++) {
            OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
            check_bytes(&msg, SIZE, i);
            OK(weir_msg_drop(&msg));
        }
        OK(weir_close(l.bound));
        l.bound = new_socket(l.ctx, WEIR_PULL);
        end(&l);
    }
}

/* ---- In place ---------------------------------------------------------- */

static size_t
peek(const struct link *l, size_t n, weir_msg **span, uint64_t first)
{
    ssize_t got = CALL(weir_peek(l->bound, n, span, WEIR_DONTWAIT));

    CHECK(got > 0 && (size_t)got <= n);
    for (ssize_t i = 0; i < got; i++)
        check_bytes(&(*span)[i], SIZE, first + (uint64_t)i);
    return (size_t)got;
}

static void
peeked_and_released_in_part(void **state)
{
    struct link l = new_pipeline();
    weir_msg *span;

    (void)state;
    for (size_t step = 1; step <= 9; step++) {
        uint64_t next = 0;

        send_batch(l.connected, BATCH, 0);
        while (next < BATCH) {
            size_t got = peek(&l, BATCH, &span, next);
            size_t n = step < got ? step : got;

            OK(weir_release(l.bound, n));
            next += n;
        }
        hear_nothing(l.bound);
    }
    end(&l);
}

/* What is moved out belongs to the mover, whether it is released or not. */
static void
moved_out(void **state)
{
    (void)state;
    for (size_t released = 0; released <= 8; released++) {
        struct link l = new_pipeline();
        weir_msg mine[2], msg, *span;

        send_batch(l.connected, 8, 0);
        EQUAL(peek(&l, 8, &span, 0), 8);
        OK(weir_msg_move(&mine[0], &span[2]));
        OK(weir_msg_move(&mine[1], &span[7]));
        OK(weir_release(l.bound, released));
        for (uint64_t i = released; i < 8; i++) {
            OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
            if (i == 2 || i == 7)
                EQUAL(weir_msg_size(&msg), 0);
            else
                check_bytes(&msg, SIZE, i);
            OK(weir_msg_drop(&msg));
        }
        hear_nothing(l.bound);
        check_pool(l.connected);
        check_bytes(&mine[0], SIZE, 2);
        check_bytes(&mine[1], SIZE, 7);
        OK(weir_msg_drop_batch(mine, 2));
        end(&l);
    }
}

static void
shared_in_place(void **state)
{
    (void)state;
    for (size_t released = 0; released <= 8; released++) {
        struct link l = new_pipeline();
        weir_msg mine[2], msg, *span;

        send_batch(l.connected, 8, 0);
        EQUAL(peek(&l, 8, &span, 0), 8);
        OK(weir_msg_share(&mine[0], &span[1]));
        OK(weir_msg_share(&mine[1], &span[7]));
        OK(weir_release(l.bound, released));
        for (uint64_t i = released; i < 8; i++) {
            OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
            check_bytes(&msg, SIZE, i);
            OK(weir_msg_drop(&msg));
        }
        check_pool(l.connected); /* overwrites what is free */
        check_bytes(&mine[0], SIZE, 1);
        check_bytes(&mine[1], SIZE, 7);
        OK(weir_msg_drop_batch(mine, 2));
        end(&l);
    }
}

static void
closed_while_peeked(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        struct link l = new_pipeline();
        weir_msg mine, *span;

        send_batch(l.connected, 8, 0);
        EQUAL(peek(&l, 7, &span, 0), 7);
        weir_msg_init(&mine);
        if (way == 1)
            OK(weir_msg_move(&mine, &span[3]));
        if (way == 2)
            OK(weir_msg_share(&mine, &span[3]));
        OK(weir_close(l.bound));
        /* The sender takes note, and lets go of the pipe. */
        GIVES(-EAGAIN, try_say(l.connected, "nobody", false));
        check_pool(l.connected);
        if (way > 0)
            check_bytes(&mine, SIZE, 3);
        OK(weir_msg_drop(&mine));
        l.bound = new_socket(l.ctx, WEIR_PULL);
        end(&l);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(in_arrays_of_any_length),
        cmocka_unit_test(mixed_with_others),
        cmocka_unit_test(nobody_receives_them),
        cmocka_unit_test(peeked_and_released_in_part),
        cmocka_unit_test(moved_out),
        cmocka_unit_test(shared_in_place),
        cmocka_unit_test(closed_while_peeked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
