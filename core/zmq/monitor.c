/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_socket_monitor is weir_monitor, whose events are numbered alike. */
#include <weir/monitor.h>
#include <zmq.h>

#include "core/zmq/error.h"
#include "core/zmq/socket.h"

_Static_assert(WEIR_EVENT_CONNECTED == ZMQ_EVENT_CONNECTED &&
                   WEIR_EVENT_CONNECT_DELAYED == ZMQ_EVENT_CONNECT_DELAYED &&
                   WEIR_EVENT_LISTENING == ZMQ_EVENT_LISTENING &&
                   WEIR_EVENT_ACCEPTED == ZMQ_EVENT_ACCEPTED &&
                   WEIR_EVENT_CLOSED == ZMQ_EVENT_CLOSED &&
                   WEIR_EVENT_DISCONNECTED == ZMQ_EVENT_DISCONNECTED &&
                   WEIR_EVENT_STOPPED == ZMQ_EVENT_MONITOR_STOPPED,
               "the events are the same");

int
zmq_socket_monitor(void *s, const char *endpoint, int events)
{
    struct wr_zmq_socket *z;
    int rc = wr_zmq_socket_of(s, &z);

    if (rc == 0 && endpoint != NULL)
        rc = wr_zmq_endpoint_check(endpoint);
    /* libzmq's users have not heard of a high-water mark that is reached. */
    if (rc == 0)
        rc = weir_monitor(s, endpoint, events & ~WEIR_EVENT_HWM_REACHED);
    return wr_zmq_result(rc);
}
