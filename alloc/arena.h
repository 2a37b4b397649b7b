/* SPDX-License-Identifier: MPL-2.0 */
/* An arena is the memory of one context on one NUMA node; the set of a
 * context's arenas makes one per node on first use.
 *
 * Threads     Every call may be made from any thread at any time, but
 *             wr_arenas_init and wr_arenas_fini, which exclude all others on
 *             the same set.
 * Edges       A1, the release of each wr_arena_drop -> A2, the acquire of the
 *             last one: what any holder did with the arena happens before it
 *             is destroyed. Inside an arena the allocator's locks do the rest.
 * Invariants  Who uses an arena holds a reference to it. Every block is freed
 *             before the reference under which it was taken is dropped.
 * Cost        Cold: alloc and free take a lock of the allocator and may map or
 *             unmap memory. errno is left alone.
 *
 * Two backends: jemalloc, under a prefix of its own, with an arena of its own
 * for each of ours, or the C library, with none. On a machine with more than
 * one node jemalloc's arenas prefer their node for all that they map. One of
 * them costs 0.5 ms to make and destroy and 90 kB of memory, and jemalloc takes
 * 4,095 in a process: beyond 512, ours share one for each node. */
#ifndef WEIR_ALLOC_ARENA_H
#define WEIR_ALLOC_ARENA_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct wr_arena;

/* A new arena whose memory prefers a node; -1: pages come from the node of the
 * thread that touches them first. The caller holds it. NULL: no memory. */
struct wr_arena *wr_arena_new(int node);

/* One more reference; one less. The last one destroys the arena. */
void wr_arena_hold(struct wr_arena *a);
void wr_arena_drop(struct wr_arena *a);

/* A block of size bytes, at a multiple of align, a power of two. NULL when it
 * cannot be had, whatever the size. */
void *wr_arena_alloc(struct wr_arena *a, size_t align, size_t size);

/* The same, all zero. Fresh pages are not touched. */
void *wr_arena_zalloc(struct wr_arena *a, size_t align, size_t size);

/* Frees a block of this arena, given what it was made with. p may be NULL. */
void wr_arena_free(struct wr_arena *a, void *p, size_t align, size_t size);

/* The node that the arena was made for, or -1. */
int wr_arena_node(const struct wr_arena *a);

/* Of the whole process: calls made to the underlying allocator, and arenas
 * that have not been destroyed. For tests and statistics. */
uint64_t wr_arena_calls(void);
uint64_t wr_arena_live(void);

/* The arenas of a context. */
struct wr_arenas {
    pthread_mutex_t lock;
    struct wr_arena *first; /* linked by node, the set holds each */
};

void wr_arenas_init(struct wr_arenas *set);

/* The set's arena of node, which the caller then holds too; -1 is the node that
 * the calling thread runs on now. NULL: no memory. */
struct wr_arena *wr_arenas_get(struct wr_arenas *set, int node);

/* Drops what the set holds. */
void wr_arenas_fini(struct wr_arenas *set);

#endif
