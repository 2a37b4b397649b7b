/* SPDX-License-Identifier: MPL-2.0 */
/* The trie against a list of keys, in and out of memory. */
#include "core/trie.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/trie_model.h"

/* ---- Random keys ------------------------------------------------------- */

/* What keys are made of. */
struct kind {
    size_t letters;
    size_t longest;
    const unsigned char *letter;
};

static const unsigned char odd_bytes[] = { 0, 0xff, 0x80, 0x7f, 1, 0xfe };

static const struct kind kinds[] = {
    { .letters = 2, .longest = 6, .letter = (const void *)"ab" },
    { .letters = 3, .longest = KEY_MAX, .letter = (const void *)"xyz" },
    { .letters = 2, .longest = 9, .letter = odd_bytes },
    { .letters = 6, .longest = 3, .letter = odd_bytes },
    { .letters = 256, .longest = 2, .letter = NULL },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct key
random_key(const struct kind *kind)
{
    struct key k = { .size = random_below(kind->longest + 1),
                     .value = 1 + random_below(1u << 20) };

    for (size_t i = 0; i < k.size; i++) {
        size_t letter = random_below(kind->letters);

        k.bytes[i] =
            kind->letter == NULL ? (unsigned char)letter : kind->letter[letter];
    }
    return k;
}

/* Half the time something that goes on where a key ends or changes. */
static struct key
random_near(struct both *b, const struct kind *kind)
{
    struct key k = random_key(kind);
    struct key near;

    if (b->keys == 0 || random_below(2) == 0)
        return k;
    near = b->list[random_below(b->keys)];
    near.size = random_below(near.size + 1);
    for (size_t i = 0; i < k.size && near.size < kind->longest; i++)
        near.bytes[near.size++] = k.bytes[i];
    near.value = k.value;
    return near;
}

/* One step; `grow` of eight make a key. */
static void
random_step(struct both *b, const struct kind *kind, uint64_t grow)
{
    struct key k = random_near(b, kind);

    if (random_below(8) < grow && b->keys < KEYS_MAX) {
        (void)make(b, &k);
    } else {
        if (b->keys > 0 && random_below(2) == 0)
            k = b->list[random_below(b->keys)];
        take_out(b, &k);
    }
    assert_int_equal(b->trie.keys, b->keys);
    check_find(b, &k);
    k = random_near(b, kind);
    check_find(b, &k);
    check_match(b, &k);
}

static void
test_random_steps(void **state)
{
    static struct both b;

    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        seed = 1 + kind;
        both_init(&b);
        for (uint64_t phase = 0; phase < 12; phase++) {
            for (int i = 0; i < 400; i++)
                random_step(&b, &kinds[kind], phase % 4 == 3 ? 1 : 6);
            check_all(&b);
            check_memory(&b);
            walk_and_remove(&b, phase % 4);
            check_all(&b);
            check_memory(&b);
        }
        both_fini(&b);
    }
}

/* ---- Without memory ---------------------------------------------------- */

static void
test_failing_steps_change_nothing(void **state)
{
    static struct both b;

    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        seed = 100 + kind;
        both_init(&b);
        errno = 1234;
        for (int i = 0; i < 3000; i++) {
            memory.fail_after = random_below(4);
            random_step(&b, &kinds[kind], 5);
            if (i % 100 == 0)
                check_all(&b);
            if (i % 500 == 0)
                walk_and_remove(&b, 4);
        }
        memory.fail_after = 0;
        walk_and_remove(&b, 4);
        check_all(&b);
        assert_int_equal(errno, 1234);
        memory.fail_after = SIZE_MAX;
        /* This walk has put in order what could not be. */
        check_all(&b);
        check_memory(&b);
        both_fini(&b);
    }
}

/* Returns how many allocations the key takes, after each of them has failed. */
static size_t
make_in_the_end(struct both *b, const struct key *k)
{
    size_t given = 0;

    for (memory.fail_after = 0; !make(b, k); memory.fail_after = given) {
        memory.fail_after = SIZE_MAX;
        assert_true(++given < 8);
        check_all(b);
        check_memory(b);
    }
    memory.fail_after = SIZE_MAX;
    return given;
}

static void
test_each_allocation_of_a_key_may_fail(void **state)
{
    static const struct {
        const char *key;
        size_t allocations;
    } keys[] = {
        { "split here", 2 },     /* the path and a leaf */
        { "split not here", 3 }, /* a leaf, and one node becomes two */
        { "split", 2 },          /* one node becomes two */
        { "sp", 2 },
        { "", 2 },
        { "spa", 1 }, /* a leaf */
        { "spb", 2 }, /* a leaf, and its parent grows */
        { "spbound", 2 },
        { "spa", 0 },
    };
    static struct both b;

    (void)state;
    both_init(&b);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct key k = { .size = strlen(keys[i].key), .value = i + 1 };

        memcpy(k.bytes, keys[i].key, k.size);
        assert_int_equal(make_in_the_end(&b, &k), keys[i].allocations);
    }
    check_all(&b);
    both_fini(&b);
}

static void
test_a_key_that_cannot_be_had(void **state)
{
    static const char byte[1] = "a";
    struct both b;

    (void)state;
    both_init(&b);
    assert_null(wr_trie_make(&b.trie, byte, SIZE_MAX));
    assert_null(wr_trie_make(&b.trie, byte, SIZE_MAX / 2));
    assert_int_equal(memory.blocks, 0);
    assert_non_null(wr_trie_make(&b.trie, byte, 1));
    assert_null(wr_trie_make(&b.trie, byte, SIZE_MAX));
    assert_int_equal(b.trie.keys, 1);
    both_fini(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_steps),
        cmocka_unit_test(test_failing_steps_change_nothing),
        cmocka_unit_test(test_each_allocation_of_a_key_may_fail),
        cmocka_unit_test(test_a_key_that_cannot_be_had),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
