/* SPDX-License-Identifier: MPL-2.0 */
/* A poller: a set of sockets and descriptors to wait for, at the cost of those
 * that are ready.
 *
 * Each socket of a poller is
 *   hot    in the circle of those that are looked at; its watch is not armed
 *   cool   armed, and not ready
 *   rung   on the watcher's stack: it was cool, and will be hot
 * A hot socket that is found not ready is cooled together with others, with one
 * fence: before sleeping, or when the looks that found nothing have cost as
 * much. It becomes hot again when its bell is rung, or by a call of its owner
 * that may have made it ready (outside.h). So a socket that is found ready is
 * told again and again, until it is not ready.
 *
 * Concurrency   The owner of the sockets only; the watcher is touched by
 *               ringers, as watch.h says. */
#ifndef WEIR_CORE_POLLER_H
#define WEIR_CORE_POLLER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/handle.h"
#include "core/poller_fds.h"
#include "core/wait.h"
#include "core/watch.h"

struct wr_socket;

/* A socket's part in it. */
struct wr_polled {
    struct wr_poller *poller; /* NULL: it is in none */
    struct wr_watch watch;
    struct wr_polled *next_hot; /* NULL: cool or rung */
    struct wr_polled *prev_hot;
    struct wr_polled *next; /* of all */
    struct wr_polled *prev;
    int events;
    bool missed; /* looked at last, it was not ready */
    void *user;
};

struct wr_poller {
    struct wr_handle handle;
    struct wr_watcher watcher;
    struct wr_wait wait;
    struct wr_polled *hot; /* whose turn it is; NULL: none */
    struct wr_polled *all;
    size_t n_hot;
    size_t misses;
    struct wr_poller_fds fds;
    bool fds_first; /* they and the sockets come first in turn */
};

/* Makes those hot that were rung. */
void wr_poller_take_rung(struct wr_poller *p);

/* Cools all that were found not ready. True: some have become so meanwhile, or
 * are to be looked at again. */
bool wr_poller_cool(struct wr_poller *p);

/* The socket that it is part of. */
struct wr_socket *wr_poller_socket(struct wr_polled *e);

/* Whether it is cool, or rung. */
static inline bool
wr_poller_is_cool(const struct wr_polled *e)
{
    return e->poller != NULL && e->next_hot == NULL;
}

/* Makes a socket hot, if it is cool. */
void wr_poller_heat(struct wr_socket *s);

/* Takes a socket out of its poller. */
void wr_poller_forget(struct wr_socket *s);

#endif
