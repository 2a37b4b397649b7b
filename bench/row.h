/* SPDX-License-Identifier: MPL-2.0 */
/* One row of the benchmark: its name and what is measured under it. */
#ifndef WEIR_BENCH_ROW_H
#define WEIR_BENCH_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/harness/google_benchmark.h"
#include "bench/harness/peer.h"
#include "bench/harness/tally.h"

struct row {
    char name[96];
    gb_batch_fn *batch;
    const struct peer *peer;
    enum socket_role sends; /* the role of senders, or of who begins */
    size_t size;
    size_t per_call;  /* messages */
    bool other_api;   /* with the peer's second way */
    const char *wait; /* the strategy */
    const char *rate; /* the counter; NULL: msgs_per_second */
    unsigned senders; /* per receiver */
    unsigned pairs;   /* receivers */
    int distance;     /* as in placement.h */
};

/* How long a batch is measured. Set before the first batch. */
extern int64_t row_window_ns;

/* How long a batch waits at most until anything has arrived at all. */
#define ROW_PATIENCE_NS 10000000000

/* Registers a copy of row, which stays until the program ends, under the
 * formatted name. False without memory. */
bool row_add(struct row row, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Registers the two ceilings. */
bool row_add_ceilings(void);

/* The measured batches: each takes a struct row. */
gb_batch_fn stream_batch;   /* throughput, fan-in, oversubscribed */
gb_batch_fn pingpong_batch; /* latency */

#endif
