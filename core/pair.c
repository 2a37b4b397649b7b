/* SPDX-License-Identifier: MPL-2.0 */
/* PAIR: one peer, both ways (RFC 31). A new peer may come when the old one has
 * gone; the old one's messages are read first. */
#include "core/lanes.h"
#include "core/pattern.h"
#include "core/socket.h"

static struct wr_lane *
out(struct wr_socket *s)
{
    return wr_lanes_next(&s->out);
}

static struct wr_lane *
in(struct wr_socket *s)
{
    return wr_lanes_next(&s->in);
}

const struct wr_pattern wr_pattern_pair = {
    .type = WEIR_PAIR,
    .peers = UINT32_C(1) << WEIR_PAIR,
    .exclusive = true,
    .out = out,
    .in = in,
};
