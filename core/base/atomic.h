/* SPDX-License-Identifier: MPL-2.0 */
/* Atomic accesses with the memory order in the name, so that one grep lists
 * every shared access of the project.
 *
 * This is the only file that includes <stdatomic.h>. All macros take a pointer
 * to an _Atomic object of integer or pointer type. Orders not listed here are
 * not used. A model checker can take the place of this file. */
#ifndef WEIR_CORE_BASE_ATOMIC_H
#define WEIR_CORE_BASE_ATOMIC_H

#ifdef __cplusplus
/* As the <stdatomic.h> of C++23: benchmarks of C++ libraries share loops with
 * those in C, where a type is written _Atomic(type). */
#include <atomic>
#define _Atomic(type) std::atomic<type>
using std::atomic_compare_exchange_strong_explicit;
using std::atomic_compare_exchange_weak_explicit;
using std::atomic_exchange_explicit;
using std::atomic_fetch_add_explicit;
using std::atomic_fetch_or_explicit;
using std::atomic_fetch_sub_explicit;
using std::atomic_load_explicit;
using std::atomic_store_explicit;
using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;
#else
#include <stdatomic.h>
#endif

#define load_relaxed(p) atomic_load_explicit((p), memory_order_relaxed)
#define load_acquire(p) atomic_load_explicit((p), memory_order_acquire)
#define load_seq_cst(p) atomic_load_explicit((p), memory_order_seq_cst)

#define store_relaxed(p, v) \
    atomic_store_explicit((p), (v), memory_order_relaxed)
#define store_release(p, v) \
    atomic_store_explicit((p), (v), memory_order_release)
#define store_seq_cst(p, v) \
    atomic_store_explicit((p), (v), memory_order_seq_cst)

#define exchange_acquire(p, v) \
    atomic_exchange_explicit((p), (v), memory_order_acquire)
#define exchange_acq_rel(p, v) \
    atomic_exchange_explicit((p), (v), memory_order_acq_rel)
#define exchange_seq_cst(p, v) \
    atomic_exchange_explicit((p), (v), memory_order_seq_cst)

#define fetch_add_relaxed(p, v) \
    atomic_fetch_add_explicit((p), (v), memory_order_relaxed)
#define fetch_add_acquire(p, v) \
    atomic_fetch_add_explicit((p), (v), memory_order_acquire)
#define fetch_add_release(p, v) \
    atomic_fetch_add_explicit((p), (v), memory_order_release)
#define fetch_add_acq_rel(p, v) \
    atomic_fetch_add_explicit((p), (v), memory_order_acq_rel)
#define fetch_add_seq_cst(p, v) \
    atomic_fetch_add_explicit((p), (v), memory_order_seq_cst)
#define fetch_sub_relaxed(p, v) \
    atomic_fetch_sub_explicit((p), (v), memory_order_relaxed)
#define fetch_sub_acq_rel(p, v) \
    atomic_fetch_sub_explicit((p), (v), memory_order_acq_rel)
#define fetch_or_release(p, v) \
    atomic_fetch_or_explicit((p), (v), memory_order_release)
#define fetch_or_seq_cst(p, v) \
    atomic_fetch_or_explicit((p), (v), memory_order_seq_cst)

/* Weak compare-and-swap; on failure *expected is what was found. */
#define cas_relaxed(p, expected, desired)                             \
    atomic_compare_exchange_weak_explicit((p), (expected), (desired), \
                                          memory_order_relaxed,       \
                                          memory_order_relaxed)
#define cas_release(p, expected, desired)                             \
    atomic_compare_exchange_weak_explicit((p), (expected), (desired), \
                                          memory_order_release,       \
                                          memory_order_relaxed)
/* What is found on failure is found by an acquire load. */
#define cas_acq_rel(p, expected, desired)                             \
    atomic_compare_exchange_weak_explicit((p), (expected), (desired), \
                                          memory_order_acq_rel,       \
                                          memory_order_acquire)
#define cas_seq_cst(p, expected, desired)                             \
    atomic_compare_exchange_weak_explicit((p), (expected), (desired), \
                                          memory_order_seq_cst,       \
                                          memory_order_relaxed)

/* The same where there is no loop: it fails only if something else was found,
 * which is also what cas_strong_acquire acquires then. */
#define cas_strong_acquire(p, expected, desired)                        \
    atomic_compare_exchange_strong_explicit((p), (expected), (desired), \
                                            memory_order_acquire,       \
                                            memory_order_acquire)
#define cas_strong_release(p, expected, desired)                        \
    atomic_compare_exchange_strong_explicit((p), (expected), (desired), \
                                            memory_order_release,       \
                                            memory_order_relaxed)

#endif
