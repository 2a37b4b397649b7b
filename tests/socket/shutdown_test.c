/* SPDX-License-Identifier: MPL-2.0 */
/* The end: shutdown wakes and stops everything, a context may be given up with
 * sockets open, and messages outlive both. */
#include <string.h>
#include <unistd.h>

#include "tests/socket/every_call.h"
#include "tests/socket/support.h"

/* Also those that the type does not have. */
static void
all_give_eshutdown(weir_socket *s)
{
    for (const struct any_call *c = every_call; c->name != NULL; c++)
        if (c->part != ALLOCATING)
            check_equal(CALL(c->make(s)), -ESHUTDOWN, c->name, __FILE__,
                        __LINE__);
}

static void
every_call_gives_one_code(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *pair = new_socket(ctx, WEIR_PAIR);
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *pull = new_socket(ctx, WEIR_PULL);
    weir_socket *late = NULL;

    (void)state;
    OK(weir_bind(pull, "inproc://x"));
    OK(weir_connect(push, "inproc://x"));
    say(push, "too late");
    OK(weir_context_shutdown(ctx));
    OK(weir_context_shutdown(ctx));
    for (int i = 0; i < 3; i++) {
        all_give_eshutdown(pair);
        all_give_eshutdown(push);
        all_give_eshutdown(pull);
    }
    GIVES(-ESHUTDOWN, weir_socket_open(ctx, WEIR_PUSH, &late));
    CHECK(late == NULL);
    OK(weir_context_shutdown(ctx));
    OK(weir_close(pair));
    OK(weir_close(push));
    OK(weir_close(pull));
    GIVES(-EBADF, weir_close(pull));
    OK(weir_context_free(ctx));
}

static void
other_contexts_go_on(void **state)
{
    struct link a = new_link(WEIR_PULL, WEIR_PUSH);
    struct link b = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    OK(weir_context_shutdown(a.ctx));
    say(b.connected, "here all is well");
    hear(b.bound, "here all is well");
    close_link(&a);
    close_link(&b);
}

/* A failed call leaves the message, and a span, with the caller. */
static void
nothing_is_taken_after_shutdown(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg *written;
    weir_msg *read;
    weir_msg msg;

    (void)state;
    say(l.connected, "in the pipe");
    GIVES(1, weir_peek(l.bound, 1, &read, 0));
    GIVES(1, weir_reserve(l.connected, 1, &written, 0));
    OK(weir_msg_init_size(&written[0], l.connected, 5000));
    OK(weir_msg_init_size(&msg, l.connected, 5000));
    memset(weir_msg_data(&msg), 'm', 5000);
    OK(weir_context_shutdown(l.ctx));
    GIVES(-ESHUTDOWN, weir_commit(l.connected, 1));
    GIVES(-ESHUTDOWN, weir_release(l.bound, 1));
    all_give_eshutdown(l.connected);
    all_give_eshutdown(l.bound);
    EQUAL(weir_msg_size(&read[0]), 11);
    EQUAL(weir_msg_size(&written[0]), 5000);
    OK(weir_close(l.bound));
    OK(weir_close(l.connected));
    EQUAL(((char *)weir_msg_data(&msg))[4999], 'm');
    OK(weir_msg_drop(&msg));
    OK(weir_context_free(l.ctx));
}

/* ---- Blocked calls ----------------------------------------------------- */

enum blocked { RECV, RECV_BATCH, PEEK, SEND, SEND_BATCH, RESERVE, BLOCKED };

/* A thread that blocks in one of the calls with its own socket. */
struct victim {
    weir_socket *s;
    enum blocked call;
    _Atomic pid_t tid;
    pthread_t thread;
};

static long
block(weir_socket *s, enum blocked call)
{
    weir_msg msgs[2];
    weir_msg *span;

    put_number(&msgs[0], 1, false);
    put_number(&msgs[1], 2, false);
    switch (call) {
    case RECV:
        return weir_recv(s, msgs, 0);
    case RECV_BATCH:
        return weir_recv_batch(s, msgs, 2, 0);
    case PEEK:
        return weir_peek(s, 1, &span, 0);
    case SEND:
        return weir_send(s, msgs, 0);
    case SEND_BATCH:
        return weir_send_batch(s, msgs, 2, 0);
    default:
        return weir_reserve(s, 1, &span, 0);
    }
}

