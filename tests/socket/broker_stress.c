/* SPDX-License-Identifier: MPL-2.0 */
/* REQ clients, a broker of ROUTER and DEALER, and REP workers, each on a thread
 * of its own. Workers come, go, and forget requests; clients give up, and some
 * of them start anew. A reply that arrives is that to the last request, and
 * nothing is left when all have gone. */
#include <sched.h>
#include <string.h>

#include "tests/socket/support.h"

#define CLIENTS  4
#define WORKERS  3
#define REQUESTS SCALED(3000)
#define FRAMES   4  /* of a request, at most */
#define ENVELOPE 16 /* frames, with that of all who pass it on */

struct stress {
    weir_context *ctx;
    uint64_t seed;
    _Atomic bool stop;  /* said to the workers */
    _Atomic bool alone; /* said to the broker, when nobody connects any more */
    _Atomic uint64_t answered;
    _Atomic uint64_t made; /* external frames */
    _Atomic uint64_t freed;
};

struct part {
    struct stress *st;
    uint64_t n;
};

/* The first frame of a request, and of its reply. */
struct head {
    uint64_t client;
    uint64_t number;
    uint32_t frames;
    uint32_t size; /* of each frame that follows */
};

/* ---- Messages ---------------------------------------------------------- */

static void
count_free(void *data, void *hint)
{
    struct stress *st = hint;

    (void)data;
    st->freed++;
}

/* The external bytes of all: a pattern by their index. */
static unsigned char pattern[20000];

static void
make_body(weir_msg *msg, struct stress *st, weir_socket *s,
          const struct head *h, bool external)
{
    if (external) {
        st->made++;
        OK(weir_msg_init_external(msg, pattern, h->size, count_free, st));
    } else {
        OK(weir_msg_init_copy(msg, s, pattern, h->size));
    }
}

static size_t
make_request(weir_msg *msgs, struct stress *st, weir_socket *s, struct head *h,
             struct random *r)
{
    h->frames = 1 + (uint32_t)random_below(r, FRAMES);
    h->size = (uint32_t)random_below(r, random_below(r, 4) ? 100 : 20000);
    weir_msg_init_inline(&msgs[0], sizeof(*h));
    memcpy(weir_msg_data(&msgs[0]), h, sizeof(*h));
    for (uint32_t i = 1; i < h->frames; i++) {
        make_body(&msgs[i], st, s, h, random_below(r, 2));
        weir_msg_set_more(&msgs[i - 1], true);
    }
    return h->frames;
}

/* Looks at n frames that make a whole request or reply. */
static struct head
check_message(const weir_msg *msgs, size_t n)
{
    struct head h;

    EQUAL(weir_msg_size(&msgs[0]), sizeof(h));
    memcpy(&h, weir_msg_bytes(&msgs[0]), sizeof(h));
    EQUAL(n, h.frames);
    for (size_t i = 0; i < n; i++) {
        EQUAL(weir_msg_more(&msgs[i]), i + 1 < n);
        if (i == 0)
            continue;
        EQUAL(weir_msg_size(&msgs[i]), h.size);
        CHECK(memcmp(weir_msg_bytes(&msgs[i]), pattern, h.size) == 0);
    }
    return h;
}

/* A whole message by one call, or frame by frame, or both. */
static ssize_t
receive(weir_socket *s, weir_msg *msgs, size_t n, struct random *r)
{
    size_t got = 0;
    ssize_t rc;

    if (random_below(r, 2)) {
        rc = CALL(weir_recv_batch(s, msgs, 1 + random_below(r, n), 0));
        if (rc > 0 && !weir_msg_more(&msgs[rc - 1]))
            return rc;
        if (rc != -EMSGSIZE)
            return rc;
    }
    do {
        rc = CALL(weir_recv(s, &msgs[got], 0));
        if (rc != 0)
            return rc;
    } while (weir_msg_more(&msgs[got++]));
    return (ssize_t)got;
}

/* ---- Clients ----------------------------------------------------------- */

static weir_socket *
new_client(struct stress *st, bool relaxed, struct random *r)
{
    weir_socket *s = new_socket(st->ctx, WEIR_REQ);

    set(s, WEIR_REQ_RELAXED, relaxed);
    set(s, WEIR_REQ_CORRELATE, relaxed || random_below(r, 2));
    set(s, WEIR_RECV_TIMEOUT_MS, relaxed ? 5 : 20);
    OK(weir_connect(s, "inproc://front"));
    return s;
}

static bool
ask(struct part *p, weir_socket *s, uint64_t number, struct random *r)
{
    struct head h = { .client = p->n, .number = number }, got;
    weir_msg msgs[FRAMES];
    size_t n = make_request(msgs, p->st, s, &h, r);
    ssize_t rc;

    EQUAL(weir_send_batch(s, msgs, n, 0), (ssize_t)n);
    if (random_below(r, 50) == 0)
        return false; /* does not wait for it */
    rc = receive(s, msgs, FRAMES, r);
    if (rc < 0) {
        EQUAL(rc, -EAGAIN);
        return false;
    }
    got = check_message(msgs, (size_t)rc);
    EQUAL(got.client, h.client);
    EQUAL(got.number, h.number);
    EQUAL(got.frames, h.frames);
    OK(weir_msg_drop_batch(msgs, (size_t)rc));
    p->st->answered++;
    return true;
}

