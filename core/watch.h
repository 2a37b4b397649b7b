/* SPDX-License-Identifier: MPL-2.0 */
/* Being told that a bell was rung, for one who waits for many bells: a sleeping
 * weir_poll, a poller, the descriptor of a socket.
 *
 * A watch joins one bell to one watcher. It is armed by the socket's owner, who
 * then issues fence_heavy and looks once more; the first ring after that
 * disarms it, puts it on the watcher's stack, and wakes the watcher. Rings of a
 * bell with no armed watch find one word 0 and do nothing more.
 *
 * Concurrency   notify: any thread that holds the bell
 *               all else: the socket's owner, who is the watcher's too
 *               The bell's lock guards its list and `armed`, so that after a
 *               detach no ringer knows the watch or its watcher any more.
 *
 * Edges         V1 notify: the push on `rung`, a read-modify-write
 *               V2 take: the exchange of `rung`
 *               V3 asleep against rung: notify pushes (V1), then reads asleep;
 *                  who goes to sleep writes asleep, then reads rung; all
 *                  seq_cst, so that one of them sees the other
 *               and B6 of bell.h: ready against watched
 *
 * Invariant     a watch is armed, or on the stack, or neither; it is armed only
 *               while it is not on the stack
 *
 * Cost          attach, detach, arm, disarm: the bell's lock, which nobody else
 *               wants. notify: the lock, and a system call if the watcher
 *               sleeps. */
#ifndef WEIR_CORE_WATCH_H
#define WEIR_CORE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/atomic.h"
#include "core/bell.h"

struct wr_watch {
    struct wr_watcher *watcher; /* NULL: not attached */
    struct wr_watch *next;      /* of the bell, under its lock */
    struct wr_watch *next_rung; /* of the watcher's stack */
    bool armed;                 /* under the bell's lock */
};

struct wr_watcher {
    _Atomic(struct wr_watch *) rung;
    _Atomic uint32_t asleep; /* futex: 1 while it sleeps or is about to */
    _Atomic int32_t fd;      /* an eventfd to be written instead, or -1 */
};

/* Joins w to the bell, not armed. */
void wr_watch_attach(struct wr_watch *w, struct wr_bell *b,
                     struct wr_watcher *watcher);

/* Parts them; it may still be on the watcher's stack. */
void wr_watch_detach(struct wr_watch *w, struct wr_bell *b);

/* The caller then issues fence_heavy, and looks once more. w is not on the
 * stack. */
void wr_watch_arm(struct wr_watch *w, struct wr_bell *b);

/* False: it was not armed; it may be on the stack, or about to be. */
bool wr_watch_disarm(struct wr_watch *w, struct wr_bell *b);

/* Tells the watchers of all armed watches. */
void wr_watch_notify(struct wr_bell *b);

/* Clears the watcher's eventfd, but not if the watch was notified. */
void wr_watch_clear(struct wr_watch *w, struct wr_bell *b);

static inline void
wr_watcher_init(struct wr_watcher *w)
{
    store_relaxed(&w->rung, NULL); /* nobody knows it yet */
    store_relaxed(&w->asleep, 0);
    store_relaxed(&w->fd, -1);
}

/* Relaxed: it is set while the watcher is awake, and a late ringer that wakes
 * one who is awake in the wrong way does no harm. */
static inline int
wr_watcher_fd(const struct wr_watcher *w)
{
    return load_relaxed(&w->fd);
}

static inline void
wr_watcher_set_fd(struct wr_watcher *w, int fd)
{
    store_relaxed(&w->fd, fd);
}

/* Whether there is something to take. */
static inline bool
wr_watcher_rung(struct wr_watcher *w)
{
    return load_seq_cst(&w->rung) != NULL; /* V3 */
}

/* The watches that were notified since, the last one first. */
static inline struct wr_watch *
wr_watcher_take(struct wr_watcher *w)
{
    return wr_watcher_rung(w) ? exchange_seq_cst(&w->rung, NULL) /* V2 */
                              : NULL;
}

/* Announces sleep, before the watches are armed and looked at. */
static inline void
wr_watcher_sleep_begin(struct wr_watcher *w)
{
    store_seq_cst(&w->asleep, 1); /* V3 */
}

/* Sleeps on the futex, if nobody has notified since sleep_begin. 0, -EINTR, or
 * -ETIMEDOUT after the deadline. */
int wr_watcher_sleep(struct wr_watcher *w, int64_t deadline_ns);

/* False: somebody has woken the watcher, or is about to. */
static inline bool
wr_watcher_sleep_end(struct wr_watcher *w)
{
    return exchange_seq_cst(&w->asleep, 0) != 0; /* V3 */
}

#endif
