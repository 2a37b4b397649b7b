/* SPDX-License-Identifier: MPL-2.0 */
/* The rings that are measured by themselves. */
#ifndef WEIR_BENCH_PEERS_RINGS_H
#define WEIR_BENCH_PEERS_RINGS_H

#include "bench/harness/peer.h"

/* Memory for the items of each. */
#define RING_BYTES 65536

extern const struct peer peer_slot_ring;
extern const struct peer peer_index_ring;

#endif
