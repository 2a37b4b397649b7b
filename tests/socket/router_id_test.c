/* SPDX-License-Identifier: MPL-2.0 */
/* The ids under which a ROUTER knows its peers: given, made, chosen for a
 * connection, taken twice, taken over. */
#include <stdio.h>
#include <string.h>

#include "tests/socket/support.h"

/* A DEALER of that id, or of none, that has connected to l's ROUTER. */
static weir_socket *
new_dealer(struct link *l, const char *id)
{
    weir_socket *s = new_socket(l->ctx, WEIR_DEALER);

    if (id != NULL)
        name_socket(s, id);
    OK(weir_connect(s, "inproc://link"));
    return s;
}

/* A ROUTER without peers. */
static struct link
new_router(void)
{
    struct link l = { .ctx = new_context() };

    l.bound = new_socket(l.ctx, WEIR_ROUTER);
    OK(weir_bind(l.bound, "inproc://link"));
    return l;
}

static void
close_router(struct link *l)
{
    OK(weir_close(l->bound));
    OK(weir_context_free(l->ctx));
}

static int
try_reach(weir_socket *router, const char *id)
{
    int rc = try_say(router, id, true);

    if (rc == 0)
        say(router, "hello");
    return rc;
}

static void
ids_are_given(void **state)
{
    struct link l = new_router();
    weir_socket *a = new_dealer(&l, "a");
    weir_socket *b = new_dealer(&l, "bb");

    (void)state;
    set(l.bound, WEIR_ROUTER_MANDATORY, 1);
    say(b, "from b");
    say(a, "from a");
    for (int i = 0; i < 2; i++) {
        weir_msg id, body;

        OK(weir_recv(l.bound, &id, WEIR_DONTWAIT));
        CHECK(weir_msg_more(&id));
        EQUAL(get(l.bound, WEIR_MORE), 1);
        OK(weir_recv(l.bound, &body, WEIR_DONTWAIT));
        EQUAL(get(l.bound, WEIR_MORE), 0);
        EQUAL(*(const char *)weir_msg_bytes(&id),
              ((const char *)weir_msg_bytes(&body))[5]);
    }
    EQUAL(try_reach(l.bound, "a"), 0);
    EQUAL(try_reach(l.bound, "bb"), 0);
    EQUAL(try_reach(l.bound, "b"), -EHOSTUNREACH);
    EQUAL(try_reach(l.bound, ""), -EHOSTUNREACH);
    hear(a, "hello");
    hear(b, "hello");
    hear_nothing(a);
    OK(weir_close(a));
    OK(weir_close(b));
    close_router(&l);
}

static void
ids_are_made(void **state)
{
    enum { n = 5 };
    struct link l = new_router();
    weir_socket *peers[n];
    weir_msg ids[n];

    (void)state;
    for (int i = 0; i < n; i++) {
        peers[i] = new_dealer(&l, NULL);
        say(peers[i], "hello");
        OK(weir_recv(l.bound, &ids[i], WEIR_DONTWAIT));
        hear(l.bound, "hello");
        EQUAL(weir_msg_size(&ids[i]), 5);
        EQUAL(*(const char *)weir_msg_bytes(&ids[i]), 0);
        for (int j = 0; j < i; j++)
            CHECK(memcmp(weir_msg_bytes(&ids[i]), weir_msg_bytes(&ids[j]), 5) !=
                  0);
    }
    for (int i = 0; i < n; i++) {
        OK(weir_send(l.bound, &ids[i], WEIR_DONTWAIT));
        OK(send_number(l.bound, (uint64_t)i, WEIR_DONTWAIT));
        hear_number(peers[i], (uint64_t)i);
        OK(weir_close(peers[i]));
    }
    close_router(&l);
}

/* Every length, with every byte, also the 57 that no longer fit inside. */
static void
ids_of_any_length(void **state)
{
    unsigned char id[255];
    struct link l = new_router();

    (void)state;
    set(l.bound, WEIR_ROUTER_MANDATORY, 1);
    for (size_t size = 1; size <= sizeof(id); size++) {
        weir_socket *s = new_socket(l.ctx, WEIR_DEALER);
        weir_msg msg;

        memset(id, (int)size, size);
        OK(weir_socket_set_bytes(s, WEIR_ROUTING_ID, id, size));
        OK(weir_connect(s, "inproc://link"));
        say(s, "hello");
        OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
        EQUAL(weir_msg_size(&msg), size);
        CHECK(memcmp(weir_msg_bytes(&msg), id, size) == 0);
        hear(l.bound, "hello");
        OK(weir_send(l.bound, &msg, WEIR_DONTWAIT));
        say(l.bound, "hello yourself");
        hear(s, "hello yourself");
        OK(weir_close(s));
    }
    close_router(&l);
}

