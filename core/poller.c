/* SPDX-License-Identifier: MPL-2.0 */
#include "core/poller.h"

#include <errno.h>

#include "core/base/clock.h"
#include "core/handle.h"
#include "core/outside.h"
#include "core/poller_fds.h"
#include "core/ready.h"

/* Looks that found nothing and cost about as much as a fence. */
#define PATIENCE 256

struct wr_poller {
    struct wr_handle handle;
    struct wr_watcher watcher;
    struct wr_wait wait;
    struct wr_polled *hot; /* whose turn it is; NULL: none */
    struct wr_polled *all;
    size_t n_hot;
    size_t misses;
    struct wr_poller_fds fds;
    bool fds_first; /* they and the sockets come first in turn */
};

static struct wr_handle_pool pollers = WR_HANDLE_POOL(struct wr_poller);

/* ---- Hot and cool ------------------------------------------------------ */

static struct wr_socket *
socket_of(struct wr_polled *e)
{
    return wr_container_of(e, struct wr_socket, polled);
}

/* Makes it the last one in turn. */
static void
heat(struct wr_poller *p, struct wr_polled *e)
{
    struct wr_polled *at = p->hot;

    if (at == NULL) {
        e->next_hot = e->prev_hot = p->hot = e;
    } else {
        e->next_hot = at;
        e->prev_hot = at->prev_hot;
        at->prev_hot->next_hot = e;
        at->prev_hot = e;
    }
    e->missed = false;
    p->n_hot++;
}

static void
take_out(struct wr_poller *p, struct wr_polled *e)
{
    if (p->hot == e)
        p->hot = e->next_hot == e ? NULL : e->next_hot;
    e->prev_hot->next_hot = e->next_hot;
    e->next_hot->prev_hot = e->prev_hot;
    e->next_hot = e->prev_hot = NULL;
    p->n_hot--;
}

/* Makes those hot that were rung. */
static void
take_rung(struct wr_poller *p)
{
    struct wr_watch *w = wr_watcher_take(&p->watcher);
    struct wr_watch *next;

    for (; w != NULL; w = next) {
        next = w->next_rung;
        heat(p, wr_container_of(w, struct wr_polled, watch));
    }
}

void
wr_poller_heat(struct wr_socket *s)
{
    struct wr_polled *e = &s->polled;

    if (wr_poller_is_cool(e) && wr_watch_disarm(&e->watch, s->bell))
        heat(e->poller, e);
}

/* Arms one that was found not ready, and the next ones of the circle that were;
 * they leave it, and are linked through prev_hot. */
static struct wr_polled *
arm_missed(struct wr_poller *p)
{
    struct wr_polled *armed = NULL;
    struct wr_polled *e = p->hot;

    for (size_t n = p->n_hot; n > 0; n--) {
        struct wr_polled *next = e->next_hot;

        if (e->missed) {
            struct wr_socket *s = socket_of(e);

            take_out(p, e);
            e->prev_hot = armed;
            armed = e;
            wr_watch_arm(&e->watch, s->bell);
            (void)wr_socket_arm_begin(s, e->events);
        }
        e = next;
    }
    return armed;
}

/* Cools all that were found not ready. True: some have become so meanwhile, or
 * are to be looked at again. */
static bool
cool(struct wr_poller *p)
{
    struct wr_polled *e = arm_missed(p);
    bool found = false;

    p->misses = 0;
    if (e == NULL)
        return false;
    fence_heavy();
    while (e != NULL) {
        struct wr_socket *s = socket_of(e);
        struct wr_polled *next = e->prev_hot;

        e->prev_hot = NULL;
        wr_socket_arm_end(s, e->events);
        /* One that is waited for in vain need not be looked at. */
        if (e->events != 0 && wr_socket_stirs(s, e->events)) {
            found = true;
            wr_poller_heat(s);
        }
        e = next;
    }
    return found;
}

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
    struct wr_socket *s = socket_of(e);

    return wr_socket_enter(s) != 0 ? e->events : wr_socket_ready(s, e->events);
}

/* Looks at the hot sockets, each once, as long as there is room. */
static void
collect(struct wait *w)
{
    struct wr_poller *p = w->poller;

    take_rung(p);
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
            .socket = wr_handle_of(&socket_of(e)->handle),
            .fd = -1,
            .events = events,
            .user = e->user,
        };
    }
    if (unlikely(p->misses > PATIENCE))
        (void)cool(p);
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
    if (!cool(p) && p->hot == NULL && !wr_watcher_rung(&p->watcher)) {
        if (p->fds.n > 0)
            ask_kernel(w, deadline);
        else
            rc = wr_watcher_sleep(&p->watcher, deadline);
    }
    (void)wr_watcher_sleep_end(&p->watcher);
    return rc == -ETIMEDOUT ? -EAGAIN : rc;
}

