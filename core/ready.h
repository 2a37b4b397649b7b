/* SPDX-License-Identifier: MPL-2.0 */
/* What a socket can do now without blocking, and how to make sure that its bell
 * is rung when that changes.
 *
 * Invariant     A socket that was armed for some events, and after the fence
 *               does not stir, is not ready for them until its bell is rung or
 *               its owner makes a call on it.
 *
 * That holds for all of what readiness depends on:
 *   lanes of s->in and s->out   armed: the peer's commit or release rings
 *   lanes that are in none      armed one by one: the same
 *   new lanes                   arrive by the bell, or by the owner's connect
 *   limits, peers that leave, shutdown   ring
 *   turns (REQ, REP), frames that are held, subscriptions, options   change by
 *                               the owner's calls only
 *
 * Concurrency   The socket's owner only. */
#ifndef WEIR_CORE_READY_H
#define WEIR_CORE_READY_H

#include <stdbool.h>

#include "core/socket.h"

#define WR_EVENTS (WEIR_POLLIN | WEIR_POLLOUT)

/* Those of the events that are there. The bell was attended. */
int wr_socket_ready(struct wr_socket *s, int events);

/* Arms the lanes that the events depend on: begin, one fence_heavy for any
 * number of sockets, end. Nothing happens to the socket in between. begin:
 * false if no lane needs the fence. */
bool wr_socket_arm_begin(struct wr_socket *s, int events);
void wr_socket_arm_end(struct wr_socket *s, int events);

/* Whether the socket is to be looked at again instead of being slept on: it is
 * ready, or its bell was rung, so that lanes may come back unarmed. */
static inline bool
wr_socket_stirs(struct wr_socket *s, int events)
{
    return wr_bell_rung(s->bell) || wr_socket_ready(s, events) != 0 ||
           wr_bell_rung(s->bell); /* by the look itself */
}

#endif
