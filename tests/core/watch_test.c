/* SPDX-License-Identifier: MPL-2.0 */
/* Watches, in the moments that threads seldom meet. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/descriptor.h"
#include "core/socket.h"
#include "core/watch.h"

#include <cmocka.h>

/* A socket's bell, two watches of it, and a watcher. */
struct scene {
    weir_context *ctx;
    weir_socket *socket;
    struct wr_bell *bell;
    struct wr_watch watch[2];
    struct wr_watcher watcher;
};

static void
set_up(struct scene *s)
{
    s->ctx = weir_context_new();
    assert_int_equal(weir_socket_open(s->ctx, WEIR_PULL, &s->socket), 0);
    s->bell = wr_socket_of(s->socket)->bell;
    wr_watcher_init(&s->watcher);
    for (int i = 0; i < 2; i++)
        wr_watch_attach(&s->watch[i], s->bell, &s->watcher);
}

static void
tear_down(struct scene *s)
{
    for (int i = 0; i < 2; i++)
        if (s->watch[i].watcher != NULL)
            wr_watch_detach(&s->watch[i], s->bell);
    assert_int_equal(weir_close(s->socket), 0);
    assert_int_equal(weir_context_free(s->ctx), 0);
}

static void
ring(struct scene *s)
{
    wr_bell_notify(s->bell, WR_BELL_ARRIVED);
}

static bool
is_readable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0) == 1;
}

static void
an_armed_watch_is_told_once(void **state)
{
    struct scene s;

    (void)state;
    set_up(&s);
    ring(&s);
    assert_null(wr_watcher_take(&s.watcher));
    wr_watch_arm(&s.watch[1], s.bell);
    ring(&s);
    ring(&s);
    assert_ptr_equal(wr_watcher_take(&s.watcher), &s.watch[1]);
    assert_null(s.watch[1].next_rung);
    assert_null(wr_watcher_take(&s.watcher));
    assert_false(wr_watch_disarm(&s.watch[1], s.bell));
    for (int i = 0; i < 2; i++)
        wr_watch_arm(&s.watch[i], s.bell);
    assert_true(wr_watch_disarm(&s.watch[1], s.bell));
    ring(&s);
    assert_ptr_equal(wr_watcher_take(&s.watcher), &s.watch[0]);
    tear_down(&s);
}

static void
one_that_left_is_not_told(void **state)
{
    struct scene s;

    (void)state;
    set_up(&s);
    wr_watch_arm(&s.watch[0], s.bell);
    wr_watch_detach(&s.watch[0], s.bell);
    ring(&s);
    assert_null(wr_watcher_take(&s.watcher));
    tear_down(&s);
}

/* Between the announcement and the sleep. */
static void
a_ring_keeps_the_watcher_awake(void **state)
{
    struct scene s;

    (void)state;
    set_up(&s);
    wr_watcher_sleep_begin(&s.watcher);
    wr_watch_arm(&s.watch[0], s.bell);
    ring(&s);
    assert_int_equal(wr_watcher_sleep(&s.watcher, WR_NEVER), 0);
    assert_false(wr_watcher_sleep_end(&s.watcher));
    tear_down(&s);
}

/* Between the last look and the clearing. */
static void
a_ring_keeps_the_eventfd_readable(void **state)
{
    struct scene s;
    int fd = wr_eventfd_new(true);

    (void)state;
    assert_true(fd >= 0);
    set_up(&s);
    wr_watcher_set_fd(&s.watcher, fd);
    wr_watcher_sleep_begin(&s.watcher);
    wr_watch_arm(&s.watch[0], s.bell);
    ring(&s);
    wr_watch_clear(&s.watch[0], s.bell);
    assert_true(is_readable(fd));
    (void)wr_watcher_take(&s.watcher);
    wr_watcher_sleep_begin(&s.watcher);
    wr_watch_arm(&s.watch[0], s.bell);
    wr_watch_clear(&s.watch[0], s.bell);
    assert_false(is_readable(fd));
    ring(&s);
    assert_true(is_readable(fd));
    tear_down(&s);
    wr_fd_close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_armed_watch_is_told_once),
        cmocka_unit_test(one_that_left_is_not_told),
        cmocka_unit_test(a_ring_keeps_the_watcher_awake),
        cmocka_unit_test(a_ring_keeps_the_eventfd_readable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
