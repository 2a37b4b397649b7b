/* SPDX-License-Identifier: MPL-2.0 */
/* The contract of core/ring/queue.h, for the design that the build names: one
 * thread plays all writers and readers, and knows what must be seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/core/queue_test.h"

#define SIDES 3 /* writers, or readers, where there may be several */
#define ITEMS 20000

struct play {
    struct wr_shape shape;
    struct QUEUE_TYPE *q;
    void *memory;
    struct QUEUE_IS(writer) writer[SIDES];
    struct QUEUE_IS(reader) reader[SIDES];
    uint64_t written[SIDES]; /* items, by writer */
    uint64_t read;           /* by all readers */
    /* The least number that reader r may see from writer w now. */
    uint64_t due[SIDES][SIDES];
    unsigned char *seen[SIDES]; /* by writer: how often each was read */
    uint64_t used;              /* items, in this call */
    uint32_t side;              /* who writes or reads now */
};

static void
fill_items(void *arg, void *at, uint64_t first, uint64_t n)
{
    struct play *p = arg;
    size_t size = p->shape.item_size;

    assert_true(n > 0);
    for (uint64_t i = 0; i < n; i++)
        item_write((unsigned char *)at + i * size, size,
                   value_of(p->side, p->written[p->side] + first + i));
}

static void
use_items(void *arg, const void *at, uint64_t n)
{
    struct play *p = arg;
    size_t size = p->shape.item_size;

    assert_true(n > 0);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t value = item_read((const unsigned char *)at + i * size, size);
        uint64_t writer = value >> WRITER_SHIFT, number = value & NUMBER_MASK;

        assert_true(writer < p->shape.writers);
        assert_true(number < p->written[writer]);
        assert_true(number >= p->due[p->side][writer]);
        p->due[p->side][writer] = number + 1;
        p->seen[writer][number]++;
    }
    p->used += n;
    p->read += n;
}

static uint64_t
push_as(struct play *p, uint32_t writer, uint64_t n)
{
    uint64_t most = n;

    p->side = writer;
    n = QUEUE_IS(push)(&p->writer[writer], p->shape.item_size, n, fill_items,
                       p);
    assert_true(n <= most);
    p->written[writer] += n;
    return n;
}

static uint64_t
pop_as(struct play *p, uint32_t reader, uint64_t n)
{
    uint64_t got;

    p->side = reader;
    p->used = 0;
    got =
        QUEUE_IS(pop)(&p->reader[reader], p->shape.item_size, n, use_items, p);
    assert_int_equal(got, p->used);
    assert_true(got <= n);
    return got;
}

static void
play_init(struct play *p, const struct wr_shape *shape)
{
    *p = (struct play){ .shape = *shape };
    p->q = queue_new(shape, &p->memory);
    if (p->q == NULL)
        return;
    for (uint32_t i = 0; i < shape->writers; i++) {
        QUEUE_IS(writer_init)(&p->writer[i], p->q, i);
        p->seen[i] = calloc(ITEMS, 1);
        assert_non_null(p->seen[i]);
    }
    for (uint32_t i = 0; i < shape->readers; i++)
        QUEUE_IS(reader_init)(&p->reader[i], p->q, i);
}

static void
flush_all(struct play *p)
{
    for (uint32_t i = 0; i < p->shape.writers; i++)
        QUEUE_IS(flush)(&p->writer[i]);
}

/* Reads until no reader finds anything. */
static void
drain(struct play *p)
{
    uint64_t before;

    flush_all(p);
    do {
        before = p->read;
        for (uint32_t i = 0; i < p->shape.readers; i++)
            while (pop_as(p, i, p->shape.capacity) > 0)
                ;
    } while (p->read != before);
}

static uint64_t
written(const struct play *p)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < p->shape.writers; i++)
        sum += p->written[i];
    return sum;
}

/* How often each item is read, when all is well. */
static uint64_t
copies(const struct play *p)
{
    return kind_is("broadcast") ? p->shape.readers : 1;
}

static void
play_fini(struct play *p)
{
    drain(p);
    for (uint32_t w = 0; w < p->shape.writers; w++) {
        for (uint64_t i = 0; i < p->written[w]; i++) {
            if (QUEUE_IS(traits).lossy)
                assert_true(p->seen[w][i] <= copies(p));
            else
                assert_int_equal(p->seen[w][i], copies(p));
        }
        free(p->seen[w]);
    }
    queue_free(p->q, p->memory);
}

/* Plays with queues of all capacities, item sizes and sides, from 0 on, and
 * from close to where 32 and 64 bits are full. */
