/* SPDX-License-Identifier: MPL-2.0 */
/* A trie beside a sorted list of the keys that should be in it, and the checks
 * that they agree. */
#ifndef WEIR_TESTS_CORE_TRIE_MODEL_H
#define WEIR_TESTS_CORE_TRIE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/trie.h"
#include "tests/core/memory.h"

#define KEYS_MAX 1000
#define KEY_MAX  40

/* ---- A trie and what should be in it ----------------------------------- */

struct key {
    size_t size;
    uintptr_t value;
    unsigned char bytes[KEY_MAX];
};

struct both {
    struct wr_arena *arena;
    struct wr_trie trie;
    size_t keys;
    struct key list[KEYS_MAX]; /* sorted */
};

static uint64_t seed;

static uint64_t
random_below(uint64_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (seed >> 33) % n;
}

static void
both_init(struct both *b)
{
    b->arena = wr_arena_new(-1);
    b->keys = 0;
    assert_non_null(b->arena);
    wr_trie_init(&b->trie, b->arena);
}

/* Nothing may be left of the trie. */
static void
both_fini(struct both *b)
{
    wr_trie_fini(&b->trie, NULL);
    assert_int_equal(b->trie.keys, 0);
    assert_null(b->trie.root);
    assert_null(b->trie.all);
    assert_int_equal(memory.blocks, 0);
    assert_int_equal(memory.bytes, 0);
    wr_arena_drop(b->arena);
}

static int
compare(const void *a, const void *b)
{
    const struct key *x = a;
    const struct key *y = b;
    size_t least = x->size < y->size ? x->size : y->size;
    int order = memcmp(x->bytes, y->bytes, least);

    if (order != 0 || x->size == y->size)
        return order;
    return x->size < y->size ? -1 : 1;
}

static struct key *
listed(struct both *b, const struct key *k)
{
    return bsearch(k, b->list, b->keys, sizeof(*k), compare);
}

/* Returns whether there was memory. */
static bool
make(struct both *b, const struct key *k)
{
    struct key *old = listed(b, k);
    void **slot = wr_trie_make(&b->trie, k->bytes, k->size);

    if (slot == NULL)
        return false;
    assert_int_equal((uintptr_t)*slot, old == NULL ? 0 : old->value);
    *slot = (void *)k->value;
    if (old == NULL) {
        assert_true(b->keys < KEYS_MAX);
        b->list[b->keys++] = *k;
        qsort(b->list, b->keys, sizeof(*k), compare);
    } else {
        old->value = k->value;
    }
    return true;
}

static void
unlist(struct both *b, struct key *k)
{
    size_t after = (size_t)(b->list + b->keys - k) - 1;

    memmove(k, k + 1, after * sizeof(*k));
    b->keys--;
}

static void
take_out(struct both *b, const struct key *k)
{
    struct key *old = listed(b, k);

    wr_trie_remove(&b->trie, k->bytes, k->size);
    if (old != NULL)
        unlist(b, old);
}

/* ---- Whether they agree ------------------------------------------------ */

static void
check_find(struct both *b, const struct key *k)
{
    struct key *old = listed(b, k);
    void **slot = wr_trie_find(&b->trie, k->bytes, k->size);

    if (old == NULL) {
        assert_null(slot);
    } else {
        assert_non_null(slot);
        assert_int_equal((uintptr_t)*slot, old->value);
    }
}

struct matches {
    uintptr_t values[KEYS_MAX];
    size_t count;
    size_t most;
};

static bool
add_match(void *arg, void *value)
{
    struct matches *m = arg;

    m->values[m->count++] = (uintptr_t)value;
    return m->count == m->most;
}

/* The list is sorted: prefixes of data come in the order of their sizes. */
static void
check_match(struct both *b, const struct key *data)
{
    static struct matches all, some;
    size_t n = 0;

    all = (struct matches){ .most = SIZE_MAX };
    assert_false(
        wr_trie_match(&b->trie, data->bytes, data->size, add_match, &all));
    for (size_t i = 0; i < b->keys; i++) {
        const struct key *k = &b->list[i];

        if (k->size > data->size || memcmp(k->bytes, data->bytes, k->size) != 0)
            continue;
        assert_true(n < all.count);
        assert_int_equal(all.values[n++], k->value);
    }
    assert_int_equal(n, all.count);
    assert_int_equal(wr_trie_any(&b->trie, data->bytes, data->size), n > 0);
    if (n == 0)
        return;
    some = (struct matches){ .most = 1 + random_below(n) };
    assert_true(
        wr_trie_match(&b->trie, data->bytes, data->size, add_match, &some));
    assert_int_equal(some.count, some.most);
    assert_memory_equal(some.values, all.values,
                        some.count * sizeof(some.values[0]));
}

struct walk {
    struct both *both;
    size_t next;
    uint64_t remove_of_8; /* how many of eight keys are removed */
    bool removed[KEYS_MAX];
};

static bool
see_key(void *arg, const void *key, size_t size, void **value)
{
    struct walk *w = arg;
    struct key *k = &w->both->list[w->next];
    bool remove = random_below(8) < w->remove_of_8;

    assert_true(w->next < w->both->keys);
    assert_int_equal(size, k->size);
    assert_memory_equal(key, k->bytes, size);
    assert_int_equal((uintptr_t)*value, k->value);
    *value = (void *)++k->value;
    w->removed[w->next++] = remove;
    return remove;
}

static void
walk_and_remove(struct both *b, uint64_t of_8)
{
    static struct walk w;

    w = (struct walk){ .both = b, .remove_of_8 = of_8 };
    wr_trie_walk(&b->trie, see_key, &w);
    assert_int_equal(w.next, b->keys);
    for (size_t i = b->keys; i-- > 0;) {
        if (w.removed[i])
            unlist(b, &b->list[i]);
    }
    assert_int_equal(b->trie.keys, b->keys);
}

static void
check_all(struct both *b)
{
    for (size_t i = 0; i < b->keys; i++)
        check_find(b, &b->list[i]);
    walk_and_remove(b, 0);
}

/* A trie's memory depends on its keys alone, not on what was there before. */
static void
check_memory(struct both *b)
{
    size_t bytes = memory.bytes - b->trie.path_size;
    struct wr_trie fresh;

    wr_trie_init(&fresh, b->arena);
    for (size_t i = b->keys; i-- > 0;)
        assert_non_null(
            wr_trie_make(&fresh, b->list[i].bytes, b->list[i].size));
    assert_int_equal(memory.bytes - b->trie.path_size - fresh.path_size,
                     2 * bytes);
    wr_trie_fini(&fresh, NULL);
}

#endif