/* ---- Chosen for a connection ------------------------------------------- */

static void
choose(weir_socket *s, const char *id)
{
    OK(weir_socket_set_bytes(s, WEIR_CONNECT_ROUTING_ID, id, strlen(id)));
}

static void
an_id_for_the_next_connection(void **state)
{
    struct link l = { .ctx = new_context() };
    weir_socket *a = new_socket(l.ctx, WEIR_DEALER);
    weir_socket *b = new_socket(l.ctx, WEIR_DEALER);

    (void)state;
    l.bound = new_socket(l.ctx, WEIR_ROUTER);
    set(l.bound, WEIR_ROUTER_MANDATORY, 1);
    name_socket(a, "its own");
    OK(weir_bind(a, "inproc://a"));
    OK(weir_bind(b, "inproc://b"));
    choose(l.bound, "not this");
    choose(l.bound, "chosen");
    OK(weir_connect(l.bound, "inproc://a"));
    OK(weir_connect(l.bound, "inproc://b"));
    EQUAL(try_reach(l.bound, "its own"), -EHOSTUNREACH);
    EQUAL(try_reach(l.bound, "not this"), -EHOSTUNREACH);
    EQUAL(try_reach(l.bound, "chosen"), 0);
    hear(a, "hello");
    hear_nothing(b);
    say(a, "from a");
    hear_all(l.bound, TEXTS("chosen", "from a"));
    OK(weir_close(a));
    OK(weir_close(b));
    close_router(&l);
}

/* The failed connect has left nothing behind, and may be made again. */
static void
a_chosen_id_may_be_taken(void **state)
{
    struct link l = new_router();
    weir_socket *a = new_dealer(&l, "taken");
    weir_socket *b = new_socket(l.ctx, WEIR_DEALER);

    (void)state;
    OK(weir_bind(b, "inproc://b"));
    choose(l.bound, "taken");
    for (int i = 0; i < 3; i++) {
        GIVES(-EADDRINUSE, weir_connect(l.bound, "inproc://b"));
        EQUAL(get(l.bound, WEIR_PEERS), 1);
        EQUAL(get(b, WEIR_PEERS), 0);
        GIVES(-ENOENT, weir_disconnect(l.bound, "inproc://b"));
    }
    set(l.bound, WEIR_PENDING_CONNECT, 1);
    GIVES(-EADDRINUSE, weir_connect(l.bound, "inproc://nobody"));
    OK(weir_close(a));
    OK(weir_connect(l.bound, "inproc://b"));
    EQUAL(try_reach(l.bound, "taken"), 0);
    hear(b, "hello");
    OK(weir_close(b));
    close_router(&l);
}

/* Known before anybody is there. */
static void
a_chosen_id_of_a_peer_to_come(void **state)
{
    weir_context *ctx = new_context();
    struct link l = { .ctx = ctx, .bound = new_socket(ctx, WEIR_ROUTER) };
    weir_socket *a;

    (void)state;
    set(l.bound, WEIR_ROUTER_MANDATORY, 1);
    set(l.bound, WEIR_PENDING_CONNECT, 1);
    choose(l.bound, "later");
    OK(weir_connect(l.bound, "inproc://later"));
    EQUAL(try_reach(l.bound, "later"), 0);
    a = new_socket(ctx, WEIR_DEALER);
    name_socket(a, "otherwise");
    OK(weir_bind(a, "inproc://later"));
    hear(a, "hello");
    say(a, "here");
    hear_all(l.bound, TEXTS("later", "here"));
    OK(weir_close(a));
    EQUAL(try_reach(l.bound, "later"), -EHOSTUNREACH);
    close_router(&l);
}

static void
the_id_of_a_peer_to_come(void **state)
{
    weir_context *ctx = new_context();
    struct link l = { .ctx = ctx, .bound = new_socket(ctx, WEIR_ROUTER) };
    weir_socket *a = new_socket(ctx, WEIR_DEALER);

    (void)state;
    set(l.bound, WEIR_ROUTER_MANDATORY, 1);
    set(l.bound, WEIR_PENDING_CONNECT, 1);
    OK(weir_connect(l.bound, "inproc://later"));
    EQUAL(try_reach(l.bound, "a"), -EHOSTUNREACH);
    name_socket(a, "a");
    OK(weir_bind(a, "inproc://later"));
    EQUAL(try_reach(l.bound, "a"), 0);
    hear(a, "hello");
    OK(weir_close(a));
    close_router(&l);
}

