/* SPDX-License-Identifier: MPL-2.0 */
#include "alloc/backend.h"

#include <stdlib.h>
#include <string.h>

/* The C library has one heap: there is nothing to tell apart. */
struct wr_backend {
    char unused;
};

struct wr_backend *
wr_backend_new(int node)
{
    static struct wr_backend heap;

    (void)node;
    return &heap;
}

void
wr_backend_free(struct wr_backend *b)
{
    (void)b;
}

void *
wr_backend_take(struct wr_backend *b, size_t align, size_t size, bool zero)
{
    void *p;

    (void)b;
    if (align <= _Alignof(max_align_t))
        return zero ? calloc(1, size) : malloc(size);
    if (posix_memalign(&p, align, size) != 0)
        return NULL;
    return zero ? memset(p, 0, size) : p;
}

void
wr_backend_give(struct wr_backend *b, void *p, size_t align, size_t size)
{
    (void)b;
    (void)align;
    (void)size;
    free(p);
}
