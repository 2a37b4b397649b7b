/* SPDX-License-Identifier: MPL-2.0 */
/* The benchmark over an implementation with faults: one row for each, named
 * fault/<what is wrong>. Every row but fault/none has to be an error. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench/harness/google_benchmark.h"
#include "bench/harness/loops.h"
#include "bench/harness/placement.h"
#include "bench/row.h"

#define SIZE     256
#define CAPACITY 64
/* The message that meets with the fault. */
#define VICTIM 50

static const char *const faults[] = {
    "none",    /* all arrives */
    "flip",    /* a bit of the last word changes */
    "lose",    /* a message does not arrive */
    "repeat",  /* a message arrives twice */
    "swap",    /* a message arrives before the one it follows */
    "shorten", /* a message arrives without its last word */
    "refuse",  /* a call fails */
    "never",   /* a socket does not open */
    NULL,
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t head, tail; /* messages taken, and put */
    size_t size[CAPACITY];
    unsigned char messages[]; /* CAPACITY of SIZE bytes */
};

static bool
has_fault(const struct end *end, const char *fault)
{
    return strcmp(end->wait, fault) == 0;
}

static const char *
describe(void)
{
    return "a queue under a lock";
}

static void *
context_new(void)
{
    struct queue *q = calloc(1, sizeof(*q) + (size_t)CAPACITY * SIZE);

    if (q) {
        (void)pthread_mutex_init(&q->lock, NULL);
        (void)pthread_cond_init(&q->changed, NULL);
    }
    return q;
}

static int
open_end(void *context, struct end *end)
{
    end->socket = context;
    return has_fault(end, "never") && !end->binds ? 2 : 0;
}

static void
close_end(struct end *end)
{
    end->socket = NULL;
}

static void
put(struct queue *q, const unsigned char *message, size_t size)
{
    (void)pthread_mutex_lock(&q->lock);
    while (q->tail - q->head == CAPACITY)
        (void)pthread_cond_wait(&q->changed, &q->lock);
    memcpy(q->messages + q->tail % CAPACITY * SIZE, message, SIZE);
    q->size[q->tail++ % CAPACITY] = size;
    (void)pthread_cond_broadcast(&q->changed);
    (void)pthread_mutex_unlock(&q->lock);
}

/* Sends the victim, with what is wrong with it. */
static int
put_victim(struct sender *s, unsigned char *message, uint64_t tag)
{
    struct queue *q = s->end->socket;
    size_t size = SIZE;

    if (has_fault(s->end, "refuse"))
        return 1;
    if (has_fault(s->end, "lose"))
        return 0;
    if (has_fault(s->end, "repeat"))
        put(q, message, size);
    if (has_fault(s->end, "flip"))
        message[SIZE - 1] ^= 1;
    if (has_fault(s->end, "shorten"))
        size -= 8;
    if (has_fault(s->end, "swap")) {
        unsigned char next[SIZE];

        payload_write(&s->payload, next, tag + 1);
        put(q, next, size);
    }
    put(q, message, size);
    return 0;
}

static int
push(struct sender *s, uint64_t tag, size_t n)
{
    unsigned char message[SIZE];

    (void)n;
    payload_write(&s->payload, message, tag);
    if (tag == VICTIM)
        return put_victim(s, message, tag);
    if (tag == VICTIM + 1 && has_fault(s->end, "swap"))
        return 0; /* it is ahead of the victim already */
    put(s->end->socket, message, SIZE);
    return 0;
}

static int
pull(struct receiver *r)
{
    struct queue *q = r->end->socket;

    (void)pthread_mutex_lock(&q->lock);
    while (q->tail == q->head)
        (void)pthread_cond_wait(&q->changed, &q->lock);
    receiver_take(r, q->messages + q->head % CAPACITY * SIZE,
                  q->size[q->head % CAPACITY]);
    q->head++;
    (void)pthread_cond_broadcast(&q->changed);
    (void)pthread_mutex_unlock(&q->lock);
    return 0;
}

static int
send_messages(struct sender *s)
{
    int rc = send_loop(s, push);

    /* The receiver waits for the end all the same. */
    if (rc != 0)
        (void)push(s, s->tag | PAYLOAD_END, 1);
    return rc;
}

static int
receive_messages(struct receiver *r)
{
    return receive_loop(r, pull);
}

static const char *
error(int code)
{
    return code == 1 ? "refused" : "never opens";
}

static const struct peer peer_faulty = {
    .name = "faulty",
    .describe = describe,
    .waits = faults,
    .context_new = context_new,
    .context_free = free,
    .open = open_end,
    .close = close_end,
    .send = send_messages,
    .receive = receive_messages,
    .error = error,
};

int
main(int argc, char **argv)
{
    static struct row rows[sizeof(faults) / sizeof(faults[0])];

    gb_init(&argc, argv, NULL);
    row_window_ns = 50000000;
    for (size_t i = 0; faults[i]; i++) {
        rows[i] = (struct row){
            .batch = stream_batch,
            .peer = &peer_faulty,
            .sends = ROLE_PUSH,
            .size = SIZE,
            .per_call = 1,
            .wait = faults[i],
            .senders = 1,
            .pairs = 1,
            .distance = PLACEMENT_NONE,
        };
        (void)strcat(strcpy(rows[i].name, "fault/"), faults[i]);
        gb_register(rows[i].name, stream_batch, &rows[i]);
    }
    return gb_run();
}
