/* SPDX-License-Identifier: MPL-2.0 */
/* Several threads and a queue, of the design that the build names: nothing is
 * lost, doubled, torn, or out of order, and what each thread saw when can be
 * what a queue did (history.h).
 *
 * In race mode the threads pause at random between calls, and within them:
 * between an item's slot being taken and being written, and between it being
 * read and given back. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/core/queue_run.h"

static void
pause_maybe(struct side *s)
{
    if (s->run->race)
        race_delay(&s->race);
}

static void
fill_items(void *arg, void *at, uint64_t first, uint64_t n)
{
    struct side *s = arg;
    size_t size = s->run->shape.item_size;

    pause_maybe(s);
    for (uint64_t i = 0; i < n; i++)
        item_write((unsigned char *)at + i * size, size,
                   value_of(s->number, s->done + first + i));
    pause_maybe(s);
}

static void
use_items(void *arg, const void *at, uint64_t n)
{
    struct side *s = arg;
    size_t size = s->run->shape.item_size;

    pause_maybe(s);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t value = item_read((const unsigned char *)at + i * size, size);
        uint64_t writer = value >> WRITER_SHIFT, number = value & NUMBER_MASK;

        CHECK(writer < s->run->shape.writers && number < s->run->items);
        CHECK(number >= s->due[writer]);
        s->due[writer] = number + 1;
        s->values[s->done++] = value;
    }
    pause_maybe(s);
}

/* The time, when all that this thread has stored is seen by the others, and
 * before it loads anything further: two locked instructions, the second of
 * which needs the time itself. Without them a push would seem to end while its
 * store waits in the core. */
static int64_t
fenced_now(struct side *s)
{
    int64_t now;

    (void)exchange_seq_cst(&s->fence, 0);
    now = clock_now_ns();
    (void)exchange_seq_cst(&s->fence, now);
    return now;
}

/* Keeps when a call was. Of those that failed, as many as there is room for. */
static void
log_call(struct side *s, int64_t begin, uint64_t first, bool failed)
{
    int64_t end = fenced_now(s);

    if (s->done > first)
        s->calls[s->made++] =
            (struct call){ begin, end, first, s->done - first };
    if (failed && s->failed < s->most)
        s->failures[s->failed++] = (struct history_failure){ begin, end };
}

static void *
write_items(void *arg)
{
    struct side *s = arg;
    struct run *run = s->run;
    struct race_stall stall = { 0 };

    while (s->done < run->items) {
        uint64_t want = 1 + race_below(&s->race, run->batch), first = s->done;
        int64_t begin;

        if (want > run->items - first)
            want = run->items - first;
        begin = fenced_now(s);
        s->done +=
            QUEUE_IS(push)(&s->w, run->shape.item_size, want, fill_items, s);
        log_call(s, begin, first, s->done == first);
        pause_maybe(s);
        if (s->done > first) {
            stall.times = 0;
            continue;
        }
        QUEUE_IS(flush)(&s->w);
        race_stalled(&stall);
    }
    QUEUE_IS(flush)(&s->w);
    fetch_sub_acq_rel(&run->writing, 1); /* S1: all is written */
    return NULL;
}

static void *
read_items(void *arg)
{
    struct side *s = arg;
    struct run *run = s->run;
    struct race_stall stall = { 0 };
    uint32_t writing;
    uint64_t first;

    do {
        uint64_t want = 1 + race_below(&s->race, run->batch);
        int64_t begin;

        first = s->done;
        writing = load_acquire(&run->writing); /* S1 */
        begin = fenced_now(s);
        QUEUE_IS(pop)(&s->r, run->shape.item_size, want, use_items, s);
        log_call(s, begin, first, s->done == first);
        pause_maybe(s);
        if (s->done > first)
            stall.times = 0;
        else
            race_stalled(&stall);
    } while (s->done > first || writing > 0);
    return NULL;
}

