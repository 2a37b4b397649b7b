/* SPDX-License-Identifier: MPL-2.0 */
/* A monitor is a PAIR of the context, bound to the name that was asked for. */
#include "core/zmq/monitor.h"

#include <string.h>
#include <zmq.h>

#include "core/zmq/error.h"

/* The value of events that are about a file descriptor, where there is none. */
#define NO_DESCRIPTOR 0

/* The first frame of an event. */
struct event {
    uint16_t id;
    uint32_t value;
} __attribute__((packed));

/* The event, and the endpoint that it is about. */
static void
send_event(weir_socket *pair, int id, uint32_t value, const char *endpoint)
{
    struct event event = { .id = (uint16_t)id, .value = value };
    weir_msg frames[2];

    if (weir_msg_init_copy(&frames[1], pair, endpoint, strlen(endpoint)) != 0)
        return;
    weir_msg_init_inline(&frames[0], sizeof(event));
    memcpy(weir_msg_data(&frames[0]), &event, sizeof(event));
    weir_msg_set_more(&frames[0], true);
    if (weir_send_batch(pair, frames, 2, WEIR_DONTWAIT) != 2)
        (void)weir_msg_drop_batch(frames, 2);
}

static void
tell(struct wr_zmq_socket *z, int event, uint32_t value, const char *endpoint)
{
    if (z->monitor != NULL && (z->monitor_events & event) != 0)
        send_event(z->monitor, event, value, endpoint);
}

void
wr_zmq_monitor_tell(struct wr_zmq_socket *z, int event, const char *endpoint)
{
    tell(z, event, NO_DESCRIPTOR, endpoint);
}

void
wr_zmq_monitor_tell_error(struct wr_zmq_socket *z, int event,
                          const char *endpoint, int error)
{
    tell(z, event, (uint32_t)error, endpoint);
}

void
wr_zmq_monitor_stop(struct wr_zmq_socket *z)
{
    if (z->monitor == NULL)
        return;
    tell(z, ZMQ_EVENT_MONITOR_STOPPED, 0, "");
    (void)zmq_close(z->monitor);
    z->monitor = NULL;
}

static int
start(struct wr_zmq_socket *z, const char *endpoint, int events)
{
    weir_socket *pair;
    int rc = wr_zmq_socket_open(z->context, WEIR_PAIR, &pair);

    if (rc != 0)
        return rc;
    rc = weir_bind(pair, endpoint);
    if (rc != 0) {
        (void)zmq_close(pair);
        return rc;
    }
    z->monitor = pair;
    z->monitor_events = events;
    return 0;
}

int
zmq_socket_monitor(void *s, const char *endpoint, int events)
{
    struct wr_zmq_socket *z;
    int rc = wr_zmq_socket_of(s, &z);

    if (rc == 0 && endpoint != NULL)
        rc = wr_zmq_endpoint_check(endpoint);
    if (rc != 0)
        return wr_zmq_fail(rc);
    wr_zmq_monitor_stop(z);
    return endpoint == NULL ? 0 : wr_zmq_result(start(z, endpoint, events));
}
