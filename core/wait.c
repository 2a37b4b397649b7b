/* SPDX-License-Identifier: MPL-2.0 */
#include "core/wait.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>

#include "alloc/buffer.h"
#include "core/base/clock.h"
#include "weir/weir.h"

/* A wake-up from a futex takes about as long. */
#define SPIN_MAX_NS   50000u
#define SPIN_LEAST_NS 1000u
/* What is tried when spinning had been given up, and after how many parks. */
#define SPIN_TRY_NS   4000u
#define PARKS_PER_TRY 32u
/* How often other threads are let run before a park; the time below which there
 * was none; and the time of one that needs the CPU for itself. */
#define WAYS_GIVEN 8
#define NOBODY_NS  1500
#define HOG_NS     1000000
/* Waits until one looks whether others want this CPU, where spinning always
 * pays and so never ends in a look. Seldom, for it is a system call. */
#define WAITS_PER_PROBE 16384
/* Looks between two readings of the clock, which costs as much as ten. */
#define LOOKS 32
/* Looks that a reader leaves out at most: about a microsecond. */
#define HOLD_BACK_MOST 64

/* The CPU on which all threads that have opened a socket run, if it is but one:
 * a pinned thread sees only its own, and its peers may have others. */
#define UNKNOWN (-1)
#define SEVERAL (-2)
static _Atomic int32_t only_cpu = UNKNOWN;

/* The one CPU on which the caller may run, or SEVERAL. */
static int32_t
cpu_of_caller(void)
{
    int saved = errno;
    int32_t cpu = 0;
    cpu_set_t set;

    /* More CPUs than the set holds is an error, and more than one. */
    if (sched_getaffinity(0, sizeof(set), &set) != 0 || CPU_COUNT(&set) != 1)
        cpu = SEVERAL;
    else
        while (!CPU_ISSET((size_t)cpu, &set))
            cpu++;
    errno = saved;
    return cpu;
}

static void
note_cpu(void)
{
    int32_t mine = cpu_of_caller();
    int32_t known = exchange_acq_rel(&only_cpu, mine);

    if (known != UNKNOWN && known != mine)
        store_relaxed(&only_cpu, SEVERAL); /* a hint, as every use of it */
}

/* Whether spinning keeps everyone else from running. */
static bool
alone(void)
{
    return load_relaxed(&only_cpu) >= 0; /* a hint */
}

void
wr_wait_init(struct wr_wait *w, int strategy)
{
    note_cpu();
    w->strategy = strategy;
    w->spin_ns = SPIN_MAX_NS;
    w->parks = 0;
    w->stay = 0;
    w->waits = 0;
    w->crowded = false;
}

/* ---- The lanes of a socket --------------------------------------------- */

struct on_lanes {
    struct wr_bell *bell;
    struct wr_lanes *ls;
};

hot_inline bool
lanes_ready(void *what)
{
    const struct on_lanes *on = what;

    return wr_bell_rung(on->bell) || wr_lanes_next(on->ls) != NULL;
}

static int
lanes_park(void *what, int64_t deadline)
{
    const struct on_lanes *on = what;
    int rc;

    wr_pool_flush();
    wr_bell_sleep_begin(on->bell);
    wr_lanes_arm(on->ls);
    if (on->ls->current != NULL) {
        wr_bell_sleep_end(on->bell);
        return 0;
    }
    rc = wr_bell_sleep(on->bell, deadline);
    return rc == -ETIMEDOUT ? -EAGAIN : rc;
}

static const struct wr_wait_kind lanes_kind = { lanes_ready, lanes_park };

/* A reader on its writer's heels takes lines away that are about to be written.
 * Who has read n messages since it waited last gives the writer the time of n
 * looks: in a stream the two move apart until lines cross many at a time, and
 * round trips, with one message at a time, do not notice. */
static void
hold_back(const struct wr_lanes *ls)
{
    uint64_t came = wr_lanes_came(ls);

    for (uint64_t n = 1; n < came && n < HOLD_BACK_MOST; n++)
        cpu_relax();
}

/* ---- The strategies ---------------------------------------------------- */

/* They are inlined, so that a look at lanes costs no indirect call. */

