/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/lab/lab.h"

#include <stdlib.h>
#include <string.h>

#include "bench/harness/crew.h"
#include "bench/harness/phase.h"
#include "bench/harness/placement.h"
#include "bench/harness/ticks.h"
#include "bench/lab/memory.h"
#include "bench/row.h"
#include "core/base/clock.h"

#define QUEUES_MAX  (CREW_MAX / 2)
#define LAPS        2 /* of the warm-up */
#define SAMPLES_MAX (TALLY_RTTS_PER_BATCH / 2)

struct worker {
    _Alignas(WR_GROUP) struct lab_thread thread;
    lab_loop *loop;
};

/* A measured batch, and all that it has. */
struct lab {
    const struct lab_row *row;
    const struct lab_loops *loops;
    struct wr_shape shape;
    struct crew *crew;
    struct lab_queue queue[QUEUES_MAX];
    struct lab_memory memory[QUEUES_MAX];
    uint32_t queues;
    struct worker worker[CREW_MAX];
    uint32_t workers;
    struct lab_thread *reader[CREW_MAX]; /* whose counts are what is measured */
    uint32_t readers;
};

const struct lab_loops *
lab_loops_of(const struct design *design, size_t size)
{
    return &design->loops[size == 8 ? 0 : size == 16 ? 1 : 2];
}

bool
lab_shape(struct lab_row *row)
{
    struct wr_shape shape = {
        .capacity = 1,
        .item_size = (uint32_t)row->size,
        .writers = row->writers,
        .readers = row->readers,
    };
    size_t least, bytes;

    while (shape.capacity < row->design->traits->capacity_least)
        shape.capacity *= 2;
    /* Twice: libraries allocate something once for all queues, and a measured
     * size may be below the one before. */
    (void)row->design->bytes(&shape);
    least = bytes = row->design->bytes(&shape);
    while (bytes > 0 && bytes <= least + row->ring_bytes) {
        row->shape = shape;
        row->bytes = bytes;
        shape.capacity *= 2;
        bytes = row->design->bytes(&shape);
    }
    /* Both sides of a round trip wait for room if there is too little. */
    return least > 0 && row->shape.capacity >= 2 * row->outstanding;
}

/* ---- Queues and threads ------------------------------------------------ */

static bool
add_queue(struct lab *lab)
{
    const struct design *design = lab->row->design;
    struct lab_queue *q = &lab->queue[lab->queues];
    struct lab_memory *memory = &lab->memory[lab->queues];

    *memory = lab_memory_new(lab->row->bytes, lab->row->distance,
                             !lab->row->home_of_writer);
    if (!memory->at)
        return false;
    q->queue = design->init(memory->at, &lab->shape);
    /* Relaxed: no thread is there yet. */
    store_relaxed(&q->writing, lab->shape.writers);
    store_relaxed(&q->readers_to_come, lab->shape.readers);
    lab->queues++;
    return q->queue != NULL;
}

static int
work(const struct peer *peer, void *arg)
{
    struct worker *w = arg;

    (void)peer;
    w->loop(&w->thread);
    return 0;
}

static struct lab_thread *
add_thread(struct lab *lab, lab_loop *loop, struct lab_queue *in,
           struct lab_queue *out, uint32_t number, bool anchor)
{
    const struct lab_row *row = lab->row;
    struct worker *w = &lab->worker[lab->workers++];

    w->loop = loop;
    w->thread.phase = &lab->crew->phase;
    w->thread.in = in;
    w->thread.out = out;
    w->thread.number = number;
    w->thread.patience = row->patience;
    w->thread.batch = row->batch;
    w->thread.outstanding = row->outstanding;
    item_check_init(&w->thread.check,
                    lab->shape.readers > 1 || row->design->traits->lossy,
                    row->design->traits->order == WR_ORDER_NONE);
    crew_add(lab->crew, (struct member){
                            .distance = row->distance,
                            .anchor = anchor,
                            .work = work,
                            .arg = w,
                        });
    return &w->thread;
}

