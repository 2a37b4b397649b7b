/* SPDX-License-Identifier: MPL-2.0 */
/* What several threads saw of a queue of distinct values, and whether a queue
 * can have done that.
 *
 * Each item has the time when its push began and ended, and the same of its
 * pop; a failed push or pop has a time too. Calls of one thread do not overlap,
 * those of several may. In any order that agrees with these times
 *   - no item is read before it is written;
 *   - of two items, if one was written wholly before the other, it is not read
 *     wholly after it;
 *   - no pop finds nothing while there is an item during all of it;
 *   - no push finds no room while there is some during all of it.
 * The first two are all that can go wrong with values that are read once
 * (Henzinger, Sezgin, Vafeiadis, Aspect-Oriented Linearizability Proofs, CONCUR
 * 2013); of emptiness it is the part that needs one item to be seen. */
#ifndef WEIR_TESTS_CORE_HISTORY_H
#define WEIR_TESTS_CORE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

/* The times are in any unit; a later one is not smaller. */
struct history_item {
    int64_t push_begin, push_end;
    int64_t pop_begin, pop_end; /* HISTORY_NEVER if it was not read */
};

struct history_failure {
    int64_t begin, end;
};

#define HISTORY_NEVER INT64_MAX

/* Each returns NULL if all is well, or what is wrong. They sort what they are
 * given. */
const char *history_check_order(struct history_item *items, size_t n);
const char *history_check_empty(struct history_item *items, size_t n,
                                struct history_failure *pops, size_t failures);

/* capacity: how many items the queue holds before a push may fail. */
const char *history_check_full(struct history_item *items, size_t n,
                               struct history_failure *pushes, size_t failures,
                               uint64_t capacity);

#endif
