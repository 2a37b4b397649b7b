/* SPDX-License-Identifier: MPL-2.0 */
/* Names: which there are, who has them, and every error of bind, unbind,
 * connect and disconnect. */
#include <stdio.h>
#include <string.h>

#include "tests/socket/support.h"

typedef int endpoint_fn(weir_socket *, const char *);

static endpoint_fn *const calls[] = { weir_bind, weir_unbind, weir_connect,
                                      weir_disconnect };
#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* "inproc://" and n bytes c. */
static const char *
long_endpoint(char c, size_t n)
{
    static char text[512];

    (void)strcpy(text, "inproc://");
    memset(text + 9, c, n);
    text[9 + n] = '\0';
    return text;
}

static void
bad_endpoints_are_told_apart(void **state)
{
    static const struct {
        const char *endpoint;
        int error;
    } cases[] = {
        { NULL, -EINVAL },
        { "", -EINVAL },
        { "name", -EINVAL },
        { "inproc", -EINVAL },
        { "inproc:", -EINVAL },
        { "inproc:/name", -EINVAL },
        { "inproc:name", -EINVAL },
        { "inproc//name", -EINVAL },
        { "inproc://", -EINVAL },
        { "://name", -EPROTONOSUPPORT },
        { "tcp://127.0.0.1:80", -EPROTONOSUPPORT },
        { "ipc://name", -EPROTONOSUPPORT },
        { "INPROC://name", -EPROTONOSUPPORT },
        { " inproc://name", -EPROTONOSUPPORT },
        { "inproc ://name", -EPROTONOSUPPORT },
        { "inpro://name", -EPROTONOSUPPORT },
        { "inprocs://name", -EPROTONOSUPPORT },
    };
    weir_context *ctx = new_context();
    weir_socket *s = new_socket(ctx, WEIR_PULL);

    (void)state;
    for (size_t i = 0; i < CALLS; i++) {
        for (size_t j = 0; j < sizeof(cases) / sizeof(cases[0]); j++)
            GIVES(cases[j].error, calls[i](s, cases[j].endpoint));
        GIVES(-ENAMETOOLONG, calls[i](s, long_endpoint('x', 257)));
        GIVES(-ENAMETOOLONG, calls[i](s, long_endpoint('x', 400)));
        GIVES(-ENAMETOOLONG, calls[i](s, long_endpoint('\x80', 257)));
    }
    OK(weir_close(s));
    OK(weir_context_free(ctx));
}

/* A message arrives under the name. */
static void
name_works(weir_context *ctx, const char *endpoint)
{
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_socket *push = new_socket(ctx, WEIR_PUSH);

    OK(weir_bind(pull, endpoint));
    OK(weir_connect(push, endpoint));
    say(push, endpoint);
    hear(pull, endpoint);
    OK(weir_disconnect(push, endpoint));
    OK(weir_unbind(pull, endpoint));
    OK(weir_close(push));
    OK(weir_close(pull));
}

static void
names_are_of_1_to_256_bytes_of_any_kind(void **state)
{
    static const char *const names[] = {
        "#1",
        "my-endpoint",
        " ",
        "://",
        "inproc://inproc://x",
        "a/b/c/",
        "a\nb\t\x01",
        "%s%n",
        "\x7f",
        "\xff\xfe\x80",
        "*",
        "..",
        "gr\xc3\xbc\xc3\x9f",
        "name:80",
    };
    weir_context *ctx = new_context();
    char endpoint[64];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(endpoint, sizeof(endpoint), "inproc://%s", names[i]);
        name_works(ctx, endpoint);
    }
    for (int c = 1; c < 256; c++)
        name_works(ctx, long_endpoint((char)c, 1));
    for (size_t n = 2; n <= 256; n++)
        name_works(ctx, long_endpoint((char)(n | 1), n));
    OK(weir_context_free(ctx));
}

