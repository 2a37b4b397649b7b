/* SPDX-License-Identifier: MPL-2.0 */
#include "core/descriptor.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "weir/poll.h"

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT &&
                   EPOLLPRI == POLLPRI && EPOLLERR == POLLERR &&
                   EPOLLHUP == POLLHUP,
               "one set of bits");

int
wr_eventfd_new(bool readable)
{
    int saved = errno;
    int fd = eventfd(readable, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0)
        fd = -errno;
    errno = saved;
    return fd;
}

void
wr_eventfd_set(int fd)
{
    uint64_t one = 1;
    int saved = errno;

    /* Fails only when the count is near 2^64: then it is readable. */
    if (write(fd, &one, sizeof(one)) < 0)
        errno = saved;
}

void
wr_eventfd_clear(int fd)
{
    uint64_t count;
    int saved = errno;

    if (read(fd, &count, sizeof(count)) < 0)
        errno = saved; /* it was clear */
}

void
wr_fd_close(int fd)
{
    int saved = errno;

    (void)close(fd);
    errno = saved;
}

short
wr_events_for_kernel(int events)
{
    return (short)((events & WEIR_POLLIN ? POLLIN : 0) |
                   (events & WEIR_POLLOUT ? POLLOUT : 0) |
                   (events & WEIR_POLLPRI ? POLLPRI : 0));
}

short
wr_events_of_kernel(unsigned events)
{
    return (short)((events & POLLIN ? WEIR_POLLIN : 0) |
                   (events & POLLOUT ? WEIR_POLLOUT : 0) |
                   (events & POLLPRI ? WEIR_POLLPRI : 0) |
                   (events & (POLLERR | POLLHUP) ? WEIR_POLLERR : 0));
}
