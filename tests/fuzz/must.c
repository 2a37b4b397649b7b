/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/fuzz/must.h"

#include <stdio.h>
#include <stdlib.h>

/* Sizes that cannot be had are errors, as without the sanitizer; what it finds
 * is SIGABRT. */
#define OPTIONS "allocator_may_return_null=1:abort_on_error=1"

#define DEFAULT_OPTIONS(name)                                      \
    __attribute__((visibility("default"))) const char *name(void); \
    const char *name(void)                                         \
    {                                                              \
        return OPTIONS;                                            \
    }

DEFAULT_OPTIONS(__asan_default_options)
DEFAULT_OPTIONS(__ubsan_default_options)
DEFAULT_OPTIONS(__tsan_default_options)

void
fuzz_fail(const char *what, long value, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s (%ld)\n", file, line, what, value);
    abort();
}

void
fuzz_called(const char *call, long rc)
{
    static int tells = -1;

    if (tells < 0)
        tells = getenv("WEIR_FUZZ_TRACE") != NULL;
    if (tells)
        fprintf(stderr, "%s: %ld\n", call, rc);
}

bool
fuzz_is_one_of(long rc, const int *codes)
{
    for (; *codes != 1; codes++)
        if (rc == *codes)
            return true;
    return false;
}
