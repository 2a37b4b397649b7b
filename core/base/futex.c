/* SPDX-License-Identifier: MPL-2.0 */
#include "core/base/futex.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"

int
futex_wait(_Atomic uint32_t *word, uint32_t expected, int64_t deadline_ns)
{
    struct timespec ts = {
        .tv_sec = deadline_ns / 1000000000,
        .tv_nsec = deadline_ns % 1000000000,
    };
    int saved = errno;
    int rc = 0;

    /* The bitset form takes an absolute time, so that an interrupted wait
     * does not begin anew. Without any the kernel would restart the wait after
     * a handler of SA_RESTART; WR_NEVER is a time, in some centuries. */
    if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, &ts, NULL,
                FUTEX_BITSET_MATCH_ANY) != 0)
        rc = errno == EAGAIN ? 0 : -errno;
    errno = saved;
    return rc;
}

void
futex_wake(_Atomic uint32_t *word, int n)
{
    int saved = errno;

    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
    errno = saved;
}
