/* SPDX-License-Identifier: MPL-2.0 */
#include "core/context.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "alloc/buffer.h"
#include "core/base/fence.h"
#include "core/socket.h"

static struct wr_handle_pool contexts = WR_HANDLE_POOL(struct wr_context);

/* Guards the references, so that a handle cannot go stale between being looked
 * up and being held. */
static pthread_mutex_t refs_lock = PTHREAD_MUTEX_INITIALIZER;

weir_context *
weir_context_new(void)
{
    struct wr_context *ctx = wr_handle_new(&contexts);

    if (ctx == NULL)
        return NULL;
    fence_setup();
    ctx->refs = 1;
    (void)pthread_mutex_init(&ctx->lock, NULL); /* cannot fail on Linux */
    wr_arenas_init(&ctx->arenas);
    return wr_handle_open(&ctx->handle);
}

struct wr_context *
wr_context_acquire(weir_context *handle)
{
    struct wr_context *ctx;

    pthread_mutex_lock(&refs_lock);
    ctx = wr_handle_get(handle);
    if (ctx != NULL)
        ctx->refs++;
    pthread_mutex_unlock(&refs_lock);
    return ctx;
}

void
wr_context_hold(struct wr_context *ctx)
{
    pthread_mutex_lock(&refs_lock);
    ctx->refs++;
    pthread_mutex_unlock(&refs_lock);
}

/* What is left at the end: names that were waited for in vain, with what their
 * connectors sent before they closed. */
static void
free_name(void *node)
{
    struct wr_name *name = node;
    struct wr_end *e;

    while ((e = name->pending.first) != NULL) {
        wr_end_list_remove(&name->pending, e);
        wr_connection_drop(e->connection);
    }
    free(name);
}

void
wr_context_release(struct wr_context *ctx)
{
    bool last;

    pthread_mutex_lock(&refs_lock);
    last = --ctx->refs == 0;
    pthread_mutex_unlock(&refs_lock);
    if (!last)
        return;
    tdestroy(ctx->names, free_name);
    wr_pool_flush(); /* with what they held */
    wr_arenas_fini(&ctx->arenas);
    (void)pthread_mutex_destroy(&ctx->lock);
    wr_handle_free(&contexts, &ctx->handle);
}

static void
stop(struct wr_context *ctx)
{
    pthread_mutex_lock(&ctx->lock);
    ctx->stopped = true;
    for (struct wr_socket *s = ctx->sockets; s != NULL; s = s->next)
        wr_bell_notify(s->bell, WR_BELL_STOPPED);
    pthread_mutex_unlock(&ctx->lock);
}

int
weir_context_shutdown(weir_context *handle)
{
    struct wr_context *ctx = wr_context_acquire(handle);

    if (ctx == NULL)
        return -EBADF;
    stop(ctx);
    wr_context_release(ctx);
    return 0;
}

int
weir_context_free(weir_context *handle)
{
    struct wr_context *ctx;

    pthread_mutex_lock(&refs_lock);
    ctx = wr_handle_get(handle);
    if (ctx != NULL)
        wr_handle_close(&ctx->handle);
    pthread_mutex_unlock(&refs_lock);
    if (ctx == NULL)
        return -EBADF;
    stop(ctx);
    wr_pool_flush();
    wr_context_release(ctx); /* the handle's */
    return 0;
}
