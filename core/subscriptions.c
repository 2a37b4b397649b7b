/* SPDX-License-Identifier: MPL-2.0 */
#include "core/subscriptions.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* The value of a prefix: a peer, or a set of them, whose address is marked by
 * SET. Peers of a set are in the order of their addresses. */
#define SET UINT64_C(1)

struct set {
    struct wr_arena *arena;
    uint32_t n;
    uint32_t capacity;
    struct wr_peer *peers[];
};

static struct set *
set_of(const void *value)
{
    uint64_t bits = (uint64_t)(uintptr_t)value;

    return (bits & SET) != 0 ? (struct set *)(uintptr_t)(bits & ~SET) : NULL;
}

static void *
value_of(struct set *set)
{
    return (void *)(uintptr_t)((uint64_t)(uintptr_t)set | SET);
}

static size_t
set_size(uint32_t capacity)
{
    return sizeof(struct set) + capacity * sizeof(struct wr_peer *);
}

static void
set_free(struct set *set)
{
    wr_arena_free(set->arena, set, WR_LINE, set_size(set->capacity));
}

/* A copy of the n peers with room for more. NULL: no memory. */
static struct set *
set_new(struct wr_arena *arena, uint32_t capacity, struct wr_peer *const *peers,
        uint32_t n)
{
    struct set *set = wr_arena_alloc(arena, WR_LINE, set_size(capacity));

    if (set == NULL)
        return NULL;
    set->arena = arena;
    set->n = n;
    set->capacity = capacity;
    memcpy(set->peers, peers, n * sizeof(*peers));
    return set;
}

/* Where p is among them, or belongs. */
static uint32_t
place_of(const struct set *set, const struct wr_peer *p)
{
    uint32_t low = 0, high = set->n;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if ((uintptr_t)set->peers[middle] < (uintptr_t)p)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool
is_at(const struct set *set, uint32_t i, const struct wr_peer *p)
{
    return i < set->n && set->peers[i] == p;
}

/* The set of a prefix that has peers, with room for one more. NULL: no
 * memory. */
static struct set *
set_make(struct wr_arena *arena, void **value)
{
    struct set *old = set_of(*value), *set;
    struct wr_peer *only = *value;

    if (old != NULL && old->n < old->capacity)
        return old;
    set = old == NULL ? set_new(arena, 4, &only, 1)
                      : set_new(arena, old->capacity * 2, old->peers, old->n);
    if (set == NULL)
        return NULL;
    if (old != NULL)
        set_free(old);
    *value = value_of(set);
    return set;
}

static int
set_add(struct wr_arena *arena, void **value, struct wr_peer *p)
{
    struct set *set = set_of(*value);
    uint32_t i;

    if (*value == p || (set != NULL && is_at(set, place_of(set, p), p)))
        return 0;
    set = set_make(arena, value);
    if (set == NULL)
        return -ENOMEM;
    i = place_of(set, p);
    memmove(&set->peers[i + 1], &set->peers[i],
            (set->n - i) * sizeof(*set->peers));
    set->peers[i] = p;
    set->n++;
    p->topics++;
    return 0;
}

/* Takes out the i-th of a set; a single peer that is left stands alone. */
static void
set_take(void **value, struct set *set, uint32_t i)
{
    set->peers[i]->topics--;
    set->n--;
    memmove(&set->peers[i], &set->peers[i + 1],
            (set->n - i) * sizeof(*set->peers));
    if (set->n > 1)
        return;
    *value = set->peers[0];
    set_free(set);
}

static void
free_value(void *value)
{
    struct set *set = set_of(value);

    if (set != NULL)
        set_free(set);
}

void
wr_subscriptions_init(struct wr_subscriptions *ss, struct wr_arena *arena)
{
    wr_trie_init(&ss->prefixes, arena);
}

void
wr_subscriptions_fini(struct wr_subscriptions *ss)
{
    wr_trie_fini(&ss->prefixes, free_value);
}

int
wr_subscriptions_add(struct wr_subscriptions *ss, const void *prefix,
                     size_t size, struct wr_peer *p, bool *first)
{
    void **value = wr_trie_make(&ss->prefixes, prefix, size);

    if (value == NULL)
        return -ENOMEM;
    *first = *value == NULL;
    if (!*first)
        return set_add(ss->prefixes.arena, value, p);
    *value = p;
    p->topics++;
    return 0;
}

enum wr_unsubscribed
wr_subscriptions_remove(struct wr_subscriptions *ss, const void *prefix,
                        size_t size, struct wr_peer *p)
{
    void **value = wr_trie_find(&ss->prefixes, prefix, size);
    struct set *set;
    uint32_t i;

    if (value == NULL)
        return WR_UNSUBSCRIBED_NONE;
    set = set_of(*value);
    if (set == NULL) {
        if (*value != p)
            return WR_UNSUBSCRIBED_NONE;
        p->topics--;
        wr_trie_remove(&ss->prefixes, prefix, size);
        return WR_UNSUBSCRIBED_LAST;
    }
    i = place_of(set, p);
    if (!is_at(set, i, p))
        return WR_UNSUBSCRIBED_NONE;
    set_take(value, set, i);
    return WR_UNSUBSCRIBED_ONE;
}

/* ---- Peers that leave -------------------------------------------------- */

struct sweep {
    wr_leaving_fn *fn;
    void *arg;
    int rc;
};

/* Whether p is to be taken out of a prefix. */
static bool
leaves(struct sweep *w, const struct wr_peer *p, const void *prefix,
       size_t size, bool last)
{
    int rc;

    if (p->state != WR_PEER_LEAVING)
        return false;
    rc = w->fn == NULL ? 0 : w->fn(w->arg, prefix, size, last);
    if (rc != 0)
        w->rc = rc;
    return rc == 0;
}

static bool
sweep_prefix(void *arg, const void *prefix, size_t size, void **value)
{
    struct sweep *w = arg;
    struct set *set = set_of(*value);
    struct wr_peer *p;

    /* From the end: what is taken out moves those behind it. */
    for (uint32_t i = set != NULL ? set->n : 0; set != NULL && i-- > 0;) {
        if (leaves(w, set->peers[i], prefix, size, false))
            set_take(value, set, i);
        set = set_of(*value);
    }
    if (set_of(*value) != NULL)
        return false;
    p = *value;
    if (!leaves(w, p, prefix, size, true))
        return false;
    p->topics--;
    return true;
}

int
wr_subscriptions_sweep(struct wr_subscriptions *ss, wr_leaving_fn *fn,
                       void *arg)
{
    struct sweep w = { .fn = fn, .arg = arg };

    wr_trie_walk(&ss->prefixes, sweep_prefix, &w);
    return w.rc;
}

/* ---- Matching ---------------------------------------------------------- */

static bool
choose(void *arg, void *value)
{
    struct set *set = set_of(value);

    if (likely(set == NULL)) {
        wr_fanout_choose(arg, value);
        return false;
    }
    for (uint32_t i = 0; i < set->n; i++)
        wr_fanout_choose(arg, set->peers[i]);
    return false;
}

void
wr_subscriptions_choose(const struct wr_subscriptions *ss, const void *data,
                        size_t size, struct wr_fanout *f)
{
    (void)wr_trie_match(&ss->prefixes, data, size, choose, f);
}
