/* SPDX-License-Identifier: MPL-2.0 */
/* A queue that is measured, ours or a library's, as the lab's programs see it:
 * loops.h makes one of each header. C and C++. */
#ifndef WEIR_BENCH_LAB_DESIGN_H
#define WEIR_BENCH_LAB_DESIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/lab/item.h"
#include "core/base/atomic.h"
#include "core/base/cpu.h"
#include "core/ring/queue.h"

/* A queue of a run. The counts change when threads begin and end. */
struct lab_queue {
    void *queue;
    _Atomic(uint32_t) readers_to_come; /* before anything is written */
    _Atomic(uint32_t) writing;         /* writers that have not ended */
};

/* When a writer writes. Batch number k of a paced stream is meant for the tick
 * start + (k * interval >> PACE_SHIFT), whether there is room then or not. */
struct lab_pace {
    uint64_t start;
    uint64_t interval; /* 0: as fast as it goes */
    uint32_t batch_shift;
};

#define PACE_SHIFT 16

/* A thread of a run, and what comes of it. Each in memory of its own lines. */
struct lab_thread {
    /* Items written or read, calls, or round trips. Written by the thread, read
     * by the coordinator. */
    _Atomic(uint64_t) count;
    char line[WR_GROUP];

    const _Atomic(uint32_t) *phase; /* an enum phase, by the coordinator */
    struct lab_queue *in;           /* that it reads */
    struct lab_queue *out;          /* that it writes */
    uint32_t number;   /* among the writers or the readers of its queue */
    uint32_t patience; /* looks at a full or empty queue between two yields */
    uint64_t batch;
    struct lab_pace pace;

    /* Of a writer in bursts: their size, and the readers' counts. */
    uint64_t burst;
    struct lab_thread *const *reader;
    uint32_t readers;

    /* Of a reader. */
    bool slow;     /* does something else for every item */
    uint64_t came; /* items, when it last found the queue empty */
    struct item_check check;

    /* Of a writer: the tag after the last. */
    uint64_t tag;

    /* What was timed, in ticks: round trips, or how late items came. */
    uint32_t *ticks;
    size_t timed, timed_max;
    uint64_t sample,
        sample_every;     /* the item to be timed next; their distance */
    uint32_t outstanding; /* of round trips */
};

#define LAB_OUTSTANDING_MAX 64

typedef void lab_loop(struct lab_thread *t);

/* What a thread can do with items of one size. */
struct lab_loops {
    lab_loop *write;      /* until the run stops */
    lab_loop *write_when; /* the same, paced or in bursts */
    lab_loop *read;       /* until all is read */
    lab_loop *read_with;  /* the same, timed or slow */
    lab_loop *relay;      /* from one queue to the next */
    lab_loop *ping;       /* and waits for the answers */
    lab_loop *pong;
    lab_loop *poll_empty; /* reads what is not there */
    lab_loop *push_full;  /* writes where no room is */
};

#define LAB_SIZES 3 /* 8, 16 and 64 bytes */

struct design {
    const struct wr_traits *traits;
    const char *(*version)(void); /* of a library; gives NULL when it is not
                                   * installed. NULL: ours */
    size_t (*bytes)(const struct wr_shape *shape);
    void *(*init)(void *memory, const struct wr_shape *shape);
    void (*fini)(void *queue);
    struct lab_loops loops[LAB_SIZES];
};

#endif
