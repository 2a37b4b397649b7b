/* SPDX-License-Identifier: MPL-2.0 */
/* File descriptors, which the library has only where it is asked to wait for
 * some, or for one. Nothing here touches errno. */
#ifndef WEIR_CORE_DESCRIPTOR_H
#define WEIR_CORE_DESCRIPTOR_H

#include <stdbool.h>

/* A new eventfd, readable or not, or an error. */
int wr_eventfd_new(bool readable);

/* Makes it readable, or not. */
void wr_eventfd_set(int fd);
void wr_eventfd_clear(int fd);

/* Closes any descriptor. */
void wr_fd_close(int fd);

/* WEIR_POLL bits as poll(2) and epoll(7) have them, and back. */
short wr_events_for_kernel(int events);
short wr_events_of_kernel(unsigned events);

#endif
