/* SPDX-License-Identifier: MPL-2.0 */
#include "core/bell.h"

#include <stddef.h>

#include "core/base/futex.h"
#include "core/watch.h"

#define BITS (WR_BELL_ARRIVED | WR_BELL_STOPPED)

struct wr_bell *
wr_bell_new(struct wr_arena *arena)
{
    struct wr_bell *b = wr_arena_zalloc(arena, WR_GROUP, sizeof(*b));

    if (b == NULL)
        return NULL;
    wr_arena_hold(arena);
    b->arena = arena;
    (void)pthread_mutex_init(&b->watch_lock, NULL); /* cannot fail on Linux */
    store_relaxed(&b->refs, 1); /* nobody else knows it yet */
    return b;
}

void
wr_bell_hold(struct wr_bell *b)
{
    /* Relaxed: the caller's own reference keeps it alive. */
    fetch_add_relaxed(&b->refs, 1);
}

void
wr_bell_drop(struct wr_bell *b)
{
    struct wr_arena *arena = b->arena;

    if (fetch_sub_acq_rel(&b->refs, 1) != 1)
        return;
    (void)pthread_mutex_destroy(&b->watch_lock);
    wr_arena_free(arena, b, WR_GROUP, sizeof(*b));
    wr_arena_drop(arena);
}

static void
wake(struct wr_bell *b)
{
    /* One waker is enough: who clears the word makes the call. */
    if (load_seq_cst(&b->asleep) != 0 /* B3 */
        && exchange_seq_cst(&b->asleep, 0) != 0)
        futex_wake(&b->asleep, 1);
    if (unlikely(load_seq_cst(&b->watched) != 0)) /* B6 */
        wr_watch_notify(b);
}

void
wr_bell_ring(struct wr_bell *b, struct wr_bell_entry *e)
{
    uint64_t top;

    if (exchange_seq_cst(&e->queued, 1) != 0) /* B5 */
        return;
    top = load_relaxed(&b->ready); /* the exchange below checks it */
    do {
        e->next = (struct wr_bell_entry *)(uintptr_t)(top & ~BITS);
    } while (!cas_seq_cst(&b->ready, &top,
                          (uint64_t)(uintptr_t)e | (top & BITS))); /* B1 */
    wake(b);
}

void
wr_bell_notify(struct wr_bell *b, uint64_t bit)
{
    fetch_or_seq_cst(&b->ready, bit); /* B1 */
    wake(b);
}

struct wr_bell_entry *
wr_bell_take(struct wr_bell *b, uint64_t *bits)
{
    uint64_t ready = exchange_seq_cst(&b->ready, 0); /* B2 */

    if ((ready & WR_BELL_STOPPED) != 0)
        fetch_or_seq_cst(&b->ready, WR_BELL_STOPPED);
    *bits = ready & BITS;
    return (struct wr_bell_entry *)(uintptr_t)(ready & ~BITS);
}

void
wr_bell_entry_open(struct wr_bell_entry *e)
{
    /* An exchange, for the look at the end must come after it (B5). */
    (void)exchange_seq_cst(&e->queued, 0);
}

bool
wr_bell_entry_shut(struct wr_bell_entry *e)
{
    return exchange_seq_cst(&e->queued, 1) == 0;
}

void
wr_bell_sleep_begin(struct wr_bell *b)
{
    store_seq_cst(&b->asleep, 1); /* B4: the caller's fence follows */
}

int
wr_bell_sleep(struct wr_bell *b, int64_t deadline_ns)
{
    int rc = 0;

    if (load_seq_cst(&b->ready) == 0) /* B4 */
        rc = futex_wait(&b->asleep, 1, deadline_ns);
    wr_bell_sleep_end(b);
    return rc;
}

void
wr_bell_sleep_end(struct wr_bell *b)
{
    store_relaxed(&b->asleep, 0); /* a late waker's exchange does no harm */
}
