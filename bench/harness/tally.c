/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/harness/tally.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
tally_init(struct tally *t)
{
    *t = (struct tally){ 0 };
}

void
tally_fini(struct tally *t)
{
    free(t->rtt_ns);
}

uint32_t *
tally_rtt_room(struct tally *t)
{
    size_t max = t->rtts + TALLY_RTTS_PER_BATCH;

    if (max > t->rtts_max) {
        uint32_t *grown = realloc(t->rtt_ns, max * sizeof(*grown));

        if (!grown)
            return NULL;
        t->rtt_ns = grown;
        t->rtts_max = max;
    }
    /* Touched now, so that no page fault ends up in a round trip. */
    return memset(t->rtt_ns + t->rtts, 0,
                  TALLY_RTTS_PER_BATCH * sizeof(*t->rtt_ns));
}

static int
compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The smallest value that at least this share of all is not above. */
static double
percentile(const struct tally *t, double share)
{
    double rank = share * (double)t->rtts;
    size_t i = (size_t)rank;

    if (i > 0 && (double)i == rank)
        i--;
    return t->rtt_ns[i < t->rtts ? i : t->rtts - 1];
}

static const struct {
    const char *rtt, *late;
    double share;
} shares[] = {
    { "rtt_p50_ns", "latency_p50_ns", 0.5 },
    { "rtt_p90_ns", "latency_p90_ns", 0.9 },
    { "rtt_p99_ns", "latency_p99_ns", 0.99 },
    { "rtt_p999_ns", "latency_p999_ns", 0.999 },
    { "rtt_p9999_ns", "latency_p9999_ns", 0.9999 },
    { "rtt_max_ns", "latency_max_ns", 1 },
};

size_t
tally_counters(struct tally *t, struct tally_counter out[TALLY_COUNTERS])
{
    size_t n = 0;

    if (t->messages > 0) {
        out[n++] =
            (struct tally_counter){ t->rate ? t->rate : "msgs_per_second",
                                    (double)t->messages / t->seconds };
        if (t->bytes > 0)
            out[n++] = (struct tally_counter){ "bytes_per_second",
                                               (double)t->bytes / t->seconds };
    }
    for (size_t i = 0; i < 2; i++)
        if (t->notes[i].name)
            out[n++] = t->notes[i];
    if (t->rtts > 0) {
        qsort(t->rtt_ns, t->rtts, sizeof(*t->rtt_ns), compare_u32);
        for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
            out[n++] = (struct tally_counter){
                t->late ? shares[i].late : shares[i].rtt,
                percentile(t, shares[i].share),
            };
    }
    return n;
}

bool
tally_fail(struct tally *t, const char *format, ...)
{
    va_list args;

    if (t->error[0])
        return false;
    va_start(args, format);
    (void)vsnprintf(t->error, sizeof(t->error), format, args);
    va_end(args);
    return false;
}
