/* SPDX-License-Identifier: MPL-2.0 */
/* The designs that grow, of which the build names one: without memory a push
 * takes what there is room for, and what was allocated is used again as long as
 * no more than DEPTH items are in the queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/core/queue_test.h"

#define CAPACITY 1024

struct play {
    struct wr_shape shape;
    struct QUEUE_TYPE *q;
    void *memory;
    struct QUEUE_IS(writer) w;
    struct QUEUE_IS(reader) r;
    uint64_t written, read;
};

static bool no_memory;
static uint64_t allocations;

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
    if (no_memory)
        return NULL;
    allocations++;
    return __real_aligned_alloc(alignment, size);
}

static void
fill_items(void *arg, void *at, uint64_t first, uint64_t n)
{
    struct play *p = arg;
    size_t size = p->shape.item_size;

    for (uint64_t i = 0; i < n; i++)
        item_write((unsigned char *)at + i * size, size,
                   p->written + first + i);
}

static void
use_items(void *arg, const void *at, uint64_t n)
{
    struct play *p = arg;
    size_t size = p->shape.item_size;

    for (uint64_t i = 0; i < n; i++)
        assert_int_equal(item_read((const unsigned char *)at + i * size, size),
                         p->read++);
}

static uint64_t
push(struct play *p, uint64_t n)
{
    n = QUEUE_IS(push)(&p->w, p->shape.item_size, n, fill_items, p);
    p->written += n;
    return n;
}

static void
pop(struct play *p, uint64_t n)
{
    n = QUEUE_IS(pop)(&p->r, p->shape.item_size, n, use_items, p);
    assert_true(n > 0);
}

static void
drain(struct play *p)
{
    while (p->read < p->written)
        pop(p, 100);
    assert_int_equal(QUEUE_IS(pop)(&p->r, p->shape.item_size, 1, use_items, p),
                     0);
}

static void
play_init(struct play *p, uint32_t item_size)
{
    *p = (struct play){ .shape = { .capacity = CAPACITY,
                                   .item_size = item_size,
                                   .writers = 1,
                                   .readers = 1 } };
    p->q = queue_new(&p->shape, &p->memory);
    assert_non_null(p->q);
    QUEUE_IS(writer_init)(&p->w, p->q, 0);
    QUEUE_IS(reader_init)(&p->r, p->q, 0);
}

static const uint32_t sizes[] = { 8, 24, 64, 4096 };

static void
test_no_memory(void **state)
{
    struct play p;

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        play_init(&p, sizes[i]);
        no_memory = true;
        while (push(&p, 7) == 7)
            assert_true(p.written < 2 * CAPACITY);
        assert_true(p.written >= CAPACITY);
        assert_int_equal(push(&p, 7), 0);
        no_memory = false;
        assert_int_equal(push(&p, 7), 7);
        assert_int_equal(push(&p, 5 * CAPACITY), 5 * CAPACITY);
        drain(&p);
        queue_free(p.q, p.memory);
    }
}

static void
test_memory_is_used_again(void **state)
{
    struct play p;

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        uint64_t before;

        play_init(&p, sizes[i]);
        for (uint64_t round = 0; round < 20; round++) {
            assert_int_equal(push(&p, DEPTH), DEPTH);
            drain(&p);
        }
        before = allocations;
        for (uint64_t round = 0; round < 20; round++) {
            assert_int_equal(push(&p, DEPTH / 2), DEPTH / 2);
            assert_int_equal(push(&p, DEPTH / 2), DEPTH / 2);
            pop(&p, DEPTH / 3);
            drain(&p);
        }
        assert_int_equal(allocations, before);
        queue_free(p.q, p.memory);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_memory_is_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
