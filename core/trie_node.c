/* SPDX-License-Identifier: MPL-2.0 */
#include "core/trie_node.h"

#include "alloc/arena.h"

#define ALIGN _Alignof(struct wr_trie_node)

static size_t
block_size(size_t size, size_t room)
{
    size_t bytes = sizeof(struct wr_trie_node) + size;

    if (room == 0)
        return bytes;
    bytes = (bytes + 7) & ~(size_t)7;
    return bytes + wr_trie_index_size(room) +
           room * sizeof(struct wr_trie_node *);
}

/* What allocators make of a size: multiples of 16, and beyond 128 four sizes
 * from a power of two to the next. */
static size_t
rounded(size_t bytes)
{
    size_t step = 16;

    while (bytes > 8 * step)
        step *= 2;
    return (bytes + step - 1) & ~(step - 1);
}

static size_t
room_for(size_t size, size_t kids)
{
    size_t most;

    if (kids == 0)
        return 0;
    most = rounded(block_size(size, kids));
    while (kids < WR_TRIE_EDGES && block_size(size, kids + 1) <= most)
        kids++;
    return kids;
}

struct wr_trie_node *
wr_trie_node_new(struct wr_arena *a, size_t size, size_t kids)
{
    size_t room = room_for(size, kids);
    struct wr_trie_node *n = wr_arena_alloc(a, ALIGN, block_size(size, room));

    if (n == NULL)
        return NULL;
    n->has_value = false;
    n->kids = 0;
    n->room = room & 0x1ff;
    n->size = size & WR_TRIE_SIZE_MAX;
    n->value = NULL;
    if (room > 0)
        memset(wr_trie_index(n), 0, wr_trie_index_size(room));
    return n;
}

void
wr_trie_node_free(struct wr_arena *a, struct wr_trie_node *n)
{
    if (n != NULL)
        wr_arena_free(a, n, ALIGN, block_size(n->size, n->room));
}

unsigned
wr_trie_node_edge(const struct wr_trie_node *n, unsigned from)
{
    const unsigned char *edges = wr_trie_index(n);
    const struct wr_trie_wide *w = (const void *)edges;

    if (n->room <= WR_TRIE_NARROW) {
        for (size_t i = 0; i < n->kids; i++) {
            if (edges[i] >= from)
                return edges[i];
        }
        return WR_TRIE_EDGES;
    }
    while (from < WR_TRIE_EDGES) {
        uint64_t bits = w->bits[from / 64] >> (from % 64);

        if (bits != 0)
            return from + (unsigned)__builtin_ctzll(bits);
        from = (from | 63) + 1;
    }
    return WR_TRIE_EDGES;
}

/* All edges, in order. */
static void
edges_get(const struct wr_trie_node *n, unsigned char *edges)
{
    unsigned edge = wr_trie_node_edge(n, 0);

    for (; edge < WR_TRIE_EDGES; edge = wr_trie_node_edge(n, edge + 1))
        *edges++ = (unsigned char)edge;
}

static void
edges_set(struct wr_trie_node *n, const unsigned char *edges, size_t kids)
{
    struct wr_trie_wide *w = (void *)wr_trie_index(n);

    n->kids = kids & 0x1ff;
    if (n->room <= WR_TRIE_NARROW) {
        memcpy(w, edges, kids);
        return;
    }
    memset(w, 0, sizeof(*w));
    for (size_t i = 0; i < kids; i++)
        w->bits[edges[i] / 64] |= (uint64_t)1 << (edges[i] % 64);
    for (size_t i = 1; i < 4; i++) {
        w->before[i] =
            (uint8_t)(w->before[i - 1] + __builtin_popcountll(w->bits[i - 1]));
    }
}

void
wr_trie_node_take(struct wr_trie_node *n, const struct wr_trie_node *from)
{
    unsigned char edges[WR_TRIE_EDGES];

    n->has_value = from->has_value;
    n->value = from->value;
    if (from->kids == 0)
        return;
    edges_get(from, edges);
    edges_set(n, edges, from->kids);
    memcpy(wr_trie_kids(n), wr_trie_kids(from),
           from->kids * sizeof(struct wr_trie_node *));
}

struct wr_trie_node *
wr_trie_node_fit(struct wr_arena *a, struct wr_trie_node *n, size_t kids)
{
    struct wr_trie_node *moved;

    if (room_for(n->size, kids) == n->room)
        return n;
    moved = wr_trie_node_new(a, n->size, kids);
    if (moved == NULL)
        return NULL;
    memcpy(moved->run, n->run, n->size);
    wr_trie_node_take(moved, n);
    wr_trie_node_free(a, n);
    return moved;
}

void
wr_trie_node_add(struct wr_trie_node *n, unsigned char edge,
                 struct wr_trie_node *kid)
{
    struct wr_trie_node **kids = wr_trie_kids(n);
    unsigned char edges[WR_TRIE_EDGES];
    size_t at = 0;
    size_t after;

    edges_get(n, edges);
    while (at < n->kids && edges[at] < edge)
        at++;
    after = n->kids - at;
    memmove(edges + at + 1, edges + at, after);
    memmove(kids + at + 1, kids + at, after * sizeof(*kids));
    edges[at] = edge;
    kids[at] = kid;
    edges_set(n, edges, n->kids + 1u);
}

/* Takes out the kids that are NULL. */
static void
pack(struct wr_trie_node *n)
{
    struct wr_trie_node **kids = wr_trie_kids(n);
    unsigned char edges[WR_TRIE_EDGES];
    size_t kept = 0;

    if (n->kids == 0)
        return;
    edges_get(n, edges);
    for (size_t i = 0; i < n->kids; i++) {
        if (kids[i] == NULL)
            continue;
        edges[kept] = edges[i];
        kids[kept++] = kids[i];
    }
    edges_set(n, edges, kept);
}

/* One node of n, which has no value, and its only kid; n if there is no memory
 * for it. */
static struct wr_trie_node *
merge(struct wr_arena *a, struct wr_trie_node *n)
{
    struct wr_trie_node *kid = *wr_trie_kids(n);
    size_t upper = n->size;
    struct wr_trie_node *merged =
        wr_trie_node_new(a, upper + 1 + kid->size, kid->kids);

    if (merged == NULL)
        return n;
    memcpy(merged->run, n->run, upper);
    merged->run[upper] = (unsigned char)wr_trie_node_edge(n, 0);
    memcpy(merged->run + upper + 1, kid->run, kid->size);
    wr_trie_node_take(merged, kid);
    wr_trie_node_free(a, kid);
    wr_trie_node_free(a, n);
    return merged;
}

struct wr_trie_node *
wr_trie_node_settle(struct wr_arena *a, struct wr_trie_node *n)
{
    struct wr_trie_node *fitting;

    pack(n);
    if (!n->has_value && n->kids == 0) {
        wr_trie_node_free(a, n);
        return NULL;
    }
    if (!n->has_value && n->kids == 1)
        return merge(a, n);
    fitting = wr_trie_node_fit(a, n, n->kids);
    return fitting == NULL ? n : fitting;
}
