/* SPDX-License-Identifier: MPL-2.0 */
/* External and shared messages: freed once, by who drops the last of them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/socket/support.h"

/* Bytes of the caller's, and what became of them. */
struct external {
    char bytes[64];
    _Atomic int freed;
    _Atomic pid_t freed_by;
};

static void
note_free(void *data, void *hint)
{
    struct external *e = hint;

    CHECK(data == e->bytes);
    e->freed++;
    e->freed_by = gettid();
}

static void
make_external(weir_msg *msg, struct external *e)
{
    memset(e, 0, sizeof(*e));
    (void)strcpy(e->bytes, "external");
    OK(weir_msg_init_external(msg, e->bytes, sizeof(e->bytes), note_free, e));
    CHECK(weir_msg_data(msg) == e->bytes);
    EQUAL(weir_msg_size(msg), sizeof(e->bytes));
}

static void *
drop_it(void *msg)
{
    OK(weir_msg_drop(msg));
    return NULL;
}

static void
external_bytes_are_handed_over_as_they_are(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    struct external e;
    weir_msg msg;

    (void)state;
    for (int i = 0; i < 300; i++) {
        make_external(&msg, &e);
        OK(weir_send(l.connected, &msg, 0));
        OK(weir_msg_drop(&msg)); /* it is empty */
        EQUAL(e.freed, 0);
        OK(weir_recv(l.bound, &msg, 0));
        CHECK(weir_msg_bytes(&msg) == e.bytes);
        EQUAL(weir_msg_size(&msg), sizeof(e.bytes));
        EQUAL(e.freed, 0);
        OK(weir_msg_drop(&msg));
        EQUAL(e.freed, 1);
        EQUAL(e.freed_by, gettid());
        OK(weir_msg_drop(&msg));
        EQUAL(e.freed, 1);
    }
    close_link(&l);
}

static void
the_last_to_drop_frees(void **state)
{
    struct external e;
    weir_msg msg;

    (void)state;
    make_external(&msg, &e);
    elsewhere(drop_it, &msg);
    EQUAL(e.freed, 1);
    CHECK(e.freed_by != gettid());
}

static void
external_bytes_need_no_free_function(void **state)
{
    static char forever[100] = "for ever";
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    weir_msg msg;
    weir_msg copy;

    (void)state;
    OK(weir_msg_init_external(&msg, forever, sizeof(forever), NULL, NULL));
    CHECK(!weir_msg_shared(&msg));
    OK(weir_msg_share(&copy, &msg));
    CHECK(weir_msg_shared(&msg) && weir_msg_shared(&copy));
    OK(weir_send(l.connected, &msg, 0));
    OK(weir_recv(l.bound, &msg, 0));
    CHECK(weir_msg_bytes(&msg) == forever);
    OK(weir_msg_drop(&msg));
    CHECK(weir_msg_bytes(&copy) == forever);
    OK(weir_msg_drop(&copy));
    close_link(&l);
}

/* Every place where the library drops a message itself. */
static void
dropped_messages_are_freed_once(void **state)
{
    struct link l = new_link(WEIR_PULL, WEIR_PUSH);
    struct external e[8];
    weir_msg msgs[8];
    weir_msg *span;

    (void)state;
    for (int i = 0; i < 8; i++)
        make_external(&msgs[i], &e[i]);
    GIVES(4, weir_send_batch(l.connected, msgs, 4, 0));
    GIVES(3, weir_peek(l.bound, 3, &span, 0));
    OK(weir_release(l.bound, 1)); /* 0: released */
    EQUAL(e[0].freed, 1);
    EQUAL(e[1].freed + e[2].freed + e[3].freed, 0);
    GIVES(2, weir_reserve(l.connected, 2, &span, 0));
    OK(weir_msg_move(&span[0], &msgs[4]));
    OK(weir_msg_move(&span[1], &msgs[5]));
    OK(weir_commit(l.connected, 1)); /* 5: not committed */
    EQUAL(e[4].freed, 0);
    EQUAL(e[5].freed, 1);
    weir_msg_set_more(&msgs[6], true);
    OK(weir_send(l.connected, &msgs[6], 0)); /* 6: never finished */
    GIVES(2, weir_peek(l.bound, 2, &span, 0));
    OK(weir_msg_move(&msgs[0], &span[1])); /* 2: moved out */
    OK(weir_close(l.connected));
    EQUAL(e[6].freed, 1);
    OK(weir_close(l.bound)); /* 1, 3, 4: never received */
    OK(weir_context_free(l.ctx));
    EQUAL(e[1].freed + e[3].freed + e[4].freed, 3);
    EQUAL(e[2].freed, 0);
    OK(weir_msg_drop_batch(msgs, 8)); /* 2, 7 */
    for (int i = 0; i < 8; i++)
        EQUAL(e[i].freed, 1);
}

/* ---- Shared ------------------------------------------------------------ */

static void
inline_messages_are_copied(void **state)
{
    weir_msg a;
    weir_msg b;

    (void)state;
    put_number(&a, 1, false);
    OK(weir_msg_share(&b, &a));
    CHECK(!weir_msg_shared(&a) && !weir_msg_shared(&b));
    put_number(&a, 2, false);
    EQUAL(number_of(&b), 1);
    GIVES(-EINVAL, weir_msg_share(&a, &a));
}