static void *
be_client(void *arg)
{
    struct part *p = arg;
    struct random r = random_from(p->st->seed + p->n);
    bool relaxed = p->n % 2 == 0;
    weir_socket *s = new_client(p->st, relaxed, &r);

    for (uint64_t i = 0; i < REQUESTS; i++) {
        bool answered = ask(p, s, i, &r);

        if (answered ? random_below(&r, 100) == 0 : !relaxed) {
            OK(weir_close(s));
            s = new_client(p->st, relaxed, &r);
        }
    }
    OK(weir_close(s));
    return NULL;
}

/* ---- Workers ----------------------------------------------------------- */

static weir_socket *
new_worker(struct stress *st)
{
    weir_socket *s = new_socket(st->ctx, WEIR_REP);

    set(s, WEIR_RECV_TIMEOUT_MS, 5);
    OK(weir_connect(s, "inproc://back"));
    return s;
}

static void
answer(weir_socket *s, struct random *r)
{
    weir_msg msgs[FRAMES];
    ssize_t n = receive(s, msgs, FRAMES, r);

    if (n < 0) {
        EQUAL(n, -EAGAIN);
        return;
    }
    (void)check_message(msgs, (size_t)n);
    if (random_below(r, 100) == 0)
        OK(weir_disconnect(s, "inproc://back"));
    EQUAL(weir_send_batch(s, msgs, (size_t)n, 0), n);
    if (get(s, WEIR_PEERS) == 0)
        OK(weir_connect(s, "inproc://back"));
}

static void *
be_worker(void *arg)
{
    struct part *p = arg;
    struct random r = random_from(p->st->seed + 100 + p->n);
    weir_socket *s = new_worker(p->st);

    while (!p->st->stop) {
        weir_msg msg;

        answer(s, &r);
        if (random_below(&r, 100) > 0)
            continue;
        /* Perhaps with a request, or the beginning of one. */
        if (random_below(&r, 2) && CALL(weir_recv(s, &msg, 0)) == 0)
            OK(weir_msg_drop(&msg));
        OK(weir_close(s));
        s = new_worker(p->st);
    }
    OK(weir_close(s));
    return NULL;
}

/* ---- The broker -------------------------------------------------------- */

/* Passes on what there is, as whole messages; false: nothing. */
static bool
pass_on(struct stress *st, weir_socket *from, weir_socket *to)
{
    weir_msg msgs[ENVELOPE];
    ssize_t n = CALL(weir_recv_batch(from, msgs, ENVELOPE, WEIR_DONTWAIT));
    ssize_t done = 0;

    if (n < 0) {
        EQUAL(n, -EAGAIN);
        return false;
    }
    while (done < n && !st->alone) {
        ssize_t rc =
            CALL(weir_send_batch(to, msgs + done, (size_t)(n - done), 0));

        CHECK(rc > 0 || rc == -EAGAIN);
        done += rc > 0 ? rc : 0;
    }
    OK(weir_msg_drop_batch(msgs, (size_t)n));
    return true;
}

static void *
be_broker(void *arg)
{
    struct stress *st = arg;
    weir_socket *front = new_socket(st->ctx, WEIR_ROUTER);
    weir_socket *back = new_socket(st->ctx, WEIR_DEALER);

    set(back, WEIR_SEND_TIMEOUT_MS, 5);
    set(back, WEIR_SEND_HWM, 2);
    OK(weir_bind(front, "inproc://front"));
    OK(weir_bind(back, "inproc://back"));
    while (!st->alone) {
        bool busy = pass_on(st, front, back);

        if (!pass_on(st, back, front) && !busy)
            (void)sched_yield();
    }
    OK(weir_close(front));
    OK(weir_close(back));
    return NULL;
}

/* ---- All together ------------------------------------------------------ */

static void
every_reply_is_to_the_last_request(void **state)
{
    struct stress st = { .ctx = new_context(), .seed = announce_seed() };
    struct part clients[CLIENTS], workers[WORKERS];
    pthread_t client[CLIENTS], worker[WORKERS], middle;
    weir_socket *s;

    (void)state;
    for (size_t i = 0; i < sizeof(pattern); i++)
        pattern[i] = (unsigned char)(i * 7 + i / 251);
    middle = start(be_broker, &st);
    /* Both names are there when the second one is. */
    s = new_socket(st.ctx, WEIR_REP);
    while (weir_connect(s, "inproc://back") != 0)
        (void)sched_yield();
    OK(weir_close(s));
    for (uint64_t i = 0; i < WORKERS; i++) {
        workers[i] = (struct part){ &st, i };
        worker[i] = start(be_worker, &workers[i]);
    }
    for (uint64_t i = 0; i < CLIENTS; i++) {
        clients[i] = (struct part){ &st, i };
        client[i] = start(be_client, &clients[i]);
    }
    for (int i = 0; i < CLIENTS; i++)
        finish(client[i]);
    st.stop = true;
    for (int i = 0; i < WORKERS; i++)
        finish(worker[i]);
    st.alone = true;
    finish(middle);
    OK(weir_context_free(st.ctx));
    EQUAL(st.freed, st.made);
    print_message("%lu of %d requests were answered\n",
                  (unsigned long)st.answered, CLIENTS * REQUESTS);
    CHECK(st.answered > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reply_is_to_the_last_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
