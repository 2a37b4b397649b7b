/* SPDX-License-Identifier: MPL-2.0 */
/* Writing and reading in the pipe itself: reserve and commit, peek and
 * release. */
#include <string.h>

#include "tests/socket/support.h"

static void
count_free(void *data, void *hint)
{
    (void)data;
    ++*(int *)hint;
}

static void
put_external(weir_msg *msg, int *freed)
{
    static char bytes[1];

    OK(weir_msg_init_external(msg, bytes, 1, count_free, freed));
}

/* ---- Writing ----------------------------------------------------------- */

static void
reserved_slots_are_empty_messages(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg *span;
    ssize_t n;

    (void)state;
    for (uint64_t i = 0; i < 2000;) {
        n = CALL(weir_reserve(l.connected, 50, &span, WEIR_DONTWAIT));
        CHECK(n > 0 && n <= 50);
        for (ssize_t j = 0; j < n; j++) {
            EQUAL(weir_msg_size(&span[j]), 0);
            CHECK(!weir_msg_more(&span[j]));
            if (j % 2 != 0) {
                OK(weir_msg_init_size(&span[j], l.connected, 100));
                memset(weir_msg_data(&span[j]), 1, 100);
            }
        }
        OK(weir_commit(l.connected, (size_t)n));
        i += (uint64_t)n;
        n = CALL(weir_peek(l.bound, 50, &span, WEIR_DONTWAIT));
        OK(weir_release(l.bound, (size_t)n));
    }
    close_link(&l);
}

static void
what_is_not_committed_is_dropped(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg *span;
    int freed = 0;

    (void)state;
    for (size_t commit = 0; commit <= 8; commit++) {
        GIVES(8, weir_reserve(l.connected, 8, &span, 0));
        for (int i = 0; i < 8; i++)
            put_external(&span[i], &freed);
        freed = 0;
        OK(weir_commit(l.connected, commit));
        EQUAL(freed, 8 - commit);
        for (size_t i = 0; i < commit; i++) {
            weir_msg msg;

            OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
            OK(weir_msg_drop(&msg));
        }
        EQUAL(freed, 8);
        hear_nothing(l.bound);
    }
    close_link(&l);
}

static void
a_wrong_commit_keeps_the_span(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg *span;

    (void)state;
    GIVES(-EINVAL, weir_commit(l.connected, 1));
    OK(weir_commit(l.connected, 0));
    GIVES(3, weir_reserve(l.connected, 3, &span, 0));
    put_number(&span[0], 0, true);
    put_number(&span[1], 1, true);
    put_number(&span[2], 2, false);
    GIVES(-EINVAL, weir_commit(l.connected, 4));
    GIVES(-EINVAL, weir_commit(l.connected, SIZE_MAX));
    GIVES(-EINVAL, weir_commit(l.connected, 1));
    GIVES(-EINVAL, weir_commit(l.connected, 2));
    hear_nothing(l.bound);
    EQUAL(number_of(&span[2]), 2);
    OK(weir_commit(l.connected, 3));
    GIVES(-EINVAL, weir_commit(l.connected, 1));
    for (uint64_t i = 0; i < 3; i++) {
        weir_msg msg;

        OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
        EQUAL(number_of(&msg), i);
        EQUAL(weir_msg_more(&msg), i < 2);
    }
    close_link(&l);
}

static void
sending_waits_for_the_commit(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_msg *span;
    weir_msg *other;
    weir_msg msg;

    (void)state;
    say(l.bound, "to be heard");
    GIVES(2, weir_reserve(l.connected, 2, &span, 0));
    put_number(&msg, 1, false);
    GIVES(-EBUSY, weir_send(l.connected, &msg, 0));
    GIVES(-EBUSY, weir_send_batch(l.connected, &msg, 1, 0));
    GIVES(-EBUSY, weir_reserve(l.connected, 1, &other, 0));
    EQUAL(number_of(&msg), 1);
    hear(l.connected, "to be heard");
    OK(weir_commit(l.connected, 0));
    OK(weir_send(l.connected, &msg, 0));
    hear_number(l.bound, 1);
    close_link(&l);
}

/* A span is at most what the limit and the memory allow, and at least one. */
static void
any_number_may_be_asked_for(void **state)
{
    static const int64_t limits[] = { 1, 100, 1000, INT32_MAX, 0 };
    weir_msg *span;

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct link l = new_link(WEIR_PULL, WEIR_PUSH);
        uint64_t sent = 0;

        set(l.connected, WEIR_SEND_HWM, limits[i]);
        for (int j = 0; j < 10; j++) {
            ssize_t n = CALL(weir_reserve(l.connected, SIZE_MAX - (size_t)j,
                                          &span, WEIR_DONTWAIT));

            if (n == -EAGAIN)
                break;
            CHECK(n > 0);
            for (ssize_t k = 0; k < n && k < 1000; k++)
                put_number(&span[k], sent++, false);
            OK(weir_commit(l.connected, n < 1000 ? (size_t)n : 1000));
        }
        CHECK(limits[i] == 0 || sent <= (uint64_t)limits[i] + 1000);
        EQUAL(drain(l.bound, 0), sent);
        close_link(&l);
    }
}

