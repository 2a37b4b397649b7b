/* SPDX-License-Identifier: MPL-2.0 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/context.h"

/* The order of the tree is by length, then bytes. */
static int
compare(const void *a, const void *b)
{
    const struct wr_name *x = a;
    const struct wr_name *y = b;

    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return memcmp(x->text, y->text, x->size);
}

struct wr_name *
wr_name_find(struct wr_context *ctx, const char *text, size_t size)
{
    struct wr_name key = { .size = size, .text = text };
    struct wr_name **found = tfind(&key, &ctx->names, compare);

    return found == NULL ? NULL : *found;
}

struct wr_name *
wr_name_make(struct wr_context *ctx, const char *text, size_t size)
{
    struct wr_name *name = wr_name_find(ctx, text, size);
    int saved = errno;

    if (name != NULL)
        return name;
    name = calloc(1, sizeof(*name) + size);
    if (name == NULL)
        goto fail;
    name->size = size;
    name->text = memcpy(name + 1, text, size);
    if (tsearch(name, &ctx->names, compare) == NULL)
        goto fail;
    return name;

fail:
    free(name);
    errno = saved;
    return NULL;
}

void
wr_name_tidy(struct wr_context *ctx, struct wr_name *name)
{
    if (name->bound != NULL || name->pending.first != NULL)
        return;
    (void)tdelete(name, &ctx->names, compare);
    free(name);
}
