/* SPDX-License-Identifier: MPL-2.0 */
/* PUB and SUB: who gets what. */
#include <stdio.h>

#include "tests/socket/topics.h"

/* ---- Prefixes ---------------------------------------------------------- */

static void
without_a_subscription_nothing_comes(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);

    (void)state;
    say(l.bound, "a");
    hear_nothing(l.connected);
    subscribe(l.connected, "a");
    hear_nothing(l.connected);
    say(l.bound, "a");
    say(l.bound, "b");
    say(l.bound, "ab");
    hear(l.connected, "a");
    hear(l.connected, "ab");
    hear_nothing(l.connected);
    close_link(&l);
}

static void
a_message_begins_with_its_prefix(void **state)
{
    static const char *const sent[] = { "", "t", "to", "top", "topic", "tip" };
    struct link l = new_link(WEIR_PUB, WEIR_SUB);

    (void)state;
    subscribe(l.connected, "to");
    for (int i = 0; i < 6; i++)
        say(l.bound, sent[i]);
    hear(l.connected, "to");
    hear(l.connected, "top");
    hear(l.connected, "topic");
    hear_nothing(l.connected);
    close_link(&l);
}

static void
the_empty_prefix_is_all(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);

    (void)state;
    subscribe(l.connected, "");
    say(l.bound, "");
    say(l.bound, "x");
    hear(l.connected, "");
    hear(l.connected, "x");
    unsubscribe(l.connected, "");
    say(l.bound, "");
    say(l.bound, "x");
    hear_nothing(l.connected);
    close_link(&l);
}

/* Bytes of 0 and 1 are as good as others, at the beginning too. */
static void
prefixes_are_any_bytes(void **state)
{
    static const char zeros[3] = { 0, 0, 1 };
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    weir_msg msg;

    (void)state;
    OK(weir_socket_set_bytes(l.connected, WEIR_SUBSCRIBE, zeros, 2));
    for (size_t n = 0; n <= 3; n++) {
        OK(weir_msg_init_copy(&msg, l.bound, zeros, n));
        OK(weir_send(l.bound, &msg, 0));
    }
    for (size_t n = 2; n <= 3; n++) {
        OK(weir_recv(l.connected, &msg, WEIR_DONTWAIT));
        EQUAL(weir_msg_size(&msg), n);
    }
    hear_nothing(l.connected);
    close_link(&l);
}

static void
a_message_comes_once_whatever_it_matches(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);

    (void)state;
    subscribe(l.connected, "");
    subscribe(l.connected, "a");
    subscribe(l.connected, "ab");
    subscribe(l.connected, "ab");
    say(l.bound, "abc");
    hear(l.connected, "abc");
    hear_nothing(l.connected);
    close_link(&l);
}

static void
subscriptions_are_counted(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);

    (void)state;
    subscribe(l.connected, "a");
    subscribe(l.connected, "a");
    unsubscribe(l.connected, "a");
    say(l.bound, "a1");
    hear(l.connected, "a1");
    unsubscribe(l.connected, "a");
    say(l.bound, "a2");
    hear_nothing(l.connected);
    /* What there is not can be given up, and leaves no debt. */
    unsubscribe(l.connected, "a");
    unsubscribe(l.connected, "");
    subscribe(l.connected, "a");
    say(l.bound, "a3");
    hear(l.connected, "a3");
    close_link(&l);
}

/* The publisher had sent it before it heard of the change. */
static void
what_is_wanted_no_more_is_not_received(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);

    (void)state;
    subscribe(l.connected, "a");
    subscribe(l.connected, "b");
    say(l.bound, "a");
    say(l.bound, "b");
    EQUAL(try_say(l.bound, "a", true), 0);
    EQUAL(try_say(l.bound, "b", false), 0);
    say(l.bound, "b2");
    unsubscribe(l.connected, "a");
    EQUAL(get(l.connected, WEIR_EVENTS), WEIR_POLLIN);
    hear(l.connected, "b");
    EQUAL(get(l.connected, WEIR_EVENTS), WEIR_POLLIN);
    unsubscribe(l.connected, "b");
    EQUAL(get(l.connected, WEIR_EVENTS), 0);
    hear_nothing(l.connected);
    close_link(&l);
}

static size_t
topic(char *text, size_t size, int i)
{
    return (size_t)snprintf(text, size, "topic %d.", i * 7919);
}

static void
many_topics(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    int n = SCALED(100000);
    char text[64];

    (void)state;
    for (int i = 0; i < n; i += 2) {
        (void)topic(text, sizeof(text), i);
        subscribe(l.connected, text);
    }
    for (int i = 0; i < n; i++) {
        (void)topic(text, sizeof(text), i);
        say(l.bound, text);
        if (i % 2 == 0)
            hear(l.connected, text);
    }
    hear_nothing(l.connected);
    for (int i = 0; i < n; i += 2) {
        (void)topic(text, sizeof(text), i);
        unsubscribe(l.connected, text);
        say(l.bound, text);
    }
    hear_nothing(l.connected);
    close_link(&l);
}