static void
each_queue(void (*play)(struct play *p))
{
    static const uint64_t capacities[] = { 1, 2, 4, 8, 64, 1024 };
    static const uint32_t sizes[] = { 8, 16, 64 };
    static const uint64_t wraps[] = { 0, UINT64_C(1) << 32 };
    uint32_t writers = has_many_writers() ? SIDES : 1;
    uint32_t readers = has_many_readers() ? SIDES : 1;
    int played = 0;

    for (size_t c = 0; c < COUNT(capacities) * COUNT(sizes) * COUNT(wraps);
         c++) {
        struct wr_shape shape = {
            .capacity = capacities[c % COUNT(capacities)],
            .item_size = sizes[c / COUNT(capacities) % COUNT(sizes)],
            .writers = writers,
            .readers = readers,
        };
        uint64_t wrap = wraps[c / COUNT(capacities) / COUNT(sizes)];
        struct play p;

        if (shape.capacity < QUEUE_IS(traits).capacity_least) {
            assert_int_equal(QUEUE_IS(bytes)(&shape), 0);
            continue;
        }
        for (uint64_t back = 0; back < 4; back++) {
            shape.start = wrap - back * (shape.capacity / 2 + 1);
            play_init(&p, &shape);
            if (p.q == NULL)
                continue;
            play(&p);
            play_fini(&p);
            played++;
        }
    }
    assert_true(played > 0);
}

/* Fills it one by one or as far as it goes at once. How many it took. */
static uint64_t
fill_up(struct play *p, uint64_t step)
{
    uint64_t sum = 0, n;

    while (sum < p->shape.capacity + 1) {
        uint32_t writer = (uint32_t)(sum % p->shape.writers);

        n = push_as(p, writer, step);
        sum += n;
        if (n < step)
            break;
    }
    flush_all(p);
    return sum;
}

static void
fill_and_drain(struct play *p)
{
    for (uint64_t round = 0; round < 4; round++) {
        uint64_t read = p->read;
        uint64_t n = fill_up(p, round % 2 == 0 ? 1 : p->shape.capacity);

        assert_true(n > 0);
        if (!QUEUE_IS(traits).unbounded && !QUEUE_IS(traits).lossy) {
            assert_true(n <= p->shape.capacity * p->shape.writers);
            if (QUEUE_IS(traits).full_is_exact)
                assert_int_equal(n, p->shape.capacity);
        }
        drain(p);
        if (!QUEUE_IS(traits).lossy)
            assert_int_equal(p->read - read, n * copies(p));
        for (uint32_t i = 0; i < p->shape.readers; i++)
            assert_int_equal(pop_as(p, i, 1), 0);
        /* Begin the next round elsewhere. */
        assert_int_equal(push_as(p, 0, 1), 1);
        drain(p);
    }
}

static void
test_full_and_empty(void **state)
{
    (void)state;
    each_queue(fill_and_drain);
}

static void
at_once(struct play *p)
{
    for (uint32_t i = 0; i < 3 * p->shape.capacity && i < 500; i++) {
        uint64_t read = p->read;

        assert_int_equal(push_as(p, i % p->shape.writers, 1), 1);
        drain(p);
        assert_int_equal(p->read - read, copies(p));
    }
}

static void
test_every_item_is_seen_at_once(void **state)
{
    (void)state;
    each_queue(at_once);
}

/* Everything at random, several times around. */
static void
walk(struct play *p)
{
    struct race race = { p->shape.start ^ p->shape.capacity };
    uint64_t most = p->shape.capacity + 2;

    for (int step = 0; step < 400; step++) {
        uint32_t writer = (uint32_t)race_below(&race, p->shape.writers);
        uint32_t reader = (uint32_t)race_below(&race, p->shape.readers);

        if (written(p) + most < ITEMS && race_once_in(&race, 2))
            (void)push_as(p, writer, 1 + race_below(&race, most));
        if (race_once_in(&race, 8))
            QUEUE_IS(flush)(&p->writer[writer]);
        (void)pop_as(p, reader, 1 + race_below(&race, most));
        if (race_once_in(&race, 16))
            drain(p);
    }
    drain(p);
    assert_true(written(p) > p->shape.capacity);
    if (!QUEUE_IS(traits).lossy)
        assert_int_equal(p->read, written(p) * copies(p));
}

static void
test_random_steps(void **state)
{
    (void)state;
    each_queue(walk);
}

static void
test_traits_are_told(void **state)
{
    const struct wr_traits *t = &QUEUE_IS(traits);

    (void)state;
    assert_true(kind_is("spsc") || has_many_writers() || has_many_readers());
    assert_true(strlen(t->name) > 0 && strlen(t->what) > 0);
    assert_true(strlen(t->source) > 0 && strlen(t->progress) > 0);
    assert_true(t->capacity_least > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_traits_are_told),
        cmocka_unit_test(test_full_and_empty),
        cmocka_unit_test(test_every_item_is_seen_at_once),
        cmocka_unit_test(test_random_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
