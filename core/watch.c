/* SPDX-License-Identifier: MPL-2.0 */
#include "core/watch.h"

#include "core/base/futex.h"
#include "core/descriptor.h"

void
wr_watch_attach(struct wr_watch *w, struct wr_bell *b,
                struct wr_watcher *watcher)
{
    pthread_mutex_lock(&b->watch_lock);
    w->watcher = watcher;
    w->armed = false;
    w->next = b->watches;
    b->watches = w;
    pthread_mutex_unlock(&b->watch_lock);
}

void
wr_watch_detach(struct wr_watch *w, struct wr_bell *b)
{
    struct wr_watch **at;

    pthread_mutex_lock(&b->watch_lock);
    for (at = &b->watches; *at != w; at = &(*at)->next)
        ;
    *at = w->next;
    w->watcher = NULL;
    w->armed = false;
    pthread_mutex_unlock(&b->watch_lock);
}

void
wr_watch_arm(struct wr_watch *w, struct wr_bell *b)
{
    pthread_mutex_lock(&b->watch_lock);
    w->armed = true;
    store_seq_cst(&b->watched, 1); /* B6: the caller's fence follows */
    pthread_mutex_unlock(&b->watch_lock);
}

bool
wr_watch_disarm(struct wr_watch *w, struct wr_bell *b)
{
    bool was;

    /* `watched` may stay 1: a ringer then looks in vain, once. */
    pthread_mutex_lock(&b->watch_lock);
    was = w->armed;
    w->armed = false;
    pthread_mutex_unlock(&b->watch_lock);
    return was;
}

/* Puts w on the stack of its watcher, and wakes that. */
static void
tell(struct wr_watch *w)
{
    struct wr_watcher *watcher = w->watcher;
    struct wr_watch *top = load_relaxed(&watcher->rung); /* cas checks it */

    do {
        w->next_rung = top;
    } while (!cas_seq_cst(&watcher->rung, &top, w)); /* V1 */
    if (load_seq_cst(&watcher->asleep) == 0          /* V3 */
        || exchange_seq_cst(&watcher->asleep, 0) == 0)
        return;
    if (wr_watcher_fd(watcher) >= 0)
        wr_eventfd_set(wr_watcher_fd(watcher));
    else
        futex_wake(&watcher->asleep, 1);
}

void
wr_watch_notify(struct wr_bell *b)
{
    pthread_mutex_lock(&b->watch_lock);
    store_relaxed(&b->watched, 0); /* the lock orders it with arming */
    for (struct wr_watch *w = b->watches; w != NULL; w = w->next) {
        if (!w->armed)
            continue;
        w->armed = false;
        tell(w);
    }
    pthread_mutex_unlock(&b->watch_lock);
}

void
wr_watch_clear(struct wr_watch *w, struct wr_bell *b)
{
    pthread_mutex_lock(&b->watch_lock);
    if (w->armed)
        wr_eventfd_clear(wr_watcher_fd(w->watcher));
    pthread_mutex_unlock(&b->watch_lock);
}

int
wr_watcher_sleep(struct wr_watcher *w, int64_t deadline_ns)
{
    return wr_watcher_rung(w) ? 0 : futex_wait(&w->asleep, 1, deadline_ns);
}
