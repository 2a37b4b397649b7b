/* SPDX-License-Identifier: MPL-2.0 */
#include "core/monitor.h"

#include <errno.h>
#include <string.h>

#define TRANSPORT "inproc://"

/* Frames of a message to a monitor; one that finds no room is lost as a whole:
 * the first frame tells. */
static int
send_frames(weir_socket *monitor, int event, const char *name, size_t size)
{
    size_t prefix = size > 0 ? sizeof(TRANSPORT) - 1 : 0;
    uint16_t number = (uint16_t)event;
    uint32_t value = 0;
    weir_msg msg;
    char *data;
    int rc;

    weir_msg_init_inline(&msg, sizeof(number) + sizeof(value));
    data = weir_msg_data(&msg);
    memcpy(data, &number, sizeof(number));
    memcpy(data + sizeof(number), &value, sizeof(value));
    weir_msg_set_more(&msg, true);
    rc = weir_send(monitor, &msg, WEIR_DONTWAIT);
    if (rc != 0)
        return rc;
    rc = weir_msg_init_size(&msg, monitor, prefix + size);
    if (rc != 0)
        weir_msg_init(&msg); /* the event without its name */
    else
        data = memcpy(weir_msg_data(&msg), TRANSPORT, prefix);
    if (rc == 0 && size > 0)
        memcpy(data + prefix, name, size);
    rc = weir_send(monitor, &msg, WEIR_DONTWAIT);
    (void)weir_msg_drop(&msg);
    return rc;
}

void
wr_monitor_send(struct wr_socket *s, int event, const char *name, size_t size)
{
    (void)send_frames(s->monitor, event, name, size);
}

void
wr_monitor_stop(struct wr_socket *s)
{
    if (s->monitor == NULL)
        return;
    wr_monitor_send(s, WEIR_EVENT_STOPPED, NULL, 0);
    (void)weir_close(s->monitor);
    s->monitor = NULL;
    s->monitored = 0;
}

int
weir_monitor(weir_socket *handle, const char *endpoint, int events)
{
    struct wr_socket *s = wr_socket_of(handle);
    weir_socket *monitor;
    int rc;

    if (s == NULL)
        return -EBADF;
    rc = wr_socket_enter(s);
    if (rc != 0)
        return rc;
    wr_monitor_stop(s);
    if (endpoint == NULL)
        return 0;
    rc = wr_socket_open(s->context, WEIR_PAIR, &monitor);
    if (rc != 0)
        return rc;
    rc = weir_bind(monitor, endpoint);
    if (rc != 0) {
        (void)weir_close(monitor);
        return rc;
    }
    s->monitor = monitor;
    s->monitored = events & WEIR_EVENT_ALL;
    return 0;
}
