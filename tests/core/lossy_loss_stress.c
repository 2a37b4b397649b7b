/* SPDX-License-Identifier: MPL-2.0 */
/* What a reader of core/ring/lossy.h loses: it is counted to the item, and an
 * item that is written over while it is copied is never used. Large items are
 * copied for long enough that the writer comes upon the reader. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/atomic.h"
#include "tests/core/queue_test.h"

struct loss {
    struct wr_shape shape;
    struct wr_lossy *q;
    void *memory;
    struct wr_lossy_writer w;
    struct wr_lossy_reader r;
    uint64_t written, read;
    struct race race;  /* of the reader */
    uint64_t least;    /* items that the reader is to read, and to lose */
    _Atomic bool done; /* written by the reader, when it has */
};

static void
fill_items(void *arg, void *at, uint64_t first, uint64_t n)
{
    struct loss *l = arg;
    size_t size = l->shape.item_size;

    for (uint64_t i = 0; i < n; i++)
        item_write((unsigned char *)at + i * size, size,
                   l->written + first + i);
}

/* Each item is one that was not lost. */
static void
use_items(void *arg, const void *at, uint64_t n)
{
    struct loss *l = arg;
    size_t size = l->shape.item_size;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t value = item_read((const unsigned char *)at + i * size, size);

        CHECK(value == l->read + l->r.lost);
        l->read++;
    }
}

static void
push(struct loss *l, uint64_t n)
{
    CHECK(wr_lossy_push(&l->w, l->shape.item_size, n, fill_items, l) == n);
    l->written += n;
}

static uint64_t
pop(struct loss *l, uint64_t n)
{
    return wr_lossy_pop(&l->r, l->shape.item_size, n, use_items, l);
}

static void
loss_init(struct loss *l, uint64_t capacity, uint32_t item_size)
{
    *l = (struct loss){
        .shape = { .capacity = capacity,
                   .item_size = item_size,
                   .writers = 1,
                   .readers = 1,
                   .start = -capacity },
        .race = { capacity ^ item_size },
    };
    l->q = queue_new(&l->shape, &l->memory);
    wr_lossy_writer_init(&l->w, l->q, 0);
    wr_lossy_reader_init(&l->r, l->q, 0);
}

static void
loss_fini(struct loss *l)
{
    while (pop(l, 100) > 0)
        ;
    CHECK(l->read + l->r.lost == l->written);
    queue_free(l->q, l->memory);
}

static void
for_each_shape(void (*run)(struct loss *l))
{
    static const uint64_t capacities[] = { 1, 2, 16, 256 };
    static const uint32_t sizes[] = { 8, 16, 24, 56, 64, 72, 4096 };

    for (size_t c = 0; c < COUNT(capacities); c++) {
        for (size_t s = 0; s < COUNT(sizes); s++) {
            struct loss l;

            loss_init(&l, capacities[c], sizes[s]);
            run(&l);
            loss_fini(&l);
        }
    }
}

/* One thread: nothing is lost that `capacity` has room for. */
static void
overrun(struct loss *l)
{
    uint64_t capacity = l->shape.capacity;

    for (uint64_t round = 0; round < 300; round++) {
        uint64_t n = 1 + race_below(&l->race, 3 * capacity + 20);
        uint64_t unread = l->written - l->read - l->r.lost;
        uint64_t lost = l->r.lost;

        push(l, n);
        while (pop(l, 1 + race_below(&l->race, capacity + 2)) > 0)
            if (race_once_in(&l->race, 8))
                break;
        if (unread + n <= capacity)
            CHECK(l->r.lost == lost);
    }
    CHECK(l->r.lost > 0);
}

static void
test_losses_are_counted(void **state)
{
    (void)state;
    for_each_shape(overrun);
}

static void *
read_and_lose(void *arg)
{
    struct loss *l = arg;

    while (l->read < l->least || l->r.lost < l->least) {
        (void)pop(l, 1 + race_below(&l->race, 32));
        race_delay(&l->race);
    }
    store_release(&l->done, true); /* D1 */
    return NULL;
}

/* The writer goes on for as long as it takes, and pauses now and then: a ring
 * of one large item is else never at rest for as long as a copy takes. */
static void
race_for_it(struct loss *l)
{
    struct race race = { l->shape.capacity };
    pthread_t reader;

    l->least = race_length(8000, 2000000) / (l->shape.item_size / 8);
    CHECK(pthread_create(&reader, NULL, read_and_lose, l) == 0);
    while (!load_acquire(&l->done)) { /* D1 */
        push(l, 1 + race_below(&race, 32));
        race_delay(&race);
    }
    CHECK(pthread_join(reader, NULL) == 0);
}

static void
test_no_item_is_torn(void **state)
{
    (void)state;
    for_each_shape(race_for_it);
}

static void
test_items_have_a_largest_size(void **state)
{
    struct wr_shape shape = { .capacity = 8, .writers = 1, .readers = 1 };

    (void)state;
    shape.item_size = WR_LOSSY_ITEM_MAX;
    assert_true(wr_lossy_bytes(&shape) > 0);
    shape.item_size = WR_LOSSY_ITEM_MAX + 8;
    assert_int_equal(wr_lossy_bytes(&shape), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_have_a_largest_size),
        cmocka_unit_test(test_losses_are_counted),
        cmocka_unit_test(test_no_item_is_torn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
