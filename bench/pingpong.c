/* SPDX-License-Identifier: MPL-2.0 */
/* Round trips between two threads, each timed. */
#include <stdlib.h>
#include <string.h>

#include "bench/harness/crew.h"
#include "bench/harness/loops.h"
#include "bench/row.h"
#include "core/base/clock.h"

struct side {
    struct receiver receiver;
    struct sender sender;
    struct end end;
};

static int
run_ping(const struct peer *peer, void *arg)
{
    struct side *side = arg;

    return peer->ping(&side->sender, &side->receiver);
}

static int
run_pong(const struct peer *peer, void *arg)
{
    struct side *side = arg;

    return peer->pong(&side->sender, &side->receiver);
}

/* The role of who answers. */
static enum socket_role
answering(enum socket_role asking)
{
    if (asking == ROLE_REQ)
        return ROLE_REP;
    return asking == ROLE_DEALER ? ROLE_ROUTER : ROLE_PAIR;
}

static void
side_init(const struct row *row, struct crew *crew, struct side *side,
          enum socket_role role)
{
    memset(side, 0, sizeof(*side));
    side->end = (struct end){
        .endpoint = "inproc://pingpong",
        .role = role,
        .wait = row->wait,
        .batch = 1,
        .size = row->size,
    };
    side->receiver.end = side->sender.end = &side->end;
    side->receiver.payload = side->sender.payload = payload_of(row->size);
    side->receiver.senders = 1;
    side->sender.phase = &crew->phase;
}

static void
add_side(const struct row *row, struct crew *crew, struct side *side,
         int (*work)(const struct peer *peer, void *arg))
{
    crew_add(crew, (struct member){
                       .distance = row->distance,
                       .anchor = side->end.binds,
                       .end = &side->end,
                       .work = work,
                       .arg = side,
                   });
}

/* Measures, and returns what both clocks say a tick is. */
static double
measure(struct crew *crew, const struct receiver *r, struct tally *tally)
{
    uint64_t ticks = ticks_now();
    int64_t begin = clock_now_ns(), ns;

    /* Relaxed: whether there is any, and on a busy machine it may take more
     * than one short window. */
    do {
        crew_phase(crew, PHASE_MEASURE, row_window_ns);
        ns = clock_now_ns() - begin;
    } while (load_relaxed(&r->count) == 0 && ns < ROW_PATIENCE_NS);
    ticks = ticks_now() - ticks;
    tally->seconds += (double)ns * 1e-9;
    return (double)ns / (double)ticks;
}

static bool
run(const struct row *row, struct side sides[2], struct crew *crew,
    struct tally *tally)
{
    struct receiver *r = &sides[0].receiver;
    double ns_per_tick = 1;
    bool ok;

    r->rtt = tally_rtt_room(tally);
    r->rtts_max = TALLY_RTTS_PER_BATCH;
    if (!r->rtt)
        return tally_fail(tally, "no memory");
    sides[1].end.binds = true;
    add_side(row, crew, &sides[0], run_ping);
    add_side(row, crew, &sides[1], run_pong);
    ok = crew_start(crew);
    if (ok) {
        crew_phase(crew, PHASE_WARM_UP, row_window_ns / 8);
        ns_per_tick = measure(crew, r, tally);
    }
    ok = crew_finish(crew, tally) && ok;
    for (size_t i = 0; i < r->rtts; i++)
        r->rtt[i] = (uint32_t)((double)r->rtt[i] * ns_per_tick + 0.5);
    tally->rtts += r->rtts;
    for (int i = 0; i < 2; i++) {
        if (sides[i].receiver.wrong[0])
            return tally_fail(tally, "%s", sides[i].receiver.wrong);
    }
    if (ok && r->rtts == 0)
        return tally_fail(tally, "no round trip while it was measured");
    return ok;
}

bool
pingpong_batch(const void *arg, struct tally *tally)
{
    const struct row *row = arg;
    struct side *sides = aligned_alloc(WR_GROUP, 2 * sizeof(*sides));
    struct crew *crew = crew_new(row->peer, row->name);
    bool ok = false;

    if (sides && crew) {
        side_init(row, crew, &sides[0], row->sends);
        side_init(row, crew, &sides[1], answering(row->sends));
        ok = run(row, sides, crew, tally);
    } else {
        (void)tally_fail(tally, "no memory");
    }
    if (crew)
        crew_free(crew);
    free(sides);
    return ok;
}
