/* SPDX-License-Identifier: MPL-2.0 */
/* Between a test and its arenas: counts what is taken, fails to give it where
 * the test says so, and checks that blocks go back as they were taken. For
 * tests of one thread, linked with --wrap of the two functions. */
#ifndef WEIR_TESTS_CORE_MEMORY_H
#define WEIR_TESTS_CORE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "alloc/arena.h"

/* In front of each block. Larger alignments than its own are not served. */
struct block {
    _Alignas(16) size_t size;
    size_t align;
};

static struct {
    size_t blocks;
    size_t bytes;
    size_t fail_after; /* so many more are given */
} memory = { .fail_after = SIZE_MAX };

void *__real_wr_arena_alloc(struct wr_arena *a, size_t align, size_t size);
void *__wrap_wr_arena_alloc(struct wr_arena *a, size_t align, size_t size);
void __real_wr_arena_free(struct wr_arena *a, void *p, size_t align,
                          size_t size);
void __wrap_wr_arena_free(struct wr_arena *a, void *p, size_t align,
                          size_t size);

void *
__wrap_wr_arena_alloc(struct wr_arena *a, size_t align, size_t size)
{
    struct block *b;

    if (memory.fail_after == 0 || size > SIZE_MAX - sizeof(*b))
        return NULL;
    if (memory.fail_after != SIZE_MAX)
        memory.fail_after--;
    assert_true(align <= _Alignof(struct block));
    b = __real_wr_arena_alloc(a, _Alignof(struct block), sizeof(*b) + size);
    if (b == NULL)
        return NULL;
    b->size = size;
    b->align = align;
    memory.blocks++;
    memory.bytes += size;
    return b + 1;
}

void
__wrap_wr_arena_free(struct wr_arena *a, void *p, size_t align, size_t size)
{
    struct block *b = p;

    if (p == NULL)
        return;
    b--;
    assert_int_equal(b->size, size);
    assert_int_equal(b->align, align);
    memory.blocks--;
    memory.bytes -= size;
    __real_wr_arena_free(a, b, _Alignof(struct block), sizeof(*b) + size);
}

#endif
