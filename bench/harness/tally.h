/* SPDX-License-Identifier: MPL-2.0 */
/* What the measured batches of one row add up to. */
#ifndef WEIR_BENCH_HARNESS_TALLY_H
#define WEIR_BENCH_HARNESS_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Round trips that one batch records at most. */
#define TALLY_RTTS_PER_BATCH ((size_t)1 << 20)

struct tally_counter {
    const char *name; /* NULL: none */
    double value;
};

struct tally {
    double seconds;    /* of all windows */
    const char *rate;  /* the counter's name; NULL: msgs_per_second */
    uint64_t messages; /* delivered in them, or items, or lines */
    uint64_t bytes;    /* payload of these */
    uint32_t *rtt_ns;  /* every round trip, or how late items came */
    size_t rtts, rtts_max;
    bool late;                     /* which of the two */
    struct tally_counter notes[2]; /* further figures, of the last batch */
    char error[160];               /* empty: all is well */
};

#define TALLY_COUNTERS 12

void tally_init(struct tally *t);
void tally_fini(struct tally *t);

/* Room for the round trips of one more batch, or NULL without memory. Write
 * there, then add to rtts. */
uint32_t *tally_rtt_room(struct tally *t);

/* The counters of what was tallied, into out; their number. */
size_t tally_counters(struct tally *t,
                      struct tally_counter out[TALLY_COUNTERS]);

/* Keeps the first error. Returns false. */
bool tally_fail(struct tally *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
