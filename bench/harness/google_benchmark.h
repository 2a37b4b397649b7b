/* SPDX-License-Identifier: MPL-2.0 */
/* Google Benchmark, as far as C needs it. */
#ifndef WEIR_BENCH_HARNESS_GOOGLE_BENCHMARK_H
#define WEIR_BENCH_HARNESS_GOOGLE_BENCHMARK_H

#include <stdbool.h>

#include "bench/harness/tally.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs one measured batch and adds it to the tally: one iteration. False after
 * tally_fail: the row is an error. */
typedef bool gb_batch_fn(const void *row, struct tally *tally);

/* Takes the library's flags out of argv. --help ends the program, with usage()
 * before the library's own. */
void gb_init(int *argc, char **argv, void (*usage)(void));

/* Adds a row under exactly this name. name and row stay the caller's and must
 * last. */
void gb_register(const char *name, gb_batch_fn *batch, const void *row);

/* Adds a line to the context that precedes the rows. */
void gb_context(const char *key, const char *value);

/* Writes the name of each row to stderr, one a line, when a batch of it begins.
 * For whoever shows progress. */
void gb_announce(bool on);

/* Runs the rows that the flags name. 0 when there are some and each passed. */
int gb_run(void);

#ifdef __cplusplus
}
#endif

#endif
