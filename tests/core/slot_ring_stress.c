/* SPDX-License-Identifier: MPL-2.0 */
/* The self-publishing ring between two threads. */
#include "tests/core/queue_slot.h"
#include "tests/core/ring_stress.h"

int
main(void)
{
    return ring_stress_main();
}