/* Names that begin alike, differ in length or in the last byte only. */
static void
names_are_compared_whole(void **state)
{
    static const char *const names[] = { "inproc://a",   "inproc://aa",
                                         "inproc://A",   "inproc://a ",
                                         "inproc://aaa", "inproc://aab" };
    weir_context *ctx = new_context();
    weir_socket *pull[6];
    weir_socket *push[6];

    (void)state;
    for (int i = 0; i < 6; i++) {
        pull[i] = new_socket(ctx, WEIR_PULL);
        OK(weir_bind(pull[i], names[i]));
    }
    for (int i = 0; i < 6; i++) {
        push[i] = new_socket(ctx, WEIR_PUSH);
        OK(weir_connect(push[i], names[i]));
        say(push[i], names[i]);
    }
    for (int i = 0; i < 6; i++) {
        hear(pull[i], names[i]);
        hear_nothing(pull[i]);
        OK(weir_close(pull[i]));
        OK(weir_close(push[i]));
    }
    OK(weir_context_free(ctx));
}

static void
a_name_has_one_owner(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *a = new_socket(ctx, WEIR_PULL);
    weir_socket *b = new_socket(ctx, WEIR_PUSH);

    (void)state;
    OK(weir_bind(a, "inproc://x"));
    GIVES(-EADDRINUSE, weir_bind(b, "inproc://x"));
    GIVES(-EADDRINUSE, weir_bind(a, "inproc://x"));
    GIVES(-ENOENT, weir_unbind(b, "inproc://x"));
    GIVES(-ENOENT, weir_unbind(a, "inproc://y"));
    OK(weir_unbind(a, "inproc://x"));
    GIVES(-ENOENT, weir_unbind(a, "inproc://x"));
    OK(weir_bind(b, "inproc://x"));
    GIVES(-EADDRINUSE, weir_bind(a, "inproc://x"));
    OK(weir_close(b));
    OK(weir_bind(a, "inproc://x"));
    OK(weir_close(a));
    OK(weir_context_free(ctx));
}

static void
connecting_needs_a_bound_name(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    GIVES(-ECONNREFUSED, weir_connect(l.connected, "inproc://nobody"));
    GIVES(-ENOENT, weir_disconnect(l.connected, "inproc://nobody"));
    GIVES(-ENOENT, weir_disconnect(l.bound, "inproc://link"));
    OK(weir_unbind(l.bound, "inproc://link"));
    GIVES(-ECONNREFUSED, weir_connect(l.connected, "inproc://link"));
    EQUAL(get(l.connected, WEIR_PEERS), 1);
    close_link(&l);
}

static void
types_that_do_not_talk_do_not_connect(void **state)
{
    static const int types[] = { WEIR_PAIR, WEIR_PUSH, WEIR_PULL };
    weir_context *ctx = new_context();

    (void)state;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            weir_socket *a = new_socket(ctx, types[i]);
            weir_socket *b = new_socket(ctx, types[j]);
            bool talk = i == 0 ? j == 0 : j == 3 - i;

            OK(weir_bind(a, "inproc://x"));
            GIVES(talk ? 0 : -EPROTOTYPE, weir_connect(b, "inproc://x"));
            EQUAL(get(a, WEIR_PEERS), talk);
            EQUAL(get(b, WEIR_PEERS), talk);
            OK(weir_close(a));
            OK(weir_close(b));
        }
    }
    OK(weir_context_free(ctx));
}

static void
a_socket_has_several_names(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_socket *push[8];
    char name[32];

    (void)state;
    for (int i = 0; i < 8; i++) {
        push[i] = new_socket(ctx, WEIR_PUSH);
        (void)snprintf(name, sizeof(name), "inproc://%d", i);
        OK(weir_bind(pull, name));
        OK(weir_connect(push[i], name));
    }
    EQUAL(get(pull, WEIR_PEERS), 8);
    /* The names go one by one, from the middle too; connections stay. */
    OK(weir_unbind(pull, "inproc://3"));
    OK(weir_unbind(pull, "inproc://7"));
    OK(weir_unbind(pull, "inproc://0"));
    GIVES(-ECONNREFUSED, weir_connect(push[0], "inproc://3"));
    OK(weir_connect(push[0], "inproc://4"));
    for (int i = 0; i < 8; i++) {
        EQUAL(send_number(push[i], (uint64_t)i, WEIR_DONTWAIT), 0);
        hear_number(pull, (uint64_t)i);
        OK(weir_close(push[i]));
    }
    OK(weir_close(pull));
    OK(weir_context_free(ctx));
}

