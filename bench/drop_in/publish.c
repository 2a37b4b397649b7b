/* SPDX-License-Identifier: MPL-2.0 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "bench/drop_in/cases.h"
#include "bench/harness/payload.h"
#include "bench/harness/placement.h"
#include "core/base/atomic.h"
#include "core/base/clock.h"
#include "core/base/cpu.h"

#define SUBS     8
#define TOPICS   1000
#define TOPIC    8  /* bytes of it, before the payload */
#define PATIENCE 20 /* seconds */

enum phase { PHASE_STREAM, PHASE_STOP };

struct fan;

struct subscriber {
    _Alignas(WR_GROUP) _Atomic uint64_t count; /* written by its thread */
    _Atomic uint32_t joined;                   /* it has heard a message */
    struct fan *fan;
    pthread_t thread;
    int error; /* EPROTO: what came was wrong; read after the join */
};

struct fan {
    const struct row *row;
    void *context;
    struct payload payload;
    _Atomic uint32_t phase; /* written by the coordinator */
    int error;              /* the publisher's */
    pthread_t publisher;
    struct subscriber subs[SUBS];
};

static void
write_topic(char *at, uint64_t number)
{
    char text[TOPIC + 1];

    (void)snprintf(text, sizeof(text), "topic%03u",
                   (unsigned)(number % TOPICS));
    memcpy(at, text, TOPIC);
}

/* ---- The publisher ----------------------------------------------------- */

static int
publish(const struct fan *fan, void *pub, char topics[][TOPIC], uint64_t number,
        uint64_t tag)
{
    zmq_msg_t msg;
    char *data;

    if (zmq_msg_init_size(&msg, fan->row->size) != 0)
        return zmq_errno();
    data = zmq_msg_data(&msg);
    memcpy(data, topics[number % TOPICS], TOPIC);
    payload_write(&fan->payload, data + TOPIC, tag);
    return zmq_msg_send(&msg, pub, 0) >= 0 ? 0 : zmq_errno();
}

static bool
all_joined(const struct fan *fan)
{
    for (int i = 0; i < SUBS; i++)
        if (load_relaxed(&fan->subs[i].joined) == 0)
            return false;
    return true;
}

/* Messages with tag 0 until all subscriptions have arrived: those of the last
 * topic, which everyone subscribes to last. */
static int
wait_for_subscribers(const struct fan *fan, void *pub, char topics[][TOPIC])
{
    int64_t latest = clock_now_ns() + PATIENCE * INT64_C(1000000000);

    while (!all_joined(fan)) {
        int error = publish(fan, pub, topics, TOPICS - 1, 0);

        if (error != 0)
            return error;
        if (clock_now_ns() > latest)
            return ETIMEDOUT;
        (void)sched_yield();
    }
    return 0;
}

/* Publishes the tags 1, 2, ... and, when it is to stop, PAYLOAD_END. */
static int
stream(struct fan *fan, void *pub, char topics[][TOPIC])
{
    int error = wait_for_subscribers(fan, pub, topics);
    uint64_t tag = 1;

    while (error == 0 && load_relaxed(&fan->phase) != PHASE_STOP) {
        error = publish(fan, pub, topics, tag, tag);
        tag++;
    }
    return error != 0 ? error : publish(fan, pub, topics, 0, PAYLOAD_END);
}

static void *
publisher_main(void *arg)
{
    struct fan *fan = arg;
    void *pub = zmq_socket(fan->context, ZMQ_PUB);
    char topics[TOPICS][TOPIC];
    int on = 1;

    if (fan->row->distance != PLACEMENT_NONE)
        (void)placement_pin(fan->row->distance, true);
    for (uint64_t i = 0; i < TOPICS; i++)
        write_topic(topics[i], i);
    if (pub == NULL ||
        zmq_setsockopt(pub, ZMQ_XPUB_NODROP, &on, sizeof(on)) != 0 ||
        zmq_bind(pub, "inproc://fan") != 0)
        fan->error = zmq_errno();
    else
        fan->error = stream(fan, pub, topics);
    if (pub != NULL)
        (void)zmq_close(pub);
    return NULL;
}

/* ---- The subscribers --------------------------------------------------- */

static int
subscribe(void *sub)
{
    for (uint64_t i = 0; i < TOPICS; i++) {
        char topic[TOPIC];

        write_topic(topic, i);
        if (zmq_setsockopt(sub, ZMQ_SUBSCRIBE, topic, TOPIC) != 0)
            return zmq_errno();
    }
    return zmq_connect(sub, "inproc://fan") == 0 ? 0 : zmq_errno();
}

