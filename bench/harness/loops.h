/* SPDX-License-Identifier: MPL-2.0 */
/* The loops that every peer runs, made of its own two calls.
 *
 *   send_fn     sends messages with the tags tag, tag + 1, ... tag + n - 1
 *   receive_fn  receives at least one message, calls receiver_take for each
 *
 * A peer passes its own hot_inline functions: no call per message, and none of
 * the stores that a call makes, but those of the library. The stream ends with
 * PAYLOAD_END. */
#ifndef WEIR_BENCH_HARNESS_LOOPS_H
#define WEIR_BENCH_HARNESS_LOOPS_H

#include <stdint.h>

#include "bench/harness/payload.h"
#include "bench/harness/peer.h"
#include "bench/harness/phase.h"
#include "bench/harness/ticks.h"
#include "core/base/atomic.h"
#include "core/base/cpu.h"

/* A row has no more senders per receiver. */
#define SENDERS_MAX 64

struct sender {
    struct end *end;
    struct payload payload;
    uint64_t tag;                  /* of the next message */
    const _Atomic uint32_t *phase; /* written by the coordinator */
};

struct receiver {
    /* Messages, or round trips that were measured. Written by the receiver,
     * read by the coordinator, which may see less. */
    _Atomic uint64_t count;
    _Alignas(WR_GROUP) struct end *end;
    struct payload payload;
    unsigned senders;
    unsigned ended;
    uint64_t taken;             /* messages, ends not counted */
    uint64_t next[SENDERS_MAX]; /* the tag that is due from each */
    char wrong[128];            /* the first that was not as it should be */
    /* Ping only: where the round trips go. */
    uint32_t *rtt;
    size_t rtts, rtts_max;
};

typedef int send_fn(struct sender *s, uint64_t tag, size_t n);
typedef int receive_fn(struct receiver *r);

/* A message that is not the one that was due. */
void receiver_reject(struct receiver *r, const void *data, size_t size);

/* Counts and checks one message. */
static inline __attribute__((always_inline)) void
receiver_take(struct receiver *r, const void *data, size_t size)
{
    uint64_t tag, *next;

    if (unlikely(size != r->payload.size)) {
        receiver_reject(r, data, size);
        return;
    }
    tag = payload_tag(data);
    if (unlikely((tag & PAYLOAD_END) == PAYLOAD_END)) {
        r->ended++;
        return;
    }
    next = &r->next[(tag >> PAYLOAD_SEQ_BITS) % SENDERS_MAX];
    if (unlikely((tag ^ *next) | payload_check(&r->payload, data, tag)))
        receiver_reject(r, data, size);
    ++*next;
    r->taken++;
}

static inline __attribute__((always_inline)) int
send_loop(struct sender *s, send_fn *send)
{
    size_t n = s->end->batch;
    uint64_t tag = s->tag; /* not in memory: one store less a message */
    int rc = 0;

    /* Relaxed here and below: the phase orders nothing. */
    while (load_relaxed(s->phase) != PHASE_STOP) {
        rc = send(s, tag, n);
        if (unlikely(rc != 0))
            break;
        tag += n;
    }
    s->tag = tag;
    return rc ? rc : send(s, tag | PAYLOAD_END, 1);
}

static inline __attribute__((always_inline)) int
receive_loop(struct receiver *r, receive_fn *receive)
{
    while (r->ended < r->senders) {
        int rc = receive(r);

        if (unlikely(rc != 0))
            return rc;
        store_relaxed(&r->count, r->taken);
    }
    return 0;
}

static inline __attribute__((always_inline)) int
ping_loop(struct sender *s, struct receiver *r, send_fn *send,
          receive_fn *receive)
{
    uint32_t phase;

    while ((phase = load_relaxed(s->phase)) != PHASE_STOP) {
        uint64_t begin = ticks_now(), ticks;
        int rc = send(s, s->tag++, 1);

        if (rc == 0)
            rc = receive(r);
        if (unlikely(rc != 0))
            return rc;
        ticks = ticks_now() - begin;
        if (phase == PHASE_MEASURE && r->rtts < r->rtts_max) {
            r->rtt[r->rtts++] =
                ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
            store_relaxed(&r->count, r->rtts);
        }
    }
    return send(s, s->tag | PAYLOAD_END, 1);
}

static inline __attribute__((always_inline)) int
pong_loop(struct sender *s, struct receiver *r, send_fn *send,
          receive_fn *receive)
{
    for (;;) {
        int rc = receive(r);

        if (unlikely(rc != 0) || r->ended > 0)
            return rc;
        rc = send(s, s->tag++, 1);
        if (unlikely(rc != 0))
            return rc;
    }
}

#endif