/* Looks again and again until `until`. True: ready. */
hot_inline bool
spin(const struct wr_wait_kind *kind, void *what, int looks, int64_t until)
{
    if (kind == &lanes_kind)
        hold_back(((const struct on_lanes *)what)->ls);
    do {
        for (int i = 0; i < looks; i++) {
            if (kind->ready(what))
                return true;
            cpu_relax();
        }
    } while (until == WR_NEVER || clock_now_ns() < until);
    return false;
}

hot_inline int
yield(const struct wr_wait_kind *kind, void *what, int64_t deadline)
{
    while (!kind->ready(what)) {
        if (deadline != WR_NEVER && clock_now_ns() >= deadline)
            return -EAGAIN;
        (void)sched_yield();
    }
    return 0;
}

/* Lets another thread of this CPU run, and notes whether there was one that
 * soon made room again. */
static void
give_way_once(struct wr_wait *w)
{
    int64_t begin = clock_now_ns(), took;

    (void)sched_yield();
    took = clock_now_ns() - begin;
    w->crowded = took >= NOBODY_NS && took <= HOG_NS;
    if (took > HOG_NS)
        w->stay = PARKS_PER_TRY;
}

/* Lets the other threads of this CPU run, as long as there are some, each soon
 * makes room again, and nothing comes: they may be those that are waited for.
 * A switch costs a fraction of a park and its wake-up. True: ready. */
hot_inline bool
give_way(struct wr_wait *w, const struct wr_wait_kind *kind, void *what,
         int64_t deadline)
{
    if (w->stay > 0) {
        w->stay--;
        return false;
    }
    for (int i = 0; i < WAYS_GIVEN; i++) {
        give_way_once(w);
        if (kind->ready(what))
            return true;
        if (!w->crowded || (deadline != WR_NEVER && clock_now_ns() >= deadline))
            break;
    }
    return false;
}

/* Whether others are to run before this thread spins: they were there last
 * time, or it is time to look. A thread that spins as long as its peer feeds it
 * keeps those away that the same peer then has to wait for. */
static inline bool
is_crowded(struct wr_wait *w)
{
    return unlikely(w->crowded || ++w->waits % WAITS_PER_PROBE == 0);
}

static uint32_t
spin_time(struct wr_wait *w)
{
    if (alone())
        return 0;
    if (w->spin_ns > 0 || ++w->parks < PARKS_PER_TRY)
        return w->spin_ns;
    w->parks = 0;
    return SPIN_TRY_NS;
}

hot_inline int
adapt(struct wr_wait *w, const struct wr_wait_kind *kind, void *what, int looks,
      int64_t deadline)
{
    uint32_t ns;

    if (is_crowded(w) && give_way(w, kind, what, deadline))
        return 0;
    ns = w->crowded ? 0 : spin_time(w);
    if (ns > 0) {
        int64_t until = clock_now_ns() + ns;

        if (spin(kind, what, looks, until < deadline ? until : deadline)) {
            w->spin_ns = ns < SPIN_MAX_NS / 2 ? ns * 2 : SPIN_MAX_NS;
            return 0;
        }
        w->spin_ns = ns / 2 < SPIN_LEAST_NS ? 0 : ns / 2;
    }
    return give_way(w, kind, what, deadline) ? 0 : kind->park(what, deadline);
}

hot_inline int
wait_on(struct wr_wait *w, const struct wr_wait_kind *kind, void *what,
        int looks, int64_t deadline)
{
    switch (w->strategy) {
    case WEIR_WAIT_SPIN:
        return spin(kind, what, looks, deadline) ? 0 : -EAGAIN;
    case WEIR_WAIT_YIELD:
        return yield(kind, what, deadline);
    case WEIR_WAIT_PARK:
        return kind->park(what, deadline);
    default:
        return adapt(w, kind, what, looks, deadline);
    }
}

int
wr_wait(struct wr_wait *w, struct wr_bell *bell, struct wr_lanes *ls,
        int64_t deadline)
{
    struct on_lanes on = { bell, ls };

    return wait_on(w, &lanes_kind, &on, LOOKS, deadline);
}

int
wr_wait_for(struct wr_wait *w, const struct wr_wait_kind *kind, void *what,
            size_t cost, int64_t deadline)
{
    int looks = cost < LOOKS ? LOOKS / (int)(cost + 1) : 1;

    return wait_on(w, kind, what, looks, deadline);
}
