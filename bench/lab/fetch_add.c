/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/lab/fetch_add.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/harness/crew.h"
#include "bench/harness/google_benchmark.h"
#include "bench/harness/phase.h"
#include "bench/harness/placement.h"
#include "bench/row.h"
#include "core/base/clock.h"

#define CALLS 64 /* between two looks at the phase */

struct adding {
    char name[64];
    uint64_t add;
    uint32_t threads;
    int distance;
};

struct adder {
    _Alignas(WR_GROUP) const _Atomic uint32_t *phase;
    _Atomic uint64_t *shared;
    uint64_t add;
    uint64_t last; /* what it was given */
};

static int
work(const struct peer *peer, void *arg)
{
    struct adder *a = arg;

    (void)peer;
    while (load_relaxed(a->phase) != PHASE_STOP) {
        /* Relaxed: it is the number alone that is wanted. */
        for (int i = 0; i < CALLS; i++)
            a->last = fetch_add_relaxed(a->shared, a->add);
    }
    return 0;
}

/* What the threads of a row share, each in lines of its own. */
struct additions {
    _Alignas(WR_GROUP) _Atomic uint64_t shared;
    struct adder adder[CREW_MAX];
};

static bool
run(const struct adding *row, struct additions *all, struct crew *crew,
    struct tally *tally)
{
    uint64_t before = 0, after = 0;
    int64_t begin = 0, end = 0;
    bool ok;

    for (uint32_t i = 0; i < row->threads; i++) {
        all->adder[i] = (struct adder){
            .phase = &crew->phase,
            .shared = &all->shared,
            .add = row->add,
        };
        crew_add(crew, (struct member){
                           .distance = row->distance,
                           .anchor = i == 0,
                           .work = work,
                           .arg = &all->adder[i],
                       });
    }
    ok = crew_start(crew);
    if (ok) {
        crew_phase(crew, PHASE_WARM_UP, row_window_ns / 8);
        begin = clock_now_ns();
        before = load_relaxed(&all->shared); /* give or take one */
        crew_phase(crew, PHASE_MEASURE, row_window_ns);
        end = clock_now_ns();
        after = load_relaxed(&all->shared);
    }
    ok = crew_finish(crew, tally) && ok;
    tally->rate = "items_per_second";
    tally->seconds += (double)(end - begin) * 1e-9;
    tally->messages += after - before;
    tally->notes[0] = (struct tally_counter){
        "adds_per_second",
        (double)tally->messages / (double)row->add / tally->seconds,
    };
    return ok;
}

static bool
fetch_add_batch(const void *arg, struct tally *tally)
{
    const struct adding *row = arg;
    struct additions *all = aligned_alloc(WR_GROUP, sizeof(*all));
    struct crew *crew = crew_new(NULL, row->name);
    bool ok;

    if (all && crew) {
        memset(all, 0, sizeof(*all));
        ok = run(row, all, crew, tally);
    } else {
        ok = tally_fail(tally, "no memory");
    }
    if (crew)
        crew_free(crew);
    free(all);
    return ok;
}

bool
fetch_add_rows(void)
{
    static const uint64_t adds[] = { 1, 32 };
    int distance = placement_nearest();
    uint32_t most = (uint32_t)placement_room(distance) + 1;

    for (size_t i = 0; i < 2; i++) {
        for (uint32_t threads = 1; threads <= most && threads <= CREW_MAX;
             threads *= 2) {
            struct adding *row = malloc(sizeof(*row));

            if (!row)
                return false;
            row->add = adds[i];
            row->threads = threads;
            row->distance = distance;
            (void)snprintf(row->name, sizeof(row->name),
                           "ceiling/fetch_add/add:%ju/threads:%u",
                           (uintmax_t)row->add, threads);
            gb_register(row->name, fetch_add_batch, row);
        }
    }
    return true;
}
