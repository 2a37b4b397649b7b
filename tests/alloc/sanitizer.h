/* SPDX-License-Identifier: MPL-2.0 */
/* Whether a sanitizer with an allocator of its own, and limits of its own, is
 * built in: such a process cannot run out of memory and live. */
#ifndef WEIR_TESTS_ALLOC_SANITIZER_H
#define WEIR_TESTS_ALLOC_SANITIZER_H

#include <stdbool.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#endif

#ifndef SANITIZED
#define SANITIZED false
#endif

#endif
