/* SPDX-License-Identifier: MPL-2.0 */
/* The build gives the names: LAB_DESIGNS is X(one)X(two)... */
#include "bench/lab/designs.h"

#define X(name) extern const struct design design_##name;
LAB_DESIGNS LAB_RIVALS
#undef X

#define X(name) &design_##name,
    const struct design *const lab_designs[] = { LAB_DESIGNS NULL };
const struct design *const lab_rivals[] = { LAB_RIVALS NULL };
