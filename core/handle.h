/* SPDX-License-Identifier: MPL-2.0 */
/* Handles that are found out when they are stale.
 *
 * Contexts and sockets live in memory that is never given back, at multiples
 * of 256; the low eight bits of a handle hold the generation of the object
 * that it was made for, and the object holds its own. So a NULL or closed
 * handle is told from a live one by one load, and never touches freed memory:
 * an object's storage is used again for its kind only, the longest free first,
 * and a stale handle can match again after 255 uses of the same storage.
 *
 * Concurrency  new, free: any thread. get: any thread; whether the object
 *              stays alive after it is for the caller to know.
 * Edge         H1 free: release store of the generation; H2 get: acquire load
 * Cost         get: one load. The memory of the most objects that were ever
 *              alive at once is kept. */
#ifndef WEIR_CORE_HANDLE_H
#define WEIR_CORE_HANDLE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/atomic.h"
#include "core/base/cpu.h"

#define WR_HANDLE_ALIGN 256

/* The first member of an object. */
struct wr_handle {
    _Atomic uint32_t generation; /* 1 to 255; 0: not alive */
    uint32_t last;               /* the generation before */
    struct wr_handle *next_free;
};

/* The storage of one kind of object. */
struct wr_handle_pool {
    pthread_mutex_t lock;
    size_t object_size; /* a multiple of WR_HANDLE_ALIGN */
    struct wr_handle *first_free;
    struct wr_handle *last_free;
    void *blocks; /* all memory, linked through its first word */
};

#define WR_HANDLE_POOL(type)                                  \
    {                                                         \
        .lock = PTHREAD_MUTEX_INITIALIZER,                    \
        .object_size = (sizeof(type) + WR_HANDLE_ALIGN - 1) / \
                       WR_HANDLE_ALIGN * WR_HANDLE_ALIGN,     \
    }

/* An object, all zero but its handle, alive once wr_handle_open is called.
 * NULL: no memory. */
void *wr_handle_new(struct wr_handle_pool *pool);

/* Makes it alive and returns the handle to give out. */
void *wr_handle_open(struct wr_handle *h);

/* The handle of an object that is alive, for its owner. */
static inline void *
wr_handle_of(struct wr_handle *h)
{
    return (char *)h + h->last;
}

/* Makes all handles of the object stale. */
void wr_handle_close(struct wr_handle *h);

/* Gives the storage back, after wr_handle_close or instead of open. */
void wr_handle_free(struct wr_handle_pool *pool, struct wr_handle *h);

/* The object of a handle, or NULL when it is NULL or stale. */
static inline void *
wr_handle_get(const void *handle)
{
    uintptr_t bits = (uintptr_t)handle;
    struct wr_handle *h =
        (struct wr_handle *)(bits & ~(uintptr_t)(WR_HANDLE_ALIGN - 1));

    if (unlikely(h == NULL || load_acquire(&h->generation) /* H2 */
                                  != (bits & (WR_HANDLE_ALIGN - 1))))
        return NULL;
    return unlikely((bits & (WR_HANDLE_ALIGN - 1)) == 0) ? NULL : h;
}

#endif
