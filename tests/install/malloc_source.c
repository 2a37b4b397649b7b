/* SPDX-License-Identifier: MPL-2.0 */
/* Tells where the allocator of a program that uses weir comes from; exits with
 * 1 if any of it is not the C library's. */
#include <dlfcn.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/weir.h>

/* Any of the functions; only its address is of interest. */
typedef void function(void);

static function *const allocator[] = {
    (function *)malloc,         (function *)calloc,
    (function *)realloc,        (function *)free,
    (function *)posix_memalign, (function *)aligned_alloc,
    (function *)memalign,       (function *)malloc_usable_size,
};

static bool
is_from_libc(function *f)
{
    Dl_info info;

    if (dladdr((void *)(uintptr_t)f, &info) == 0)
        return false;
    printf("%s: %s\n", info.dli_sname, info.dli_fname);
    return strstr(info.dli_fname, "libc.so.6") != NULL;
}

int
main(void)
{
    weir_context *context = weir_context_new();
    int failed = context == NULL;

    for (size_t i = 0; i < sizeof(allocator) / sizeof(allocator[0]); i++)
        failed |= !is_from_libc(allocator[i]);
    failed |= weir_context_free(context) != 0;
    return failed;
}
