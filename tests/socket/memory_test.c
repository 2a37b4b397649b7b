/* SPDX-License-Identifier: MPL-2.0 */
/* Resident memory, each measured in a process of its own: idle connections are
 * small, and nothing grows with what has come and gone. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/socket/support.h"

/* Runs body in a child, so that nobody else's memory is in the figures. */
static void
alone(void (*body)(void))
{
    int status = -1;
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        body();
        _exit(0);
    }
    EQUAL(waitpid(child, &status, 0), child);
    EQUAL(status, 0);
}

/* A sanitizer's own memory is in the figure, and not ours. */
static void
check_growth(const char *what, long bytes, long most)
{
    fprintf(stderr, "%s: %ld bytes, at most %ld\n", what, bytes, most);
    CHECK(SANITIZED || bytes <= most);
}

/* ---- Idle connections -------------------------------------------------- */

#define PAIRS 1000

static weir_socket *push[PAIRS];
static weir_socket *pull[PAIRS];

static void
connect_pairs(weir_context *ctx, int first, int n)
{
    char name[32];

    for (int i = first; i < first + n; i++) {
        (void)snprintf(name, sizeof(name), "inproc://%d", i);
        push[i] = new_socket(ctx, WEIR_PUSH);
        pull[i] = new_socket(ctx, WEIR_PULL);
        OK(weir_bind(pull[i], name));
        OK(weir_connect(push[i], name));
        EQUAL(send_number(push[i], 1, WEIR_DONTWAIT), 0);
        hear_number(pull[i], 1);
        hear_nothing(pull[i]);
    }
}

static void
measure_pairs(void)
{
    weir_context *ctx = new_context();
    long before;

    connect_pairs(ctx, 0, 10);
    before = resident();
    connect_pairs(ctx, 10, PAIRS - 10);
    check_growth("an idle connected pair", (resident() - before) / (PAIRS - 10),
                 33 << 10);
    for (int i = 0; i < PAIRS; i++) {
        OK(weir_close(push[i]));
        OK(weir_close(pull[i]));
    }
    OK(weir_context_free(ctx));
}

static void
an_idle_pair_is_small(void **state)
{
    (void)state;
    alone(measure_pairs);
}

/* ---- What comes and goes ----------------------------------------------- */

/* Ten thousand of them before the first look, and many more after it. */
static void
measure_cycles(const char *what, int n, void (*cycle)(void *), void *arg)
{
    long before;

    for (int i = 0; i < n / 10; i++)
        cycle(arg);
    before = resident();
    for (int i = 0; i < n; i++)
        cycle(arg);
    check_growth(what, resident() - before, 256 << 10);
}

struct target {
    weir_context *ctx;
    int type;
    bool early;
    bool disconnect;
};

static void
connect_and_close(void *arg)
{
    struct target *t = arg;
    weir_socket *s = new_socket(t->ctx, t->type);

    set(s, WEIR_PENDING_CONNECT, t->early);
    OK(weir_connect(s, t->early ? "inproc://nobody" : "inproc://target"));
    if (t->disconnect)
        OK(weir_disconnect(s,
                           t->early ? "inproc://nobody" : "inproc://target"));
    OK(weir_close(s));
}

/* A socket that has bound, and makes no call after that. */
static void
measure_idle_target(int bound_type, int type)
{
    struct target t = { .ctx = new_context(), .type = type };
    weir_socket *bound = new_socket(t.ctx, bound_type);

    OK(weir_bind(bound, "inproc://target"));
    measure_cycles("connect and close", SCALED(100000), connect_and_close, &t);
    t.disconnect = true;
    measure_cycles("and disconnect", SCALED(10000), connect_and_close, &t);
    EQUAL(get(bound, WEIR_PEERS), 0);
    OK(weir_close(bound));
    OK(weir_context_free(t.ctx));
}

static void
measure_idle_pull(void)
{
    measure_idle_target(WEIR_PULL, WEIR_PUSH);
}

static void
measure_idle_push(void)
{
    measure_idle_target(WEIR_PUSH, WEIR_PULL);
}

static void
measure_idle_pair(void)
{
    measure_idle_target(WEIR_PAIR, WEIR_PAIR);
}

static void
measure_nobody(void)
{
    struct target t = { new_context(), WEIR_PUSH, true, false };

    measure_cycles("connect to nobody", SCALED(100000), connect_and_close, &t);
    t.type = WEIR_PAIR;
    t.disconnect = true;
    measure_cycles("and disconnect", SCALED(10000), connect_and_close, &t);
    OK(weir_context_free(t.ctx));
}

static void
connections_leave_nothing_behind(void **state)
{
    (void)state;
    alone(measure_idle_pull);
    alone(measure_idle_push);
    alone(measure_idle_pair);
    alone(measure_nobody);
}

/* Their subscriptions end with them, where no user is told of them: nobody has
 * bound, or a PUB that makes no calls; and where it makes some. */
