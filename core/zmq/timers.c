/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_timers_*: a list of timers, the next one first. They run in the thread
 * that calls zmq_timers_execute.
 *
 * Concurrency  A set of timers belongs to one thread at a time.
 * Cost         Linear in the number of timers, but for the timeout, which is
 *              that of the first. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <zmq.h>

#include "core/zmq/error.h"

#define ALIVE UINT32_C(0x74696d72)

struct timer {
    struct timer *next;
    int id;
    uint64_t pass; /* the last call of execute that ran it */
    uint64_t due_ms;
    size_t interval_ms;
    zmq_timer_fn *run;
    void *arg;
};

struct timers {
    uint32_t alive; /* ALIVE */
    int last_id;
    uint64_t pass;
    struct timer *first;
};

static uint64_t
now_ms(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static struct timers *
timers_of(void *handle)
{
    struct timers *ts = handle;

    return ts != NULL && ts->alive == ALIVE ? ts : NULL;
}

/* Behind those that are due at the same time. */
static void
insert(struct timers *ts, struct timer *t, uint64_t now)
{
    struct timer **at = &ts->first;

    t->due_ms = now + t->interval_ms;
    if (t->due_ms < now)
        t->due_ms = UINT64_MAX;
    while (*at != NULL && (*at)->due_ms <= t->due_ms)
        at = &(*at)->next;
    t->next = *at;
    *at = t;
}

/* Takes the timer off the list; NULL: there is none of that id. */
static struct timer *
extract(struct timers *ts, int id)
{
    struct timer **at = &ts->first;
    struct timer *t;

    while (*at != NULL && (*at)->id != id)
        at = &(*at)->next;
    t = *at;
    if (t != NULL)
        *at = t->next;
    return t;
}

void *
zmq_timers_new(void)
{
    struct timers *ts = calloc(1, sizeof(*ts));

    if (ts == NULL)
        (void)wr_zmq_fail(-ENOMEM);
    else
        ts->alive = ALIVE;
    return ts;
}

int
zmq_timers_destroy(void **handle)
{
    struct timers *ts = handle == NULL ? NULL : timers_of(*handle);
    struct timer *t;

    if (ts == NULL)
        return wr_zmq_fail(-EFAULT);
    while ((t = ts->first) != NULL) {
        ts->first = t->next;
        free(t);
    }
    ts->alive = 0;
    free(ts);
    *handle = NULL;
    return 0;
}

int
zmq_timers_add(void *handle, size_t interval_ms, zmq_timer_fn *run, void *arg)
{
    struct timers *ts = timers_of(handle);
    struct timer *t;

    if (ts == NULL || run == NULL)
        return wr_zmq_fail(-EFAULT);
    t = calloc(1, sizeof(*t));
    if (t == NULL)
        return wr_zmq_fail(-ENOMEM);
    t->id = ++ts->last_id;
    t->interval_ms = interval_ms;
    t->run = run;
    t->arg = arg;
    insert(ts, t, now_ms());
    return t->id;
}

int
zmq_timers_cancel(void *handle, int id)
{
    struct timers *ts = timers_of(handle);
    struct timer *t;

    if (ts == NULL)
        return wr_zmq_fail(-EFAULT);
    t = extract(ts, id);
    if (t == NULL)
        return wr_zmq_fail(-EINVAL);
    free(t);
    return 0;
}

int
zmq_timers_set_interval(void *handle, int id, size_t interval_ms)
{
    struct timers *ts = timers_of(handle);
    struct timer *t;

    if (ts == NULL)
        return wr_zmq_fail(-EFAULT);
    t = extract(ts, id);
    if (t == NULL)
        return wr_zmq_fail(-EINVAL);
    t->interval_ms = interval_ms;
    insert(ts, t, now_ms());
    return 0;
}

int
zmq_timers_reset(void *handle, int id)
{
    struct timers *ts = timers_of(handle);
    struct timer *t;

    if (ts == NULL)
        return wr_zmq_fail(-EFAULT);
    t = extract(ts, id);
    if (t == NULL)
        return wr_zmq_fail(-EINVAL);
    insert(ts, t, now_ms());
    return 0;
}

long
zmq_timers_timeout(void *handle)
{
    struct timers *ts = timers_of(handle);
    uint64_t now, wait;

    if (ts == NULL)
        return wr_zmq_fail(-EFAULT);
    if (ts->first == NULL)
        return -1;
    now = now_ms();
    if (ts->first->due_ms <= now)
        return 0;
    wait = ts->first->due_ms - now;
    return wait < LONG_MAX ? (long)wait : LONG_MAX;
}

/* Each that is due runs once, also if its interval is nothing. It is in its
 * new place before it runs, for it may cancel itself. */
int
zmq_timers_execute(void *handle)
{
    struct timers *ts = timers_of(handle);
    uint64_t now = now_ms();
    struct timer *t;

    if (ts == NULL)
        return wr_zmq_fail(-EFAULT);
    ts->pass++;
    while ((t = ts->first) != NULL && t->due_ms <= now && t->pass != ts->pass) {
        ts->first = t->next;
        t->pass = ts->pass;
        insert(ts, t, now);
        t->run(t->id, t->arg);
    }
    return 0;
}