static void *
be_blocked(void *arg)
{
    struct victim *v = arg;

    v->tid = gettid();
    GIVES(-ESHUTDOWN, block(v->s, v->call));
    GIVES(-ESHUTDOWN, block(v->s, v->call));
    OK(weir_close(v->s));
    return NULL;
}

static void
block_victim(struct victim *v, int wait)
{
    set(v->s, WEIR_WAIT, wait);
    v->tid = 0;
    v->thread = start(be_blocked, v);
    while (v->tid == 0)
        ;
    /* The others do not sleep; they end alike, blocked or not. */
    if (wait == WEIR_WAIT_ADAPTIVE || wait == WEIR_WAIT_PARK)
        await_sleep(v->tid);
}

/* Both ends of six connections, blocked in each of the calls. */
static void
wake_all(int wait, int (*end)(weir_context *))
{
    weir_context *ctx = new_context();
    struct victim victims[2 * BLOCKED];

    for (int i = 0; i < 2 * BLOCKED; i++) {
        struct victim *v = &victims[i];

        v->call = (enum blocked)(i / 2);
        v->s = new_socket(ctx, WEIR_PAIR);
        if (i % 2 == 0)
            OK(weir_bind(v->s, "inproc://pair"));
        else
            OK(weir_connect(v->s, "inproc://pair"));
        if (v->call >= SEND && i % 2 != 0)
            EQUAL(fill(v->s, 0), 2000);
        if (i % 2 != 0)
            OK(weir_unbind(victims[i - 1].s, "inproc://pair"));
    }
    for (int i = 0; i < 2 * BLOCKED; i++)
        if (victims[i].call >= SEND && i % 2 == 0)
            EQUAL(fill(victims[i].s, 0), 2000);
    for (int i = 0; i < 2 * BLOCKED; i++)
        block_victim(&victims[i], wait);
    OK(end(ctx));
    for (int i = 0; i < 2 * BLOCKED; i++)
        finish(victims[i].thread);
    if (end == weir_context_shutdown)
        OK(weir_context_free(ctx));
}

static void
shutdown_wakes_blocked_calls(void **state)
{
    (void)state;
    for (int wait = WEIR_WAIT_ADAPTIVE; wait <= WEIR_WAIT_PARK; wait++)
        wake_all(wait, weir_context_shutdown);
}

static void
freeing_the_context_wakes_blocked_calls(void **state)
{
    (void)state;
    for (int wait = WEIR_WAIT_ADAPTIVE; wait <= WEIR_WAIT_PARK; wait++)
        wake_all(wait, weir_context_free);
}

/* Types that wait in ways of their own. */
static void
subscribers_and_publishers_wake_up_too(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *sub = new_socket(ctx, WEIR_SUB);
    struct victim victims[] = {
        { .s = new_socket(ctx, WEIR_SUB), .call = RECV },
        { .s = new_socket(ctx, WEIR_SUB), .call = RECV_BATCH },
        { .s = new_socket(ctx, WEIR_XSUB), .call = RECV },
        { .s = new_socket(ctx, WEIR_XPUB), .call = RECV },
        { .s = new_socket(ctx, WEIR_XPUB), .call = RECV_BATCH },
        { .s = new_socket(ctx, WEIR_PUB), .call = SEND },
    };

    (void)state;
    OK(weir_bind(victims[5].s, "inproc://pub"));
    OK(weir_connect(sub, "inproc://pub"));
    OK(weir_socket_set_bytes(sub, WEIR_SUBSCRIBE, NULL, 0));
    set(victims[5].s, WEIR_XPUB_NODROP, 1);
    EQUAL(fill(victims[5].s, 0), 2000);
    for (int i = 0; i < 6; i++)
        block_victim(&victims[i], WEIR_WAIT_PARK);
    OK(weir_context_shutdown(ctx));
    for (int i = 0; i < 6; i++)
        finish(victims[i].thread);
    OK(weir_close(sub));
    OK(weir_context_free(ctx));
}

