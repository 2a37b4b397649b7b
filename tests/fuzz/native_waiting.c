/* SPDX-License-Identifier: MPL-2.0 */
/* Waiting, of which nothing lasts: weir_poll, pollers, descriptors, and a proxy
 * that is told to end before it begins. */
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/fuzz/native.h"

/* ---- weir_poll --------------------------------------------------------- */

#define ITEMS 8

/* Descriptors are those of sockets, or none. */
static void
fill_item(struct world *w, weir_poll_item *item)
{
    const struct seat *s = any_seat(w);
    unsigned odd = take(&w->in);

    item->socket = odd < 200 ? s->socket : NULL;
    item->fd = s->fd;
    item->events = (short)take_below(&w->in, 4);
    if (odd % 16 == 0)
        item->events = (short)(take(&w->in) << 8 | take(&w->in));
    item->revents = (short)take(&w->in);
}

static void
must_be_ready(const weir_poll_item *items, size_t n, int rc)
{
    int ready = 0;

    for (size_t i = 0; i < n; i++) {
        short may = items[i].events;

        ready += items[i].revents != 0;
        may = (short)(may & (items[i].socket != NULL ? 3 : 15));
        if (items[i].socket == NULL)
            may |= WEIR_POLLERR;
        MUST((items[i].revents & ~may) == 0);
    }
    MUST_EQUAL(rc, ready);
}

void
use_poll(struct world *w)
{
    weir_poll_item items[ITEMS];
    size_t n = take_below(&w->in, ITEMS + 1);
    int flags = take_rarely(&w->in, 32) ? (int)take_u64(&w->in) : 0;
    int rc;

    for (size_t i = 0; i < n; i++)
        fill_item(w, &items[i]);
    if (take_rarely(&w->in, 64))
        MUST_EQUAL(CALL(weir_poll(NULL, n + 1, 0, 0)), -EINVAL);
    rc = CALL(weir_poll(n > 0 ? items : NULL, n, 0, flags));
    if (rc >= 0)
        must_be_ready(items, n, rc);
    else
        MUST_BE_ONE_OF(rc, -EINVAL, -EBADF, -ESHUTDOWN);
}

bool
fd_is_readable(int fd)
{
    struct pollfd p = { fd, POLLIN, 0 };

    MUST(poll(&p, 1, 0) >= 0);
    return (p.revents & POLLIN) != 0;
}

/* Makes the descriptor; it tells of what there is to receive. */
void
use_descriptor(struct world *w)
{
    struct seat *s = any_seat(w);
    int64_t events = 0;
    long fd;

    if (s->fd < 0 && take_below(&w->in, 8) != 0)
        return;
    fd = RESULT(s, weir_socket_fd(s->socket), -ESHUTDOWN);
    if (fd < 0)
        return;
    MUST(s->fd < 0 || fd == s->fd);
    s->fd = (int)fd;
    if (take_below(&w->in, 2))
        (void)CALL(weir_socket_get(s->socket, WEIR_EVENTS, &events));
    if ((events & WEIR_POLLIN) != 0)
        MUST(fd_is_readable(s->fd));
}

/* ---- Pollers ----------------------------------------------------------- */

void
begin_pollers(struct world *w)
{
    for (int i = 0; i < POLLERS; i++)
        w->watches[i].fd = -1;
}

static void
free_poller(struct world *w, struct watch *p)
{
    MUST_EQUAL(CALL(weir_poller_free(p->poller)), p->open ? 0 : -EBADF);
    p->open = p->has_fd = false;
    for (int i = 0; i < SOCKETS; i++)
        if (w->seats[i].watch == p)
            w->seats[i].watch = NULL;
}

void
end_pollers(struct world *w)
{
    for (int i = 0; i < POLLERS; i++) {
        free_poller(w, &w->watches[i]);
        if (w->watches[i].fd >= 0)
            (void)close(w->watches[i].fd);
    }
}

static int
any_events(struct world *w)
{
    unsigned odd = take(&w->in);

    return odd < 250 ? (int)(odd % 4) : (int)(odd << 2);
}

/* What a call on a socket in a poller should give, before it is looked for. */
static int
poller_error(const struct watch *p, const struct seat *s, int events, int most)
{
    if (!p->open || !s->open)
        return -EBADF;
    return (events & ~most) != 0 ? -EINVAL : 0;
}

