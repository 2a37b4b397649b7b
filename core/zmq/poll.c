/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_poll and ZMQ_FD: weir's with other names. */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <weir/poll.h>
#include <zmq.h>

#include "core/zmq/error.h"
#include "core/zmq/option_row.h"

_Static_assert(
    sizeof(zmq_pollitem_t) == sizeof(weir_poll_item) &&
        offsetof(zmq_pollitem_t, socket) == offsetof(weir_poll_item, socket) &&
        offsetof(zmq_pollitem_t, fd) == offsetof(weir_poll_item, fd) &&
        offsetof(zmq_pollitem_t, events) == offsetof(weir_poll_item, events) &&
        offsetof(zmq_pollitem_t, revents) == offsetof(weir_poll_item, revents),
    "the items are the same");
_Static_assert(ZMQ_POLLIN == WEIR_POLLIN && ZMQ_POLLOUT == WEIR_POLLOUT &&
                   ZMQ_POLLERR == WEIR_POLLERR && ZMQ_POLLPRI == WEIR_POLLPRI,
               "and so are the events");

/* ---- Items that libzmq passes over ------------------------------------- */

/* Whether the item is a descriptor that is none; one below 0 is left out. */
static bool
is_absent(const zmq_pollitem_t *item)
{
    return item->socket == NULL && item->fd < 0;
}

static bool
is_bad(const zmq_pollitem_t *item)
{
    struct pollfd fd = { .fd = item->fd };

    return item->socket == NULL && poll(&fd, 1, 0) == 1 &&
           (fd.revents & POLLNVAL) != 0;
}

/* Copies the items that weir takes to kept, and returns how many they are; the
 * others have their events afterwards, *bad of them an error. */
static size_t
sort_out(zmq_pollitem_t *items, size_t n, weir_poll_item *kept, int *bad)
{
    size_t k = 0;

    *bad = 0;
    for (size_t i = 0; i < n; i++) {
        items[i].revents = 0;
        if (is_absent(&items[i]))
            continue;
        if (is_bad(&items[i])) {
            items[i].revents = ZMQ_POLLERR;
            ++*bad;
        } else {
            memcpy(&kept[k++], &items[i], sizeof(items[i]));
        }
    }
    return k;
}

/* Polls without the items that weir does not take. */
static int
poll_carefully(zmq_pollitem_t *items, size_t n, int64_t timeout_ms)
{
    weir_poll_item *kept = calloc(n, sizeof(*kept));
    size_t k;
    int bad, rc;

    if (kept == NULL)
        return -ENOMEM;
    k = sort_out(items, n, kept, &bad);
    rc = weir_poll(kept, k, bad > 0 ? 0 : timeout_ms, WEIR_INTERRUPTIBLE);
    k = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_absent(&items[i]) && items[i].revents == 0)
            items[i].revents = kept[k++].revents;
    free(kept);
    return rc < 0 ? rc : rc + bad;
}

/* ---- The call ---------------------------------------------------------- */

static bool
any_absent(const zmq_pollitem_t *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_absent(&items[i]))
            return true;
    return false;
}

int
zmq_poll(zmq_pollitem_t *items, int n, long timeout_ms)
{
    int rc = -EBADF;

    if (n < 0)
        return wr_zmq_fail(-EINVAL);
    if (items == NULL && n > 0)
        return wr_zmq_fail(-EFAULT);
    if (timeout_ms < 0)
        timeout_ms = -1;
    if (!any_absent(items, (size_t)n))
        rc = weir_poll((weir_poll_item *)(void *)items, (size_t)n, timeout_ms,
                       WEIR_INTERRUPTIBLE);
    if (rc == -EBADF)
        rc = poll_carefully(items, (size_t)n, timeout_ms);
    return rc >= 0 ? rc : wr_zmq_fail(rc);
}

int
wr_zmq_get_fd(struct wr_zmq_socket *z, int option, void *data, size_t *size)
{
    int64_t events;
    int fd, rc;

    (void)option;
    if (*size < sizeof(fd))
        return -EINVAL;
    fd = weir_socket_fd(z->engine);
    if (fd < 0)
        return fd;
    /* A new one is readable until somebody asks: libzmq's is not. */
    rc = weir_socket_get(z->engine, WEIR_EVENTS, &events);
    if (rc != 0)
        return rc;
    *size = sizeof(fd);
    return wr_zmq_write_int(data, size, fd);
}