/* ---- Lives ------------------------------------------------------------- */

static void
sockets_outlive_their_context(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);

    (void)state;
    say(l.connected, "lost");
    OK(weir_context_free(l.ctx));
    all_give_eshutdown(l.connected);
    all_give_eshutdown(l.bound);
    OK(weir_close(l.connected));
    OK(weir_close(l.bound));
}

static void
count_free(void *data, void *hint)
{
    (void)data;
    ++*(_Atomic int *)hint;
}

/* Messages of each kind, and what is in them. */
struct kept {
    weir_msg msgs[5];
    _Atomic int freed;
    char bytes[100];
};

static const size_t kept_sizes[5] = { 8, 56, 1000, 2 << 20, 100 };

static void *
drop_kept(void *arg)
{
    struct kept *k = arg;

    for (int i = 0; i < 5; i++) {
        char *data = weir_msg_data(&k->msgs[i]);

        EQUAL(weir_msg_size(&k->msgs[i]), kept_sizes[i]);
        EQUAL(data[0], 'a' + i);
        EQUAL(data[kept_sizes[i] - 1], 'a' + i);
    }
    EQUAL(k->freed, 0);
    OK(weir_msg_drop_batch(k->msgs, 5));
    EQUAL(k->freed, 1);
    return NULL;
}

static void
make_kept(struct kept *k, weir_socket *s)
{
    for (int i = 0; i < 4; i++)
        OK(weir_msg_init_size(&k->msgs[i], s, kept_sizes[i]));
    OK(weir_msg_init_external(&k->msgs[4], k->bytes, 100, count_free,
                              &k->freed));
    for (int i = 0; i < 5; i++)
        memset(weir_msg_data(&k->msgs[i]), 'a' + i, kept_sizes[i]);
}

static void
messages_outlive_sockets_and_context(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    struct kept sent = { .freed = 0 };
    struct kept unsent = { .freed = 0 };

    (void)state;
    make_kept(&sent, l.connected);
    make_kept(&unsent, l.connected);
    GIVES(5, weir_send_batch(l.connected, sent.msgs, 5, 0));
    GIVES(5, weir_recv_batch(l.bound, sent.msgs, 5, 0));
    close_link(&l);
    elsewhere(drop_kept, &sent);
    drop_kept(&unsent);
}

/* What nobody received is dropped, once, and not before all is closed. */
static void
messages_in_a_pipe_are_dropped_once(void **state)
{
    for (int first = 0; first < 2; first++) {
        struct link l = new_link(WEIR_PULL, WEIR_PUSH);
        struct kept k = { .freed = 0 };

        (void)state;
        make_kept(&k, l.connected);
        GIVES(5, weir_send_batch(l.connected, k.msgs, 5, 0));
        OK(weir_context_free(l.ctx));
        EQUAL(k.freed, 0);
        OK(weir_close(first == 0 ? l.connected : l.bound));
        OK(weir_close(first == 0 ? l.bound : l.connected));
        EQUAL(k.freed, 1);
    }
}

static void
messages_that_wait_for_a_name_are_dropped_once(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    struct kept k = { .freed = 0 };

    (void)state;
    set(push, WEIR_PENDING_CONNECT, 1);
    OK(weir_connect(push, "inproc://nobody"));
    make_kept(&k, push);
    GIVES(5, weir_send_batch(push, k.msgs, 5, 0));
    OK(weir_close(push));
    EQUAL(k.freed, 0);
    OK(weir_context_free(ctx));
    EQUAL(k.freed, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_gives_one_code),
        cmocka_unit_test(other_contexts_go_on),
        cmocka_unit_test(nothing_is_taken_after_shutdown),
        cmocka_unit_test(shutdown_wakes_blocked_calls),
        cmocka_unit_test(subscribers_and_publishers_wake_up_too),
        cmocka_unit_test(freeing_the_context_wakes_blocked_calls),
        cmocka_unit_test(sockets_outlive_their_context),
        cmocka_unit_test(messages_outlive_sockets_and_context),
        cmocka_unit_test(messages_in_a_pipe_are_dropped_once),
        cmocka_unit_test(messages_that_wait_for_a_name_are_dropped_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
