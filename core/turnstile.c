/* SPDX-License-Identifier: MPL-2.0 */
#include "core/turnstile.h"

#include <errno.h>
#include <time.h>

#include "core/base/clock.h"

void
wr_turnstile_init(struct wr_turnstile *t)
{
    pthread_condattr_t attr;

    /* None of these fails on Linux. */
    (void)pthread_mutex_init(&t->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&t->left, &attr);
    (void)pthread_condattr_destroy(&attr);
}

void
wr_turnstile_fini(struct wr_turnstile *t)
{
    (void)pthread_cond_destroy(&t->left);
    (void)pthread_mutex_destroy(&t->lock);
}

/* Waits until somebody has left. False: the time is over. */
static bool
wait(struct wr_turnstile *t, int64_t deadline_ns)
{
    struct timespec until = {
        .tv_sec = deadline_ns / 1000000000,
        .tv_nsec = deadline_ns % 1000000000,
    };

    if (deadline_ns == WR_NEVER || deadline_ns == 0)
        return pthread_cond_wait(&t->left, &t->lock) == 0;
    return pthread_cond_timedwait(&t->left, &t->lock, &until) == 0;
}

int
wr_turnstile_enter(struct wr_turnstile *t, int64_t deadline_ns)
{
    int rc = 0;

    pthread_mutex_lock(&t->lock);
    while (t->inside && rc == 0)
        if ((deadline_ns == 0 && t->blocks) || !wait(t, deadline_ns))
            rc = -EAGAIN;
    if (rc == 0)
        t->inside = true;
    pthread_mutex_unlock(&t->lock);
    return rc;
}

void
wr_turnstile_blocks(struct wr_turnstile *t)
{
    pthread_mutex_lock(&t->lock);
    t->blocks = true;
    pthread_cond_broadcast(&t->left); /* for those that do not wait for it */
    pthread_mutex_unlock(&t->lock);
}

void
wr_turnstile_leave(struct wr_turnstile *t)
{
    pthread_mutex_lock(&t->lock);
    t->inside = t->blocks = false;
    pthread_cond_signal(&t->left);
    pthread_mutex_unlock(&t->lock);
}
