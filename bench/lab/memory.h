/* SPDX-License-Identifier: MPL-2.0 */
/* Memory of a queue, on the node of the threads that it is to be near. */
#ifndef WEIR_BENCH_LAB_MEMORY_H
#define WEIR_BENCH_LAB_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

struct lab_memory {
    void *at; /* zeroed, aligned to a page; NULL: there is none */
    size_t bytes;
};

/* Memory that a thread placed as those of the row is the first to touch. */
struct lab_memory lab_memory_new(size_t bytes, int distance, bool anchor);

void lab_memory_free(struct lab_memory memory);

#endif
