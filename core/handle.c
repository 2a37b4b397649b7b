/* SPDX-License-Identifier: MPL-2.0 */
#include "core/handle.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Objects made at a time, behind the line that links the blocks. */
#define BLOCK_OBJECTS 16

static void
append_free(struct wr_handle_pool *pool, struct wr_handle *h)
{
    h->next_free = NULL;
    if (pool->last_free != NULL)
        pool->last_free->next_free = h;
    else
        pool->first_free = h;
    pool->last_free = h;
}

static bool
grow(struct wr_handle_pool *pool)
{
    size_t size = WR_HANDLE_ALIGN + BLOCK_OBJECTS * pool->object_size;
    int saved = errno;
    char *block = aligned_alloc(WR_HANDLE_ALIGN, size);

    errno = saved;
    if (block == NULL)
        return false;
    memset(block, 0, size);
    /* Kept reachable, so that leak checkers know it. */
    *(void **)(void *)block = pool->blocks;
    pool->blocks = block;
    for (int i = 0; i < BLOCK_OBJECTS; i++)
        append_free(
            pool, (struct wr_handle *)(void *)(block + WR_HANDLE_ALIGN +
                                               (size_t)i * pool->object_size));
    return true;
}

void *
wr_handle_new(struct wr_handle_pool *pool)
{
    struct wr_handle *h = NULL;

    pthread_mutex_lock(&pool->lock);
    if (pool->first_free != NULL || grow(pool)) {
        h = pool->first_free;
        pool->first_free = h->next_free;
        if (pool->first_free == NULL)
            pool->last_free = NULL;
    }
    pthread_mutex_unlock(&pool->lock);
    if (h != NULL)
        memset(h + 1, 0, pool->object_size - sizeof(*h));
    return h;
}

void *
wr_handle_open(struct wr_handle *h)
{
    h->last = h->last % (WR_HANDLE_ALIGN - 1) + 1;
    store_release(&h->generation, h->last); /* H1 */
    return (char *)h + h->last;
}

void
wr_handle_close(struct wr_handle *h)
{
    store_release(&h->generation, 0); /* H1 */
}

void
wr_handle_free(struct wr_handle_pool *pool, struct wr_handle *h)
{
    pthread_mutex_lock(&pool->lock);
    append_free(pool, h);
    pthread_mutex_unlock(&pool->lock);
}
