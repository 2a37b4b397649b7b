/* SPDX-License-Identifier: MPL-2.0 */
#include "alloc/arena.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "alloc/backend.h"
#include "core/base/atomic.h"
#include "core/base/check.h"
#include "core/base/cpu.h"

struct wr_arena {
    _Atomic uint32_t refs;
    int node;
    struct wr_backend *backend;
    struct wr_arena *next; /* in its set; guarded by the set's lock */
};

/* Relaxed: counts, which order nothing. */
static _Atomic uint64_t calls;
static _Atomic uint64_t made;
static _Atomic uint64_t destroyed;

struct wr_arena *
wr_arena_new(int node)
{
    int saved = errno;
    struct wr_arena *a = malloc(sizeof(*a));

    if (a != NULL) {
        *a = (struct wr_arena){ .refs = 1, .node = node };
        a->backend = wr_backend_new(node);
        if (a->backend == NULL) {
            free(a);
            a = NULL;
        }
    }
    if (a != NULL)
        fetch_add_relaxed(&made, 1);
    errno = saved;
    return a;
}

void
wr_arena_hold(struct wr_arena *a)
{
    /* Relaxed: the caller has a reference, so it cannot be the last. */
    fetch_add_relaxed(&a->refs, 1);
}

void
wr_arena_drop(struct wr_arena *a)
{
    int saved = errno;

    if (fetch_sub_acq_rel(&a->refs, 1) != 1) /* A1, A2 */
        return;
    wr_backend_free(a->backend);
    free(a);
    fetch_add_relaxed(&destroyed, 1);
    errno = saved;
}

static void *
take(struct wr_arena *a, size_t align, size_t size, bool zero)
{
    int saved = errno;
    void *p;

    WEIR_ASSERT(align != 0 && (align & (align - 1)) == 0);
    if (unlikely(align > PTRDIFF_MAX || size > PTRDIFF_MAX - align))
        return NULL;
    fetch_add_relaxed(&calls, 1);
    p = wr_backend_take(a->backend, align, size == 0 ? 1 : size, zero);
    errno = saved;
    return p;
}

void *
wr_arena_alloc(struct wr_arena *a, size_t align, size_t size)
{
    return take(a, align, size, false);
}

void *
wr_arena_zalloc(struct wr_arena *a, size_t align, size_t size)
{
    return take(a, align, size, true);
}

void
wr_arena_free(struct wr_arena *a, void *p, size_t align, size_t size)
{
    int saved = errno;

    if (p == NULL)
        return;
    fetch_add_relaxed(&calls, 1);
    wr_backend_give(a->backend, p, align, size == 0 ? 1 : size);
    errno = saved;
}

int
wr_arena_node(const struct wr_arena *a)
{
    return a->node;
}

uint64_t
wr_arena_calls(void)
{
    return load_relaxed(&calls);
}

uint64_t
wr_arena_live(void)
{
    uint64_t gone = load_relaxed(&destroyed);

    return load_relaxed(&made) - gone;
}

void
wr_arenas_init(struct wr_arenas *set)
{
    (void)pthread_mutex_init(&set->lock, NULL);
    set->first = NULL;
}

static int
node_here(void)
{
    int saved = errno;
    unsigned node;
    bool known = getcpu(NULL, &node) == 0;

    errno = saved;
    return known ? (int)node : 0;
}

static struct wr_arena *
find_or_make(struct wr_arenas *set, int node)
{
    struct wr_arena *a = set->first;

    while (a != NULL && a->node != node)
        a = a->next;
    if (a != NULL)
        return a;
    a = wr_arena_new(node);
    if (a == NULL)
        return NULL;
    a->next = set->first;
    set->first = a;
    return a;
}

struct wr_arena *
wr_arenas_get(struct wr_arenas *set, int node)
{
    struct wr_arena *a;

    if (node < 0)
        node = node_here();
    (void)pthread_mutex_lock(&set->lock);
    a = find_or_make(set, node);
    if (a != NULL)
        wr_arena_hold(a);
    (void)pthread_mutex_unlock(&set->lock);
    return a;
}

void
wr_arenas_fini(struct wr_arenas *set)
{
    while (set->first != NULL) {
        struct wr_arena *a = set->first;

        set->first = a->next;
        wr_arena_drop(a);
    }
    (void)pthread_mutex_destroy(&set->lock);
}