static void
an_open_span_is_dropped_at_close(void **state)
{
    int freed = 0;

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct link l = new_link(WEIR_PULL, WEIR_PUSH);
        weir_msg *span;

        if (i % 2 != 0)
            say(l.connected, "sent");
        GIVES(3, weir_reserve(l.connected, 3, &span, 0));
        for (int j = 0; j < 3; j++)
            put_external(&span[j], &freed);
        freed = 0;
        if (i < 2)
            OK(weir_close(l.bound));
        OK(weir_close(l.connected));
        EQUAL(freed, 3);
        if (i >= 2) {
            if (i % 2 != 0)
                hear(l.bound, "sent");
            hear_nothing(l.bound);
            OK(weir_close(l.bound));
        }
        OK(weir_context_free(l.ctx));
        EQUAL(freed, 3);
    }
}

/* The peer of a span goes, others come: the span stays good. */
static void
a_span_outlives_its_peer(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *first = new_socket(ctx, WEIR_PULL);
    weir_socket *second = new_socket(ctx, WEIR_PULL);
    weir_msg *span;
    int freed = 0;

    (void)state;
    OK(weir_bind(push, "inproc://x"));
    OK(weir_connect(first, "inproc://x"));
    GIVES(2, weir_reserve(push, 2, &span, 0));
    OK(weir_close(first));
    OK(weir_connect(second, "inproc://x"));
    GIVES(-ECONNREFUSED, weir_connect(push, "inproc://y")); /* looks about */
    put_external(&span[0], &freed);
    put_external(&span[1], &freed);
    EQUAL(freed, 0);
    OK(weir_commit(push, 1)); /* for nobody */
    say(push, "hello");
    hear(second, "hello");
    hear_nothing(second);
    EQUAL(freed, 2);
    OK(weir_close(second));
    OK(weir_close(push));
    OK(weir_context_free(ctx));
    EQUAL(freed, 2);
}

/* ---- Reading ----------------------------------------------------------- */

static void
what_is_not_released_is_seen_again(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg *span;

    (void)state;
    for (uint64_t i = 0; i < 100; i++)
        EQUAL(send_number(l.connected, i, 0), 0);
    for (uint64_t seen = 0; seen < 100;) {
        size_t use = seen % 4;
        ssize_t n = CALL(weir_peek(l.bound, 10, &span, WEIR_DONTWAIT));

        CHECK(n > 0 && n <= 10);
        for (uint64_t i = 0; i < (uint64_t)n; i++)
            EQUAL(number_of(&span[i]), seen + i);
        if (use > (size_t)n)
            use = (size_t)n;
        OK(weir_release(l.bound, use));
        seen += use;
        if (use == 0)
            hear_number(l.bound, seen++);
    }
    hear_nothing(l.bound);
    close_link(&l);
}

static void
a_wrong_release_keeps_the_span(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg *span;

    (void)state;
    GIVES(-EINVAL, weir_release(l.bound, 1));
    OK(weir_release(l.bound, 0));
    say(l.connected, "one");
    say(l.connected, "two");
    GIVES(1, weir_peek(l.bound, 1, &span, 0));
    GIVES(-EINVAL, weir_release(l.bound, 2));
    GIVES(-EINVAL, weir_release(l.bound, SIZE_MAX));
    OK(weir_release(l.bound, 1));
    GIVES(-EINVAL, weir_release(l.bound, 1));
    hear(l.bound, "two");
    close_link(&l);
}

static void
receiving_waits_for_the_release(void **state)
{
    struct link l = new_link(WEIR_PAIR, WEIR_PAIR);
    weir_msg *span;
    weir_msg *other;
    weir_msg msg;

    (void)state;
    say(l.connected, "one");
    say(l.connected, "two");
    GIVES(2, weir_peek(l.bound, 5, &span, 0));
    GIVES(-EBUSY, weir_recv(l.bound, &msg, 0));
    GIVES(-EBUSY, weir_recv_batch(l.bound, &msg, 1, 0));
    GIVES(-EBUSY, weir_peek(l.bound, 1, &other, 0));
    say(l.bound, "speaking is free");
    hear(l.connected, "speaking is free");
    OK(weir_release(l.bound, 1));
    hear(l.bound, "two");
    close_link(&l);
}

/* A span may end within a message, and a release too; whoever receives next
 * goes on from there. */
