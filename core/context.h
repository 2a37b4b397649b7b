/* SPDX-License-Identifier: MPL-2.0 */
/* A context: its names, its sockets, its memory, and the one lock of the
 * control plane.
 *
 * Concurrency  Everything here is called with the lock held, but for
 *              wr_context_acquire and wr_context_release. The lock guards the
 *              names, the list of sockets, `stopped`, and the fields that
 *              socket.h and connection.h mark as under the lock.
 * Life         A reference for the handle, one for each socket, one for the
 *              length of each call. Who drops the last frees it.
 * Names        A search tree of names that are bound or waited for; the data
 *              path never sees it. */
#ifndef WEIR_CORE_CONTEXT_H
#define WEIR_CORE_CONTEXT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "alloc/arena.h"
#include "core/connection.h"
#include "core/handle.h"
#include "weir/weir.h"

#define WR_NAME_MAX 256

struct wr_socket;

/* One name of a context. */
struct wr_name {
    struct wr_socket *bound;    /* NULL: nobody has, but somebody waits */
    struct wr_end_list pending; /* ends of binders to come */
    struct wr_name *next_bound; /* of the socket that has bound it */
    size_t size;
    const char *text;
};

struct wr_context {
    struct wr_handle handle;
    uint32_t refs; /* under the lock of the pool of contexts */
    bool stopped;
    pthread_mutex_t lock;
    void *names; /* a tree of tsearch(3) */
    struct wr_socket *sockets;
    struct wr_arenas arenas;
};

/* The context of a live handle with a reference more, or NULL. */
struct wr_context *wr_context_acquire(weir_context *handle);
void wr_context_hold(struct wr_context *ctx);
void wr_context_release(struct wr_context *ctx);

/* The name, or NULL. */
struct wr_name *wr_name_find(struct wr_context *ctx, const char *text,
                             size_t size);

/* The name, made if need be. NULL: no memory. */
struct wr_name *wr_name_make(struct wr_context *ctx, const char *text,
                             size_t size);

/* Forgets the name if it is neither bound nor waited for. */
void wr_name_tidy(struct wr_context *ctx, struct wr_name *name);

#endif