/* ---- Directions -------------------------------------------------------- */

static void
they_send_or_receive(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    weir_msg msg;
    weir_msg *span;

    (void)state;
    weir_msg_init(&msg);
    GIVES(-ENOTSUP, weir_send(l.connected, &msg, 0));
    GIVES(-ENOTSUP, weir_send_batch(l.connected, &msg, 1, 0));
    GIVES(-ENOTSUP, weir_reserve(l.connected, 1, &span, 0));
    GIVES(-ENOTSUP, weir_peek(l.connected, 1, &span, 0));
    GIVES(-ENOTSUP, weir_recv(l.bound, &msg, 0));
    GIVES(-ENOTSUP, weir_recv_batch(l.bound, &msg, 1, 0));
    GIVES(-ENOTSUP, weir_reserve(l.bound, 1, &span, 0));
    GIVES(-ENOTSUP, weir_peek(l.bound, 1, &span, 0));
    EQUAL(get(l.bound, WEIR_EVENTS), WEIR_POLLOUT);
    EQUAL(get(l.connected, WEIR_EVENTS), 0);
    close_link(&l);
}

static void
options_are_their_types(void **state)
{
    static const int options[] = { WEIR_INVERT_MATCHING, WEIR_XPUB_VERBOSE,
                                   WEIR_XPUB_MANUAL, WEIR_XPUB_NODROP };
    static const struct {
        int type;
        bool has[4];
    } of[] = { { WEIR_PUB, { true, false, false, true } },
               { WEIR_SUB, { true, false, false, false } },
               { WEIR_XPUB, { true, true, true, true } },
               { WEIR_XSUB, { false, false, false, false } },
               { WEIR_PAIR, { false, false, false, false } } };
    weir_context *ctx = new_context();
    int64_t value;

    (void)state;
    for (int i = 0; i < 5; i++) {
        weir_socket *s = new_socket(ctx, of[i].type);

        for (int k = 0; k < 4; k++) {
            int want = of[i].has[k] ? 0 : -EINVAL;

            GIVES(want, weir_socket_set(s, options[k], 1));
            GIVES(want, weir_socket_get(s, options[k], &value));
            GIVES(-EINVAL, weir_socket_set(s, options[k], 3));
            GIVES(-EINVAL, weir_socket_set(s, options[k], -1));
        }
        GIVES(of[i].type == WEIR_SUB || of[i].type == WEIR_XPUB ? 0 : -EINVAL,
              weir_socket_set_bytes(s, WEIR_SUBSCRIBE, "a", 1));
        GIVES(of[i].type == WEIR_XPUB ? 0 : -EINVAL,
              weir_socket_set_bytes(s, WEIR_WELCOME, "a", 1));
        OK(weir_close(s));
    }
    OK(weir_context_free(ctx));
}

static void
inverted_matching_excludes(void **state)
{
    struct link l = new_link(WEIR_PUB, WEIR_SUB);
    weir_socket *all = connected(l.ctx, WEIR_SUB);

    (void)state;
    set(l.bound, WEIR_INVERT_MATCHING, 1);
    set(l.connected, WEIR_INVERT_MATCHING, 1);
    set(all, WEIR_INVERT_MATCHING, 1);
    subscribe(l.connected, "a");
    say(l.bound, "a");
    say(l.bound, "b");
    hear(l.connected, "b");
    hear_nothing(l.connected);
    hear(all, "a");
    hear(all, "b");
    EQUAL(get(all, WEIR_EVENTS), 0);
    subscribe(all, "c");
    EQUAL(try_say(l.bound, "c", true), 0);
    EQUAL(try_say(l.bound, "d", false), 0);
    hear_frame(l.connected, "c", true);
    hear_frame(l.connected, "d", false);
    hear_nothing(all);
    OK(weir_close(all));
    close_link(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_subscription_nothing_comes),
        cmocka_unit_test(a_message_begins_with_its_prefix),
        cmocka_unit_test(the_empty_prefix_is_all),
        cmocka_unit_test(prefixes_are_any_bytes),
        cmocka_unit_test(a_message_comes_once_whatever_it_matches),
        cmocka_unit_test(subscriptions_are_counted),
        cmocka_unit_test(what_is_wanted_no_more_is_not_received),
        cmocka_unit_test(many_topics),
        cmocka_unit_test(they_send_or_receive),
        cmocka_unit_test(options_are_their_types),
        cmocka_unit_test(inverted_matching_excludes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
