/* SPDX-License-Identifier: MPL-2.0 */
#include "core/poller.h"

#include <errno.h>

#include "core/handle.h"
#include "core/outside.h"
#include "core/poller_fds.h"
#include "core/ready.h"

static struct wr_handle_pool pollers = WR_HANDLE_POOL(struct wr_poller);

/* ---- Hot and cool ------------------------------------------------------ */

struct wr_socket *
wr_poller_socket(struct wr_polled *e)
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

void
wr_poller_take_rung(struct wr_poller *p)
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
            struct wr_socket *s = wr_poller_socket(e);

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

bool
wr_poller_cool(struct wr_poller *p)
{
    struct wr_polled *e = arm_missed(p);
    bool found = false;

    p->misses = 0;
    if (e == NULL)
        return false;
    fence_heavy();
    while (e != NULL) {
        struct wr_socket *s = wr_poller_socket(e);
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
    wr_poller_take_rung(p); /* it may be among them */
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
        wr_poller_forget(wr_poller_socket(p->all));
    wr_poller_fds_fini(&p->fds);
    wr_handle_free(&pollers, &p->handle);
    return 0;
}
