/* SPDX-License-Identifier: MPL-2.0 */
/* What tests with several threads share: a seeded source of random numbers,
 * delays that change how the threads overlap, how long a run lasts, and a check
 * that may fail in any thread.
 *
 * WEIR_STRESS_LONG=1 in the environment makes runs long: 10^8 items and more.
 * WEIR_STRESS_SEED=N repeats the random choices of an earlier run (how the
 * threads interleave is the kernel's choice still). */
#ifndef WEIR_TESTS_CORE_RACE_H
#define WEIR_TESTS_CORE_RACE_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/cpu.h"

/* Ends the program when cond is false: unlike cmocka's, in any thread. */
#define CHECK(cond) \
    ((cond) ? (void)0 : race_fail(#cond, __FILE__, __LINE__, __func__))

_Noreturn static inline void
race_fail(const char *what, const char *file, int line, const char *func)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s:%d: %s: %s is false\n", file, line, func, what);
    abort();
}

/* A thread's random numbers (splitmix64). */
struct race {
    uint64_t state;
};

static inline uint64_t
race_next(struct race *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0 to n - 1. */
static inline uint64_t
race_below(struct race *r, uint64_t n)
{
    return race_next(r) % n;
}

/* True once in n times. */
static inline bool
race_once_in(struct race *r, uint64_t n)
{
    return race_below(r, n) == 0;
}

/* Mostly nothing; now and then a short spin, seldom a yield. */
static inline void
race_delay(struct race *r)
{
    uint64_t dice = race_below(r, 1024);

    if (dice < 64)
        for (uint64_t n = dice * 4; n > 0; n--)
            cpu_relax();
    else if (dice == 64)
        (void)sched_yield();
}

/* A thread that finds its ring full or empty looks again at once, and after
 * some looks lets another one run. */
struct race_stall {
    uint32_t times;
};

static inline void
race_stalled(struct race_stall *s)
{
    if (++s->times % 16 == 0)
        (void)sched_yield();
    else
        cpu_relax();
}

static inline bool
race_is_long(void)
{
    const char *value = getenv("WEIR_STRESS_LONG");

    return value != NULL && value[0] != '\0' && value[0] != '0';
}

/* How many of what would be `n` in a short run; at least 1. */
static inline uint64_t
race_length(uint64_t n, uint64_t in_a_long_run)
{
    if (race_is_long())
        return in_a_long_run;
#ifdef WEIR_DEBUG
    n /= 16;
#endif
    return n > 0 ? n : 1;
}

/* The seed of this run, which is printed. */
static inline uint64_t
race_seed(const char *test)
{
    const char *value = getenv("WEIR_STRESS_SEED");
    uint64_t seed = value != NULL ? strtoull(value, NULL, 0)
                                  : (uint64_t)clock_now_ns() % 1000000;

    (void)printf("%s: WEIR_STRESS_SEED=%ju\n", test, (uintmax_t)seed);
    return seed;
}

#endif
