/* SPDX-License-Identifier: MPL-2.0 */
/* PUSH: each message, or each batch, to the next peer that has room (RFC 30).
 */
#include "core/lanes.h"
#include "core/pattern.h"
#include "core/socket.h"

static struct wr_lane *
out(struct wr_socket *s)
{
    return wr_lanes_next(&s->out);
}

const struct wr_pattern wr_pattern_push = {
    .type = WEIR_PUSH,
    .peers = UINT32_C(1) << WEIR_PULL,
    .sends_in_turn = true,
    .out = out,
};