static void
reading_stops_and_goes_on_within_a_message(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_socket *other = new_socket(l.ctx, WEIR_PUSH);
    weir_msg *span;
    weir_msg msgs[20];

    (void)state;
    OK(weir_connect(other, "inproc://link"));
    for (uint64_t i = 0; i < 20; i++)
        put_number(&msgs[i], i, i < 19);
    GIVES(20, weir_send_batch(l.connected, msgs, 20, 0));
    say(other, "later");
    GIVES(5, weir_peek(l.bound, 5, &span, 0));
    CHECK(weir_msg_more(&span[4]));
    OK(weir_release(l.bound, 3));
    OK(weir_recv(l.bound, &msgs[3], 0));
    EQUAL(number_of(&msgs[3]), 3);
    GIVES(-EMSGSIZE, weir_recv_batch(l.bound, msgs, 15, 0));
    GIVES(4, weir_peek(l.bound, 4, &span, 0));
    EQUAL(number_of(&span[0]), 4);
    OK(weir_release(l.bound, 0));
    GIVES(16, weir_recv_batch(l.bound, msgs, 16, 0));
    for (uint64_t i = 0; i < 16; i++)
        EQUAL(number_of(&msgs[i]), 4 + i);
    hear(l.bound, "later");
    OK(weir_close(other));
    close_link(&l);
}

/* What was moved out of a span is the caller's, the rest is dropped. */
static void
messages_are_moved_out_of_a_span(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg *span;
    weir_msg msg;
    int freed = 0;

    (void)state;
    GIVES(4, weir_reserve(l.connected, 4, &span, 0));
    for (int i = 0; i < 4; i++)
        put_external(&span[i], &freed);
    OK(weir_commit(l.connected, 4));
    GIVES(4, weir_peek(l.bound, 4, &span, 0));
    OK(weir_msg_move(&msg, &span[1]));
    OK(weir_release(l.bound, 2));
    EQUAL(freed, 1);
    OK(weir_msg_drop(&msg));
    EQUAL(freed, 2);
    GIVES(2, weir_peek(l.bound, 4, &span, 0));
    OK(weir_msg_move(&msg, &span[0]));
    /* Closed while the span is open: the moved one stays, the other goes. */
    OK(weir_close(l.bound));
    OK(weir_close(l.connected));
    OK(weir_context_free(l.ctx));
    EQUAL(freed, 3);
    OK(weir_msg_drop(&msg));
    EQUAL(freed, 4);
}

static void
a_peeked_span_outlives_its_peer(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_socket *other = new_socket(l.ctx, WEIR_PUSH);
    weir_msg *span;

    (void)state;
    say(l.connected, "one");
    say(l.connected, "two");
    GIVES(2, weir_peek(l.bound, 2, &span, 0));
    OK(weir_close(l.connected));
    OK(weir_connect(other, "inproc://link"));
    say(other, "three");
    OK(weir_bind(l.bound, "inproc://looks-about"));
    EQUAL(weir_msg_size(&span[1]), 3);
    CHECK(memcmp(weir_msg_bytes(&span[1]), "two", 3) == 0);
    OK(weir_release(l.bound, 2));
    hear(l.bound, "three");
    OK(weir_close(other));
    OK(weir_close(l.bound));
    OK(weir_context_free(l.ctx));
}

/* Spans of random lengths on both sides, round and round the ring. */
static void
spans_of_any_length_keep_the_order(void **state)
{
    struct random r = random_from(1);
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    uint64_t sent = 0;
    uint64_t seen = 0;
    weir_msg *span;
    ssize_t n;

    (void)state;
    while (seen < SCALED(1000000)) {
        n = CALL(weir_reserve(l.connected, 1 + random_below(&r, 300), &span,
                              WEIR_DONTWAIT));
        if (n > 0) {
            size_t use = random_below(&r, (uint64_t)n + 1);

            for (size_t i = 0; i < use; i++)
                put_number(&span[i], sent++, false);
            OK(weir_commit(l.connected, use));
        }
        n = CALL(weir_peek(l.bound, 1 + random_below(&r, 300), &span,
                           WEIR_DONTWAIT));
        if (n > 0) {
            size_t use = random_below(&r, (uint64_t)n + 1);

            for (size_t i = 0; i < use; i++)
                EQUAL(number_of(&span[i]), seen++);
            OK(weir_release(l.bound, use));
        }
    }
    EQUAL(drain(l.bound, seen), sent - seen);
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserved_slots_are_empty_messages),
        cmocka_unit_test(what_is_not_committed_is_dropped),
        cmocka_unit_test(a_wrong_commit_keeps_the_span),
        cmocka_unit_test(sending_waits_for_the_commit),
        cmocka_unit_test(any_number_may_be_asked_for),
        cmocka_unit_test(an_open_span_is_dropped_at_close),
        cmocka_unit_test(a_span_outlives_its_peer),
        cmocka_unit_test(what_is_not_released_is_seen_again),
        cmocka_unit_test(a_wrong_release_keeps_the_span),
        cmocka_unit_test(receiving_waits_for_the_release),
        cmocka_unit_test(reading_stops_and_goes_on_within_a_message),
        cmocka_unit_test(messages_are_moved_out_of_a_span),
        cmocka_unit_test(a_peeked_span_outlives_its_peer),
        cmocka_unit_test(spans_of_any_length_keep_the_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
