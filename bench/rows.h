/* SPDX-License-Identifier: MPL-2.0 */
/* The rows of the benchmark program. */
#ifndef WEIR_BENCH_ROWS_H
#define WEIR_BENCH_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/harness/peer.h"

/* Registers all rows of the peers that are installed, for each distance that
 * the machine has, and the ceilings. They stay until the program ends. False
 * without memory. */
bool rows_register(const struct peer *const peers[], size_t n);

#endif
