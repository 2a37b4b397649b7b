/* SPDX-License-Identifier: MPL-2.0 */
/* Tries of particular shapes: empty, wide, deep, long, and with many topics. */
#include "core/trie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/memory.h"

static struct wr_arena *arena;

static int
setup(void **state)
{
    (void)state;
    arena = wr_arena_new(-1);
    return arena == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    assert_int_equal(memory.blocks, 0);
    wr_arena_drop(arena);
    return 0;
}

static void
put(struct wr_trie *t, const void *key, size_t size, uintptr_t value)
{
    void **slot = wr_trie_make(t, key, size);

    assert_non_null(slot);
    assert_null(*slot);
    *slot = (void *)value;
    assert_ptr_equal(wr_trie_find(t, key, size), slot);
}

static bool
count(void *arg, void *value)
{
    (void)value;
    ++*(size_t *)arg;
    return false;
}

static size_t
matches(const struct wr_trie *t, const void *data, size_t size)
{
    size_t n = 0;

    assert_false(wr_trie_match(t, data, size, count, &n));
    assert_int_equal(wr_trie_any(t, data, size), n > 0);
    return n;
}

/* ---- Empty tries and the empty key ------------------------------------- */

static void
test_an_empty_trie_matches_nothing(void **state)
{
    struct wr_trie t;

    (void)state;
    wr_trie_init(&t, arena);
    assert_int_equal(matches(&t, "", 0), 0);
    assert_int_equal(matches(&t, NULL, 0), 0);
    assert_int_equal(matches(&t, "a", 1), 0);
    assert_null(wr_trie_find(&t, "", 0));
    wr_trie_remove(&t, "", 0);
    wr_trie_remove(&t, "a", 1);
    wr_trie_fini(&t, NULL);
    assert_int_equal(memory.blocks, 0);
}

static void
test_the_empty_key_matches_everything(void **state)
{
    struct wr_trie t;

    (void)state;
    wr_trie_init(&t, arena);
    put(&t, NULL, 0, 7);
    assert_ptr_equal(t.all, wr_trie_find(&t, NULL, 0));
    assert_int_equal(matches(&t, NULL, 0), 1);
    assert_int_equal(matches(&t, "\0\xff", 2), 1);
    put(&t, "ab", 2, 8);
    assert_ptr_equal(t.all, wr_trie_find(&t, NULL, 0));
    assert_int_equal(matches(&t, "abc", 3), 2);
    wr_trie_remove(&t, NULL, 0);
    assert_null(t.all);
    assert_int_equal(matches(&t, "a", 1), 0);
    assert_int_equal(matches(&t, "abc", 3), 1);
    wr_trie_remove(&t, "ab", 2);
    assert_int_equal(t.keys, 0);
    assert_int_equal(memory.blocks, 0);
}

/* ---- Wide -------------------------------------------------------------- */

/* 37 is prime to 256: all bytes, in no order. */
static unsigned char
scattered(size_t i)
{
    return (unsigned char)(i * 37 + 11);
}

/* The first n bytes are there, and no other. */
static void
check_wide(const struct wr_trie *t, size_t n)
{
    assert_int_equal(t->keys, n);
    for (size_t i = 0; i < 256; i++) {
        unsigned char key[3] = { 'w', scattered(i), 'x' };
        void **slot = wr_trie_find(t, key, 2);

        assert_int_equal(slot == NULL, i >= n);
        if (slot != NULL)
            assert_int_equal((uintptr_t)*slot, i + 1);
        assert_int_equal(matches(t, key, 3), i < n);
    }
}

static void
test_a_node_grows_to_all_bytes_and_back(void **state)
{
    static size_t bytes[257];
    struct wr_trie t;

    (void)state;
    wr_trie_init(&t, arena);
    for (size_t i = 0; i < 256; i++) {
        unsigned char key[2] = { 'w', scattered(i) };

        bytes[i] = memory.bytes;
        put(&t, key, 2, i + 1);
        check_wide(&t, i + 1);
    }
    for (size_t i = 256; i-- > 0;) {
        unsigned char key[2] = { 'w', scattered(i) };

        wr_trie_remove(&t, key, 2);
        check_wide(&t, i);
        assert_int_equal(memory.bytes, bytes[i]);
    }
}

struct order {
    size_t seen;
    size_t removed;
};

/* Removes two keys of three. */
static bool
in_order(void *arg, const void *key, size_t size, void **value)
{
    struct order *o = arg;
    const unsigned char *bytes = key;

    (void)value;
    assert_int_equal(size, 2);
    assert_int_equal(bytes[1], o->seen++);
    if (bytes[1] % 3 == 0)
        return false;
    o->removed++;
    return true;
}

static void
test_a_walk_thins_out_a_wide_node(void **state)
{
    struct order o = { 0 };
    struct wr_trie t;

    (void)state;
    wr_trie_init(&t, arena);
    for (size_t i = 0; i < 256; i++)
        put(&t, (unsigned char[]){ 'w', scattered(i) }, 2, 1);
    wr_trie_walk(&t, in_order, &o);
    assert_int_equal(o.seen, 256);
    assert_int_equal(t.keys, 256 - o.removed);
    for (size_t i = 0; i < 256; i++) {
        unsigned char key[2] = { 'w', (unsigned char)i };

        assert_int_equal(matches(&t, key, 2), i % 3 == 0);
    }
    wr_trie_fini(&t, NULL);
}

/* ---- Long and deep ----------------------------------------------------- */

#define LONG ((size_t)1 << 20)
#define DEEP ((size_t)10000)

struct lengths {
    size_t seen;
    size_t sizes[4];
};

