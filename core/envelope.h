/* SPDX-License-Identifier: MPL-2.0 */
/* Bodies and their envelopes: what REQ and REP put before a message (RFC 28).
 *
 * An envelope is any number of address frames and an empty one. Where there is
 * no address, and REQ or REP is at the other end, the empty frame is a mark on
 * the first frame of the body: a small request is one line.
 *
 * The frames of a message that is being sent are s->frames: address, empty
 * frame, body. Concurrency: the socket's owner only. */
#ifndef WEIR_CORE_ENVELOPE_H
#define WEIR_CORE_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/socket.h"

/* Whether the peer of a lane understands marks. */
bool wr_envelope_marks(const struct wr_lane *lane);

/* Sends a body of one frame, and no address, to a lane whose peer understands
 * marks. 0, -ENOMEM, or -EAGAIN: it is full; then msg is as before. */
int wr_envelope_put(struct wr_lane *lane, weir_msg *msg);

/* Ends the address, which is in s->frames. -ENOMEM. */
int wr_envelope_end(struct wr_socket *s);

/* Adds a frame of the body that is not the last. -ENOMEM. */
int wr_envelope_add(struct wr_socket *s, weir_msg *msg);

/* Adds the last frame and sends it all to a lane; `address` frames are before
 * the empty one. Errors as of put; then only msg was not added. */
int wr_envelope_flush(struct wr_socket *s, struct wr_lane *lane, weir_msg *msg,
                      size_t address);

/* Forgets a message that is not complete. */
void wr_envelope_drop(struct wr_socket *s);

/* Whether a frame that was taken begins a body; the mark is taken off it. */
static inline bool
wr_envelope_marked(weir_msg *msg)
{
    bool marked = (msg->meta & WR_MSG_DELIMITED) != 0;

    msg->meta &= ~WR_MSG_DELIMITED;
    return marked;
}

/* Whether it is the empty frame before a body. */
static inline bool
wr_envelope_is_end(const weir_msg *msg)
{
    return weir_msg_more(msg) && weir_msg_size(msg) == 0;
}

#endif
