/* SPDX-License-Identifier: MPL-2.0 */
/* PULL: from all peers in turn, a message or a batch of each (RFC 30). */
#include "core/lanes.h"
#include "core/pattern.h"
#include "core/socket.h"

static struct wr_lane *
in(struct wr_socket *s)
{
    return wr_lanes_next(&s->in);
}

const struct wr_pattern wr_pattern_pull = {
    .type = WEIR_PULL,
    .peers = UINT32_C(1) << WEIR_PUSH,
    .receives_in_turn = true,
    .in = in,
};
