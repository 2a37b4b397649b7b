/* SPDX-License-Identifier: MPL-2.0 */
/* weir_poll: one look at each item; when none is ready, spinning as the first
 * socket does, and then sleep, on a futex or, with descriptors among the items,
 * in poll(2), where an eventfd stands for all sockets.
 *
 * An idle socket costs a look at its first line and at its bell, once its lanes
 * are armed. They are armed for all sockets with one fence, before sleeping, or
 * when the looks at idle lanes have cost as much. */
#include <weir/poll.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/descriptor.h"
#include "core/ready.h"

/* Looks at idle lanes that cost about as much as a fence, and as the sender's
 * ring that follows; not to be saved where the items are few. */
#define PATIENCE 2048
#define FEW      8
/* Descriptors for which no memory is allocated. */
#define FDS_FEW 15

/* ---- Looking ----------------------------------------------------------- */

struct poll {
    weir_poll_item *items;
    size_t n;
    size_t fds;           /* items that are descriptors */
    struct wr_wait *wait; /* the first socket's; NULL: there is none */
    struct wr_watcher watcher;
    int64_t deadline;
    int flags;
    int found; /* sockets that are ready; negative: an error */
};

/* Looks at idle lanes by this thread since it armed some. */
static _Thread_local uint32_t misses;

_Static_assert(offsetof(struct wr_socket, in.current) < WR_LINE,
               "one line of an idle socket is read");

/* Whether nothing can have come, by two lines. */
static inline bool
is_idle(const struct wr_socket *s, int events)
{
    return (events & WEIR_POLLOUT) == 0 &&
           !wr_gate_is_shut(&s->recv_gate, WR_GATE_ANY) &&
           s->in.current == NULL && !wr_bell_rung(s->bell);
}

static int
look_closely(struct wr_socket *s, int events)
{
    int rc = wr_socket_enter(s);

    if (rc != 0)
        return rc;
    rc = wr_socket_ready(s, events);
    if (rc == 0 && (s->in.current != NULL || s->out.current != NULL))
        misses++;
    return rc;
}

/* The events of a socket, or an error. */
static inline int
look(const weir_poll_item *item)
{
    struct wr_socket *s = wr_socket_of(item->socket);

    if (unlikely(s == NULL))
        return -EBADF;
    return likely(is_idle(s, item->events)) ? 0 : look_closely(s, item->events);
}

/* What has been found missing. */
static inline int
missing(const weir_poll_item *item)
{
    return item->events & ~item->revents;
}

/* Arms the lanes of all sockets. */
static void
arm(struct poll *p)
{
    misses = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct wr_socket *s = wr_socket_of(p->items[i].socket);

        if (s != NULL)
            (void)wr_socket_arm_begin(s, missing(&p->items[i]));
    }
    fence_heavy();
    for (size_t i = 0; i < p->n; i++) {
        struct wr_socket *s = wr_socket_of(p->items[i].socket);

        if (s != NULL)
            wr_socket_arm_end(s, missing(&p->items[i]));
    }
}

/* One look at each socket. True: something is ready, or wrong. */
static bool
scan(void *what)
{
    struct poll *p = what;

    p->found = 0;
    for (size_t i = 0; i < p->n; i++) {
        weir_poll_item *item = &p->items[i];
        int events;

        if (item->socket == NULL)
            continue;
        events = look(item);
        if (unlikely(events < 0)) {
            p->found = events;
            return true;
        }
        item->revents = (short)events;
        p->found += events != 0;
    }
    if (unlikely(misses > PATIENCE) && p->n > FEW)
        arm(p);
    return p->found != 0;
}

/* ---- Sleeping ---------------------------------------------------------- */

static void
attach(struct poll *p)
{
    wr_watcher_sleep_begin(&p->watcher);
    for (size_t i = 0; i < p->n; i++) {
        struct wr_socket *s = wr_socket_of(p->items[i].socket);

        if (s == NULL || s->poll_watch.watcher != NULL)
            continue; /* a descriptor, or a socket that is there twice */
        wr_watch_attach(&s->poll_watch, s->bell, &p->watcher);
        wr_watch_arm(&s->poll_watch, s->bell);
    }
}

static void
detach(struct poll *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct wr_socket *s = wr_socket_of(p->items[i].socket);

        if (s != NULL && s->poll_watch.watcher != NULL)
            wr_watch_detach(&s->poll_watch, s->bell);
    }
    /* Nobody knows the watcher any more: make it as new. */
    store_relaxed(&p->watcher.rung, NULL);
    if (!wr_watcher_sleep_end(&p->watcher) && wr_watcher_fd(&p->watcher) >= 0)
        wr_eventfd_clear(wr_watcher_fd(&p->watcher));
}

static bool
any_stirs(const struct poll *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct wr_socket *s = wr_socket_of(p->items[i].socket);

        if (s != NULL && wr_socket_stirs(s, p->items[i].events))
            return true;
    }
    return false;
}

/* Makes sure that the watcher is woken. False: something stirs already. */
static bool
lie_down(struct poll *p)
{
    wr_pool_flush();
    attach(p);
    arm(p);
    if (!any_stirs(p))
        return true;
    detach(p);
    return false;
}

static int
park(void *what, int64_t deadline)
{
    struct poll *p = what;
    int rc;

    if (!lie_down(p))
        return 0;
    rc = wr_watcher_sleep(&p->watcher, deadline);
    detach(p);
    return rc == -ETIMEDOUT ? -EAGAIN : rc;
}

