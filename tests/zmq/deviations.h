/* SPDX-License-Identifier: MPL-2.0 */
/* The table of cases that may differ on weir: lines "suite.case: reason".
 * Where libzmq is tested it is read, but excuses nothing. Single-threaded. */
#ifndef WEIR_TESTS_ZMQ_DEVIATIONS_H
#define WEIR_TESTS_ZMQ_DEVIATIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Reads the lines of this suite from the file that WEIR_ZMQ_DEVIATIONS names;
 * no such variable, no deviations. False if the table is not well formed. */
bool read_deviations(const char *suite);

/* Why the case may differ on the library that is tested; NULL if it may not. */
const char *deviation(const char *name);

/* The i-th case of this suite that the table names, or NULL. */
const char *deviation_name(size_t i);

#endif
