/* SPDX-License-Identifier: MPL-2.0 */
/* core/frames.h: growing, taking from the front, dropping, and no memory. */
#include "core/frames.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* ---- Memory ------------------------------------------------------------ */

static struct {
    size_t bytes; /* taken, and not given back */
    size_t calls;
    bool fails;
} memory;

void *__real_wr_arena_alloc(struct wr_arena *a, size_t align, size_t size);
void *__wrap_wr_arena_alloc(struct wr_arena *a, size_t align, size_t size);
void __real_wr_arena_free(struct wr_arena *a, void *p, size_t align,
                          size_t size);
void __wrap_wr_arena_free(struct wr_arena *a, void *p, size_t align,
                          size_t size);

void *
__wrap_wr_arena_alloc(struct wr_arena *a, size_t align, size_t size)
{
    if (memory.fails)
        return NULL;
    memory.bytes += size;
    memory.calls++;
    return __real_wr_arena_alloc(a, align, size);
}

void
__wrap_wr_arena_free(struct wr_arena *a, void *p, size_t align, size_t size)
{
    memory.bytes -= size;
    __real_wr_arena_free(a, p, align, size);
}

static struct wr_arena *
new_arena(void)
{
    struct wr_arena *a = wr_arena_new(-1);

    assert_non_null(a);
    memory.bytes = memory.calls = 0;
    memory.fails = false;
    return a;
}

/* ---- Frames ------------------------------------------------------------ */

/* How often each was freed. */
static unsigned freed[4096];

static void
count_free(void *data, void *hint)
{
    (void)data;
    ++*(unsigned *)hint;
}

static void
make(weir_msg *msg, size_t i)
{
    assert_true(i < 4096);
    freed[i] = 0;
    assert_int_equal(
        weir_msg_init_external(msg, &freed[i], i, count_free, &freed[i]), 0);
}

static void
push(struct wr_frames *f, struct wr_arena *a, size_t i)
{
    weir_msg msg;

    make(&msg, i);
    assert_int_equal(wr_frames_push(f, a, &msg), 0);
    assert_int_equal(weir_msg_size(&msg), 0);
    assert_int_equal(weir_msg_drop(&msg), 0);
    assert_int_equal(freed[i], 0);
}

static void
shift(struct wr_frames *f, struct wr_arena *a, size_t i)
{
    weir_msg msg;

    assert_false(wr_frames_is_empty(f));
    wr_frames_shift(f, a, &msg);
    assert_int_equal(weir_msg_size(&msg), i);
    assert_ptr_equal(weir_msg_data(&msg), &freed[i]);
    assert_int_equal(weir_msg_drop(&msg), 0);
    assert_int_equal(freed[i], 1);
}

static void
test_first_in_first_out(void **state)
{
    struct wr_arena *a = new_arena();
    struct wr_frames f = { .n = 0 };

    (void)state;
    assert_true(wr_frames_is_empty(&f));
    for (size_t n = 1; n < 2000; n = n * 3 + 1) {
        for (size_t i = 0; i < n; i++)
            push(&f, a, i);
        for (size_t i = 0; i < n; i++)
            shift(&f, a, i);
        assert_true(wr_frames_is_empty(&f));
    }
    wr_frames_fini(&f, a);
    assert_int_equal(memory.bytes, 0);
    wr_arena_drop(a);
}

/* One that is never empty, but never long, stays as small as it is. */
static void
test_what_was_taken_makes_room(void **state)
{
    struct wr_arena *a = new_arena();
    struct wr_frames f = { .n = 0 };
    size_t next = 0;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        push(&f, a, i);
    for (size_t i = 5; i < 4000; i++) {
        push(&f, a, i);
        shift(&f, a, next++);
    }
    assert_true(f.capacity <= 16);
    while (!wr_frames_is_empty(&f))
        shift(&f, a, next++);
    assert_int_equal(next, 4000);
    wr_frames_fini(&f, a);
    assert_int_equal(memory.bytes, 0);
    wr_arena_drop(a);
}

static void
test_memory_is_kept_up_to_a_size(void **state)
{
    struct wr_arena *a = new_arena();
    struct wr_frames f = { .n = 0 };

    (void)state;
    push(&f, a, 0);
    wr_frames_drop(&f, a);
    assert_int_equal(freed[0], 1);
    assert_int_equal(memory.calls, 1);
    for (size_t i = 0; i < 8; i++)
        push(&f, a, i);
    shift(&f, a, 0);
    wr_frames_drop(&f, a);
    assert_int_equal(memory.calls, 1);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(freed[i], 1);
    for (size_t i = 0; i < 4000; i++)
        push(&f, a, i);
    shift(&f, a, 0);
    wr_frames_drop(&f, a);
    assert_int_equal(memory.bytes, 0);
    for (size_t i = 0; i < 4000; i++)
        assert_int_equal(freed[i], 1);
    wr_frames_drop(&f, a); /* of none */
    wr_frames_fini(&f, a);
    wr_frames_fini(&f, a);
    wr_arena_drop(a);
}

static void
test_forgotten_frames_are_not_dropped(void **state)
{
    struct wr_arena *a = new_arena();
    struct wr_frames f = { .n = 0 };

    (void)state;
    push(&f, a, 1);
    wr_frames_clear(&f, a);
    assert_true(wr_frames_is_empty(&f));
    wr_frames_fini(&f, a);
    assert_int_equal(freed[1], 0);
    assert_int_equal(memory.bytes, 0);
    wr_arena_drop(a);
}

static void
test_without_memory_nothing_moves(void **state)
{
    struct wr_arena *a = new_arena();
    struct wr_frames f = { .n = 0 };
    weir_msg msg;

    (void)state;
    make(&msg, 99);
    memory.fails = true;
    assert_int_equal(wr_frames_grow(&f, a), -ENOMEM);
    assert_int_equal(wr_frames_push(&f, a, &msg), -ENOMEM);
    memory.fails = false;
    for (size_t i = 0; i < 8; i++)
        push(&f, a, i);
    assert_int_equal(f.n, f.capacity);
    memory.fails = true;
    errno = 1234;
    assert_int_equal(wr_frames_push(&f, a, &msg), -ENOMEM);
    assert_int_equal(errno, 1234);
    assert_int_equal(weir_msg_size(&msg), 99);
    assert_int_equal(weir_msg_drop(&msg), 0);
    assert_int_equal(freed[99], 1);
    for (size_t i = 0; i < 8; i++)
        shift(&f, a, i);
    push(&f, a, 100); /* there is room */
    wr_frames_fini(&f, a);
    assert_int_equal(freed[100], 1);
    memory.fails = false;
    wr_arena_drop(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_first_out),
        cmocka_unit_test(test_what_was_taken_makes_room),
        cmocka_unit_test(test_memory_is_kept_up_to_a_size),
        cmocka_unit_test(test_forgotten_frames_are_not_dropped),
        cmocka_unit_test(test_without_memory_nothing_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
