/* SPDX-License-Identifier: MPL-2.0 */
/* One of our designs, as the lab's programs see it. */
#include "bench/lab/loops.h"

extern const struct design LAB_DESIGN;

const struct design LAB_DESIGN = {
    .traits = &QUEUE_IS(traits),
    .bytes = QUEUE_IS(bytes),
    .init = lab_init,
    .fini = lab_fini,
    .loops = { LAB_LOOPS_OF(8), LAB_LOOPS_OF(16), LAB_LOOPS_OF(64) },
};
