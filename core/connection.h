/* SPDX-License-Identifier: MPL-2.0 */
/* A connection between two sockets: two ends, and a pipe for each direction
 * that the two types use. An end belongs to the owner of its socket.
 *
 * Life    made by the connector, under the context's lock, its own end ready
 *   pending    (optional) on the list of a name that nobody has bound
 *   arrived    on the list of the socket that has bound the name
 *   taken up   by that socket's owner, in one of its calls
 *   ending     a side has set `ending`: it sends no more. The other side, when
 *              it notices, sets its own, reads what is left, and lets go.
 *   gone       both sides have let go; the last one frees it
 *
 * What one side has sent is there for the other until that lets go, so a
 * sender may close at once. While the binder has not taken the connection up,
 * its reference is the list's.
 *
 * Edges   E1 leave: release store of `ending`, after the last commit
 *         E2 attend: acquire load of the peer's: what is not in the pipe now
 *            will never be
 *         E3 drop: the release of the first, the acquire of the last reference
 *         E4 type: release store of it, acquire load by the peer: the id is
 *         there
 * Cost    Cold, all of it. */
#ifndef WEIR_CORE_CONNECTION_H
#define WEIR_CORE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/arena.h"
#include "core/bell.h"
#include "core/lanes.h"
#include "core/routing_id.h"

struct wr_connection;
struct wr_socket;

struct wr_end {
    struct wr_bell_entry entry; /* on our bell; must be first */
    struct wr_bell *bell;       /* our socket's; NULL while pending */
    struct wr_end *peer;
    struct wr_connection *connection;
    _Atomic uint32_t ending; /* our side sends no more */

    /* The owner's. */
    struct wr_lane in;
    struct wr_lane out;
    bool draining;       /* the peer sends no more */
    bool accepted;       /* just now: the monitor is to hear of it */
    bool told;           /* it has heard of the end */
    void *own;           /* the pattern's */
    struct wr_end *next; /* of the socket's; of a list, under the lock */
    struct wr_end *prev;

    /* What the peer may know of our socket; the type is written last, and
     * once, under the context's lock. */
    _Atomic int32_t type;     /* enum weir_type, or -1: nobody yet */
    struct wr_routing_id *id; /* held; NULL: none */

    /* Under the context's lock. */
    struct wr_socket *socket; /* NULL before there is one, and after */
    bool counted;             /* among the socket's peers */
    bool listed;              /* pending or arrived */
};

/* A list of ends that begins and ends at its head. */
struct wr_end_list {
    struct wr_end *first;
    struct wr_end *last;
};

struct wr_connection {
    struct wr_arena *arena;
    _Atomic uint32_t refs; /* one for each end */
    struct wr_end ends[2]; /* connector, binder */
    uint32_t peers;        /* types that the connector talks to */
    size_t name_size;
    char name[];
};

/* The type of a socket that is not there yet. */
#define WR_TYPE_UNKNOWN (-1)

/* What one side of a new connection is. */
struct wr_side {
    int type;                 /* enum weir_type, or WR_TYPE_UNKNOWN */
    struct wr_routing_id *id; /* or NULL */
    struct wr_bell *bell;     /* NULL: not there yet */
    uint32_t send_hwm;
    uint32_t recv_hwm;
    bool sends;
    bool receives;
    bool conflate; /* of the connector: only the newest message is kept, */
    bool wishes;   /* but not of a side that writes no messages */
};

/* A new connection with two references, its memory of arena, which it holds.
 * NULL: no memory. */
struct wr_connection *wr_connection_new(struct wr_arena *arena,
                                        const char *name, size_t name_size,
                                        const struct wr_side *connector,
                                        const struct wr_side *binder);
void wr_connection_drop(struct wr_connection *c);

/* Makes the end that of a socket with this routing id, or none. */
void wr_end_introduce(struct wr_end *e, int type, struct wr_routing_id *id);

/* The type of the socket at the other end, or WR_TYPE_UNKNOWN; if it is known,
 * so is its routing id. */
static inline int
wr_end_peer_type(const struct wr_end *e)
{
    return load_acquire(&e->peer->type); /* E4 */
}

/* Whether the peer can still be sent to: neither side has begun to end. */
static inline bool
wr_end_peer_listens(const struct wr_end *e)
{
    return e->out.pipe != NULL &&
           load_relaxed(&e->ending) == 0 &&     /* only we write it */
           load_acquire(&e->peer->ending) == 0; /* E2 */
}

/* Tells the owner of the other end, if there is one, to look at it. */
static inline void
wr_end_ring_peer(struct wr_end *e)
{
    if (e->peer->bell != NULL)
        wr_bell_ring(e->peer->bell, &e->peer->entry);
}

void wr_end_list_append(struct wr_end_list *l, struct wr_end *e);
void wr_end_list_remove(struct wr_end_list *l, struct wr_end *e);

#endif