static void
watch_socket(struct world *w, struct watch *p)
{
    struct seat *s = any_seat(w);
    int events = any_events(w);
    int want = poller_error(p, s, events, 3);
    int rc = CALL(weir_poller_add(p->poller, s->socket, events, s));

    if (want == 0)
        want = s->down ? -ESHUTDOWN : s->watch != NULL ? -EEXIST : 0;
    if (s->open && s->down && rc != 0)
        return; /* whatever else is wrong */
    MUST_EQUAL(rc, want);
    if (rc == 0) {
        s->watch = p;
        s->watched = events;
    }
}

static void
change_socket(struct world *w, struct watch *p)
{
    struct seat *s = any_seat(w);
    int events = any_events(w);
    int want = poller_error(p, s, events, 3);
    int missing = s->watch == p ? 0 : -ENOENT;
    int rc;

    if (take_below(&w->in, 2)) {
        rc = CALL(weir_poller_modify(p->poller, s->socket, events));
        MUST_EQUAL(rc, want != 0 ? want : missing);
        if (rc == 0)
            s->watched = events;
        return;
    }
    want = poller_error(p, s, 0, 0);
    rc = CALL(weir_poller_remove(p->poller, s->socket));
    MUST_EQUAL(rc, want != 0 ? want : missing);
    if (rc == 0)
        s->watch = NULL;
}

static void
use_poller_fd(struct world *w, struct watch *p)
{
    int events = any_events(w);
    int want = !p->open ? -EBADF : (events & ~15) != 0 ? -EINVAL : 0;

    if (p->fd < 0)
        p->fd = eventfd(take_below(&w->in, 2), EFD_NONBLOCK | EFD_CLOEXEC);
    switch (take_below(&w->in, 4)) {
    case 0:
        if (want == 0)
            want = p->has_fd ? -EEXIST : 0;
        MUST_EQUAL(CALL(weir_poller_add_fd(p->poller, p->fd, events, w)), want);
        p->has_fd |= want == 0;
        break;
    case 1:
        if (want == 0)
            want = p->has_fd ? 0 : -ENOENT;
        MUST_EQUAL(CALL(weir_poller_modify_fd(p->poller, p->fd, events)), want);
        break;
    case 2:
        want = !p->open ? -EBADF : p->has_fd ? 0 : -ENOENT;
        MUST_EQUAL(CALL(weir_poller_remove_fd(p->poller, p->fd)), want);
        p->has_fd &= want != 0;
        break;
    default:
        MUST(CALL(weir_poller_add_fd(p->poller, -1, events, w)) < 0);
        MUST(CALL(weir_poller_modify_fd(p->poller, -1, events)) < 0);
        MUST(CALL(weir_poller_remove_fd(p->poller, -1)) < 0);
    }
}

/* What is told is so: the socket is in the poller, and has the events. */
static void
must_be_watched(const struct world *w, const struct watch *p,
                const weir_poll_event *e)
{
    const struct seat *s = e->user;
    int64_t events = 0;

    if (e->socket == NULL) {
        MUST(p->has_fd && e->fd == p->fd && e->user == w);
        return;
    }
    MUST(s->open && s->watch == p && e->socket == s->socket && e->fd == -1);
    MUST(e->events != 0 && (e->events & ~s->watched) == 0);
    if (s->down)
        return;
    MUST_EQUAL(CALL(weir_socket_get(s->socket, WEIR_EVENTS, &events)), 0);
    MUST_EQUAL(e->events, events & s->watched);
}

static bool
is_told(const struct seat *s, const weir_poll_event *events, long n)
{
    for (long i = 0; i < n; i++)
        if (events[i].user == s)
            return true;
    return false;
}

/* With room for all, all that are ready are told. */
static void
must_be_all(const struct world *w, const struct watch *p,
            const weir_poll_event *events, long n)
{
    for (int i = 0; i < SOCKETS; i++) {
        const struct seat *s = &w->seats[i];
        int64_t ready = 0;

        if (!s->open || s->watch != p || is_told(s, events, n))
            continue;
        if (s->down)
            MUST_EQUAL(s->watched, 0);
        else
            MUST_EQUAL(CALL(weir_socket_get(s->socket, WEIR_EVENTS, &ready)),
                       0);
        MUST_EQUAL(ready & s->watched, 0);
    }
}