static void
a_socket_binds_and_connects(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *a = new_socket(ctx, WEIR_PULL);
    weir_socket *b = new_socket(ctx, WEIR_PULL);

    (void)state;
    OK(weir_bind(push, "inproc://push"));
    OK(weir_bind(a, "inproc://a"));
    OK(weir_connect(push, "inproc://a"));
    OK(weir_connect(b, "inproc://push"));
    EQUAL(get(push, WEIR_PEERS), 2);
    say(push, "one");
    say(push, "two");
    hear(a, "one");
    hear(b, "two");
    OK(weir_close(push));
    OK(weir_close(a));
    OK(weir_close(b));
    OK(weir_context_free(ctx));
}

/* Each connect is a connection; disconnect ends the oldest. */
static void
a_name_is_connected_to_more_than_once(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    bool heard[3000] = { false };
    weir_msg msg;

    (void)state;
    OK(weir_connect(l.connected, "inproc://link"));
    OK(weir_connect(l.connected, "inproc://link"));
    EQUAL(get(l.connected, WEIR_PEERS), 3);
    for (uint64_t i = 0; i < 3000; i++)
        EQUAL(send_number(l.connected, i, WEIR_DONTWAIT), 0);
    for (int i = 3; i > 0; i--) {
        EQUAL(get(l.bound, WEIR_PEERS), i);
        OK(weir_disconnect(l.connected, "inproc://link"));
    }
    GIVES(-ENOENT, weir_disconnect(l.connected, "inproc://link"));
    EQUAL(get(l.bound, WEIR_PEERS), 0);
    for (int i = 0; i < 3000; i++) {
        OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
        CHECK(!heard[number_of(&msg)]);
        heard[number_of(&msg)] = true;
    }
    hear_nothing(l.bound);
    close_link(&l);
}

static void
contexts_do_not_see_each_other(void **state)
{
    struct link a = new_link(WEIR_PULL, WEIR_PUSH);
    struct link b = new_link(WEIR_PULL, WEIR_PUSH);
    weir_context *empty = new_context();
    weir_socket *alone = new_socket(empty, WEIR_PUSH);

    (void)state;
    GIVES(-ECONNREFUSED, weir_connect(alone, "inproc://link"));
    say(a.connected, "a");
    say(b.connected, "b");
    hear(a.bound, "a");
    hear(b.bound, "b");
    hear_nothing(a.bound);
    close_link(&a);
    say(b.connected, "b");
    hear(b.bound, "b");
    close_link(&b);
    OK(weir_close(alone));
    OK(weir_context_free(empty));
}

/* What was bound, and connected to, is free at once: nobody's help needed. */
static void
close_frees_names_at_once(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);

    (void)state;
    for (int i = 0; i < 1000; i++) {
        weir_socket *pull = new_socket(ctx, WEIR_PULL);

        OK(weir_bind(pull, "inproc://a"));
        OK(weir_bind(pull, "inproc://b"));
        OK(weir_connect(push, "inproc://b"));
        EQUAL(get(push, WEIR_PEERS), 1);
        EQUAL(send_number(push, (uint64_t)i, WEIR_DONTWAIT), 0);
        hear_number(pull, (uint64_t)i);
        OK(weir_close(pull));
        EQUAL(get(push, WEIR_PEERS), 0);
        GIVES(-ECONNREFUSED, weir_connect(push, "inproc://a"));
        GIVES(-EAGAIN, send_number(push, 0, WEIR_DONTWAIT));
    }
    OK(weir_close(push));
    OK(weir_context_free(ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_endpoints_are_told_apart),
        cmocka_unit_test(names_are_of_1_to_256_bytes_of_any_kind),
        cmocka_unit_test(names_are_compared_whole),
        cmocka_unit_test(a_name_has_one_owner),
        cmocka_unit_test(connecting_needs_a_bound_name),
        cmocka_unit_test(types_that_do_not_talk_do_not_connect),
        cmocka_unit_test(a_socket_has_several_names),
        cmocka_unit_test(a_socket_binds_and_connects),
        cmocka_unit_test(a_name_is_connected_to_more_than_once),
        cmocka_unit_test(contexts_do_not_see_each_other),
        cmocka_unit_test(close_frees_names_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
