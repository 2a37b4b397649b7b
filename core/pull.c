/* SPDX-License-Identifier: MPL-2.0 */
/* PULL: from all peers in turn, a message or a batch of each (RFC 30). */
#include "core/pattern.h"
#include "weir/weir.h"

const struct wr_pattern wr_pattern_pull = {
    .type = WEIR_PULL,
    .peers = WR_TYPE_BIT(WEIR_PUSH),
    .reads = true,
    .receives_in_turn = true,
    .in = wr_next_in,
};
