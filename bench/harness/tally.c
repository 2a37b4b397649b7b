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

size_t
tally_counters(struct tally *t, struct tally_counter out[TALLY_COUNTERS])
{
    size_t n = 0;

    if (t->messages > 0) {
        out[n++] =
            (struct tally_counter){ t->rate ? t->rate : "msgs_per_second",
                                    (double)t->messages / t->seconds };
        out[n++] = (struct tally_counter){ "bytes_per_second",
                                           (double)t->bytes / t->seconds };
    }
    if (t->rtts > 0) {
        qsort(t->rtt_ns, t->rtts, sizeof(*t->rtt_ns), compare_u32);
        out[n++] = (struct tally_counter){ "rtt_p50_ns", percentile(t, 0.5) };
        out[n++] = (struct tally_counter){ "rtt_p99_ns", percentile(t, 0.99) };
        out[n++] =
            (struct tally_counter){ "rtt_p999_ns", percentile(t, 0.999) };
        out[n++] = (struct tally_counter){ "rtt_max_ns", percentile(t, 1) };
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
