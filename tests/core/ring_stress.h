/* SPDX-License-Identifier: MPL-2.0 */
/* Two threads and a ring: nothing is lost, doubled, torn or out of order. A
 * file includes the design's `struct queue` and then this one, and calls
 * ring_stress_main.
 *
 * In race mode batches are cut short at random, and both threads pause at
 * random between any two steps. */
#ifndef WEIR_TESTS_CORE_RING_STRESS_H
#define WEIR_TESTS_CORE_RING_STRESS_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct run {
    struct queue queue;
    uint64_t items;
    uint64_t batch;
    bool race;
    struct race writer;
    struct race reader;
};

/* How many of n this step handles. */
static uint64_t
some_of(const struct run *run, struct race *race, uint64_t n)
{
    return run->race ? race_below(race, n + 1) : n;
}

static void
between_steps(const struct run *run, struct race *race)
{
    if (run->race)
        race_delay(race);
}

static void *
write_items(void *arg)
{
    struct run *run = arg;
    struct race race = run->writer; /* by itself: no shared line */
    struct race_stall stall = { 0 };
    uint64_t done = 0;
    void *span;

    while (done < run->items) {
        uint64_t left = run->items - done;
        uint64_t want = 1 + race_below(&race, run->batch);
        uint64_t n =
            queue_reserve(&run->queue, want < left ? want : left, &span);

        if (n == 0) {
            race_stalled(&stall);
            continue;
        }
        stall.times = 0;
        for (uint64_t i = 0; i < n; i++)
            queue_put(span, i, done + i);
        between_steps(run, &race);
        n = some_of(run, &race, n);
        queue_commit(&run->queue, n);
        between_steps(run, &race);
        done += n;
    }
    return NULL;
}

static void
read_items(struct run *run)
{
    struct race race = run->reader;
    struct race_stall stall = { 0 };
    uint64_t done = 0;
    void *span;

    while (done < run->items) {
        uint64_t want = 1 + race_below(&race, run->batch);
        uint64_t n = queue_peek(&run->queue, want, &span);

        if (n == 0) {
            queue_flush(&run->queue);
            race_stalled(&stall);
            continue;
        }
        stall.times = 0;
        between_steps(run, &race);
        for (uint64_t i = 0; i < n; i++)
            CHECK(queue_get(span, i) == done + i);
        n = some_of(run, &race, n);
        queue_release(&run->queue, n);
        between_steps(run, &race);
        done += n;
    }
    CHECK(queue_peek(&run->queue, 1, &span) == 0);
}

static void
run_ring(uint64_t capacity, uint64_t start, uint64_t items, bool race)
{
    static uint64_t runs;
    struct run run = { .items = items, .batch = capacity, .race = race };
    pthread_t thread;

    if (runs == 0)
        runs = race_seed("ring");
    run.writer.state = runs++;
    run.reader.state = runs++;
    queue_init(&run.queue, capacity, start);
    CHECK(pthread_create(&thread, NULL, write_items, &run) == 0);
    read_items(&run);
    CHECK(pthread_join(thread, NULL) == 0);
    queue_fini(&run.queue);
}

/* Times around the ring of a short run: with other work on the machine, each
 * may cost two switches between the threads. */
#define SHORT_LAPS 2000

/* Rings that begin at 0, and before the places where 32 and 64 bits are full,
 * so that these are passed early and late. */
static void
run_from_each_start(uint64_t capacity, uint64_t items, bool race)
{
    if (!race_is_long() && items > capacity * SHORT_LAPS)
        items = capacity * SHORT_LAPS;
    run_ring(capacity, 0, items, race);
    run_ring(capacity, (UINT64_C(1) << 32) - items / 2, items, race);
    run_ring(capacity, -(items / 2), items, race);
    run_ring(capacity, -capacity - 1, items, race);
}

static void
test_tiny_rings(void **state)
{
    static const uint64_t capacities[] = { 1, 2, 4 };
    uint64_t items = race_length(20000, 10000000);

    (void)state;
    for (size_t i = 0; i < COUNT(capacities); i++) {
        run_from_each_start(capacities[i], items, false);
        run_from_each_start(capacities[i], items, true);
    }
}

static void
test_rings(void **state)
{
    static const uint64_t capacities[] = { 8, 128, 1024, 16384 };
    uint64_t items = race_length(400000, 100000000);

    (void)state;
    for (size_t i = 0; i < COUNT(capacities); i++)
        run_from_each_start(capacities[i], items, false);
}

static void
test_rings_with_delays(void **state)
{
    static const uint64_t capacities[] = { 8, 16, 128, 1024 };
    uint64_t items = race_length(100000, 50000000);

    (void)state;
    for (size_t i = 0; i < COUNT(capacities); i++)
        run_from_each_start(capacities[i], items, true);
}

static void
test_huge_batches(void **state)
{
    uint64_t items = race_length(1000000, 100000000);

    (void)state;
    run_from_each_start(131072, items, false);
    run_from_each_start(131072, items, true);
}

static int
ring_stress_main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tiny_rings),
        cmocka_unit_test(test_rings),
        cmocka_unit_test(test_rings_with_delays),
        cmocka_unit_test(test_huge_batches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
