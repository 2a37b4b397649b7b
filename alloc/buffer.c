/* SPDX-License-Identifier: MPL-2.0 */
#include "alloc/buffer.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* Slabs double what a class has, within these bounds (or hold one buffer). */
#define SLAB_MIN ((size_t)16 << 10)
#define SLAB_MAX ((size_t)4 << 20)

/* What one outbox may keep from its home. */
#define OUTBOX_BYTES ((size_t)4 << 20)
#define OUTBOXES     8

struct slab {
    struct slab *next;
    size_t size;
};

/* The line before each buffer. */
struct head {
    _Atomic uint32_t refs; /* by any owner; unused while there is but one */
    size_t size;           /* of a large one: header and data */
    struct wr_arena *arena;
};

_Static_assert(sizeof(struct slab) <= WR_LINE, "a slab starts with a line");
_Static_assert(sizeof(struct head) <= WR_LINE, "so does a buffer");

struct pool {
    struct wr_pool owner; /* the owner's, as all up to the lock */
    size_t total[WR_POOL_CLASSES];
    size_t room[WR_POOL_CLASSES];   /* pointers in each of the arrays */
    void **arrays[WR_POOL_CLASSES]; /* the block that holds both of them */
    struct slab *slabs;
    struct wr_arena *arena;
    /* Guards what follows. */
    alignas(WR_GROUP) pthread_mutex_t lock;
    bool closed;
    size_t outstanding; /* buffers given out, once closed */
    struct wr_pool_stack returned[WR_POOL_CLASSES];
};

_Static_assert(offsetof(struct pool, owner) == 0, "a pool is its first member");
_Static_assert(alignof(struct pool) >= WR_POOL_CLASSES, "a key is their sum");

struct outboxes {
    struct wr_outbox box[OUTBOXES];
    unsigned hand; /* the next to make room */
};

/* Its key is nobody's. */
static struct wr_outbox no_outbox;

_Thread_local struct wr_outbox *wr_outbox_last = &no_outbox;
static _Thread_local struct outboxes *outboxes;
static _Thread_local bool thread_ends;

static pthread_once_t exit_once = PTHREAD_ONCE_INIT;
static pthread_key_t exit_key;
static bool exit_key_made;

static struct head *
head_of(void *data)
{
    return (struct head *)(void *)((char *)data - WR_LINE);
}

static size_t
stride(unsigned c)
{
    return (WR_POOL_MIN << c) + WR_LINE;
}

struct wr_pool *
wr_pool_new(struct wr_arena *arena)
{
    struct pool *pool =
        wr_arena_zalloc(arena, alignof(struct pool), sizeof(*pool));

    if (pool == NULL)
        return NULL;
    wr_arena_hold(arena);
    pool->arena = arena;
    (void)pthread_mutex_init(&pool->lock, NULL);
    return &pool->owner;
}

static void
free_arrays(struct pool *pool, unsigned c)
{
    wr_arena_free(pool->arena, pool->arrays[c], WR_LINE,
                  2 * pool->room[c] * sizeof(void *));
}

static void
destroy(struct pool *pool)
{
    struct wr_arena *arena = pool->arena;

    while (pool->slabs != NULL) {
        struct slab *slab = pool->slabs;

        pool->slabs = slab->next;
        wr_arena_free(arena, slab, WR_LINE, slab->size);
    }
    for (unsigned c = 0; c < WR_POOL_CLASSES; c++)
        free_arrays(pool, c);
    (void)pthread_mutex_destroy(&pool->lock);
    wr_arena_free(arena, pool, alignof(struct pool), sizeof(*pool));
    wr_arena_drop(arena);
}

void
wr_pool_close(struct wr_pool *p)
{
    struct pool *pool = (struct pool *)p;
    size_t out = 0;

    wr_pool_flush();
    (void)pthread_mutex_lock(&pool->lock);
    for (unsigned c = 0; c < WR_POOL_CLASSES; c++)
        out += pool->total[c] - p->free[c].n - pool->returned[c].n;
    pool->closed = true;
    pool->outstanding = out;
    (void)pthread_mutex_unlock(&pool->lock);
    if (out == 0)
        destroy(pool);
}

