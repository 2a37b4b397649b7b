/* SPDX-License-Identifier: MPL-2.0 */
/* Telling a socket's monitor what happens.
 *
 * Concurrency   The socket's owner only, without the context's lock: to send, a
 *               monitor's PAIR may have to take it. */
#ifndef WEIR_CORE_MONITOR_H
#define WEIR_CORE_MONITOR_H

#include <stddef.h>

#include "core/socket.h"
#include "weir/monitor.h"

void wr_monitor_send(struct wr_socket *s, int event, const char *name,
                     size_t size);

/* Reports an event about a name, if it is to be reported. */
static inline void
wr_monitor_tell(struct wr_socket *s, int event, const char *name, size_t size)
{
    if (unlikely((s->monitored & event) != 0))
        wr_monitor_send(s, event, name, size);
}

/* The same about a connection. */
static inline void
wr_monitor_tell_of(struct wr_socket *s, int event, const struct wr_end *e)
{
    wr_monitor_tell(s, event, e->connection->name, e->connection->name_size);
}

/* Ends the monitor, if there is one. */
void wr_monitor_stop(struct wr_socket *s);

#endif
