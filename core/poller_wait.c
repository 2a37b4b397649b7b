/* SPDX-License-Identifier: MPL-2.0 */
/* weir_poller_wait. */
#include "core/poller.h"

#include <errno.h>

#include "core/base/clock.h"
#include "core/ready.h"

/* Looks that found nothing and cost about as much as a fence. */
#define PATIENCE 256

/* ---- Looking ----------------------------------------------------------- */

/* A call of the wait. */
struct wait {
    struct wr_poller *poller;
    weir_poll_event *events;
    size_t n;
    size_t found;
    int rc; /* an error of epoll */
};

/* Looks at a hot socket. After a shutdown it is ready for all that it is waited
 * for, as no call on it blocks. */
static int
look(struct wr_polled *e)
{
    struct wr_socket *s = wr_poller_socket(e);

    return wr_socket_enter(s) != 0 ? e->events : wr_socket_ready(s, e->events);
}

/* Looks at the hot sockets, each once, as long as there is room. */
static void
collect(struct wait *w)
{
    struct wr_poller *p = w->poller;

    wr_poller_take_rung(p);
    for (size_t left = p->n_hot; left > 0 && w->found < w->n; left--) {
        struct wr_polled *e = p->hot;
        int events = look(e);

        p->hot = e->next_hot; /* the others come first next time */
        e->missed = events == 0;
        if (e->missed) {
            p->misses++;
            continue;
        }
        w->events[w->found++] = (weir_poll_event){
            .socket = wr_handle_of(&wr_poller_socket(e)->handle),
            .fd = -1,
            .events = events,
            .user = e->user,
        };
    }
    if (unlikely(p->misses > PATIENCE))
        (void)wr_poller_cool(p);
}

/* Looks at the descriptors, waiting for them until the deadline. */
static void
ask_kernel(struct wait *w, int64_t deadline)
{
    struct wr_poller *p = w->poller;
    ssize_t got;

    if (p->fds.n == 0 || w->found == w->n)
        return;
    got = wr_poller_fds_wait(&p->fds, w->events + w->found, w->n - w->found,
                             deadline);
    if (got >= 0)
        w->found += (size_t)got;
    else if (got != -EINTR || deadline != 0)
        w->rc = (int)got;
}

/* One look at all. True: there is something. */
static bool
look_at_all(void *what)
{
    struct wait *w = what;
    struct wr_poller *p = w->poller;

    p->fds_first = !p->fds_first;
    if (p->fds_first)
        ask_kernel(w, 0);
    collect(w);
    if (!p->fds_first)
        ask_kernel(w, 0);
    return w->found > 0 || w->rc != 0;
}

/* ---- Waiting ----------------------------------------------------------- */

/* After a look that found nothing. */
static int
park(void *what, int64_t deadline)
{
    struct wait *w = what;
    struct wr_poller *p = w->poller;
    int rc = 0;

    wr_pool_flush();
    wr_watcher_sleep_begin(&p->watcher);
    /* Who is hot and was never looked at keeps us awake. */
    if (!wr_poller_cool(p) && p->hot == NULL && !wr_watcher_rung(&p->watcher)) {
        if (p->fds.n > 0)
            ask_kernel(w, deadline);
        else
            rc = wr_watcher_sleep(&p->watcher, deadline);
    }
    (void)wr_watcher_sleep_end(&p->watcher);
    return rc == -ETIMEDOUT ? -EAGAIN : rc;
}

static const struct wr_wait_kind poller_kind = { look_at_all, park };

ssize_t
weir_poller_wait(weir_poller *handle, weir_poll_event *events, size_t n,
                 int64_t timeout_ms, int flags)
{
    struct wr_poller *p = wr_handle_get(handle);
    struct wait w = { .poller = p, .events = events, .n = n };
    int64_t deadline;

    if (p == NULL)
        return -EBADF;
    if (events == NULL || n == 0 || (flags & ~WEIR_INTERRUPTIBLE) != 0)
        return -EINVAL;
    deadline = clock_deadline_ns(timeout_ms);
    while (!look_at_all(&w) && !clock_is_over(deadline)) {
        int rc;

        /* A look at descriptors is a call: sleep in it at once. */
        if (p->fds.n > 0)
            rc = park(&w, deadline);
        else
            rc = wr_wait_for(&p->wait, &poller_kind, &w, p->n_hot, deadline);
        if (w.found > 0)
            break;
        if (w.rc != 0)
            rc = w.rc;
        w.rc = 0;
        if (rc < 0 && rc != -EAGAIN &&
            (rc != -EINTR || (flags & WEIR_INTERRUPTIBLE) != 0))
            return rc;
    }
    return w.found > 0 ? (ssize_t)w.found : w.rc;
}
