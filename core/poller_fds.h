/* SPDX-License-Identifier: MPL-2.0 */
/* The descriptors of a poller: an epoll(7) set, made when the first one is
 * added, with an eventfd in it by which the sockets wake it.
 *
 * Concurrency   The poller's owner only; ringers write the eventfd.
 * Cost          add and remove allocate and search: a list of all of them. */
#ifndef WEIR_CORE_POLLER_FDS_H
#define WEIR_CORE_POLLER_FDS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "weir/poll.h"

struct wr_poller_fd {
    struct wr_poller_fd *next;
    int fd;
    void *user;
};

struct wr_poller_fds {
    struct wr_poller_fd *first;
    size_t n;
    int epoll; /* -1: there is none yet */
    int wake;  /* the eventfd, or -1 */
};

void wr_poller_fds_init(struct wr_poller_fds *f);
void wr_poller_fds_fini(struct wr_poller_fds *f);

/* As weir_poller_add_fd and so on. */
int wr_poller_fds_add(struct wr_poller_fds *f, int fd, int events, void *user);
int wr_poller_fds_modify(struct wr_poller_fds *f, int fd, int events);
int wr_poller_fds_remove(struct wr_poller_fds *f, int fd);

/* Stores up to n > 0 events and returns their number: 0 when woken by the
 * eventfd, which is cleared, or after the deadline (0: at once). -EINTR. */
ssize_t wr_poller_fds_wait(struct wr_poller_fds *f, weir_poll_event *events,
                           size_t n, int64_t deadline_ns);

#endif
