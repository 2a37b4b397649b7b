/* SPDX-License-Identifier: MPL-2.0 */
/* Where the blocks of an arena come from: jemalloc or the C library, whichever
 * of the two files is built. Private to the arena.
 *
 * Threads     Any, at any time.
 * Cost        Locks inside the allocator, system calls to map and unmap. errno
 *             may be written. */
#ifndef WEIR_ALLOC_BACKEND_H
#define WEIR_ALLOC_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

struct wr_backend;

/* NULL: no memory. node as for wr_arena_new. */
struct wr_backend *wr_backend_new(int node);

/* Every block must have been freed. */
void wr_backend_free(struct wr_backend *b);

/* align is a power of two, size at least 1. NULL: cannot be had. */
void *wr_backend_take(struct wr_backend *b, size_t align, size_t size,
                      bool zero);
void wr_backend_give(struct wr_backend *b, void *p, size_t align, size_t size);

#endif
