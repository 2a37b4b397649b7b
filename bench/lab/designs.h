/* SPDX-License-Identifier: MPL-2.0 */
/* Every queue that the lab measures. */
#ifndef WEIR_BENCH_LAB_DESIGNS_H
#define WEIR_BENCH_LAB_DESIGNS_H

#include "bench/lab/design.h"

/* Ours, and those of libraries; NULL behind the last. A library that is not
 * installed is there, with its traits and nothing else. */
extern const struct design *const lab_designs[];
extern const struct design *const lab_rivals[];

#endif
