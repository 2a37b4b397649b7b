/* SPDX-License-Identifier: MPL-2.0 */
/* Who watches a socket from outside of its own calls, and for longer than one
 * weir_poll: its descriptor, and a poller. Both rest on the invariant of
 * ready.h: an armed socket is not ready until its bell is rung or its owner
 * makes a call. The bell tells them by their watches; the calls tell them here.
 *
 * The descriptor is readable, or clear and its watch armed (then
 * fd.watcher.asleep is 1). It is cleared by its owner alone, when a call finds
 * nothing to receive: arm, fence, look again, and only if the watch is still
 * armed, clear; under the bell's lock, so that a ringer's write comes after.
 *
 * Concurrency   The socket's owner only. */
#ifndef WEIR_CORE_OUTSIDE_H
#define WEIR_CORE_OUTSIDE_H

#include "core/socket.h"

/* A call that would have to wait for these lanes gives up. True: something has
 * come meanwhile, attend to the bell and look again. */
bool wr_outside_gives_up(struct wr_socket *s, struct wr_lanes *ls);

/* Of these events, WEIR_EVENTS is about to tell. */
void wr_outside_told(struct wr_socket *s, int events);

/* After a call that may have made the socket ready, where the type's state
 * tells. */
void wr_outside_look(struct wr_socket *s);

/* After one that may have made it so in any other way. */
void wr_outside_touch(struct wr_socket *s);

/* The socket is closed. */
void wr_outside_leave(struct wr_socket *s);

static inline void
wr_outside_init(struct wr_socket *s)
{
    wr_watcher_init(&s->fd.watcher);
}

static inline bool
wr_outside_has_fd(const struct wr_socket *s)
{
    return wr_watcher_fd(&s->fd.watcher) >= 0;
}

/* Passes on the result of a call, after wr_outside_look. */
static inline ssize_t
wr_outside_after(struct wr_socket *s, ssize_t rc)
{
    if (unlikely(s->outside))
        wr_outside_look(s);
    return rc;
}

#endif