/* ---- The same id twice ------------------------------------------------- */

static void
a_second_peer_is_not_heard(void **state)
{
    struct link l = new_router();
    weir_socket *old = new_dealer(&l, "same");
    weir_socket *new = new_dealer(&l, "same");

    (void)state;
    say(new, "lost");
    say(old, "heard");
    hear_all(l.bound, TEXTS("same", "heard"));
    hear_nothing(l.bound);
    EQUAL(try_reach(l.bound, "same"), 0);
    hear(old, "hello");
    hear_nothing(new);
    /* Once the old one has gone, the new one has the id. */
    OK(weir_close(old));
    EQUAL(try_reach(l.bound, "same"), 0);
    hear_nothing(new);
    say(new, "at last");
    hear_all(l.bound, TEXTS("same", "at last"));
    EQUAL(try_reach(l.bound, "same"), 0);
    hear(new, "hello");
    OK(weir_close(new));
    close_router(&l);
}

static void
a_second_peer_takes_over(void **state)
{
    struct link l = new_router();
    weir_socket *old = new_dealer(&l, "same");
    weir_socket *new;

    (void)state;
    set(l.bound, WEIR_ROUTER_HANDOVER, 1);
    set(l.bound, WEIR_ROUTER_MANDATORY, 1);
    say(old, "one");
    hear_all(l.bound, TEXTS("same", "one"));
    EQUAL(try_say(l.bound, "same", true), 0); /* to the old one */
    say(old, "two");
    new = new_dealer(&l, "same");
    say(new, "three");
    say(l.bound, "goes to nobody");
    EQUAL(try_reach(l.bound, "same"), 0);
    hear(new, "hello");
    hear_nothing(old);
    EQUAL(get(old, WEIR_PEERS), 0);
    /* What the old one had sent is heard, under another name. */
    for (int i = 0; i < 2; i++) {
        weir_msg id;

        OK(weir_recv(l.bound, &id, WEIR_DONTWAIT));
        hear(l.bound, weir_msg_size(&id) == 4 ? "three" : "two");
    }
    hear_nothing(l.bound);
    EQUAL(get(l.bound, WEIR_PEERS), 1);
    OK(weir_close(old));
    OK(weir_close(new));
    close_router(&l);
}

static void
an_id_is_free_when_its_peer_has_gone(void **state)
{
    struct link l = new_router();

    (void)state;
    for (int i = 0; i < 20; i++) {
        weir_socket *s = new_dealer(&l, "same");

        say(s, "a");
        say(s, "b");
        if (i % 2 != 0)
            hear_all(l.bound, TEXTS("same", "a"));
        OK(weir_close(s));
        /* Messages of the last one may still be there. */
        if (i % 2 == 0)
            hear_all(l.bound, TEXTS("same", "a"));
        hear_all(l.bound, TEXTS("same", "b"));
    }
    close_router(&l);
}

static void
the_table_grows(void **state)
{
    enum { n = 3000 };
    static weir_socket *peers[n];
    struct link l = new_router();
    char id[32];

    (void)state;
    set(l.bound, WEIR_ROUTER_MANDATORY, 1);
    for (int i = 0; i < n; i++) {
        (void)snprintf(id, sizeof(id), "peer %d", i);
        peers[i] = new_dealer(&l, id);
    }
    for (int i = 0; i < n; i += 3)
        OK(weir_close(peers[i]));
    for (int i = 0; i < n; i++) {
        (void)snprintf(id, sizeof(id), "peer %d", i);
        EQUAL(try_reach(l.bound, id), i % 3 == 0 ? -EHOSTUNREACH : 0);
        if (i % 3 == 0)
            continue;
        hear(peers[i], "hello");
        say(peers[i], "I am here");
        hear_all(l.bound, TEXTS(id, "I am here"));
        OK(weir_close(peers[i]));
    }
    EQUAL(get(l.bound, WEIR_PEERS), 0);
    close_router(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_given),
        cmocka_unit_test(ids_are_made),
        cmocka_unit_test(ids_of_any_length),
        cmocka_unit_test(an_id_for_the_next_connection),
        cmocka_unit_test(a_chosen_id_may_be_taken),
        cmocka_unit_test(a_chosen_id_of_a_peer_to_come),
        cmocka_unit_test(the_id_of_a_peer_to_come),
        cmocka_unit_test(a_second_peer_is_not_heard),
        cmocka_unit_test(a_second_peer_takes_over),
        cmocka_unit_test(an_id_is_free_when_its_peer_has_gone),
        cmocka_unit_test(the_table_grows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
