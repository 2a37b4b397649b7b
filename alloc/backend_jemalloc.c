/* SPDX-License-Identifier: MPL-2.0 */
#include "alloc/backend.h"

#include <linux/mempolicy.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <wr_je.h>

#include "core/base/cpu.h"

/* What jemalloc reads at its start. We use none of its automatic arenas and
 * caches. With retain, a destroyed arena would leave 2 MiB of address space
 * behind. Free pages are kept for reuse, but of what would be a larger piece
 * than the threshold they go at once. */
const char *wr_je_malloc_conf =
    "narenas:1,tcache:false,retain:false,oversize_threshold:33554432";

/* Arenas that are nobody else's. Each costs 90 kB, and jemalloc has 4,095. */
#define OWN_MAX 512

#define NODES_MAX 1024
#define NODE_BITS (8 * sizeof(unsigned long))

struct nodes {
    unsigned long bits[NODES_MAX / NODE_BITS];
};

struct wr_backend {
    unsigned arena;
    int node;
    bool shared;             /* never freed */
    struct wr_backend *next; /* the next shared one */
    extent_hooks_t hooks;
    extent_hooks_t *default_hooks;
};

/* Guards what follows. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned own; /* backends with an arena of their own */
static struct wr_backend *shared;

/* Maps memory as jemalloc does, then tells the kernel what node it is for. */
static void *
map_on_node(extent_hooks_t *hooks, void *at, size_t size, size_t align,
            bool *zero, bool *commit, unsigned arena)
{
    struct wr_backend *b = wr_container_of(hooks, struct wr_backend, hooks);
    struct nodes set = { 0 };
    unsigned node = (unsigned)b->node;
    void *p = b->default_hooks->alloc(b->default_hooks, at, size, align, zero,
                                      commit, arena);

    if (p == NULL)
        return NULL;
    set.bits[node / NODE_BITS] = 1ul << (node % NODE_BITS);
    /* Failure leaves the memory where the kernel likes it. */
    (void)syscall(SYS_mbind, p, size, MPOL_PREFERRED, set.bits, NODES_MAX + 1,
                  0);
    return p;
}

static bool
many_nodes(void)
{
    struct nodes set = { 0 };
    int n = 0;

    if (syscall(SYS_get_mempolicy, NULL, set.bits, NODES_MAX, NULL,
                MPOL_F_MEMS_ALLOWED) != 0)
        return false;
    for (size_t i = 0; i < NODES_MAX / NODE_BITS; i++)
        n += __builtin_popcountl(set.bits[i]);
    return n > 1;
}

static bool
make_hooks(struct wr_backend *b)
{
    size_t size = sizeof(b->default_hooks);

    if (wr_je_mallctl("arena.0.extent_hooks", &b->default_hooks, &size, NULL,
                      0) != 0)
        return false;
    b->hooks = *b->default_hooks;
    b->hooks.alloc = map_on_node;
    return true;
}

static int
make_arena(struct wr_backend *b)
{
    extent_hooks_t *hooks = &b->hooks;
    size_t size = sizeof(b->arena);
    bool bound =
        b->node >= 0 && b->node < NODES_MAX && many_nodes() && make_hooks(b);

    return wr_je_mallctl("arenas.create", &b->arena, &size,
                         bound ? &hooks : NULL, bound ? sizeof(hooks) : 0);
}

static struct wr_backend *
make(int node)
{
    struct wr_backend *b = calloc(1, sizeof(*b));

    if (b == NULL)
        return NULL;
    b->node = node;
    if (make_arena(b) == 0)
        return b;
    free(b);
    return NULL;
}

static struct wr_backend *
find_or_make_shared(int node)
{
    struct wr_backend *b = shared;

    while (b != NULL && b->node != node)
        b = b->next;
    if (b != NULL || (b = make(node)) == NULL)
        return b;
    b->shared = true;
    b->next = shared;
    shared = b;
    return b;
}

struct wr_backend *
wr_backend_new(int node)
{
    struct wr_backend *b;

    (void)pthread_mutex_lock(&lock);
    if (own >= OWN_MAX)
        b = find_or_make_shared(node);
    else if ((b = make(node)) != NULL)
        own++;
    (void)pthread_mutex_unlock(&lock);
    return b;
}

void
wr_backend_free(struct wr_backend *b)
{
    char name[32];

    if (b->shared)
        return;
    (void)snprintf(name, sizeof(name), "arena.%u.destroy", b->arena);
    (void)wr_je_mallctl(name, NULL, NULL, NULL, 0);
    free(b);
    (void)pthread_mutex_lock(&lock);
    own--;
    (void)pthread_mutex_unlock(&lock);
}

static int
flags(const struct wr_backend *b, size_t align)
{
    return MALLOCX_ARENA(b->arena) | MALLOCX_TCACHE_NONE | MALLOCX_ALIGN(align);
}

void *
wr_backend_take(struct wr_backend *b, size_t align, size_t size, bool zero)
{
    return wr_je_mallocx(size, flags(b, align) | (zero ? MALLOCX_ZERO : 0));
}

void
wr_backend_give(struct wr_backend *b, void *p, size_t align, size_t size)
{
    wr_je_sdallocx(p, size, flags(b, align));
}
