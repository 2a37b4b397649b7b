/* SPDX-License-Identifier: MPL-2.0 */
/* PAIR: one peer, both ways (RFC 31). A new peer may come when the old one has
 * gone; the old one's messages are read first. */
#include "core/pattern.h"
#include "weir/weir.h"

const struct wr_pattern wr_pattern_pair = {
    .type = WEIR_PAIR,
    .peers = WR_TYPE_BIT(WEIR_PAIR),
    .writes = true,
    .reads = true,
    .exclusive = true,
    .out = wr_next_out,
    .in = wr_next_in,
};