/* Removes the second. */
static bool
see_length(void *arg, const void *key, size_t size, void **value)
{
    struct lengths *l = arg;
    const unsigned char *bytes = key;

    assert_int_equal((uintptr_t)*value, size);
    assert_int_equal(bytes[size - 1], (size - 1) % 251);
    assert_true(l->seen < 4);
    l->sizes[l->seen++] = size;
    return size == LONG / 2;
}

static void
walk_lengths(struct wr_trie *t)
{
    static const size_t sizes[4] = { 1, LONG / 2, LONG - 1, LONG };
    struct lengths l = { 0 };

    wr_trie_walk(t, see_length, &l);
    assert_int_equal(l.seen, 4);
    assert_memory_equal(l.sizes, sizes, sizeof(sizes));
}

static unsigned char *
long_key(void)
{
    unsigned char *key = malloc(LONG);

    assert_non_null(key);
    for (size_t i = 0; i < LONG; i++)
        key[i] = (unsigned char)(i % 251);
    return key;
}

static void
test_keys_of_a_megabyte(void **state)
{
    unsigned char *key = long_key();
    struct wr_trie t;

    (void)state;
    wr_trie_init(&t, arena);
    put(&t, key, LONG, LONG);
    assert_int_equal(matches(&t, key, LONG - 1), 0);
    put(&t, key, LONG / 2, LONG / 2);
    put(&t, key, LONG - 1, LONG - 1);
    put(&t, key, 1, 1);
    assert_int_equal(matches(&t, key, LONG - 1), 3);
    assert_int_equal(matches(&t, key, LONG), 4);
    walk_lengths(&t);
    assert_int_equal(matches(&t, key, LONG), 3);
    key[LONG - 2] ^= 1;
    assert_int_equal(matches(&t, key, LONG), 1);
    key[LONG - 2] ^= 1;
    wr_trie_remove(&t, key, LONG - 1);
    wr_trie_remove(&t, key, 1);
    assert_int_equal(matches(&t, key, LONG), 1);
    assert_int_equal(memory.blocks, 2); /* a node and the path */
    wr_trie_fini(&t, NULL);
    free(key);
}

/* Each is longer by one. Removes every second. */
static bool
see_deeper(void *arg, const void *key, size_t size, void **value)
{
    size_t *seen = arg;

    (void)key;
    assert_int_equal(size, ++*seen);
    assert_int_equal((uintptr_t)*value, size);
    return size % 2 == 0;
}

static void
test_keys_that_begin_with_each_other(void **state)
{
    unsigned char *key = calloc(1, DEEP);
    size_t seen = 0;
    struct wr_trie t;

    (void)state;
    assert_non_null(key);
    wr_trie_init(&t, arena);
    for (size_t size = DEEP; size > 0; size--)
        put(&t, key, size, size);
    assert_int_equal(matches(&t, key, DEEP), DEEP);
    assert_int_equal(matches(&t, key, DEEP / 2), DEEP / 2);
    wr_trie_walk(&t, see_deeper, &seen);
    assert_int_equal(seen, DEEP);
    assert_int_equal(matches(&t, key, DEEP), DEEP / 2);
    for (size_t size = 1; size <= DEEP - 1; size += 2)
        wr_trie_remove(&t, key, size);
    assert_int_equal(t.keys, 0);
    free(key);
}

/* ---- Many topics ------------------------------------------------------- */

#define TOPICS    ((size_t)20000)
#define TOPIC_MIN 16
#define TOPIC_MAX 32

/* The bytes of topic i, the same each time; the first four make it unique.
 * Returns their number. */
static size_t
topic(size_t i, unsigned char *bytes)
{
    uint64_t x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t first = (uint32_t)i * UINT32_C(2654435761);

    for (size_t at = 0; at < TOPIC_MAX; at++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bytes[at] = (unsigned char)(x >> 24);
    }
    memcpy(bytes, &first, 4);
    return TOPIC_MIN + (x >> 40) % (TOPIC_MAX - TOPIC_MIN + 1);
}

static size_t freed;

static void
free_value(void *value)
{
    freed += (uintptr_t)value;
}

static void
test_many_topics(void **state)
{
    unsigned char bytes[TOPIC_MAX];
    struct wr_trie t;

    (void)state;
    wr_trie_init(&t, arena);
    for (size_t i = 0; i < TOPICS; i++)
        put(&t, bytes, topic(i, bytes), i);
    assert_int_equal(t.keys, TOPICS);
    assert_true(memory.bytes / TOPICS < 80);
    for (size_t i = 0; i < 2 * TOPICS; i++) {
        size_t size = topic(i, bytes);

        assert_int_equal(matches(&t, bytes, size), i < TOPICS);
        assert_int_equal(matches(&t, bytes, size - 1), 0);
    }
    for (size_t i = TOPICS / 2; i < TOPICS; i++)
        wr_trie_remove(&t, bytes, topic(i, bytes));
    assert_int_equal(t.keys, TOPICS / 2);
    freed = 0;
    wr_trie_fini(&t, free_value);
    assert_int_equal(freed, TOPICS / 2 * (TOPICS / 2 - 1) / 2);
    assert_int_equal(t.keys, 0);
    assert_int_equal(memory.blocks, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_trie_matches_nothing),
        cmocka_unit_test(test_the_empty_key_matches_everything),
        cmocka_unit_test(test_a_node_grows_to_all_bytes_and_back),
        cmocka_unit_test(test_a_walk_thins_out_a_wide_node),
        cmocka_unit_test(test_keys_of_a_megabyte),
        cmocka_unit_test(test_keys_that_begin_with_each_other),
        cmocka_unit_test(test_many_topics),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
