/* SPDX-License-Identifier: MPL-2.0 */
/* Sleeping on a 32-bit word, and waking who sleeps on it (futex(2)), within
 * one process. Neither call touches errno. */
#ifndef WEIR_CORE_BASE_FUTEX_H
#define WEIR_CORE_BASE_FUTEX_H

#include <stdint.h>

#include "core/base/atomic.h"

/* Sleeps while *word is expected, until woken or deadline_ns (CLOCK_MONOTONIC;
 * WR_NEVER: no limit). Returns 0 when woken or when *word was another value,
 * -EINTR on a signal, -ETIMEDOUT after the deadline. May wake without cause. */
int futex_wait(_Atomic uint32_t *word, uint32_t expected, int64_t deadline_ns);

/* Wakes at most n threads that sleep on word. */
void futex_wake(_Atomic uint32_t *word, int n);

#endif