/* Makes room for n buffers of class c in both arrays, while `free` is empty. */
static bool
make_room(struct pool *pool, unsigned c, size_t n)
{
    struct wr_pool_stack *returned = &pool->returned[c];
    size_t room = pool->room[c];
    void **arrays;

    if (n <= room)
        return true;
    room = n > 2 * room ? n : 2 * room;
    arrays = wr_arena_alloc(pool->arena, WR_LINE, 2 * room * sizeof(void *));
    if (arrays == NULL)
        return false;
    (void)pthread_mutex_lock(&pool->lock);
    if (returned->n != 0)
        memcpy(arrays, returned->items, returned->n * sizeof(void *));
    returned->items = arrays;
    (void)pthread_mutex_unlock(&pool->lock);
    free_arrays(pool, c);
    pool->owner.free[c].items = arrays + room;
    pool->arrays[c] = arrays;
    pool->room[c] = room;
    return true;
}

static size_t
slab_buffers(const struct pool *pool, unsigned c)
{
    size_t size = pool->total[c] * stride(c);

    size = size < SLAB_MIN ? SLAB_MIN : size > SLAB_MAX ? SLAB_MAX : size;
    size = (size - WR_LINE) / stride(c);
    return size == 0 ? 1 : size;
}

/* Adds a slab of class c, whose `free` is empty. */
static bool
grow(struct pool *pool, unsigned c)
{
    struct wr_pool_stack *s = &pool->owner.free[c];
    size_t n = slab_buffers(pool, c);
    struct slab *slab;
    size_t size;

    if (!make_room(pool, c, pool->total[c] + n))
        return false;
    do {
        size = WR_LINE + n * stride(c);
        slab = wr_arena_alloc(pool->arena, WR_LINE, size);
    } while (slab == NULL && (n /= 2) != 0);
    if (slab == NULL)
        return false;
    *slab = (struct slab){ .next = pool->slabs, .size = size };
    pool->slabs = slab;
    pool->total[c] += n;
    while (n-- != 0) {
        void *data = (char *)slab + 2 * WR_LINE + n * stride(c);

        wr_buffer_poison(data, c);
        s->items[s->n++] = data;
    }
    return true;
}

void *
wr_pool_refill(struct wr_pool *p, unsigned c)
{
    struct pool *pool = (struct pool *)p;
    struct wr_pool_stack mine = p->free[c];

    (void)pthread_mutex_lock(&pool->lock);
    p->free[c] = pool->returned[c];
    pool->returned[c] = mine;
    (void)pthread_mutex_unlock(&pool->lock);
    if (p->free[c].n == 0 && !grow(pool, c))
        return NULL;
    return wr_pool_pop(p, c);
}

/* Puts n buffers of class c into `returned`, or, when they belong to a closed
 * pool, ends it with the last. */
