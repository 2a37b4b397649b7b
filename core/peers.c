/* SPDX-License-Identifier: MPL-2.0 */
#include "core/peers.h"

#include <string.h>

#include "core/base/cpu.h"

#define BUCKETS_FIRST 16
#define ID_OWN_SIZE   5

bool
wr_peers_init(struct wr_peers *t, struct wr_arena *arena)
{
    t->n = 0;
    t->n_buckets = BUCKETS_FIRST;
    t->next_id = 1;
    t->buckets =
        wr_arena_zalloc(arena, WR_LINE, BUCKETS_FIRST * sizeof(*t->buckets));
    return t->buckets != NULL;
}

void
wr_peers_fini(struct wr_peers *t, struct wr_arena *arena)
{
    wr_arena_free(arena, t->buckets, WR_LINE,
                  t->n_buckets * sizeof(*t->buckets));
}

static uint32_t
hash_of(const void *id, size_t size)
{
    const uint8_t *bytes = id;
    uint32_t h = UINT32_C(2166136261);

    for (size_t i = 0; i < size; i++)
        h = (h ^ bytes[i]) * UINT32_C(16777619);
    return h ^ h >> 15;
}

static struct wr_peer **
bucket_of(const struct wr_peers *t, uint32_t hash)
{
    return &t->buckets[hash & (t->n_buckets - 1)];
}

struct wr_peer *
wr_peers_find(const struct wr_peers *t, const void *id, size_t size)
{
    uint32_t hash = hash_of(id, size);

    for (struct wr_peer *p = *bucket_of(t, hash); p != NULL; p = p->next)
        if (p->hash == hash && p->size == size && memcmp(p->id, id, size) == 0)
            return p;
    return NULL;
}

static void
insert(struct wr_peers *t, struct wr_peer *p)
{
    struct wr_peer **bucket = bucket_of(t, p->hash);

    p->next = *bucket;
    *bucket = p;
}

static void
grow(struct wr_peers *t, struct wr_arena *arena)
{
    size_t n = t->n_buckets;
    struct wr_peer **old = t->buckets;
    struct wr_peer **buckets =
        wr_arena_zalloc(arena, WR_LINE, 2 * n * sizeof(*buckets));

    if (buckets == NULL)
        return;
    t->buckets = buckets;
    t->n_buckets = 2 * n;
    for (size_t i = 0; i < n; i++) {
        struct wr_peer *next;

        for (struct wr_peer *p = old[i]; p != NULL; p = next) {
            next = p->next;
            insert(t, p);
        }
    }
    wr_arena_free(arena, old, WR_LINE, n * sizeof(*buckets));
}

void
wr_peers_add(struct wr_peers *t, struct wr_arena *arena, struct wr_peer *p,
             const void *id, size_t size)
{
    if (t->n >= t->n_buckets)
        grow(t, arena);
    memcpy(p->id, id, size);
    p->size = (uint8_t)size;
    p->hash = hash_of(id, size);
    p->named = true;
    insert(t, p);
    t->n++;
}

void
wr_peers_add_numbered(struct wr_peers *t, struct wr_arena *arena,
                      struct wr_peer *p)
{
    uint8_t id[ID_OWN_SIZE] = { 0 };

    do {
        uint32_t n = t->next_id++;

        for (int i = 1; i < ID_OWN_SIZE; i++)
            id[i] = (uint8_t)(n >> (32 - 8 * i));
    } while (wr_peers_find(t, id, sizeof(id)) != NULL);
    wr_peers_add(t, arena, p, id, sizeof(id));
}

void
wr_peers_remove(struct wr_peers *t, struct wr_peer *p)
{
    struct wr_peer **at;

    if (!p->named)
        return;
    for (at = bucket_of(t, p->hash); *at != p; at = &(*at)->next)
        ;
    *at = p->next;
    p->named = false;
    t->n--;
}
