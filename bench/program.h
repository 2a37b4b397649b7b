/* SPDX-License-Identifier: MPL-2.0 */
/* What the benchmark programs share: every flag of Google Benchmark and three
 * more, the machine and the peers in the context, the ceilings. */
#ifndef WEIR_BENCH_PROGRAM_H
#define WEIR_BENCH_PROGRAM_H

#include <stdbool.h>

#include "bench/harness/peer.h"

struct program {
    const char *title;               /* for --help */
    const struct peer *const *peers; /* NULL behind the last */
    /* Registers their rows. False without memory. */
    bool (*add_rows)(const struct peer *const *peers);
};

/* Returns the program's exit status. */
int program_main(int argc, char **argv, const struct program *program);

#endif
