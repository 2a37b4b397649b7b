/* SPDX-License-Identifier: MPL-2.0 */
/* Streams: `pairs` receivers, each with `senders` senders of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/harness/crew.h"
#include "bench/harness/loops.h"
#include "bench/row.h"
#include "core/base/clock.h"

/* Deliveries per receiver before the window opens: twice around the queues that
 * the default limits allow (1,000 messages at either side). Who does not get
 * there in the time of a window has no more time. */
#define WARM_UP_MESSAGES 4000

int64_t row_window_ns = 100000000;

struct lane {
    char endpoint[32];
    struct receiver receiver;
    struct end receiver_end;
    struct sender sender[SENDERS_MAX];
    struct end sender_end[SENDERS_MAX];
};

static int
run_sender(const struct peer *peer, void *arg)
{
    return peer->send(arg);
}

static int
run_receiver(const struct peer *peer, void *arg)
{
    return peer->receive(arg);
}

static struct end
end_of(const struct row *row, const struct lane *lane, enum socket_role role)
{
    return (struct end){
        .endpoint = lane->endpoint,
        .role = role,
        .wait = row->wait,
        .batch = row->per_call,
        .other_api = row->other_api,
        .size = row->size,
    };
}

static void
add_receiver(const struct row *row, struct crew *crew, struct lane *lane)
{
    enum socket_role pulls = row->sends == ROLE_PUSH ? ROLE_PULL : ROLE_PAIR;
    struct receiver *r = &lane->receiver;

    lane->receiver_end = end_of(row, lane, pulls);
    lane->receiver_end.binds = true;
    r->end = &lane->receiver_end;
    r->payload = payload_of(row->size);
    r->senders = row->senders;
    crew_add(crew, (struct member){
                       .distance = row->distance,
                       .anchor = true,
                       .end = r->end,
                       .work = run_receiver,
                       .arg = r,
                   });
}

static void
add_sender(const struct row *row, struct crew *crew, struct lane *lane,
           unsigned number)
{
    struct sender *s = &lane->sender[number];

    lane->sender_end[number] = end_of(row, lane, row->sends);
    s->end = &lane->sender_end[number];
    s->payload = payload_of(row->size);
    s->tag = lane->receiver.next[number] = payload_first_tag(number);
    s->phase = &crew->phase;
    crew_add(crew, (struct member){
                       .distance = row->distance,
                       .end = s->end,
                       .work = run_sender,
                       .arg = s,
                   });
}

static void
add_lane(const struct row *row, struct crew *crew, struct lane *lane,
         unsigned number)
{
    (void)snprintf(lane->endpoint, sizeof(lane->endpoint), "inproc://lane-%u",
                   number);
    add_receiver(row, crew, lane);
    for (unsigned i = 0; i < row->senders; i++)
        add_sender(row, crew, lane, i);
}

static uint64_t
delivered(const struct row *row, const struct lane *lanes)
{
    uint64_t sum = 0;

    /* Relaxed: how far each has come, give or take one call. */
    for (unsigned i = 0; i < row->pairs; i++)
        sum += load_relaxed(&lanes[i].receiver.count);
    return sum;
}

static bool
is_warm(const struct row *row, const struct lane *lanes)
{
    for (unsigned i = 0; i < row->pairs; i++) {
        if (load_relaxed(&lanes[i].receiver.count) < WARM_UP_MESSAGES)
            return false;
    }
    return true;
}

static void
warm_up(const struct row *row, const struct lane *lanes, struct crew *crew)
{
    int64_t latest = clock_now_ns() + row_window_ns;

    do {
        crew_phase(crew, PHASE_WARM_UP, row_window_ns / 8);
    } while (!is_warm(row, lanes) && clock_now_ns() < latest);
}

static void
measure(const struct row *row, const struct lane *lanes, struct crew *crew,
        struct tally *tally)
{
    int64_t begin = clock_now_ns(), end;
    uint64_t before = delivered(row, lanes), messages;

    /* On a busy machine a thread may not run at all in a short window. */
    do {
        crew_phase(crew, PHASE_MEASURE, row_window_ns);
        end = clock_now_ns();
        messages = delivered(row, lanes) - before;
    } while (messages == 0 && end - begin < ROW_PATIENCE_NS);
    tally->seconds += (double)(end - begin) * 1e-9;
    tally->rate = row->rate;
    tally->messages += messages;
    tally->bytes += messages * row->size;
}

static bool
verify(const struct row *row, const struct lane *lane, struct tally *tally)
{
    const struct receiver *r = &lane->receiver;

    if (r->wrong[0])
        return tally_fail(tally, "%s", r->wrong);
    for (unsigned i = 0; i < row->senders; i++) {
        uint64_t first = payload_first_tag(i);
        uint64_t sent = lane->sender[i].tag - first;
        uint64_t got = r->next[i] - first;

        if (sent != got)
            return tally_fail(tally, "of %ju messages %ju arrived",
                              (uintmax_t)sent, (uintmax_t)got);
    }
    return true;
}

static bool
run(const struct row *row, struct lane *lanes, struct crew *crew,
    struct tally *tally)
{
    bool ok;

    for (unsigned i = 0; i < row->pairs; i++)
        add_lane(row, crew, &lanes[i], i);
    ok = crew_start(crew);
    if (ok) {
        warm_up(row, lanes, crew);
        measure(row, lanes, crew, tally);
    }
    ok = crew_finish(crew, tally) && ok;
    for (unsigned i = 0; i < row->pairs; i++)
        ok = verify(row, &lanes[i], tally) && ok;
    if (ok && tally->messages == 0)
        return tally_fail(tally, "nothing arrived while it was measured");
    return ok;
}

bool
stream_batch(const void *arg, struct tally *tally)
{
    const struct row *row = arg;
    struct lane *lanes = aligned_alloc(WR_GROUP, row->pairs * sizeof(*lanes));
    struct crew *crew = crew_new(row->peer, row->name);
    bool ok;

    if (!lanes || !crew) {
        ok = tally_fail(tally, "no memory");
    } else {
        memset(lanes, 0, row->pairs * sizeof(*lanes));
        ok = run(row, lanes, crew, tally);
    }
    if (crew)
        crew_free(crew);
    free(lanes);
    return ok;
}