static void
add_reader(struct lab *lab, lab_loop *loop, struct lab_queue *in,
           struct lab_queue *out, uint32_t number)
{
    const struct lab_row *row = lab->row;
    uint32_t others = row->writers + row->readers - 1;
    /* Where there is no CPU for each, all readers share one. */
    bool anchor = number == 0 || others > placement_room(row->distance);

    lab->reader[lab->readers++] =
        add_thread(lab, loop, in, out, number, anchor);
}

static bool
add_stream(struct lab *lab)
{
    const struct lab_row *row = lab->row;
    bool plain = row->workload == LAB_STREAM;
    struct lab_queue *q = &lab->queue[lab->queues];
    struct lab_thread *const *readers = &lab->reader[lab->readers];

    if (!add_queue(lab))
        return false;
    for (uint32_t i = 0; i < row->readers; i++)
        add_reader(lab, plain ? lab->loops->read : lab->loops->read_with, q,
                   NULL, i);
    for (uint32_t i = 0; i < row->writers; i++) {
        bool as_it_goes = plain || row->workload == LAB_SLOW_CONSUMER;
        struct lab_thread *t = add_thread(
            lab, as_it_goes ? lab->loops->write : lab->loops->write_when, NULL,
            q, i, false);

        t->reader = readers;
        t->readers = row->readers;
        t->burst = row->workload == LAB_BURST ? LAB_BURST_ITEMS : 0;
    }
    return true;
}

static bool
add_pipeline(struct lab *lab)
{
    struct lab_queue *q = &lab->queue[0];

    if (!add_queue(lab) || !add_queue(lab))
        return false;
    add_reader(lab, lab->loops->read, &q[1], NULL, 0);
    (void)add_thread(lab, lab->loops->write, NULL, &q[0], 0, false);
    (void)add_thread(lab, lab->loops->relay, &q[0], &q[1], 0, false);
    return true;
}

static bool
add_ping_pong(struct lab *lab)
{
    struct lab_queue *q = &lab->queue[0];

    if (!add_queue(lab) || !add_queue(lab))
        return false;
    add_reader(lab, lab->loops->ping, &q[1], &q[0], 0);
    (void)add_thread(lab, lab->loops->pong, &q[0], &q[1], 0, false);
    return true;
}

static bool
add_alone(struct lab *lab)
{
    struct lab_queue *q = &lab->queue[0];

    if (!add_queue(lab))
        return false;
    if (lab->row->workload == LAB_EMPTY_POLL)
        add_reader(lab, lab->loops->poll_empty, q, NULL, 0);
    else
        add_reader(lab, lab->loops->push_full, NULL, q, 0);
    return true;
}

static bool
add_all(struct lab *lab)
{
    bool ok = true;

    switch (lab->row->workload) {
    case LAB_PIPELINE:
        return add_pipeline(lab);
    case LAB_PING_PONG:
        return add_ping_pong(lab);
    case LAB_EMPTY_POLL:
    case LAB_FULL:
        return add_alone(lab);
    default:
        for (uint32_t i = 0; i < lab->row->queues; i++)
            ok = ok && add_stream(lab);
        return ok;
    }
}

static struct lab *
lab_new(const struct lab_row *row)
{
    struct lab *lab = aligned_alloc(WR_GROUP, sizeof(*lab));

    if (!lab)
        return NULL;
    memset(lab, 0, sizeof(*lab));
    lab->row = row;
    lab->loops = lab_loops_of(row->design, row->size);
    lab->shape = row->shape;
    lab->crew = crew_new(NULL, row->name);
    if (lab->crew)
        return lab;
    free(lab);
    return NULL;
}

static void
lab_free(struct lab *lab)
{
    for (uint32_t i = 0; i < lab->queues; i++) {
        if (lab->queue[i].queue)
            lab->row->design->fini(lab->queue[i].queue);
        lab_memory_free(lab->memory[i]);
    }
    crew_free(lab->crew);
    free(lab);
}

