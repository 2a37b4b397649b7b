/* SPDX-License-Identifier: MPL-2.0 */
/* A run of the stress: what each of its threads did and saw, and whether a
 * queue of the design that the build names can have done that. */
#ifndef WEIR_TESTS_CORE_QUEUE_RUN_H
#define WEIR_TESTS_CORE_QUEUE_RUN_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/base/atomic.h"
#include "tests/core/history.h"
#include "tests/core/queue_test.h"

#define SIDES 3

/* A call, and how many items it moved. */
struct call {
    int64_t begin, end;
    uint64_t first; /* among those of its thread */
    uint64_t n;
};

struct run;

/* A thread's part of a run. */
struct side {
    struct run *run;
    uint32_t number;
    pthread_t thread;
    struct QUEUE_IS(writer) w; /* one of the two */
    struct QUEUE_IS(reader) r;
    struct race race;
    uint64_t done;
    _Atomic int64_t fence;
    struct call *calls;
    size_t made, most;   /* calls */
    uint64_t *values;    /* of a reader */
    uint64_t due[SIDES]; /* of a reader: by writer, the least that may come */
    struct history_failure *failures;
    size_t failed;
};

struct run {
    struct wr_shape shape;
    struct QUEUE_TYPE *q;
    uint64_t items; /* by each writer */
    uint64_t batch;
    bool race;
    _Atomic uint32_t writing; /* writers that have not ended */
    struct side writer[SIDES], reader[SIDES];
};

static void *
room_for(size_t n, size_t size)
{
    void *room = calloc(n + 1, size);

    CHECK(room != NULL);
    return room;
}

static void
note_pushes(const struct side *s, struct history_item *items)
{
    for (size_t c = 0; c < s->made; c++) {
        for (uint64_t i = 0; i < s->calls[c].n; i++) {
            items[s->calls[c].first + i] = (struct history_item){
                .push_begin = s->calls[c].begin,
                .push_end = s->calls[c].end,
                .pop_begin = HISTORY_NEVER,
                .pop_end = HISTORY_NEVER,
            };
        }
    }
}

/* Each value at most once. */
static void
note_pops(const struct side *s, struct history_item *items)
{
    for (size_t c = 0; c < s->made; c++) {
        for (uint64_t i = 0; i < s->calls[c].n; i++) {
            uint64_t value = s->values[s->calls[c].first + i];
            struct history_item *item =
                &items[(value >> WRITER_SHIFT) * s->run->items +
                       (value & NUMBER_MASK)];

            CHECK(item->pop_end == HISTORY_NEVER);
            item->pop_begin = s->calls[c].begin;
            item->pop_end = s->calls[c].end;
        }
    }
}

/* Takes out what was not read: nothing, unless the design loses items. */
static size_t
only_read(struct history_item *items, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (items[i].pop_end != HISTORY_NEVER)
            items[kept++] = items[i];
    }
    CHECK(kept == n || QUEUE_IS(traits).lossy);
    return kept;
}

static void
expect(const char *wrong)
{
    if (wrong != NULL)
        print_error("%s: %s\n", QUEUE_IS(traits).name, wrong);
    assert_null(wrong);
}

/* That much holds whatever the order. Each reader has looked at its own. */
static void
check_no_order(const struct history_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(items[i].pop_end >= items[i].push_begin);
}

static void
check_order(const struct run *run, const struct history_item *items)
{
    bool all = QUEUE_IS(traits).order == WR_ORDER_ALL;
    size_t n = run->items * (all ? run->shape.writers : 1);
    struct history_item *some;

    if (QUEUE_IS(traits).order == WR_ORDER_READER) {
        check_no_order(items, run->items * run->shape.writers);
        return;
    }
    some = room_for(n, sizeof(*some));
    for (uint32_t w = 0; w < (all ? 1 : run->shape.writers); w++) {
        memcpy(some, items + w * run->items, n * sizeof(*some));
        expect(history_check_order(some, only_read(some, n)));
    }
    free(some);
}

/* What the readers from `first` on have seen of all items. */
static void
check_history(struct run *run, uint32_t first, uint32_t readers)
{
    size_t n = run->items * run->shape.writers;
    struct history_item *items = room_for(n, sizeof(*items));

    for (uint32_t w = 0; w < run->shape.writers; w++)
        note_pushes(&run->writer[w], items + w * run->items);
    for (uint32_t r = first; r < first + readers; r++)
        note_pops(&run->reader[r], items);
    check_order(run, items);
    n = only_read(items, n);
    for (uint32_t r = first; r < first + readers; r++) {
        struct side *s = &run->reader[r];

        if (QUEUE_IS(traits).empty_is_exact)
            expect(history_check_empty(items, n, s->failures, s->failed));
    }
    for (uint32_t w = 0; w < run->shape.writers; w++) {
        struct side *s = &run->writer[w];

        if (QUEUE_IS(traits).full_is_exact && !kind_is("broadcast"))
            expect(history_check_full(items, n, s->failures, s->failed,
                                      run->shape.capacity));
    }
    free(items);
}

/* Ends the test if anything is wrong. */
static void
check_all(struct run *run)
{
    if (!kind_is("broadcast")) {
        check_history(run, 0, run->shape.readers);
        return;
    }
    for (uint32_t r = 0; r < run->shape.readers; r++)
        check_history(run, r, 1);
}

#endif
