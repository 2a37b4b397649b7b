/* SPDX-License-Identifier: MPL-2.0 */
/* Waiting for many sockets at once, for file descriptors along with them, and
 * moving messages between two sockets.
 *
 * Threads     A socket is polled by the thread that it belongs to. A poller
 *             belongs to one thread at a time, and so do the sockets in it.
 * Ready       A socket is ready to receive, or send, when a call without
 *             WEIR_DONTWAIT would not block. All of this is level-triggered.
 * Results     As in weir.h. */
#ifndef WEIR_POLL_H
#define WEIR_POLL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <weir/weir.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Beside WEIR_POLLIN and WEIR_POLLOUT, for file descriptors only: as POLLPRI
 * and POLLERR of poll(2); the second comes without being asked for, also for
 * POLLHUP. Sockets are never ready for them. */
#define WEIR_POLLERR 4
#define WEIR_POLLPRI 8

/* One thing to wait for: a socket, or where that is NULL a file descriptor. */
typedef struct weir_poll_item {
    weir_socket *socket;
    int fd;
    short events;
    short revents; /* set by weir_poll: those of the events that are there */
} weir_poll_item;

/* Waits until one of the n items is ready, timeout_ms (-1: for ever) have
 * passed, or, with WEIR_INTERRUPTIBLE, a signal handler has run. Returns the
 * number of items that are ready, 0 when the time is over. -EINVAL (NULL with
 * n > 0, unknown flag, more descriptors than the process may have), -EBADF (a
 * closed socket, or a bad descriptor), -ESHUTDOWN, -EINTR, -ENOMEM; with both
 * sockets and descriptors also -EMFILE and -ENFILE. After an error revents
 * means nothing. Costs a look at each item; sleeping without file descriptors
 * takes no system call per item. */
WEIR_EXPORT int weir_poll(weir_poll_item *items, size_t n, int64_t timeout_ms,
                          int flags);

/* A set of sockets and descriptors to wait for. Waiting costs what the ready
 * ones cost, not what all cost. */
typedef struct weir_poller weir_poller;

typedef struct weir_poll_event {
    weir_socket *socket; /* NULL: a file descriptor */
    int fd;              /* -1: a socket */
    int events;          /* those that are there */
    void *user;          /* as given to weir_poller_add */
} weir_poll_event;

/* A new poller, or NULL when there is no memory. */
WEIR_EXPORT weir_poller *weir_poller_new(void);

/* -EBADF. The sockets stay open. */
WEIR_EXPORT int weir_poller_free(weir_poller *p);

/* Adds a socket; changes what is waited for; takes it out. A socket is in at
 * most one poller, and weir_close takes it out. -EBADF (poller, socket),
 * -EINVAL (events), -EEXIST (in a poller already), -ENOENT (not in this one),
 * -ESHUTDOWN (add). */
WEIR_EXPORT int weir_poller_add(weir_poller *p, weir_socket *s, int events,
                                void *user);
WEIR_EXPORT int weir_poller_modify(weir_poller *p, weir_socket *s, int events);
WEIR_EXPORT int weir_poller_remove(weir_poller *p, weir_socket *s);

/* The same for a descriptor that epoll(7) takes; take it out before it is
 * closed. Also -ENOMEM, and from the kernel -EPERM (a plain file), -EMFILE,
 * -ENFILE, -ENOSPC. The first one makes two descriptors of the poller's own,
 * and from then on each wait is a system call. */
WEIR_EXPORT int weir_poller_add_fd(weir_poller *p, int fd, int events,
                                   void *user);
WEIR_EXPORT int weir_poller_modify_fd(weir_poller *p, int fd, int events);
WEIR_EXPORT int weir_poller_remove_fd(weir_poller *p, int fd);

/* Waits as weir_poll does; stores up to n events and returns their number, 0
 * when the time is over. Sockets that did not fit come first next time. One
 * that was shut down is ready for all that it is waited for: the next call on
 * it gives -ESHUTDOWN. -EBADF, -EINVAL, -EINTR, -ENOMEM. */
WEIR_EXPORT ssize_t weir_poller_wait(weir_poller *p, weir_poll_event *events,
                                     size_t n, int64_t timeout_ms, int flags);

/* A descriptor for foreign event loops, made by the first call. It is readable
 * as long as the socket may be ready to receive, and clear once a call that
 * receives gave -EAGAIN, or WEIR_EVENTS had no WEIR_POLLIN. So it is
 * level-triggered and no wake-up is lost; a loop that is woken asks, or
 * receives until -EAGAIN. After a call that sends gave -EAGAIN, or WEIR_EVENTS
 * had no WEIR_POLLOUT, it also becomes readable when there is room. It stays
 * readable after a shutdown. It is the socket's and closed with it, only to be
 * waited for. -EBADF, -EMFILE, -ENFILE, -ENOMEM, -ESHUTDOWN. */
WEIR_EXPORT int weir_socket_fd(weir_socket *s);

/* Moves messages from front to back and from back to front, whole, in batches,
 * until it is told to end (0), the context of one of them is shut down
 * (-ESHUTDOWN), or a signal handler runs while it sleeps (-EINTR, with
 * WEIR_INTERRUPTIBLE). front and back may be the same; then it is one
 * direction. A message is taken only when the other side has room for it.
 *
 * capture may be NULL; a socket that sends gets a copy of every message, and is
 * waited for like the other side. control may be NULL, or a socket that
 * receives: messages of one frame, "PAUSE", "RESUME", "TERMINATE" and
 * "STATISTICS". The last is answered on it by eight frames of 8 bytes each in
 * native order: messages and bytes received from front, sent to front, received
 * from back, sent to back (zmq_proxy_steerable(3)). A REP answers the others by
 * an empty message.
 *
 * All belong to the calling thread. -EBADF, -EINVAL (flag, a capture that does
 * not send, a control that does not receive, an unknown command), and the
 * errors of weir_recv and weir_send; a message that was on its way is dropped
 * then. */
WEIR_EXPORT int weir_proxy(weir_socket *front, weir_socket *back,
                           weir_socket *capture, weir_socket *control,
                           int flags);

#ifdef __cplusplus
}
#endif

#endif