/* ---- Time -------------------------------------------------------------- */

static double
ticks_per_ns(void)
{
    static double ratio;
    int64_t begin_ns, ns;
    uint64_t begin;

    if (ratio > 0)
        return ratio;
    begin_ns = clock_now_ns();
    begin = ticks_now();
    do
        ns = clock_now_ns() - begin_ns;
    while (ns < 20000000);
    ratio = (double)(ticks_now() - begin) / (double)ns;
    return ratio;
}

/* Items that were read, or what else the row counts. */
static uint64_t
counted(const struct lab *lab)
{
    uint64_t sum = 0;

    /* Relaxed: how far each has come, give or take one call. */
    for (uint32_t i = 0; i < lab->readers; i++)
        sum += load_relaxed(&lab->reader[i]->count);
    return sum;
}

static bool
is_warm(const struct lab *lab)
{
    return counted(lab) >= LAPS * lab->shape.capacity * lab->row->queues;
}

static void
warm_up(const struct lab *lab)
{
    int64_t latest = clock_now_ns() + row_window_ns;

    do
        crew_phase(lab->crew, PHASE_WARM_UP, row_window_ns / 8);
    while (!is_warm(lab) && clock_now_ns() < latest);
}

static void
measure(const struct lab *lab, struct tally *tally)
{
    int64_t begin = clock_now_ns(), end;
    uint64_t before = counted(lab), count;

    /* On a busy machine a thread may not run at all in a short window. */
    do {
        crew_phase(lab->crew, PHASE_MEASURE, row_window_ns);
        end = clock_now_ns();
        count = counted(lab) - before;
    } while (count == 0 && end - begin < ROW_PATIENCE_NS);
    if (strcmp(lab->row->design->traits->kind, "broadcast") == 0)
        count /= lab->row->readers; /* each of them has read them all */
    tally->seconds += (double)(end - begin) * 1e-9;
    tally->messages += count;
}

/* ---- What came of it ---------------------------------------------------- */

static bool
verify_checks(const struct lab *lab, struct tally *tally)
{
    for (uint32_t i = 0; i < lab->workers; i++) {
        const struct lab_thread *t = &lab->worker[i].thread;

        if (t->check.wrong[0])
            return tally_fail(tally, "%s", t->check.wrong);
    }
    return true;
}

/* That each queue's readers have, together or each, what was written to it. */
static bool
verify_streams(const struct lab *lab, struct tally *tally)
{
    uint64_t copies = 1, sent = 0, got = 0, sent_sum = 0, got_sum = 0;

    if (strcmp(lab->row->design->traits->kind, "broadcast") == 0)
        copies = lab->row->readers;
    for (uint32_t i = 0; i < lab->workers; i++) {
        const struct lab_thread *t = &lab->worker[i].thread;
        uint64_t first = item_first_tag(t->number);
        uint64_t n = t->tag > 0 ? t->tag - first : 0;

        sent += copies * n;
        sent_sum += copies * (n * first + (n > 0 ? n * (n - 1) / 2 : 0));
        got += t->check.taken;
        got_sum += t->check.sum;
    }
    if (lab->row->design->traits->lossy) {
        tally->notes[1] = (struct tally_counter){
            "lost_share",
            sent > 0 ? (double)(sent - got) / (double)sent : 0,
        };
        return true;
    }
    if (sent != got)
        return tally_fail(tally, "of %ju items %ju arrived", (uintmax_t)sent,
                          (uintmax_t)got);
    if (sent_sum != got_sum)
        return tally_fail(tally, "%ju items arrived, but not those written",
                          (uintmax_t)got);
    return true;
}

static void
take_times(const struct lab *lab, struct tally *tally)
{
    const struct lab_thread *t = lab->reader[0];
    double per_ns = ticks_per_ns();

    for (size_t i = 0; i < t->timed; i++)
        t->ticks[i] = (uint32_t)((double)t->ticks[i] / per_ns + 0.5);
    tally->rtts += t->timed;
    tally->late = lab->row->workload == LAB_PACED;
}

