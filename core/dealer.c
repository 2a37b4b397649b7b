/* SPDX-License-Identifier: MPL-2.0 */
/* DEALER: each message, or each batch, to the next peer that has room; from all
 * peers in turn (RFC 28). */
#include "core/pattern.h"
#include "weir/weir.h"

const struct wr_pattern wr_pattern_dealer = {
    .type = WEIR_DEALER,
    .peers = WR_TYPE_BIT(WEIR_DEALER) | WR_TYPE_BIT(WEIR_ROUTER) |
             WR_TYPE_BIT(WEIR_REP),
    .writes = true,
    .reads = true,
    .sends_in_turn = true,
    .receives_in_turn = true,
    .out = wr_next_out,
    .in = wr_next_in,
};
