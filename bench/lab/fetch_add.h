/* SPDX-License-Identifier: MPL-2.0 */
/* The ceiling of designs that hand out positions by fetch-and-add: threads
 * that do nothing else, each time for one position or for a batch. */
#ifndef WEIR_BENCH_LAB_FETCH_ADD_H
#define WEIR_BENCH_LAB_FETCH_ADD_H

#include <stdbool.h>

/* Registers the rows. False without memory. */
bool fetch_add_rows(void);

#endif