static bool
is_timed(const struct lab_row *row)
{
    return row->workload == LAB_PACED || row->workload == LAB_PING_PONG;
}

static bool
is_alone(const struct lab_row *row)
{
    return row->workload == LAB_EMPTY_POLL || row->workload == LAB_FULL;
}

static bool
run(struct lab *lab, struct tally *tally)
{
    bool ok = crew_start(lab->crew);

    if (ok) {
        warm_up(lab);
        measure(lab, tally);
    }
    ok = crew_finish(lab->crew, tally) && ok;
    ok = verify_checks(lab, tally) && ok;
    if (ok && !is_alone(lab->row))
        ok = verify_streams(lab, tally);
    if (ok && tally->messages == 0)
        return tally_fail(tally, "nothing arrived while it was measured");
    return ok;
}

/* ---- Paced streams ------------------------------------------------------ */

/* Items per second of the same row as fast as it goes. */
static double
capacity_of(const struct lab_row *row, struct tally *tally)
{
    struct lab_row stream = *row;
    struct tally t;
    double rate = 0;

    stream.workload = LAB_STREAM;
    tally_init(&t);
    if (lab_batch(&stream, &t) && t.seconds > 0)
        rate = (double)t.messages / t.seconds;
    else
        (void)tally_fail(tally, "%s", t.error);
    tally_fini(&t);
    return rate;
}

static void
set_pace(struct lab *lab, double rate)
{
    double batches = rate * lab->row->load / 100 / (double)lab->row->batch;
    struct lab_pace pace = {
        .start = ticks_now(),
        .interval = (uint64_t)(ticks_per_ns() * 1e9 / batches *
                               (double)(1 << PACE_SHIFT)),
        .batch_shift = (uint32_t)__builtin_ctzll(lab->row->batch),
    };
    double samples = rate * lab->row->load / 100 * (double)row_window_ns * 1e-9;
    uint64_t every = lab->row->batch;

    while (samples / (double)every > (double)SAMPLES_MAX)
        every *= 2;
    for (uint32_t i = 0; i < lab->workers; i++) {
        lab->worker[i].thread.pace = pace;
        lab->worker[i].thread.sample_every = every;
    }
}

static bool
prepare(struct lab *lab, struct tally *tally, double rate)
{
    const struct lab_row *row = lab->row;
    struct lab_thread *t;

    if (!add_all(lab))
        return tally_fail(tally, "no memory for the queue");
    for (uint32_t i = 0; i < lab->workers; i++)
        lab->worker[i].thread.slow = row->workload == LAB_SLOW_CONSUMER;
    if (!is_timed(row))
        return true;
    t = lab->reader[0];
    t->ticks = tally_rtt_room(tally);
    t->timed_max = TALLY_RTTS_PER_BATCH;
    if (!t->ticks)
        return tally_fail(tally, "no memory");
    (void)ticks_per_ns(); /* measured before the threads run */
    if (row->workload == LAB_PACED)
        set_pace(lab, rate);
    return true;
}

bool
lab_batch(const void *arg, struct tally *tally)
{
    const struct lab_row *row = arg;
    double rate = row->workload == LAB_PACED ? capacity_of(row, tally) : 0;
    struct lab *lab;
    bool ok;

    if (tally->error[0])
        return false;
    lab = lab_new(row);
    if (!lab)
        return tally_fail(tally, "no memory");
    tally->rate = is_alone(row) ? "calls_per_second" : "items_per_second";
    tally->notes[0] =
        (struct tally_counter){ "bytes_per_queue", (double)row->bytes };
    ok = prepare(lab, tally, rate) && run(lab, tally);
    if (ok && !is_alone(row))
        tally->bytes = tally->messages * row->size;
    if (ok && is_timed(row))
        take_times(lab, tally);
    lab_free(lab);
    return ok;
}
