/* SPDX-License-Identifier: MPL-2.0 */
/* A pipe by itself: what its writer is granted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "core/pipe.h"

#include <cmocka.h>

/* A lowered limit acts when the writer is told, not between two looks. */
static void
what_was_granted_stays_granted(void **state)
{
    struct wr_arena *arena = wr_arena_new(-1);
    struct wr_pipe *p;
    weir_msg *span = NULL;

    (void)state;
    assert_non_null(arena);
    fence_setup();
    p = wr_pipe_new(arena, 5, 5, false);
    assert_non_null(p);
    assert_true(wr_pipe_writable(p));
    wr_pipe_set_recv_hwm(p, 1);
    wr_pipe_set_send_hwm(p, 1);
    assert_int_equal(wr_pipe_reserve(p, 100, &span), 10);
    for (int i = 0; i < 4; i++)
        weir_msg_init(&span[i]);
    (void)wr_pipe_commit(p, 4, 4);
    assert_true(wr_pipe_writable(p));
    wr_pipe_limit_changed(p);
    assert_false(wr_pipe_writable(p));
    assert_int_equal(wr_pipe_reserve(p, 1, &span), 0);
    wr_pipe_set_send_hwm(p, 4);
    assert_int_equal(wr_pipe_reserve(p, 100, &span), 1);
    wr_pipe_free(p);
    wr_arena_drop(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_granted_stays_granted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
