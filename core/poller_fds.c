/* SPDX-License-Identifier: MPL-2.0 */
#include "core/poller_fds.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "core/base/clock.h"
#include "core/descriptor.h"

/* Events taken from the kernel at a time. */
#define SOME 32

#define FD_EVENTS (WEIR_POLLIN | WEIR_POLLOUT | WEIR_POLLERR | WEIR_POLLPRI)

void
wr_poller_fds_init(struct wr_poller_fds *f)
{
    *f = (struct wr_poller_fds){ .epoll = -1, .wake = -1 };
}

void
wr_poller_fds_fini(struct wr_poller_fds *f)
{
    struct wr_poller_fd *e;

    while ((e = f->first) != NULL) {
        f->first = e->next;
        free(e);
    }
    if (f->epoll >= 0)
        wr_fd_close(f->epoll);
    if (f->wake >= 0)
        wr_fd_close(f->wake);
}

/* epoll_ctl(2), for our eventfd where e is NULL. */
static int
control(int epoll, int op, int fd, int events, struct wr_poller_fd *e)
{
    struct epoll_event event = {
        .events = (uint32_t)wr_events_for_kernel(events),
        .data.ptr = e,
    };
    int saved = errno;
    int rc = epoll_ctl(epoll, op, fd, &event) == 0 ? 0 : -errno;

    errno = saved;
    return rc;
}

/* Makes the set. */
static int
set_up(struct wr_poller_fds *f)
{
    int saved = errno;
    int rc;

    if (f->epoll >= 0)
        return 0;
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    rc = f->epoll < 0 ? -errno : 0;
    errno = saved;
    if (rc != 0)
        return rc;
    f->wake = wr_eventfd_new(false);
    rc = f->wake < 0
             ? f->wake
             : control(f->epoll, EPOLL_CTL_ADD, f->wake, WEIR_POLLIN, NULL);
    if (rc == 0)
        return 0;
    if (f->wake >= 0)
        wr_fd_close(f->wake);
    wr_fd_close(f->epoll);
    f->epoll = f->wake = -1;
    return rc;
}

/* Where the descriptor is in the list, or its end. */
static struct wr_poller_fd **
find(struct wr_poller_fds *f, int fd)
{
    struct wr_poller_fd **at = &f->first;

    while (*at != NULL && (*at)->fd != fd)
        at = &(*at)->next;
    return at;
}

int
wr_poller_fds_add(struct wr_poller_fds *f, int fd, int events, void *user)
{
    struct wr_poller_fd *e;
    int saved = errno;
    int rc;

    if (fd < 0)
        return -EBADF;
    if ((events & ~FD_EVENTS) != 0)
        return -EINVAL;
    if (*find(f, fd) != NULL)
        return -EEXIST;
    rc = set_up(f);
    if (rc != 0)
        return rc;
    e = malloc(sizeof(*e));
    errno = saved;
    if (e == NULL)
        return -ENOMEM;
    *e = (struct wr_poller_fd){ f->first, fd, user };
    rc = control(f->epoll, EPOLL_CTL_ADD, fd, events, e);
    if (rc != 0) {
        free(e);
        return rc;
    }
    f->first = e;
    f->n++;
    return 0;
}

int
wr_poller_fds_modify(struct wr_poller_fds *f, int fd, int events)
{
    struct wr_poller_fd *e = *find(f, fd);

    if ((events & ~FD_EVENTS) != 0)
        return -EINVAL;
    return e == NULL ? -ENOENT
                     : control(f->epoll, EPOLL_CTL_MOD, fd, events, e);
}

int
wr_poller_fds_remove(struct wr_poller_fds *f, int fd)
{
    struct wr_poller_fd **at = find(f, fd);
    struct wr_poller_fd *e = *at;

    if (e == NULL)
        return -ENOENT;
    /* Of one that was closed the set knows nothing any more. */
    (void)control(f->epoll, EPOLL_CTL_DEL, fd, 0, NULL);
    *at = e->next;
    f->n--;
    free(e);
    return 0;
}

/* What is left until the deadline as epoll_wait takes it, rounded up. */
static int
milliseconds(int64_t deadline)
{
    int64_t left = deadline == 0 ? 0 : deadline - clock_now_ns();

    if (deadline == WR_NEVER)
        return -1;
    if (left <= 0)
        return 0;
    left = (left + 999999) / 1000000;
    return left > INT_MAX ? INT_MAX : (int)left;
}

ssize_t
wr_poller_fds_wait(struct wr_poller_fds *f, weir_poll_event *events, size_t n,
                   int64_t deadline)
{
    struct epoll_event some[SOME];
    int saved = errno;
    ssize_t found = 0;
    int got = epoll_wait(f->epoll, some, n < SOME ? (int)n : SOME,
                         milliseconds(deadline));

    if (got < 0) {
        found = -errno;
        errno = saved;
        return found;
    }
    for (int i = 0; i < got; i++) {
        const struct wr_poller_fd *e = some[i].data.ptr;

        if (e == NULL)
            wr_eventfd_clear(f->wake);
        else
            events[found++] = (weir_poll_event){
                .fd = e->fd,
                .events = wr_events_of_kernel(some[i].events),
                .user = e->user,
            };
    }
    return found;
}