static const struct wr_wait_kind poll_kind = { scan, park };

/* ---- Sockets only ------------------------------------------------------ */

static int
poll_sockets(struct poll *p)
{
    while (!scan(p) && !clock_is_over(p->deadline)) {
        int rc = p->wait == NULL
                     ? park(p, p->deadline)
                     : wr_wait_for(p->wait, &poll_kind, p, p->n, p->deadline);

        if (rc == -EINTR && (p->flags & WEIR_INTERRUPTIBLE) != 0)
            return rc;
    }
    return p->found;
}

/* ---- Descriptors too --------------------------------------------------- */

/* poll(2) on the n entries until the deadline, WR_NEVER or in the past. How
 * many are ready, or an error; errno is left alone. */
static int
ask_kernel(struct pollfd *fds, nfds_t n, int64_t deadline)
{
    int64_t left = deadline == WR_NEVER ? 0 : deadline - clock_now_ns();
    struct timespec ts = { 0, 0 };
    int saved = errno;
    int rc;

    if (left > 0)
        ts = (struct timespec){ left / 1000000000, left % 1000000000 };
    rc = ppoll(fds, n, deadline == WR_NEVER ? NULL : &ts, NULL);
    if (rc < 0)
        rc = -errno;
    errno = saved;
    return rc;
}

static void
list_fds(const struct poll *p, struct pollfd *fds)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].socket == NULL)
            *fds++ = (struct pollfd){
                .fd = p->items[i].fd,
                .events = wr_events_for_kernel(p->items[i].events),
            };
}

/* Stores what the kernel said. How many descriptors are ready, or -EBADF. */
static int
note_fds(const struct poll *p, const struct pollfd *fds)
{
    int found = 0;

    for (size_t i = 0; i < p->n; i++) {
        weir_poll_item *item = &p->items[i];

        if (item->socket != NULL)
            continue;
        if ((fds->revents & POLLNVAL) != 0 || fds->fd < 0)
            return -EBADF;
        item->revents = wr_events_of_kernel((unsigned)fds->revents);
        found += item->revents != 0;
        fds++;
    }
    return found;
}

/* Asks the kernel, after a scan; waits when that found nothing. */
static int
poll_once(struct poll *p, struct pollfd *fds)
{
    nfds_t n = p->fds;
    bool waits = p->found == 0 && !clock_is_over(p->deadline);
    bool lies = waits && p->wait != NULL;
    int rc;

    if (lies) {
        waits = lies = lie_down(p);
        n += lies;
    }
    rc = ask_kernel(fds, n, waits ? p->deadline : 0);
    if (lies)
        detach(p);
    return rc == -EINTR && (p->flags & WEIR_INTERRUPTIBLE) == 0 ? 0 : rc;
}

static int
poll_fds(struct poll *p, struct pollfd *fds)
{
    int rc, found;

    list_fds(p, fds);
    fds[p->fds] =
        (struct pollfd){ .fd = wr_watcher_fd(&p->watcher), .events = POLLIN };
    do {
        bool over = clock_is_over(p->deadline);

        if (scan(p) && p->found < 0)
            return p->found;
        rc = poll_once(p, fds);
        if (rc < 0)
            return rc;
        found = note_fds(p, fds);
        if (found < 0)
            return found;
        found += p->found;
        if (over)
            break;
    } while (found == 0);
    return found;
}

/* The eventfd by which sockets wake poll(2). */
static int
open_eventfd(struct poll *p)
{
    int fd;

    if (p->wait == NULL)
        return 0;
    fd = wr_eventfd_new(false);
    if (fd < 0)
        return fd;
    wr_watcher_set_fd(&p->watcher, fd);
    return 0;
}

static int
poll_all(struct poll *p)
{
    struct pollfd few[FDS_FEW + 1];
    struct pollfd *fds = few;
    int saved = errno;
    int rc = open_eventfd(p);

    if (rc != 0)
        return rc;
    if (p->fds > FDS_FEW)
        fds = calloc(p->fds + 1, sizeof(*fds));
    errno = saved;
    rc = fds == NULL ? -ENOMEM : poll_fds(p, fds);
    if (fds != few)
        free(fds);
    if (wr_watcher_fd(&p->watcher) >= 0)
        wr_fd_close(wr_watcher_fd(&p->watcher));
    return rc;
}

/* ---- The call ---------------------------------------------------------- */

/* Counts the descriptors, and finds the first socket. */
static int
begin(struct poll *p)
{
    for (size_t i = 0; i < p->n; i++) {
        weir_poll_item *item = &p->items[i];
        struct wr_socket *s;

        item->revents = 0;
        if (item->socket == NULL) {
            p->fds++;
            if (item->fd < 0)
                return -EBADF;
        } else if (p->wait == NULL) {
            s = wr_socket_of(item->socket);
            if (s == NULL)
                return -EBADF;
            p->wait = &s->wait;
        }
    }
    return 0;
}

int
weir_poll(weir_poll_item *items, size_t n, int64_t timeout_ms, int flags)
{
    struct poll p = { .items = items, .n = n, .flags = flags };
    int rc;

    if ((items == NULL && n > 0) || (flags & ~WEIR_INTERRUPTIBLE) != 0)
        return -EINVAL;
    rc = begin(&p);
    if (rc != 0)
        return rc;
    wr_watcher_init(&p.watcher);
    p.deadline = clock_deadline_ns(timeout_ms);
    return p.fds == 0 ? poll_sockets(&p) : poll_all(&p);
}
