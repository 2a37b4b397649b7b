/* SPDX-License-Identifier: MPL-2.0 */
#include "core/trie.h"

#include "alloc/arena.h"
#include "core/trie_node.h"

#define PATH_MIN 64

void
wr_trie_init(struct wr_trie *t, struct wr_arena *arena)
{
    *t = (struct wr_trie){ .arena = arena };
}

/* ---- Making ------------------------------------------------------------ */

/* Later calls spell keys there and cannot fail. */
static bool
reserve_path(struct wr_trie *t, size_t size)
{
    size_t room = 2 * t->path_size;
    unsigned char *path;

    if (t->path != NULL && size <= t->path_size)
        return true;
    if (size > WR_TRIE_SIZE_MAX)
        return false;
    if (room < size)
        room = size < PATH_MIN ? PATH_MIN : size;
    path = wr_arena_alloc(t->arena, 1, room);
    if (path == NULL)
        return false;
    wr_arena_free(t->arena, t->path, 1, t->path_size);
    t->path = path;
    t->path_size = room;
    return true;
}

static void
drop_path(struct wr_trie *t)
{
    wr_arena_free(t->arena, t->path, 1, t->path_size);
    t->path = NULL;
    t->path_size = 0;
}

void
wr_trie_changed(struct wr_trie *t)
{
    struct wr_trie_node *n = t->root;

    t->all = n != NULL && n->size == 0 && n->has_value ? &n->value : NULL;
    if (n == NULL)
        drop_path(t);
}

static struct wr_trie_node *
new_leaf(struct wr_trie *t, const unsigned char *run, size_t size)
{
    struct wr_trie_node *n = wr_trie_node_new(t->arena, size, 0);

    if (n != NULL && size > 0)
        memcpy(n->run, run, size);
    return n;
}

/* How many bytes of the run data begins with. */
static size_t
common(const struct wr_trie_node *n, const unsigned char *data, size_t size)
{
    size_t most = n->size < size ? n->size : size;
    size_t i = 0;

    while (i < most && n->run[i] == data[i])
        i++;
    return i;
}

/* Puts a node over *link that takes the first bytes of its run, `same` of them,
 * in which it agrees with key. Returns the node where key ends. */
static struct wr_trie_node *
split(struct wr_trie *t, struct wr_trie_node **link, const unsigned char *key,
      size_t size, size_t same)
{
    struct wr_trie_node *n = *link;
    bool fork = size > same;
    size_t rest = n->size - same - 1;
    struct wr_trie_node *over = wr_trie_node_new(t->arena, same, 1u + fork);
    struct wr_trie_node *under = wr_trie_node_new(t->arena, rest, n->kids);
    struct wr_trie_node *leaf = NULL;

    if (fork)
        leaf = new_leaf(t, key + same + 1, size - same - 1);
    if (over == NULL || under == NULL || (fork && leaf == NULL))
        goto fail;
    memcpy(over->run, n->run, same);
    memcpy(under->run, n->run + same + 1, rest);
    wr_trie_node_take(under, n);
    wr_trie_node_add(over, n->run[same], under);
    if (fork)
        wr_trie_node_add(over, key[same], leaf);
    wr_trie_node_free(t->arena, n);
    *link = over;
    return fork ? leaf : over;

fail:
    wr_trie_node_free(t->arena, leaf);
    wr_trie_node_free(t->arena, under);
    wr_trie_node_free(t->arena, over);
    return NULL;
}

/* Adds a leaf to *link. Returns it. */
static struct wr_trie_node *
branch(struct wr_trie *t, struct wr_trie_node **link, const unsigned char *key,
       size_t size)
{
    struct wr_trie_node *leaf = new_leaf(t, key + 1, size - 1);
    struct wr_trie_node *n = *link;

    if (leaf == NULL)
        return NULL;
    if (n->kids == n->room)
        n = wr_trie_node_fit(t->arena, n, n->kids + 1u);
    if (n == NULL) {
        wr_trie_node_free(t->arena, leaf);
        return NULL;
    }
    wr_trie_node_add(n, key[0], leaf);
    *link = n;
    return leaf;
}