/* Checks one message; ETERM: it is the last one. */
static int
take(struct subscriber *s, zmq_msg_t *msg, uint64_t *due)
{
    const char *data = zmq_msg_data(msg);
    uint64_t tag;

    if (zmq_msg_size(msg) != s->fan->row->size)
        return EPROTO;
    tag = payload_tag(data + TOPIC);
    if (payload_check(&s->fan->payload, data + TOPIC, tag) != 0)
        return EPROTO;
    if (tag == PAYLOAD_END)
        return ETERM;
    if (tag == 0) {
        store_relaxed(&s->joined, 1); /* a hint: orders nothing */
        return 0;
    }
    if (tag != (*due)++)
        return EPROTO;
    store_relaxed(&s->count, tag); /* the coordinator may see less */
    return 0;
}

static int
listen_to(struct subscriber *s, void *sub)
{
    int error = subscribe(sub);
    uint64_t due = 1;

    while (error == 0) {
        zmq_msg_t msg;

        (void)zmq_msg_init(&msg);
        if (zmq_msg_recv(&msg, sub, 0) < 0)
            return zmq_errno();
        error = take(s, &msg, &due);
        (void)zmq_msg_close(&msg);
    }
    return error == ETERM ? 0 : error;
}

static void *
subscriber_main(void *arg)
{
    struct subscriber *s = arg;
    void *sub = zmq_socket(s->fan->context, ZMQ_SUB);

    if (s->fan->row->distance != PLACEMENT_NONE)
        (void)placement_pin(s->fan->row->distance, false);
    s->error = sub == NULL ? zmq_errno() : listen_to(s, sub);
    if (sub != NULL)
        (void)zmq_close(sub);
    return NULL;
}

/* ---- The batch --------------------------------------------------------- */

static uint64_t
delivered(const struct fan *fan)
{
    uint64_t sum = 0;

    for (int i = 0; i < SUBS; i++)
        sum += load_relaxed(&fan->subs[i].count);
    return sum;
}

static void
rest(int64_t ns)
{
    struct timespec pause = { ns / 1000000000, ns % 1000000000 };

    while (nanosleep(&pause, &pause) != 0)
        continue;
}

static void
measure(struct fan *fan, struct tally *tally)
{
    int64_t begin;
    uint64_t before;

    /* A publisher that failed says so at the end. */
    for (int i = 0; delivered(fan) == 0 && i < PATIENCE * 1000; i++)
        rest(1000000);
    rest(row_window_ns / 8);
    begin = clock_now_ns();
    before = delivered(fan);
    /* On a busy machine a thread may not run at all in a short window. */
    do {
        rest(row_window_ns);
    } while (delivered(fan) == before &&
             clock_now_ns() - begin < ROW_PATIENCE_NS);
    tally->messages += delivered(fan) - before;
    tally->seconds += (double)(clock_now_ns() - begin) * 1e-9;
    tally->bytes = tally->messages * fan->row->size;
}

/* Starts all; how many subscribers did. */
static int
start(struct fan *fan, bool *publishes)
{
    int n = 0;

    *publishes =
        pthread_create(&fan->publisher, NULL, publisher_main, fan) == 0;
    for (; *publishes && n < SUBS; n++) {
        struct subscriber *s = &fan->subs[n];

        s->fan = fan;
        if (pthread_create(&s->thread, NULL, subscriber_main, s) != 0)
            break;
    }
    return n;
}

/* Ends all, and returns the first error. */
static int
finish(struct fan *fan, bool publishes, int n)
{
    int error = publishes && n == SUBS ? 0 : EAGAIN;

    store_relaxed(&fan->phase, PHASE_STOP); /* orders nothing */
    if (publishes)
        (void)pthread_join(fan->publisher, NULL);
    if (error == 0)
        error = fan->error;
    if (error != 0) /* nobody sends the last message */
        (void)zmq_ctx_shutdown(fan->context);
    for (int i = 0; i < n; i++) {
        (void)pthread_join(fan->subs[i].thread, NULL);
        if (error == 0)
            error = fan->subs[i].error;
    }
    return error;
}

bool
zmq_publish_batch(const void *arg, struct tally *tally)
{
    const struct row *row = arg;
    struct fan *fan = aligned_alloc(WR_GROUP, sizeof(*fan));
    bool publishes;
    int n, error;

    if (fan == NULL)
        return tally_fail(tally, "no memory");
    memset(fan, 0, sizeof(*fan));
    fan->row = row;
    fan->payload = payload_of(row->size - TOPIC);
    fan->context = zmq_ctx_new();
    n = fan->context == NULL ? 0 : start(fan, &publishes);
    if (n == SUBS)
        measure(fan, tally);
    error = fan->context == NULL ? ENOMEM : finish(fan, publishes, n);
    if (fan->context != NULL)
        (void)zmq_ctx_term(fan->context);
    free(fan);
    if (error != 0)
        return tally_fail(tally, "%s", zmq_strerror(error));
    if (tally->messages == 0)
        return tally_fail(tally, "nothing arrived while it was measured");
    return true;
}
