/* SPDX-License-Identifier: MPL-2.0 */
/* Assertions of debug builds (WEIR_DEBUG). Release builds compile them out:
 * the library never aborts its host; what a caller can get wrong is answered
 * with an error instead. */
#ifndef WEIR_CORE_BASE_CHECK_H
#define WEIR_CORE_BASE_CHECK_H

#ifdef WEIR_DEBUG
#define WEIR_ASSERT(cond) ((cond) ? (void)0 : __builtin_trap())
#else
#define WEIR_ASSERT(cond) ((void)sizeof((cond) ? 1 : 0))
#endif

#endif
