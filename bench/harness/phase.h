/* SPDX-License-Identifier: MPL-2.0 */
/* The phases of a measured batch, which the coordinator sets. */
#ifndef WEIR_BENCH_HARNESS_PHASE_H
#define WEIR_BENCH_HARNESS_PHASE_H

enum phase { PHASE_WARM_UP, PHASE_MEASURE, PHASE_STOP };

#endif
