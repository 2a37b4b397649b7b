/* SPDX-License-Identifier: MPL-2.0 */
/* All keys of a trie in turn, without recursion and without a stack. */
#include "core/trie.h"

#include "core/trie_node.h"

/* On the way down the place of a kid in its parent holds
 * the parent's own parent. The path tells which kid it was. */
struct walk {
    struct wr_trie *trie;
    struct wr_trie_node *node;
    struct wr_trie_node *parent;
    size_t size; /* of the path to the end of node's run */
    wr_trie_walk_fn *fn;
    void *arg;
};

static void
arrive(struct walk *w)
{
    struct wr_trie_node *n = w->node;

    memcpy(w->trie->path + w->size, n->run, n->size);
    w->size += n->size;
    if (n->has_value && w->fn(w->arg, w->trie->path, w->size, &n->value)) {
        n->has_value = false;
        w->trie->keys--;
    }
}

static void
go_down(struct walk *w, unsigned char edge)
{
    struct wr_trie_node **link = wr_trie_kid(w->node, edge);
    struct wr_trie_node *kid = *link;

    *link = w->parent;
    w->parent = w->node;
    w->node = kid;
    w->trie->path[w->size++] = edge;
    arrive(w);
}

/* Leaves a node whose kids have all been seen. Returns its edge. */
static unsigned char
go_up(struct walk *w)
{
    struct wr_trie_node *up = w->parent;
    struct wr_trie_node **link;
    unsigned char edge;

    w->size -= w->node->size + 1u;
    edge = w->trie->path[w->size];
    link = wr_trie_kid(up, edge);
    w->parent = *link;
    *link = wr_trie_node_settle(w->trie->arena, w->node);
    w->node = up;
    return edge;
}

void
wr_trie_walk(struct wr_trie *t, wr_trie_walk_fn *fn, void *arg)
{
    struct walk w = { .trie = t, .node = t->root, .fn = fn, .arg = arg };
    unsigned from = 0;

    if (t->root == NULL)
        return;
    arrive(&w);
    for (;;) {
        unsigned edge = wr_trie_node_edge(w.node, from);

        if (edge < WR_TRIE_EDGES) {
            go_down(&w, (unsigned char)edge);
            from = 0;
        } else if (w.parent != NULL) {
            from = go_up(&w) + 1u;
        } else {
            break;
        }
    }
    t->root = wr_trie_node_settle(t->arena, w.node);
    wr_trie_changed(t);
}

static bool
free_and_remove(void *arg, const void *key, size_t size, void **value)
{
    void (**free_value)(void *) = arg;

    (void)key;
    (void)size;
    if (*free_value != NULL)
        (*free_value)(*value);
    return true;
}

void
wr_trie_fini(struct wr_trie *t, void (*free_value)(void *value))
{
    wr_trie_walk(t, free_and_remove, &free_value);
}