static const struct wr_wait_kind poller_kind = { look_at_all, park };

static bool
is_over(int64_t deadline)
{
    return deadline != WR_NEVER && clock_now_ns() >= deadline;
}

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
    while (!look_at_all(&w) && !is_over(deadline)) {
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

/* ---- Members ----------------------------------------------------------- */

/* The two of a call, and whether the events are good. */
static int
enter(weir_poller *poller, weir_socket *handle, int events,
      struct wr_poller **p, struct wr_socket **s)
{
    *p = wr_handle_get(poller);
    *s = wr_socket_of(handle);
    if (*p == NULL || *s == NULL)
        return -EBADF;
    return (events & ~WR_EVENTS) != 0 ? -EINVAL : 0;
}

int
weir_poller_add(weir_poller *poller, weir_socket *handle, int events,
                void *user)
{
    struct wr_poller *p;
    struct wr_socket *s;
    int rc = enter(poller, handle, events, &p, &s);

    if (rc == 0)
        rc = wr_socket_enter(s);
    if (rc != 0)
        return rc;
    if (s->polled.poller != NULL)
        return -EEXIST;
    s->polled = (struct wr_polled){
        .poller = p, .events = events, .user = user, .next = p->all
    };
    if (p->all != NULL)
        p->all->prev = &s->polled;
    p->all = &s->polled;
    wr_watch_attach(&s->polled.watch, s->bell, &p->watcher);
    heat(p, &s->polled);
    s->outside = true;
    return 0;
}

int
weir_poller_modify(weir_poller *poller, weir_socket *handle, int events)
{
    struct wr_poller *p;
    struct wr_socket *s;
    int rc = enter(poller, handle, events, &p, &s);

    if (rc != 0)
        return rc;
    if (s->polled.poller != p)
        return -ENOENT;
    s->polled.events = events;
    wr_poller_heat(s);
    return 0;
}

void
wr_poller_forget(struct wr_socket *s)
{
    struct wr_polled *e = &s->polled;
    struct wr_poller *p = e->poller;

    wr_watch_detach(&e->watch, s->bell);
    take_rung(p); /* it may be among them */
    if (!wr_poller_is_cool(e))
        take_out(p, e);
    if (e->prev != NULL)
        e->prev->next = e->next;
    else
        p->all = e->next;
    if (e->next != NULL)
        e->next->prev = e->prev;
    e->poller = NULL;
}

int
weir_poller_remove(weir_poller *poller, weir_socket *handle)
{
    struct wr_poller *p;
    struct wr_socket *s;
    int rc = enter(poller, handle, 0, &p, &s);

    if (rc != 0)
        return rc;
    if (s->polled.poller != p)
        return -ENOENT;
    wr_poller_forget(s);
    return 0;
}

/* ---- Descriptors ------------------------------------------------------- */

int
weir_poller_add_fd(weir_poller *poller, int fd, int events, void *user)
{
    struct wr_poller *p = wr_handle_get(poller);
    int rc;

    if (p == NULL)
        return -EBADF;
    rc = wr_poller_fds_add(&p->fds, fd, events, user);
    wr_watcher_set_fd(&p->watcher, p->fds.wake);
    return rc;
}

int
weir_poller_modify_fd(weir_poller *poller, int fd, int events)
{
    struct wr_poller *p = wr_handle_get(poller);

    return p == NULL ? -EBADF : wr_poller_fds_modify(&p->fds, fd, events);
}

int
weir_poller_remove_fd(weir_poller *poller, int fd)
{
    struct wr_poller *p = wr_handle_get(poller);

    return p == NULL ? -EBADF : wr_poller_fds_remove(&p->fds, fd);
}

/* ---- Life -------------------------------------------------------------- */

weir_poller *
weir_poller_new(void)
{
    struct wr_poller *p = wr_handle_new(&pollers);

    if (p == NULL)
        return NULL;
    wr_watcher_init(&p->watcher);
    wr_wait_init(&p->wait, WEIR_WAIT_ADAPTIVE);
    wr_poller_fds_init(&p->fds);
    return wr_handle_open(&p->handle);
}

int
weir_poller_free(weir_poller *handle)
{
    struct wr_poller *p = wr_handle_get(handle);

    if (p == NULL)
        return -EBADF;
    wr_handle_close(&p->handle);
    while (p->all != NULL)
        wr_poller_forget(socket_of(p->all));
    wr_poller_fds_fini(&p->fds);
    wr_handle_free(&pollers, &p->handle);
    return 0;
}