static void
wait_for_all(struct world *w, const struct watch *p)
{
    weir_poll_event events[SOCKETS + 2];
    size_t n = take_rarely(&w->in, 4) ? take_below(&w->in, 4) : SOCKETS + 2;
    int flags = take_rarely(&w->in, 32) ? (int)take_u64(&w->in) : 0;
    weir_poll_event *to = take_rarely(&w->in, 64) ? NULL : events;
    long rc = CALL(weir_poller_wait(p->poller, to, n, 0, flags));

    if (!p->open)
        MUST_EQUAL(rc, -EBADF);
    else if (to == NULL || n == 0 || (flags & ~WEIR_INTERRUPTIBLE) != 0)
        MUST(rc == -EINVAL || (rc == 0 && n == 0));
    else
        MUST(rc >= 0 && rc <= (long)n);
    for (long i = 0; i < rc; i++)
        must_be_watched(w, p, &events[i]);
    if (rc >= 0 && n == SOCKETS + 2)
        must_be_all(w, p, events, rc);
}

void
use_poller(struct world *w)
{
    struct watch *p = &w->watches[take_below(&w->in, POLLERS)];
    unsigned how = take_below(&w->in, 16);

    if (!p->open && how < 12) {
        p->poller = CALL(weir_poller_new());
        MUST(p->poller != NULL);
        p->open = true;
    }
    if (how < 5)
        watch_socket(w, p);
    else if (how < 7)
        change_socket(w, p);
    else if (how < 12)
        wait_for_all(w, p);
    else if (how < 15)
        use_poller_fd(w, p);
    else
        free_poller(w, p);
}

/* ---- Proxies ----------------------------------------------------------- */

static void
tell(weir_socket *s, const char *what)
{
    weir_msg msg;

    MUST_EQUAL(CALL(weir_msg_init_copy(&msg, s, what, strlen(what))), 0);
    MUST_EQUAL(CALL(weir_send(s, &msg, WEIR_DONTWAIT)), 0);
}

/* Runs it under the control of a PAIR on which orders are waiting. */
static void
run_proxy(struct world *w, weir_context *ctx, const struct seat *front,
          const struct seat *back, weir_socket *capture)
{
    static const char *const orders[] = { "STATISTICS", "PAUSE", "RESUME",
                                          "TERMINATE", "NOTHING" };
    weir_socket *teller, *control;
    long rc;

    MUST_EQUAL(CALL(weir_socket_open(ctx, WEIR_PAIR, &teller)), 0);
    MUST_EQUAL(CALL(weir_socket_open(ctx, WEIR_PAIR, &control)), 0);
    MUST_EQUAL(CALL(weir_bind(control, "inproc://-control-")), 0);
    MUST_EQUAL(CALL(weir_connect(teller, "inproc://-control-")), 0);
    for (unsigned n = take_below(&w->in, 4); n > 0; n--)
        tell(teller, orders[take_below(&w->in, 5)]);
    tell(teller, "TERMINATE");
    rc = CALL(weir_proxy(front->socket, back->socket, capture, control, 0));
    MUST_BE_ONE_OF(rc, 0, -EBADF, -EINVAL, -ESHUTDOWN, -ENOTSUP, -EBUSY,
                   -EPROTO, -EHOSTUNREACH, -EMSGSIZE, -EAGAIN);
    if (!front->open || !back->open)
        MUST_EQUAL(rc, -EBADF);
    MUST_EQUAL(CALL(weir_close(teller)), 0);
    MUST_EQUAL(CALL(weir_close(control)), 0);
}

void
use_proxy(struct world *w)
{
    const struct place *p = &w->places[take_below(&w->in, CONTEXTS)];
    const struct seat *front = any_seat(w);
    const struct seat *back = any_seat(w);
    const struct seat *capture = any_seat(w);
    bool captures = take_rarely(&w->in, 3);

    MUST_EQUAL(CALL(weir_proxy(front->socket, back->socket, NULL, NULL, 1)),
               -EINVAL);
    if (!front->open || !back->open)
        MUST_EQUAL(CALL(weir_proxy(front->socket, back->socket, NULL, NULL, 0)),
                   -EBADF);
    if (p->held && !p->down)
        run_proxy(w, p->ctx, front, back, captures ? capture->socket : NULL);
}
