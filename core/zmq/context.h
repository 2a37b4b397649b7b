/* SPDX-License-Identifier: MPL-2.0 */
/* Contexts: weir's, with what libzmq knows of one beside it.
 *
 * Concurrency  Any thread, at any time. One lock guards the list of all and
 *              what is in them: everything here is cold.
 * Invariants   A context is in the list until zmq_ctx_term has seen the last
 *              of its sockets go, so that any pointer can be tried without
 *              touching what it points to. One that has sockets is not freed.
 * Blocks       Only zmq_ctx_term. */
#ifndef WEIR_CORE_ZMQ_CONTEXT_H
#define WEIR_CORE_ZMQ_CONTEXT_H

#include <stdbool.h>
#include <weir/weir.h>

struct wr_zmq_context;

/* What a new socket takes over from its context. */
struct wr_zmq_defaults {
    weir_context *engine;
    bool ipv6;
    bool blocky;
};

/* Takes a place for a socket and stores the defaults. -EFAULT: not a context,
 * -ESHUTDOWN, -EMFILE: no place left. */
int wr_zmq_context_enter(struct wr_zmq_context *ctx,
                         struct wr_zmq_defaults *defaults);

/* Gives the place back. The context may be gone afterwards. */
void wr_zmq_context_leave(struct wr_zmq_context *ctx);

#endif