static void
subscribe_and_close(void *arg)
{
    struct target *t = arg;
    weir_socket *s = new_socket(t->ctx, WEIR_SUB);

    set(s, WEIR_PENDING_CONNECT, 1);
    OK(weir_socket_set_bytes(s, WEIR_SUBSCRIBE, "topic", 5));
    OK(weir_connect(s, t->early ? "inproc://nobody" : "inproc://target"));
    OK(weir_socket_set_bytes(s, WEIR_SUBSCRIBE, &s, sizeof(s)));
    OK(weir_close(s));
}

struct visited {
    struct target target;
    weir_socket *pub;
};

static void
visit(void *arg)
{
    struct visited *v = arg;
    weir_socket *s = new_socket(v->target.ctx, WEIR_SUB);
    weir_msg msg;

    OK(weir_socket_set_bytes(s, WEIR_SUBSCRIBE, NULL, 0));
    OK(weir_connect(s, "inproc://target"));
    OK(weir_socket_set_bytes(s, WEIR_SUBSCRIBE, &s, sizeof(s)));
    OK(send_number(v->pub, 1, 0));
    hear_number(s, 1);
    OK(weir_msg_init_size(&msg, v->pub, 1000));
    OK(weir_send(v->pub, &msg, 0));
    OK(weir_close(s));
    if (get(v->pub, WEIR_TYPE) == WEIR_XPUB)
        while (CALL(weir_recv(v->pub, &msg, WEIR_DONTWAIT)) == 0)
            OK(weir_msg_drop(&msg));
}

static void
measure_subscribers(void)
{
    struct visited v = { { .ctx = new_context(), .early = true }, NULL };

    measure_cycles("subscribe to nobody", SCALED(20000), subscribe_and_close,
                   &v.target);
    v.pub = new_socket(v.target.ctx, WEIR_PUB);
    OK(weir_bind(v.pub, "inproc://target"));
    v.target.early = false;
    measure_cycles("subscribe to an idle one", SCALED(20000),
                   subscribe_and_close, &v.target);
    measure_cycles("visit a publisher", SCALED(20000), visit, &v);
    OK(weir_close(v.pub));
    v.pub = new_socket(v.target.ctx, WEIR_XPUB);
    OK(weir_bind(v.pub, "inproc://target"));
    measure_cycles("visit an XPUB", SCALED(20000), visit, &v);
    OK(weir_close(v.pub));
    OK(weir_context_free(v.target.ctx));
}

static void
subscribers_leave_nothing_behind(void **state)
{
    (void)state;
    alone(measure_subscribers);
}

/* The same socket, again and again, with messages that are received. */
static void
reconnect(void *arg)
{
    struct link *l = arg;

    OK(weir_connect(l->connected, "inproc://link"));
    EQUAL(send_number(l->connected, 1, WEIR_DONTWAIT), 0);
    OK(weir_disconnect(l->connected, "inproc://link"));
    hear_number(l->bound, 1);
    OK(weir_unbind(l->bound, "inproc://link"));
    OK(weir_bind(l->bound, "inproc://link"));
}

static void
measure_reconnecting(void)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    OK(weir_disconnect(l.connected, "inproc://link"));
    measure_cycles("reconnecting", SCALED(50000), reconnect, &l);
    close_link(&l);
}

static void
reconnecting_leaves_nothing_behind(void **state)
{
    (void)state;
    alone(measure_reconnecting);
}

/* A whole life, with messages of every kind, some of them never received. */
static void
live_a_life(void *arg)
{
    static const size_t sizes[] = { 8, 100, 4096, 70000, 2 << 20 };
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msg;

    (void)arg;
    for (int i = 0; i < 20; i++) {
        OK(weir_msg_init_size(&msg, l.connected, sizes[i % 5]));
        weir_msg_set_more(&msg, i % 4 != 3);
        OK(weir_send(l.connected, &msg, WEIR_DONTWAIT));
    }
    for (int i = 0; i < 12; i++) {
        OK(weir_recv(l.bound, &msg, WEIR_DONTWAIT));
        OK(weir_msg_drop(&msg));
    }
    close_link(&l);
}

static void
measure_lives(void)
{
    measure_cycles("a context's life", SCALED(1000), live_a_life, NULL);
}

static void
contexts_leave_nothing_behind(void **state)
{
    (void)state;
    alone(measure_lives);
}

/* A hundred thousand messages waited; when they are gone, so is their room, but
 * for what one connection keeps. */
static void
flood(void *arg)
{
    struct link *l = arg;

    for (uint64_t i = 0; i < SCALED(100000); i++)
        EQUAL(send_number(l->connected, i, WEIR_DONTWAIT), 0);
    EQUAL(drain(l->bound, 0), SCALED(100000));
}

static void
measure_floods(void)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    set(l.connected, WEIR_SEND_HWM, 0);
    measure_cycles("a flood that has gone", 200, flood, &l);
    close_link(&l);
}

static void
floods_leave_nothing_behind(void **state)
{
    (void)state;
    alone(measure_floods);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_pair_is_small),
        cmocka_unit_test(connections_leave_nothing_behind),
        cmocka_unit_test(subscribers_leave_nothing_behind),
        cmocka_unit_test(reconnecting_leaves_nothing_behind),
        cmocka_unit_test(contexts_leave_nothing_behind),
        cmocka_unit_test(floods_leave_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
