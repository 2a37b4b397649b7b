/* SPDX-License-Identifier: MPL-2.0 */
#include "core/outside.h"

#include <errno.h>

#include "core/descriptor.h"
#include "core/ready.h"
#include "weir/poll.h"

/* Cleared, and nobody has rung since. */
static inline bool
is_clear(struct wr_socket *s)
{
    /* Relaxed: a ring that is not seen yet has made it readable. */
    return load_relaxed(&s->fd.watcher.asleep) != 0;
}

static void
arm(struct wr_socket *s, int events)
{
    (void)wr_socket_arm_begin(s, events);
    fence_heavy();
    wr_socket_arm_end(s, events);
}

/* Makes it readable, which it is already if the watch was notified. */
static void
make_readable(struct wr_socket *s)
{
    struct wr_socket_fd *fd = &s->fd;

    if (!wr_watch_disarm(&fd->watch, s->bell))
        return;
    (void)wr_watcher_sleep_end(&fd->watcher);
    wr_eventfd_set(wr_watcher_fd(&fd->watcher));
}

/* Clears it, if there is nothing to receive. It stays readable, once, when
 * there is room that somebody has waited for. */
static void
clear(struct wr_socket *s)
{
    struct wr_socket_fd *fd = &s->fd;
    int events = WEIR_POLLIN | (fd->awaits_room ? WEIR_POLLOUT : 0);

    /* The watch is not armed: nobody else uses the watcher. */
    store_relaxed(&fd->watcher.rung, NULL);
    wr_watcher_sleep_begin(&fd->watcher);
    wr_watch_arm(&fd->watch, s->bell);
    arm(s, events);
    if (!wr_socket_stirs(s, events)) {
        wr_watch_clear(&fd->watch, s->bell);
        return;
    }
    fd->awaits_room = fd->awaits_room && !wr_socket_ready(s, WEIR_POLLOUT);
    if (wr_watch_disarm(&fd->watch, s->bell))
        (void)wr_watcher_sleep_end(&fd->watcher);
}

/* Nothing was found to receive, or no room. */
static void
found_missing(struct wr_socket *s, int events)
{
    if ((events & WEIR_POLLOUT) != 0) {
        s->fd.awaits_room = true;
        if (is_clear(s))
            arm(s, WEIR_POLLOUT);
    }
    if ((events & WEIR_POLLIN) != 0 && !is_clear(s))
        clear(s);
}

bool
wr_outside_gives_up(struct wr_socket *s, struct wr_lanes *ls)
{
    found_missing(s, ls->reading ? WEIR_POLLIN : WEIR_POLLOUT);
    return wr_lanes_next(ls) != NULL || wr_bell_rung(s->bell);
}

void
wr_outside_told(struct wr_socket *s, int events)
{
    if ((events & WEIR_POLLOUT) != 0)
        s->fd.awaits_room = false;
    found_missing(s, WR_EVENTS & ~events);
}

void
wr_outside_look(struct wr_socket *s)
{
    int events = WEIR_POLLIN | (s->fd.awaits_room ? WEIR_POLLOUT : 0);

    if (wr_outside_has_fd(s) && is_clear(s) && wr_socket_ready(s, events) != 0)
        make_readable(s);
    if (wr_poller_is_cool(&s->polled) &&
        wr_socket_ready(s, s->polled.events) != 0)
        wr_poller_heat(s);
}

void
wr_outside_touch(struct wr_socket *s)
{
    if (wr_outside_has_fd(s) && is_clear(s))
        make_readable(s);
    if (wr_poller_is_cool(&s->polled))
        wr_poller_heat(s);
}

void
wr_outside_leave(struct wr_socket *s)
{
    if (s->polled.poller != NULL)
        wr_poller_forget(s);
    if (!wr_outside_has_fd(s))
        return;
    wr_watch_detach(&s->fd.watch, s->bell);
    wr_fd_close(wr_watcher_fd(&s->fd.watcher));
    wr_watcher_set_fd(&s->fd.watcher, -1);
}

int
weir_socket_fd(weir_socket *handle)
{
    struct wr_socket *s = wr_socket_of(handle);
    int rc;

    if (s == NULL)
        return -EBADF;
    rc = wr_socket_enter(s);
    if (rc != 0 || wr_outside_has_fd(s))
        return rc != 0 ? rc : wr_watcher_fd(&s->fd.watcher);
    rc = wr_eventfd_new(true);
    if (rc < 0)
        return rc;
    wr_watcher_set_fd(&s->fd.watcher, rc);
    s->outside = true;
    wr_watch_attach(&s->fd.watch, s->bell, &s->fd.watcher);
    return rc;
}
