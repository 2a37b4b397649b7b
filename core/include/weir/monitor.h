/* SPDX-License-Identifier: MPL-2.0 */
/* What happens to a socket's names and connections, as messages. */
#ifndef WEIR_MONITOR_H
#define WEIR_MONITOR_H

#include <weir/weir.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Events, numbered as in zmq_socket_monitor(3), which has no high-water mark.
 * The value that comes with them is 0. */
enum weir_event {
    WEIR_EVENT_CONNECTED = 0x0001,       /* weir_connect made a connection */
    WEIR_EVENT_CONNECT_DELAYED = 0x0002, /* or will, when the name is bound */
    WEIR_EVENT_LISTENING = 0x0008,       /* weir_bind created a name */
    WEIR_EVENT_ACCEPTED = 0x0020,        /* another socket has connected */
    WEIR_EVENT_CLOSED = 0x0080,          /* a name was given back */
    WEIR_EVENT_DISCONNECTED = 0x0200,    /* a connection has ended */
    WEIR_EVENT_STOPPED = 0x0400,         /* the last event, always sent */
    WEIR_EVENT_HWM_REACHED = 0x8000,     /* a call that sends found no room */
    WEIR_EVENT_ALL = 0xffff,
};

/* Makes s report the events of a mask: binds endpoint, a name of the same
 * context, for one PAIR to connect to. Each event is a message of two frames:
 * 16 bits of event and 32 of value, in native order, without a gap; and the
 * endpoint. s takes note of what its peers do in its own calls, so that is when
 * it reports it. Events beyond the high-water mark of 1,000 at either side are
 * lost; nothing ever waits for them to be read.
 *
 * Ends an earlier monitor first. endpoint NULL only ends it, as weir_close
 * does. The errors of weir_socket_open and weir_bind; then there is no monitor.
 */
WEIR_EXPORT int weir_monitor(weir_socket *s, const char *endpoint, int events);

#ifdef __cplusplus
}
#endif

#endif