static void
bring_home(struct pool *pool, unsigned c, void *const *items, size_t n)
{
    struct wr_pool_stack *s = &pool->returned[c];
    bool last = false;

    (void)pthread_mutex_lock(&pool->lock);
    if (pool->closed) {
        pool->outstanding -= n;
        last = pool->outstanding == 0;
    } else {
        memcpy(s->items + s->n, items, n * sizeof(void *));
        s->n += n;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (last)
        destroy(pool);
}

/* Up to this size, all lines of a buffer are sent for: of more, what lies
 * between the ends comes by itself when it is written in order. */
#define CLAIM_ALL ((size_t)256)

/* Free buffers are poisoned, and this is no use of their content. */
__attribute__((no_sanitize("address"))) void
wr_pool_claim(const struct wr_pool *p, unsigned c, size_t size)
{
    const struct wr_pool_stack *s = &p->free[c];
    size_t n = s->n < WR_POOL_CLAIM ? s->n : WR_POOL_CLAIM;
    size_t beginning = size <= CLAIM_ALL ? size : 1;

    for (size_t i = s->n; i > s->n - n; i--) {
        char *buffer = s->items[i - 1];

        for (size_t at = 0; at < beginning; at += WR_LINE)
            buffer[at] = 0;
        buffer[size - 1] = 0;
    }
}

void
wr_outbox_flush(struct wr_outbox *o)
{
    uintptr_t c = o->key % alignof(struct pool);
    size_t n = o->n;

    o->n = 0;
    bring_home((struct pool *)(o->key - c), (unsigned)c, o->items, n);
}

void
wr_pool_flush(void)
{
    if (outboxes == NULL)
        return;
    for (unsigned i = 0; i < OUTBOXES; i++) {
        if (outboxes->box[i].n != 0)
            wr_outbox_flush(&outboxes->box[i]);
    }
}

static struct outboxes *make_outboxes(void);

/* The arenas of the threads' own pools. */
static struct wr_arenas process_arenas;
static pthread_once_t process_once = PTHREAD_ONCE_INIT;

_Thread_local struct wr_pool *wr_pool_mine;

static void
make_process_arenas(void)
{
    wr_arenas_init(&process_arenas);
}

struct wr_pool *
wr_pool_local_new(void)
{
    struct wr_arena *arena;

    /* Their making sees to what happens when the thread ends. */
    if (outboxes == NULL && make_outboxes() == NULL)
        return NULL;
    (void)pthread_once(&process_once, make_process_arenas);
    arena = wr_arenas_get(&process_arenas, -1);
    if (arena == NULL)
        return NULL;
    wr_pool_mine = wr_pool_new(arena);
    wr_arena_drop(arena);
    return wr_pool_mine;
}

static void
thread_exit(void *arg)
{
    if (wr_pool_mine != NULL)
        wr_pool_close(wr_pool_mine);
    wr_pool_mine = NULL;
    wr_pool_flush();
    wr_outbox_last = &no_outbox;
    outboxes = NULL;
    thread_ends = true;
    free(arg);
}

static void
make_exit_key(void)
{
    exit_key_made = pthread_key_create(&exit_key, thread_exit) == 0;
}

/* Gives the thread its outboxes. NULL: no memory, or the thread is ending. */
static struct outboxes *
make_outboxes(void)
{
    int saved = errno;
    struct outboxes *boxes = NULL;

    if (thread_ends)
        return NULL;
    (void)pthread_once(&exit_once, make_exit_key);
    if (exit_key_made)
        boxes = calloc(1, sizeof(*boxes));
    if (boxes != NULL && pthread_setspecific(exit_key, boxes) != 0) {
        free(boxes);
        boxes = NULL;
    }
    outboxes = boxes;
    errno = saved;
    return boxes;
}

static struct wr_outbox *
find_outbox(struct outboxes *boxes, uintptr_t key)
{
    struct wr_outbox *o;

    for (unsigned i = 0; i < OUTBOXES; i++) {
        if (boxes->box[i].key == key)
            return &boxes->box[i];
    }
    o = &boxes->box[boxes->hand];
    boxes->hand = (boxes->hand + 1) % OUTBOXES;
    if (o->n != 0)
        wr_outbox_flush(o);
    return o;
}

static uint32_t
outbox_limit(unsigned c)
{
    size_t n = OUTBOX_BYTES / (WR_POOL_MIN << c);

    return n < WR_OUTBOX_MAX ? (uint32_t)n : WR_OUTBOX_MAX;
}

void
wr_pool_give_slow(struct wr_pool *home, unsigned c, void *data)
{
    uintptr_t key = (uintptr_t)home + c;
    struct outboxes *boxes = outboxes;
    struct wr_outbox *o;

    wr_buffer_poison(data, c);
    if (boxes == NULL && (boxes = make_outboxes()) == NULL) {
        bring_home((struct pool *)home, c, &data, 1);
        return;
    }
    o = find_outbox(boxes, key);
    o->key = key;
    o->limit = outbox_limit(c);
    o->items[o->n++] = data;
    wr_outbox_last = o;
    if (o->n == o->limit)
        wr_outbox_flush(o);
}

void *
wr_large_take(struct wr_pool *p, size_t size)
{
    struct wr_arena *arena = ((struct pool *)p)->arena;
    struct head *head;

    if (size > SIZE_MAX - WR_LINE)
        return NULL;
    head = wr_arena_alloc(arena, WR_LINE, WR_LINE + size);
    if (head == NULL)
        return NULL;
    wr_arena_hold(arena);
    head->size = WR_LINE + size;
    head->arena = arena;
    return (char *)head + WR_LINE;
}

void
wr_large_give(void *data)
{
    struct head *head = head_of(data);
    struct wr_arena *arena = head->arena;

    wr_arena_free(arena, head, WR_LINE, head->size);
    wr_arena_drop(arena);
}

void
wr_buffer_share(void *data, uint32_t extra, bool first)
{
    _Atomic uint32_t *refs = &head_of(data)->refs;

    /* Relaxed, both: what hands the new owners their reference orders it. */
    if (first)
        store_relaxed(refs, 1 + extra);
    else
        fetch_add_relaxed(refs, extra);
}

bool
wr_buffer_unshare(void *data)
{
    return fetch_sub_acq_rel(&head_of(data)->refs, 1) == 1; /* B1, B2 */
}
