/* SPDX-License-Identifier: MPL-2.0 */
/* Whether a sanitizer with an allocator of its own, and limits of its own, is
 * built in: such a process cannot run out of memory and live. */
#ifndef WEIR_TESTS_ALLOC_SANITIZER_H
#define WEIR_TESTS_ALLOC_SANITIZER_H

#include <stdbool.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__clang__)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif

#ifndef SANITIZED
#define SANITIZED false
#endif

#endif
