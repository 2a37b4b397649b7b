/* SPDX-License-Identifier: MPL-2.0 */
/* The queue that the build names, as the lab's programs see it. A library that
 * is not installed has its traits and nothing else. */

/* First, for libraries have members named like macros of core/base. */
#include QUEUE_HEADER

#if defined(RIVAL_IS_INSTALLED) && !RIVAL_IS_INSTALLED
#include "bench/lab/design.h"
#include "core/ring/queue_name.h"
#else
#include "bench/lab/loops.h"
#endif

#define LAB_DESIGN_OF(name)  design_##name
#define LAB_DESIGN_OF_(name) LAB_DESIGN_OF(name)
#define LAB_DESIGN           LAB_DESIGN_OF_(QUEUE)

extern const struct design LAB_DESIGN;

const struct design LAB_DESIGN = {
    .traits = &QUEUE_IS(traits),
#ifdef RIVAL_IS_INSTALLED
    .version = QUEUE_IS(version),
#else
    .version = NULL,
#endif
#if !defined(RIVAL_IS_INSTALLED) || RIVAL_IS_INSTALLED
    .bytes = QUEUE_IS(bytes),
    .init = lab_init,
    .fini = lab_fini,
    .loops = { LAB_LOOPS_OF(8), LAB_LOOPS_OF(16), LAB_LOOPS_OF(64) },
#endif
};
