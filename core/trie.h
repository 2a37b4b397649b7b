/* SPDX-License-Identifier: MPL-2.0 */
/* A map from keys, which are any bytes, to a pointer each, made to find all
 * keys that a message begins with: the subscriptions of a socket.
 *
 * A radix tree: a node holds the bytes in which all keys below it agree, a
 * value if a key ends there, and its kids by their next byte.
 *
 * Concurrency   One thread at a time.
 * Invariants    A node without a value has two kids or more; only where memory
 *               ran out in a removal it may have one.
 *               all is the slot of the empty key, or NULL.
 *               path has room for the longest key.
 * Cost          Matching looks at each node on the way of the data, one for
 *               each byte at most, and stops where the keys end: their number
 *               does not matter. It touches two or three lines of a node with
 *               kids, one of a node without.
 *               Making and removing allocate, change a node or two, and move
 *               the bytes and kids of those.
 *               Memory: 16 bytes a node, its run, and 9 bytes for each kid;
 *               and, once in a trie, the longest key. A million random topics
 *               of 16 to 32 bytes take 62 bytes each, 24 of them the topic.
 * errno is left alone. */
#ifndef WEIR_CORE_TRIE_H
#define WEIR_CORE_TRIE_H

#include <stdbool.h>
#include <stddef.h>

struct wr_arena;
struct wr_trie_node;

struct wr_trie {
    struct wr_trie_node *root; /* NULL: no keys */
    void **all;
    size_t keys; /* how many there are */
    struct wr_arena *arena;
    unsigned char *path; /* where a walk spells the keys; NULL: no keys */
    size_t path_size;
};

/* Called for a match. Returns true to stop. */
typedef bool wr_trie_match_fn(void *arg, void *value);

/* Called for a key, whose bytes are there during the call only. Returns true to
 * remove the key. It may write *value; it may not use the trie. */
typedef bool wr_trie_walk_fn(void *arg, const void *key, size_t size,
                             void **value);

/* An empty trie, whose memory comes from arena; the caller holds that for as
 * long as the trie has keys. */
void wr_trie_init(struct wr_trie *t, struct wr_arena *arena);

/* Removes all keys, in order, after free_value(value) of each; NULL: none. */
void wr_trie_fini(struct wr_trie *t, void (*free_value)(void *value));

/* The slot of a key's value, made with NULL in it if it is not there. Good
 * until the next key is made or removed. NULL: no memory, and the keys are as
 * they were. */
void **wr_trie_make(struct wr_trie *t, const void *key, size_t size);

/* The same slot; NULL: no such key. */
void **wr_trie_find(const struct wr_trie *t, const void *key, size_t size);

/* Removes the key, if it is there. Cannot fail. */
void wr_trie_remove(struct wr_trie *t, const void *key, size_t size);

/* Every key once, in the order of their bytes. Allocates only to make nodes
 * smaller, so it cannot fail. */
void wr_trie_walk(struct wr_trie *t, wr_trie_walk_fn *fn, void *arg);

/* Within the trie: after a change, when nodes may have moved. */
void wr_trie_changed(struct wr_trie *t);

/* The two below, of a trie that has keys. */
bool wr_trie_match_some(const struct wr_trie *t, const void *data, size_t size,
                        wr_trie_match_fn *fn, void *arg);
bool wr_trie_any_of_some(const struct wr_trie *t, const void *data,
                         size_t size);

/* Calls fn(arg, value) for each key that data begins with, shortest first,
 * until one returns true, and returns whether one did. fn may not make or
 * remove keys. */
static inline bool
wr_trie_match(const struct wr_trie *t, const void *data, size_t size,
              wr_trie_match_fn *fn, void *arg)
{
    return t->root != NULL && wr_trie_match_some(t, data, size, fn, arg);
}

/* Whether data begins with one of the keys. */
static inline bool
wr_trie_any(const struct wr_trie *t, const void *data, size_t size)
{
    if (t->root == NULL)
        return false;
    return t->all != NULL || wr_trie_any_of_some(t, data, size);
}

#endif