/* The node where key ends, made if need be. */
static struct wr_trie_node *
node_of(struct wr_trie *t, const unsigned char *key, size_t size)
{
    struct wr_trie_node **link = &t->root;

    if (*link == NULL)
        return *link = new_leaf(t, key, size);
    for (;;) {
        struct wr_trie_node *n = *link;
        size_t same = common(n, key, size);
        struct wr_trie_node **next;

        if (same < n->size)
            return split(t, link, key, size, same);
        if (same == size)
            return n;
        key += same;
        size -= same;
        next = wr_trie_kid(n, *key);
        if (next == NULL)
            return branch(t, link, key, size);
        link = next;
        key++;
        size--;
    }
}

void **
wr_trie_make(struct wr_trie *t, const void *key, size_t size)
{
    struct wr_trie_node *n = NULL;

    if (reserve_path(t, size))
        n = node_of(t, key, size);
    if (n != NULL && !n->has_value) {
        n->has_value = true;
        n->value = NULL;
        t->keys++;
    }
    wr_trie_changed(t);
    return n == NULL ? NULL : &n->value;
}

/* ---- Finding ----------------------------------------------------------- */

void **
wr_trie_find(const struct wr_trie *t, const void *key, size_t size)
{
    struct wr_trie_node *n = t->root;
    const unsigned char *at = key;

    while (n != NULL && wr_trie_runs(n, at, size)) {
        struct wr_trie_node **next;

        at += n->size;
        size -= n->size;
        if (size == 0)
            return n->has_value ? &n->value : NULL;
        next = wr_trie_kid(n, *at);
        n = next == NULL ? NULL : *next;
        at++;
        size--;
    }
    return NULL;
}

hot_inline bool
match(const struct wr_trie *t, const void *data, size_t size,
      wr_trie_match_fn *fn, void *arg)
{
    const struct wr_trie_node *n = t->root;
    const unsigned char *at = data;

    while (wr_trie_runs(n, at, size)) {
        struct wr_trie_node **next;

        if (n->has_value && fn(arg, n->value))
            return true;
        at += n->size;
        size -= n->size;
        if (size == 0)
            return false;
        next = wr_trie_kid(n, *at);
        if (next == NULL)
            return false;
        n = *next;
        at++;
        size--;
    }
    return false;
}

bool
wr_trie_match_some(const struct wr_trie *t, const void *data, size_t size,
                   wr_trie_match_fn *fn, void *arg)
{
    return match(t, data, size, fn, arg);
}

static bool
at_once(void *arg, void *value)
{
    (void)arg;
    (void)value;
    return true;
}

bool
wr_trie_any_of_some(const struct wr_trie *t, const void *data, size_t size)
{
    return match(t, data, size, at_once, NULL);
}

/* ---- Removing ---------------------------------------------------------- */

/* Frees a node without value and kids, and those over it up to *keep, which
 * have nothing else below them; keep is NULL when they are all there are. */
static void
cut(struct wr_trie *t, struct wr_trie_node **keep, unsigned char edge)
{
    struct wr_trie_node **link =
        keep == NULL ? &t->root : wr_trie_kid(*keep, edge);
    struct wr_trie_node *n = *link;

    *link = NULL;
    while (n != NULL) {
        struct wr_trie_node *kid = n->kids == 0 ? NULL : *wr_trie_kids(n);

        wr_trie_node_free(t->arena, n);
        n = kid;
    }
    if (keep != NULL)
        *keep = wr_trie_node_settle(t->arena, *keep);
}

/* Takes the value from the node at *link; keep and edge as for cut. */
static void
lose_value(struct wr_trie *t, struct wr_trie_node **link,
           struct wr_trie_node **keep, unsigned char edge)
{
    struct wr_trie_node *n = *link;

    if (!n->has_value)
        return;
    n->has_value = false;
    t->keys--;
    if (n->kids == 0)
        cut(t, keep, edge);
    else
        *link = wr_trie_node_settle(t->arena, n);
    wr_trie_changed(t);
}

void
wr_trie_remove(struct wr_trie *t, const void *key, size_t size)
{
    struct wr_trie_node **link = t->root == NULL ? NULL : &t->root;
    struct wr_trie_node **keep = NULL; /* the last with a value or a fork */
    const unsigned char *at = key;
    unsigned char edge = 0; /* our way from there */

    while (link != NULL && wr_trie_runs(*link, at, size)) {
        struct wr_trie_node *n = *link;

        at += n->size;
        size -= n->size;
        if (size == 0) {
            lose_value(t, link, keep, edge);
            return;
        }
        if (n->has_value || n->kids > 1) {
            keep = link;
            edge = *at;
        }
        link = wr_trie_kid(n, *at);
        at++;
        size--;
    }
}
