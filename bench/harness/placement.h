/* SPDX-License-Identifier: MPL-2.0 */
/* Where the threads of a row run: one at an anchor, the others at one distance
 * from it, spread over what there is. The distances are those of
 * <weir/placement.h>; -1 is no placement at all. */
#ifndef WEIR_BENCH_HARNESS_PLACEMENT_H
#define WEIR_BENCH_HARNESS_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>

#define PLACEMENT_NONE (-1)

/* Whether this machine has two CPUs that far apart. "same_cpu" counts only
 * where nothing else does. */
bool placement_has(int distance);

/* The nearest distance that it has. */
int placement_nearest(void);

/* How many CPUs are at that distance from the anchor. */
size_t placement_room(int distance);

/* Writes one line on who runs where, and what is absent, to text. */
void placement_describe(char *text, size_t size);

/* Pins the caller to the anchor, or at the distance from it. 0 or a negative
 * errno value. */
int placement_pin(int distance, bool anchor);

#endif
