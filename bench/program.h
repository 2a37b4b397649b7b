/* SPDX-License-Identifier: MPL-2.0 */
/* What the benchmark programs share: every flag of Google Benchmark and three
 * more, the machine and the peers in the context, the ceilings. */
#ifndef WEIR_BENCH_PROGRAM_H
#define WEIR_BENCH_PROGRAM_H

#include <stdbool.h>

#include "bench/harness/peer.h"

/* Adds a line to what precedes the rows. */
typedef void program_tell(const char *key, const char *value);

struct program {
    const char *title; /* for --help */
    /* Tells of everything that is measured what it is, and its version. */
    void (*describe)(program_tell *tell);
    /* Registers the rows. False without memory. */
    bool (*add_rows)(void);
};

/* Tells of each peer; NULL behind the last. */
void program_describe_peers(const struct peer *const *peers,
                            program_tell *tell);

/* Returns the program's exit status. */
int program_main(int argc, char **argv, const struct program *program);

#endif