static void
shared_messages_have_the_same_bytes(void **state)
{
    static const size_t sizes[] = { 57, 4096, (1 << 20) + 1 };
    weir_context *ctx = new_context();
    weir_socket *s = new_socket(ctx, WEIR_PUSH);
    weir_msg msgs[100];

    (void)state;
    for (int i = 0; i < 3; i++) {
        OK(weir_msg_init_size(&msgs[0], s, sizes[i]));
        memset(weir_msg_data(&msgs[0]), 'a' + i, sizes[i]);
        weir_msg_set_more(&msgs[0], true);
        for (int j = 1; j < 100; j++) {
            OK(weir_msg_share(&msgs[j], &msgs[j / 2]));
            CHECK(weir_msg_bytes(&msgs[j]) == weir_msg_bytes(&msgs[0]));
            EQUAL(weir_msg_size(&msgs[j]), sizes[i]);
            CHECK(weir_msg_more(&msgs[j]));
        }
        for (int j = 0; j < 100; j++) {
            const char *bytes = weir_msg_bytes(&msgs[j]);

            EQUAL(bytes[0], 'a' + i);
            EQUAL(bytes[sizes[i] - 1], 'a' + i);
            OK(weir_msg_drop(&msgs[j]));
        }
    }
    OK(weir_close(s));
    OK(weir_context_free(ctx));
}

/* One message to many peers: all read the same bytes, the last drop frees. */
static void
a_fan_out_is_freed_once(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *push = new_socket(ctx, WEIR_PUSH);
    weir_socket *pull[10];
    struct external e;
    weir_msg msg;
    weir_msg copy;

    (void)state;
    OK(weir_bind(push, "inproc://x"));
    for (int i = 0; i < 10; i++) {
        pull[i] = new_socket(ctx, WEIR_PULL);
        OK(weir_connect(pull[i], "inproc://x"));
    }
    make_external(&msg, &e);
    for (int i = 0; i < 9; i++) {
        OK(weir_msg_share(&copy, &msg));
        OK(weir_send(push, &copy, 0));
    }
    OK(weir_send(push, &msg, 0));
    for (int i = 0; i < 10; i++) {
        EQUAL(e.freed, 0);
        if (i % 2 == 0) {
            OK(weir_recv(pull[i], &msg, 0));
            CHECK(weir_msg_bytes(&msg) == e.bytes);
            OK(weir_msg_drop(&msg));
        }
        OK(weir_close(pull[i]));
    }
    OK(weir_close(push)); /* which still held what was not received */
    EQUAL(e.freed, 1);
    OK(weir_context_free(ctx));
}

/* ---- Shared between threads -------------------------------------------- */

#define THREADS 8
#define ROUNDS  SCALED(2000)

struct crowd {
    pthread_barrier_t ready;
    pthread_barrier_t done;
    weir_msg msgs[THREADS];
    struct external e;
};

struct member {
    struct crowd *crowd;
    int i;
};

static void *
drop_in_a_crowd(void *arg)
{
    struct member *m = arg;

    for (int i = 0; i < ROUNDS; i++) {
        (void)pthread_barrier_wait(&m->crowd->ready);
        OK(weir_msg_drop(&m->crowd->msgs[m->i]));
        (void)pthread_barrier_wait(&m->crowd->done);
    }
    return NULL;
}

/* External and pooled messages in turn, dropped by all threads at once. */
static void
threads_drop_at_once(void **state)
{
    weir_context *ctx = new_context();
    weir_socket *s = new_socket(ctx, WEIR_PUSH);
    struct member members[THREADS];
    pthread_t threads[THREADS];
    struct crowd c;

    (void)state;
    (void)pthread_barrier_init(&c.ready, NULL, THREADS + 1);
    (void)pthread_barrier_init(&c.done, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++) {
        members[i] = (struct member){ &c, i };
        threads[i] = start(drop_in_a_crowd, &members[i]);
    }
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 2 == 0)
            make_external(&c.msgs[0], &c.e);
        else
            OK(weir_msg_init_size(&c.msgs[0], s, i % 3 == 0 ? 100 : 2 << 20));
        for (int j = 1; j < THREADS; j++)
            OK(weir_msg_share(&c.msgs[j], &c.msgs[j - 1]));
        (void)pthread_barrier_wait(&c.ready);
        (void)pthread_barrier_wait(&c.done);
        EQUAL(c.e.freed, 1);
    }
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
    (void)pthread_barrier_destroy(&c.ready);
    (void)pthread_barrier_destroy(&c.done);
    OK(weir_close(s));
    OK(weir_context_free(ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(external_bytes_are_handed_over_as_they_are),
        cmocka_unit_test(the_last_to_drop_frees),
        cmocka_unit_test(external_bytes_need_no_free_function),
        cmocka_unit_test(dropped_messages_are_freed_once),
        cmocka_unit_test(inline_messages_are_copied),
        cmocka_unit_test(shared_messages_have_the_same_bytes),
        cmocka_unit_test(a_fan_out_is_freed_once),
        cmocka_unit_test(threads_drop_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
