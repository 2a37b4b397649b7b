/* SPDX-License-Identifier: MPL-2.0 */
/* PUSH: each message, or each batch, to the next peer that has room (RFC 30).
 */
#include "core/pattern.h"
#include "weir/weir.h"

const struct wr_pattern wr_pattern_push = {
    .type = WEIR_PUSH,
    .peers = WR_TYPE_BIT(WEIR_PULL),
    .writes = true,
    .sends_in_turn = true,
    .out = wr_next_out,
};