static void
side_init(struct side *s, struct run *run, uint32_t number, bool reads)
{
    static uint64_t seed;
    size_t items = run->items * (reads ? run->shape.writers : 1);

    if (seed == 0)
        seed = race_seed(QUEUE_IS(traits).name);
    *s = (struct side){ .run = run, .number = number, .race = { seed++ } };
    s->most = items;
    s->calls = room_for(items, sizeof(*s->calls));
    s->failures = room_for(items, sizeof(*s->failures));
    if (reads) {
        s->values = room_for(items, sizeof(*s->values));
        QUEUE_IS(reader_init)(&s->r, run->q, number);
    } else {
        QUEUE_IS(writer_init)(&s->w, run->q, number);
    }
}

static void
side_fini(struct side *s)
{
    free(s->calls);
    free(s->failures);
    free(s->values);
}

/* ---- Runs -------------------------------------------------------------- */

static void
start(struct side *s, void *(*work)(void *side))
{
    CHECK(pthread_create(&s->thread, NULL, work, s) == 0);
}

static void
run_threads(struct run *run)
{
    uint32_t writers = run->shape.writers, readers = run->shape.readers;

    for (uint32_t i = 0; i < readers; i++)
        side_init(&run->reader[i], run, i, true);
    for (uint32_t i = 0; i < writers; i++)
        side_init(&run->writer[i], run, i, false);
    store_relaxed(&run->writing, writers); /* the threads start later */
    for (uint32_t i = 0; i < readers; i++)
        start(&run->reader[i], read_items);
    for (uint32_t i = 0; i < writers; i++)
        start(&run->writer[i], write_items);
    for (uint32_t i = 0; i < writers; i++)
        CHECK(pthread_join(run->writer[i].thread, NULL) == 0);
    for (uint32_t i = 0; i < readers; i++)
        CHECK(pthread_join(run->reader[i].thread, NULL) == 0);
    check_all(run);
    for (uint32_t i = 0; i < readers; i++)
        side_fini(&run->reader[i]);
    for (uint32_t i = 0; i < writers; i++)
        side_fini(&run->writer[i]);
}

static void
run_queue(struct wr_shape shape, uint64_t items, bool race)
{
    struct run *run = aligned_zeros(sizeof(*run));
    void *memory;

    if (shape.capacity < QUEUE_IS(traits).capacity_least)
        shape.capacity = QUEUE_IS(traits).capacity_least;
    run->shape = shape;
    run->items = items;
    run->batch = shape.capacity < 64 ? shape.capacity + 1 : 64;
    run->race = race;
    run->q = queue_new(&shape, &memory);
    if (run->q != NULL) {
        run_threads(run);
        queue_free(run->q, memory);
    }
    free(run);
}

/* The position where 32 or 64 bits are full comes early, or in the middle. */
static void
run_from_each_start(struct wr_shape shape, uint64_t items)
{
    for (int race = 0; race < 2; race++) {
        shape.start = 0;
        run_queue(shape, items, race);
        shape.start = (UINT64_C(1) << 32) - items / 2;
        run_queue(shape, items, race);
        shape.start = -shape.capacity - 1;
        run_queue(shape, items, race);
    }
}

static void
run_each_shape(uint32_t writers, uint32_t readers)
{
    static const uint64_t capacities[] = { 1, 2, 16, 1024 };
    static const uint32_t sizes[] = { 8, 64, 16, 8 };
    uint64_t rounds = race_is_long() ? 50 : 1;

    for (uint64_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < COUNT(capacities); i++) {
            struct wr_shape shape = {
                .capacity = capacities[i],
                .item_size = sizes[i],
                .writers = writers,
                .readers = readers,
            };
            uint64_t items =
                race_length(capacities[i] < 16 ? 4000 : 20000, 200000);

            run_from_each_start(shape, items);
        }
    }
}

static void
test_one_writer_one_reader(void **state)
{
    (void)state;
    run_each_shape(1, 1);
}

static void
test_all_sides(void **state)
{
    (void)state;
    run_each_shape(has_many_writers() ? SIDES : 1,
                   has_many_readers() ? SIDES : 1);
}

static void
test_two_of_each(void **state)
{
    (void)state;
    run_each_shape(has_many_writers() ? 2 : 1, has_many_readers() ? 2 : 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_writer_one_reader),
        cmocka_unit_test(test_two_of_each),
        cmocka_unit_test(test_all_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
