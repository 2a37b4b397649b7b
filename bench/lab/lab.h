/* SPDX-License-Identifier: MPL-2.0 */
/* The rows of the ring lab, and how each is measured. */
#ifndef WEIR_BENCH_LAB_LAB_H
#define WEIR_BENCH_LAB_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/harness/google_benchmark.h"
#include "bench/lab/design.h"

enum workload {
    LAB_STREAM, /* as fast as it goes */
    LAB_BURST,  /* LAB_BURST_ITEMS, and then nothing until all are read */
    LAB_SLOW_CONSUMER, /* readers do something else for every item */
    LAB_PACED,      /* a share of what a stream reaches; how late items are */
    LAB_PING_PONG,  /* two queues */
    LAB_PIPELINE,   /* two queues, a thread between them */
    LAB_EMPTY_POLL, /* one thread, and nothing to read */
    LAB_FULL,       /* one thread, and no room */
};

#define LAB_BURST_ITEMS 1024

/* Memory for the items of a queue, unless a row says otherwise. */
#define LAB_RING_BYTES ((size_t)64 << 10)

/* Looks at a full or empty queue between two yields. */
#define LAB_SPIN    4096 /* where each thread has a CPU */
#define LAB_BACKOFF 64
#define LAB_YIELD   1

struct lab_row {
    char name[160];
    const struct design *design;
    enum workload workload;
    size_t size; /* of an item */
    uint64_t batch;
    uint32_t writers, readers; /* of a queue */
    uint32_t queues;           /* of as many streams, side by side */
    int distance;              /* of harness/placement.h */
    size_t ring_bytes;
    bool home_of_writer; /* the memory is first touched there; or by a reader */
    uint32_t patience;
    uint32_t load; /* percent of what a stream reaches */
    uint32_t outstanding;
    /* By lab_shape. Of some libraries the bytes are what they allocate to begin
     * with: it is measured once, before any thread is there. */
    struct wr_shape shape;
    size_t bytes;
};

/* Measures one batch: of a struct lab_row. */
gb_batch_fn lab_batch;

/* Sets the shape of a row's queue: the largest capacity whose memory for items
 * is not above ring_bytes. False if the design has no such queue. */
bool lab_shape(struct lab_row *row);

/* The loops for items of that size. */
const struct lab_loops *lab_loops_of(const struct design *design, size_t size);

#endif
