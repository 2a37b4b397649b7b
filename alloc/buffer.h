/* SPDX-License-Identifier: MPL-2.0 */
/* A pool is the message memory of one socket: buffers of powers of two, which
 * go home when any thread is done with them.
 *
 *   call                     who may call it
 *   wr_pool_new              any thread
 *   take, large_take, close  the owner: one thread at a time
 *   give, flush, large_give  any thread
 *   share, unshare           a thread that has a reference
 *
 * The owner pops pointers of its own array, `free`. Other threads collect what
 * they give in an outbox of theirs and push it to the array `returned` in
 * batches, under the pool's lock; the owner swaps the two arrays when its own
 * is empty. Free buffers are never linked through their own memory: following
 * such links costs a line transfer each, one after the other.
 *
 * Edges       The pool's lock orders a giver's last use of a buffer before its
 *             next take.
 *             B1, the release of each wr_buffer_unshare -> B2, the acquire of
 *             the last one: every holder's use comes before the giving.
 * Invariants  Per class: total = free + returned + given out, where what waits
 *             in an outbox counts as given out; both arrays have room for
 *             total pointers, so that giving never needs memory. A closed pool
 *             lives until nothing is given out.
 * Memory      None before the first take of a class. Slabs grow with what the
 *             class has; a pool keeps them until it is closed. A buffer is
 *             preceded by a line of its own (the reference count), which also
 *             keeps buffers from lying a power of two apart: they would then
 *             share a few sets of the cache.
 * Cost        take is 8 instructions and give 10, without a lock and with no
 *             shared line but the buffer's own; each batch is a lock and an
 *             unlock. Nothing is allocated in the steady state: 4 KiB buffers,
 *             first and last line written and read, move from core to core as
 *             fast as through a fixed rotation of buffers without any pool,
 *             and 40 to 50 times as fast as through malloc and free. */
#ifndef WEIR_ALLOC_BUFFER_H
#define WEIR_ALLOC_BUFFER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/arena.h"
#include "core/base/atomic.h"
#include "core/base/check.h"
#include "core/base/cpu.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

/* Class c holds WR_POOL_MIN << c bytes. */
#define WR_POOL_CLASSES 14
#define WR_POOL_MIN     ((size_t)128)
#define WR_POOL_MAX     (WR_POOL_MIN << (WR_POOL_CLASSES - 1))

struct wr_pool_stack {
    void **items;
    size_t n;
};

struct wr_pool {
    /* The owner's. */
    struct wr_pool_stack free[WR_POOL_CLASSES];
};

/* Buffers on their way home to one class of one pool. */
#define WR_OUTBOX_MAX 64
struct wr_outbox {
    uintptr_t key; /* pool and class */
    uint32_t n;
    uint32_t limit; /* goes home when n reaches it */
    void *items[WR_OUTBOX_MAX];
};

/* The calling thread's outbox of its last give. */
extern _Thread_local struct wr_outbox *wr_outbox_last
    __attribute__((tls_model("initial-exec")));

/* A new pool that takes its memory from arena and holds it. NULL: no memory. */
struct wr_pool *wr_pool_new(struct wr_arena *arena);

/* The pool of the calling thread, for messages of no socket. It is made by the
 * first call, its memory is the process's, and it is closed when the thread
 * ends. NULL: no memory, or the thread is ending. */
extern _Thread_local struct wr_pool *wr_pool_mine
    __attribute__((tls_model("initial-exec")));
struct wr_pool *wr_pool_local_new(void);

static inline struct wr_pool *
wr_pool_local(void)
{
    return likely(wr_pool_mine != NULL) ? wr_pool_mine : wr_pool_local_new();
}

/* The owner is done: no take from now on. The memory goes when the last buffer
 * is home, on whichever thread gives it. */
void wr_pool_close(struct wr_pool *p);

/* Of take and give, what they cannot do in a few instructions. */
void *wr_pool_refill(struct wr_pool *p, unsigned c);
void wr_outbox_flush(struct wr_outbox *o);
void wr_pool_give_slow(struct wr_pool *home, unsigned c, void *data);

/* The smallest class that holds size bytes, 1 to WR_POOL_MAX. */
static inline unsigned
wr_pool_class(size_t size)
{
    return 63u - (unsigned)__builtin_clzll(((size - 1) >> 6) | 1);
}

/* The address sanitizer learns that a free buffer is not to be touched. */
static inline void
wr_buffer_poison(void *data, unsigned c)
{
#ifdef __SANITIZE_ADDRESS__
    __asan_poison_memory_region(data, WR_POOL_MIN << c);
#else
    (void)data;
    (void)c;
#endif
}

static inline void *
wr_pool_pop(struct wr_pool *p, unsigned c)
{
    struct wr_pool_stack *s = &p->free[c];
    void *data = s->items[--s->n];

#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(data, WR_POOL_MIN << c);
#endif
    return data;
}

/* A buffer of class c, at a multiple of 64; its content is undefined. NULL: no
 * memory. */
static inline void *
wr_pool_take(struct wr_pool *p, unsigned c)
{
    if (unlikely(p->free[c].n == 0))
        return wr_pool_refill(p, c);
    return wr_pool_pop(p, c);
}

/* Buffers whose lines wr_pool_claim sends for. */
#define WR_POOL_CLAIM 8

/* Whether it is time for that again: once in WR_POOL_CLAIM takes, and whenever
 * there is no free buffer. */
static inline bool
wr_pool_claim_due(const struct wr_pool *p, unsigned c)
{
    return p->free[c].n % WR_POOL_CLAIM == 0;
}

/* Sends for the lines at both ends of the first `size` bytes of the next free
 * buffers of class c: another core has read them, and will have to let go of
 * them when they are written. Many at a time: see wr_slot_claim. */
void wr_pool_claim(const struct wr_pool *p, unsigned c, size_t size);

/* Gives back a buffer that was taken from class c of home, which may be closed
 * since. It is home at the latest when the thread flushes or ends. */
static inline void
wr_pool_give(struct wr_pool *home, unsigned c, void *data)
{
    struct wr_outbox *o = wr_outbox_last;

    if (unlikely(o->key != ((uintptr_t)home + c))) {
        wr_pool_give_slow(home, c, data);
        return;
    }
    wr_buffer_poison(data, c);
    o->items[o->n++] = data;
    if (unlikely(o->n == o->limit))
        wr_outbox_flush(o);
}

/* Sends home what the calling thread still holds back. */
void wr_pool_flush(void);

/* A buffer of any size at a multiple of 64, straight from the pool's arena,
 * which it holds. NULL when it cannot be had, up to SIZE_MAX. */
void *wr_large_take(struct wr_pool *p, size_t size);

/* Frees it; its pool may be gone. */
void wr_large_give(void *data);

/* Makes room for more owners of a buffer, pooled or large: extra of them beside
 * those there are. first: the caller was the only one so far. */
void wr_buffer_share(void *data, uint32_t extra, bool first);

/* One owner of a shared buffer less. True: that was the last, who gives it. */
bool wr_buffer_unshare(void *data);

#endif
