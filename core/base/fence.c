/* SPDX-License-Identifier: MPL-2.0 */
#include "core/base/fence.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

_Atomic bool wr_fence_asymmetric;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
setup(void)
{
    int saved = errno;

    store_relaxed(&wr_fence_asymmetric,
                  syscall(SYS_membarrier,
                          MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0,
                          0) == 0);
    errno = saved;
}

void
fence_setup(void)
{
    (void)pthread_once(&once, setup);
}

void
fence_heavy(void)
{
    int saved = errno;

    /* Once registered, the command cannot fail; the full fence is there for
     * the other mode, and orders this thread in both. */
    if (fence_is_asymmetric())
        (void)syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
    fence_full();
    errno = saved;
}
