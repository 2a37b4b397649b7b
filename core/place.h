/* SPDX-License-Identifier: MPL-2.0 */
/* Which CPU a thread gets: a decision from a topology, what the thread wants
 * and where others are, and nothing else, so that it can be tested for
 * machines that nobody has.
 *
 * Threads     Pure functions; the caller keeps pins still.
 * Cost        Passes once over the CPUs. No allocation, no system call. */
#ifndef WEIR_CORE_PLACE_H
#define WEIR_CORE_PLACE_H

#include <weir/placement.h>

#include "alloc/topology.h"

/* Stores in *chosen the index in t->cpu of the CPU for a thread that wants
 * want, when pins[i] other threads are pinned to t->cpu[i]. Of those that fit,
 * the one with the fewest pins on its core, then on itself, then the first.
 * -EINVAL, -ENODEV, -EBUSY, as weir_place_pin says. */
int wr_place_choose(const struct wr_topology *t,
                    const struct weir_place_want *want, const unsigned *pins,
                    unsigned *chosen);

/* The place of a CPU. */
struct weir_place wr_place_of(const struct wr_cpu *cpu);

#endif
