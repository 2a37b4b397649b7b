/* SPDX-License-Identifier: MPL-2.0 */
#include "core/zmq/context.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "core/zmq/context_option.h"
#include "core/zmq/error.h"

/* At multiples of what weir's handles are multiples of, and therefore never
 * taken for one: their low bits are never 0. */
#define ALIGN 256

struct wr_zmq_context {
    struct wr_zmq_context *next;
    weir_context *engine;
    struct wr_zmq_context_options options;
    int sockets;
    int places; /* 0 before the first socket */
    int terminating;
    bool stopped;
    bool listed;
    sem_t empty; /* one for each thread that terminates, after the last close */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct wr_zmq_context *contexts;

/* Where the context is in the list, or its end. */
static struct wr_zmq_context **
find(const void *ctx)
{
    struct wr_zmq_context **at = &contexts;

    while (*at != NULL && *at != ctx)
        at = &(*at)->next;
    return at;
}

/* Takes the lock; if it fails there is no such context, and no lock. */
static int
enter(const struct wr_zmq_context *ctx)
{
    pthread_mutex_lock(&lock);
    if (ctx != NULL && *find(ctx) != NULL)
        return 0;
    pthread_mutex_unlock(&lock);
    return -EFAULT;
}

/* ---- New --------------------------------------------------------------- */

static struct wr_zmq_context *
new_context(void)
{
    size_t size = (sizeof(struct wr_zmq_context) + ALIGN - 1) / ALIGN * ALIGN;
    struct wr_zmq_context *ctx = aligned_alloc(ALIGN, size);

    if (ctx == NULL)
        return NULL;
    memset(ctx, 0, sizeof(*ctx));
    ctx->engine = weir_context_new();
    if (ctx->engine == NULL) {
        free(ctx);
        return NULL;
    }
    (void)sem_init(&ctx->empty, 0, 0); /* cannot fail for 0 */
    wr_zmq_context_options_init(&ctx->options);
    return ctx;
}

void *
zmq_ctx_new(void)
{
    struct wr_zmq_context *ctx = new_context();

    if (ctx == NULL) {
        (void)wr_zmq_fail(-ENOMEM);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    ctx->listed = true;
    ctx->next = contexts;
    contexts = ctx;
    pthread_mutex_unlock(&lock);
    return ctx;
}

void *
zmq_init(int io_threads)
{
    void *ctx;

    if (io_threads < 0) {
        (void)wr_zmq_fail(-EINVAL);
        return NULL;
    }
    ctx = zmq_ctx_new();
    if (ctx != NULL)
        (void)zmq_ctx_set(ctx, ZMQ_IO_THREADS, io_threads);
    return ctx;
}

/* ---- Sockets come and go ----------------------------------------------- */

int
wr_zmq_context_enter(struct wr_zmq_context *ctx,
                     struct wr_zmq_defaults *defaults)
{
    int rc = enter(ctx);

    if (rc != 0)
        return rc;
    if (ctx->places == 0)
        ctx->places = ctx->options.max_sockets;
    if (ctx->stopped)
        rc = -ESHUTDOWN;
    else if (ctx->sockets == ctx->places)
        rc = -EMFILE;
    else
        ctx->sockets++;
    *defaults = (struct wr_zmq_defaults){
        .engine = ctx->engine,
        .ipv6 = ctx->options.ipv6 != 0,
        .blocky = ctx->options.blocky != 0,
    };
    pthread_mutex_unlock(&lock);
    return rc;
}

void
wr_zmq_context_leave(struct wr_zmq_context *ctx)
{
    pthread_mutex_lock(&lock);
    if (--ctx->sockets == 0)
        for (int i = 0; i < ctx->terminating; i++)
            (void)sem_post(&ctx->empty);
    pthread_mutex_unlock(&lock);
}

/* ---- The end ----------------------------------------------------------- */

static void
stop(struct wr_zmq_context *ctx)
{
    ctx->stopped = true;
    (void)weir_context_shutdown(ctx->engine);
}

int
zmq_ctx_shutdown(void *handle)
{
    struct wr_zmq_context *ctx = handle;
    int rc = enter(ctx);

    if (rc != 0)
        return wr_zmq_fail(rc);
    stop(ctx);
    pthread_mutex_unlock(&lock);
    return 0;
}

/* Waits, without the lock, until the last socket was closed or a signal handler
 * has run. The kernel restarts waits that have no end, for some handlers. */
static int
wait_for_sockets(struct wr_zmq_context *ctx)
{
    struct timespec never;
    int rc;

    (void)clock_gettime(CLOCK_MONOTONIC, &never);
    never.tv_sec += INT_MAX;
    pthread_mutex_unlock(&lock);
    rc = sem_clockwait(&ctx->empty, CLOCK_MONOTONIC, &never);
    rc = rc == 0 ? 0 : -errno;
    pthread_mutex_lock(&lock);
    return rc;
}

/* Takes it off the list. True: the caller is the last who knows it. */
static bool
leave(struct wr_zmq_context *ctx)
{
    if (ctx->listed)
        *find(ctx) = ctx->next;
    ctx->listed = false;
    return ctx->terminating == 0;
}

static void
destroy(struct wr_zmq_context *ctx)
{
    (void)weir_context_free(ctx->engine);
    (void)sem_destroy(&ctx->empty);
    wr_zmq_context_options_fini(&ctx->options);
    free(ctx);
}

int
zmq_ctx_term(void *handle)
{
    struct wr_zmq_context *ctx = handle;
    int rc = enter(ctx);
    bool last = false;

    if (rc != 0)
        return wr_zmq_fail(rc);
    stop(ctx);
    ctx->terminating++;
    while (rc != -EINTR && ctx->sockets > 0)
        rc = wait_for_sockets(ctx);
    ctx->terminating--;
    if (ctx->sockets == 0) {
        rc = 0;
        last = leave(ctx);
    }
    pthread_mutex_unlock(&lock);
    if (last)
        destroy(ctx);
    return wr_zmq_result(rc);
}

int
zmq_ctx_destroy(void *ctx)
{
    return zmq_ctx_term(ctx);
}

int
zmq_term(void *ctx)
{
    return zmq_ctx_term(ctx);
}

/* ---- Options ----------------------------------------------------------- */

int
zmq_ctx_set(void *handle, int option, int value)
{
    struct wr_zmq_context *ctx = handle;
    int rc = enter(ctx);

    if (rc != 0)
        return wr_zmq_fail(rc);
    rc = wr_zmq_context_option_set(&ctx->options, option, value);
    pthread_mutex_unlock(&lock);
    return wr_zmq_result(rc);
}

int
zmq_ctx_get(void *handle, int option)
{
    struct wr_zmq_context *ctx = handle;
    int rc = enter(ctx);
    int value;

    if (rc != 0)
        return wr_zmq_fail(rc);
    rc = wr_zmq_context_option_get(&ctx->options, option, &value);
    pthread_mutex_unlock(&lock);
    return rc == 0 ? value : wr_zmq_fail(rc);
}
