/* SPDX-License-Identifier: MPL-2.0 */
/* Monitors of sockets: what the library itself sees of a socket's endpoints is
 * told to who connects to the monitor's name.
 *
 * Concurrency  The watched socket's owner.
 * Blocks       Never: events that nobody takes are dropped. */
#ifndef WEIR_CORE_ZMQ_MONITOR_H
#define WEIR_CORE_ZMQ_MONITOR_H

#include "core/zmq/socket.h"

/* Tells that event, one of ZMQ_EVENT_*, happened to the endpoint. */
void wr_zmq_monitor_tell(struct wr_zmq_socket *z, int event,
                         const char *endpoint);

/* The same, of a call that failed: the event has the errno. */
void wr_zmq_monitor_tell_error(struct wr_zmq_socket *z, int event,
                               const char *endpoint, int error);

/* Ends the socket's monitor, if it has one, and says so to who listens. */
void wr_zmq_monitor_stop(struct wr_zmq_socket *z);

#endif
