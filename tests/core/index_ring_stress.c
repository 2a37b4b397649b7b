/* SPDX-License-Identifier: MPL-2.0 */
/* The cached-index ring between two threads. */
#include "tests/core/queue_index.h"
#include "tests/core/ring_stress.h"

int
main(void)
{
    return ring_stress_main();
}
