/* SPDX-License-Identifier: MPL-2.0 */
/* What the threads of the lab do, compiled for the queue that the build names:
 * the same lines for every design and every library, in C and in C++, with
 * nothing called in them but what the queue itself calls. QUEUE_HEADER has been
 * included. */
#include <sched.h>
#include <stdalign.h>
#include <string.h>

#include "bench/harness/phase.h"
#include "bench/harness/ticks.h"
#include "bench/lab/design.h"
#include "core/base/clock.h"
#include "core/ring/queue_name.h"

/* All threads look again at once. Where they share a CPU, that has to end. */
static inline void
lab_stall(const struct lab_thread *t, uint32_t *looks)
{
    if (++*looks % t->patience == 0)
        (void)sched_yield();
    else
        cpu_relax();
}

/* As in core/wait.c: a reader that has taken n items since it last found
 * nothing lets n looks pass, so that it does not tread on the writer's heels.
 */
static __attribute__((noinline)) void
lab_hold_back(struct lab_thread *t, uint64_t taken)
{
    uint64_t came = taken - t->came;

    t->came = taken;
    for (uint64_t n = 1; n < came && n < 64; n++)
        cpu_relax();
}

static inline bool
lab_goes_on(const struct lab_thread *t)
{
    return load_relaxed(t->phase) != PHASE_STOP; /* orders nothing */
}

/* ---- Items of each size ------------------------------------------------- */

#define LAB_ITEMS(size)                                                     \
    hot_inline void lab_fill_##size(void *tag, void *at, uint64_t first,    \
                                    uint64_t n)                             \
    {                                                                       \
        items_write(at, size, *(const uint64_t *)tag + first, n);           \
    }                                                                       \
    hot_inline void lab_use_##size(void *check, const void *at, uint64_t n) \
    {                                                                       \
        items_check((struct item_check *)check, at, size, n);               \
    }

LAB_ITEMS(8)
LAB_ITEMS(16)
LAB_ITEMS(64)

/* ---- Streams ----------------------------------------------------------- */

/* Writes n items, however long it takes. */
hot_inline uint64_t
lab_write(struct lab_thread *t, struct QUEUE_IS(writer) * w, size_t size,
          wr_fill *fill, uint64_t tag, uint64_t n)
{
    uint32_t looks = 0;

    while (n > 0) {
        uint64_t done = QUEUE_IS(push)(w, size, n, fill, &tag);

        n -= done;
        tag += done;
        if (unlikely(done == 0))
            lab_stall(t, &looks);
    }
    return tag;
}

static void
lab_await_readers(struct lab_thread *t)
{
    while (load_acquire(&t->out->readers_to_come) > 0)
        (void)sched_yield();
}

static void
lab_end_writing(struct lab_thread *t, struct QUEUE_IS(writer) * w, uint64_t tag)
{
    QUEUE_IS(flush)(w);
    t->tag = tag;
    (void)fetch_sub_acq_rel(&t->out->writing, 1u);
}

hot_inline void
lab_write_loop(struct lab_thread *t, size_t size, wr_fill *fill, uint64_t batch)
{
    struct QUEUE_IS(writer) w;
    uint64_t tag = item_first_tag(t->number);

    QUEUE_IS(writer_init)(&w, (struct QUEUE_TYPE *)t->out->queue, t->number);
    lab_await_readers(t);
    while (lab_goes_on(t))
        tag = lab_write(t, &w, size, fill, tag, batch);
    lab_end_writing(t, &w, tag);
}

/* Until the readers have what was written so far. */
static void
lab_await_burst(struct lab_thread *t, uint64_t written)
{
    uint32_t looks = 0;

    for (uint32_t i = 0; i < t->readers; i++)
        while (load_relaxed(&t->reader[i]->count) < written && lab_goes_on(t))
            lab_stall(t, &looks);
}

/* How many batches are meant to be written by now. */
static inline uint64_t
lab_batches_due(const struct lab_pace *pace)
{
    uint64_t now = ticks_now();

    return now < pace->start
               ? 0
               : ((now - pace->start) << PACE_SHIFT) / pace->interval + 1;
}

hot_inline void
lab_write_when_loop(struct lab_thread *t, size_t size, wr_fill *fill)
{
    struct QUEUE_IS(writer) w;
    uint64_t tag = item_first_tag(t->number), batches = 0;
    uint32_t looks = 0;

    QUEUE_IS(writer_init)(&w, (struct QUEUE_TYPE *)t->out->queue, t->number);
    lab_await_readers(t);
    while (lab_goes_on(t)) {
        if (t->burst > 0) {
            for (uint64_t i = 0; i < t->burst; i += t->batch)
                tag = lab_write(t, &w, size, fill, tag, t->batch);
            QUEUE_IS(flush)(&w);
            lab_await_burst(t, tag - item_first_tag(t->number));
            continue;
        }
        for (uint64_t due = lab_batches_due(&t->pace); batches < due; batches++)
            tag = lab_write(t, &w, size, fill, tag, t->batch);
        QUEUE_IS(flush)(&w);
        lab_stall(t, &looks);
    }
    lab_end_writing(t, &w, tag);
}

/* Notes how late the items are that are to be timed, of those before taken. */
static inline void
lab_time_items(struct lab_thread *t, uint64_t taken)
{
    uint64_t now, batch, late;

    if (likely(t->sample >= taken))
        return;
    now = ticks_now();
    for (; t->sample < taken; t->sample += t->sample_every) {
        batch = t->sample >> t->pace.batch_shift;
        late = now - (t->pace.start + (batch * t->pace.interval >> PACE_SHIFT));
        /* Relaxed: whether this is measured. */
        if (load_relaxed(t->phase) == PHASE_MEASURE && t->timed < t->timed_max)
            t->ticks[t->timed++] =
                late < UINT32_MAX ? (uint32_t)late : UINT32_MAX;
    }
}

/* What follows the reading of n items. */
hot_inline void
lab_after_reading(struct lab_thread *t, uint64_t n, uint64_t taken)
{
    if (t->pace.interval > 0)
        lab_time_items(t, taken);
    if (t->slow)
        for (uint64_t i = 0; i < n; i++)
            cpu_relax();
}

/* An empty queue: whether there will be more. */
static bool
lab_await_items(struct lab_thread *t, uint64_t taken, uint32_t *looks,
                bool *ending)
{
    if (*looks == 0)
        lab_hold_back(t, taken);
    if (*ending)
        return false;
    *ending = load_acquire(&t->in->writing) == 0; /* one more look then */
    if (!*ending)
        lab_stall(t, looks);
    return true;
}

static void
lab_reader_is_there(struct lab_thread *t)
{
    (void)fetch_sub_acq_rel(&t->in->readers_to_come, 1u);
}

hot_inline void
lab_read_loop(struct lab_thread *t, size_t size, wr_use *use, uint64_t batch,
              bool with)
{
    struct QUEUE_IS(reader) r;
    uint64_t taken = 0;
    uint32_t looks = 0;
    bool ending = false;

    QUEUE_IS(reader_init)(&r, (struct QUEUE_TYPE *)t->in->queue, t->number);
    lab_reader_is_there(t);
    for (;;) {
        uint64_t n = QUEUE_IS(pop)(&r, size, batch, use, &t->check);

        if (likely(n > 0)) {
            taken += n;
            store_relaxed(&t->count, taken);
            looks = 0;
            if (with)
                lab_after_reading(t, n, taken);
        } else if (!lab_await_items(t, taken, &looks, &ending)) {
            break;
        }
    }
    item_check_settle(&t->check);
}

/* ---- A stage between two queues ---------------------------------------- */

#define LAB_BATCH_MAX 512

struct lab_hold {
    unsigned char *at;
    size_t size;
};

hot_inline void
lab_put_aside(void *arg, const void *at, uint64_t n)
{
    struct lab_hold *hold = (struct lab_hold *)arg;

    memcpy(hold->at, at, n * hold->size);
    hold->at += n * hold->size;
}

hot_inline void
lab_fill_from(void *arg, void *at, uint64_t first, uint64_t n)
{
    struct lab_hold *hold = (struct lab_hold *)arg;

    memcpy(at, hold->at + first * hold->size, n * hold->size);
}

hot_inline void
lab_pass_on(struct lab_thread *t, struct QUEUE_IS(writer) * w, size_t size,
            unsigned char *items, uint64_t n)
{
    struct lab_hold hold = { items, size };
    uint32_t looks = 0;

    while (n > 0) {
        uint64_t done = QUEUE_IS(push)(w, size, n, lab_fill_from, &hold);

        n -= done;
        hold.at += done * size;
        if (done == 0)
            lab_stall(t, &looks);
    }
}

hot_inline void
lab_relay_loop(struct lab_thread *t, size_t size)
{
    alignas(WR_GROUP) unsigned char items[LAB_BATCH_MAX * 64];
    struct QUEUE_IS(reader) r;
    struct QUEUE_IS(writer) w;
    uint64_t taken = 0;
    uint32_t looks = 0;
    bool ending = false;

    QUEUE_IS(reader_init)(&r, (struct QUEUE_TYPE *)t->in->queue, 0);
    QUEUE_IS(writer_init)(&w, (struct QUEUE_TYPE *)t->out->queue, 0);
    lab_reader_is_there(t);
    lab_await_readers(t);
    for (;;) {
        struct lab_hold hold = { items, size };
        uint64_t n = QUEUE_IS(pop)(&r, size, t->batch, lab_put_aside, &hold);

        taken += n;
        if (likely(n > 0)) {
            looks = 0;
            lab_pass_on(t, &w, size, items, n);
            continue;
        }
        QUEUE_IS(flush)(&w);
        if (!lab_await_items(t, taken, &looks, &ending))
            break;
    }
    lab_end_writing(t, &w, 0);
}

/* ---- Round trips ------------------------------------------------------- */

/* When each of the round trips that are under way began. */
struct lab_trips {
    struct lab_thread *thread;
    uint64_t began[LAB_OUTSTANDING_MAX];
    uint64_t asked, answered;
};

hot_inline void
lab_ask(struct lab_trips *trips, struct QUEUE_IS(writer) * w, size_t size,
        wr_fill *fill)
{
    struct lab_thread *t = trips->thread;

    trips->began[trips->asked % LAB_OUTSTANDING_MAX] = ticks_now();
    (void)lab_write(t, w, size, fill, trips->asked++, 1);
    QUEUE_IS(flush)(w);
}

/* Times the answers that came, n of them. */
static inline void
lab_time_answers(struct lab_trips *trips, uint64_t n)
{
    struct lab_thread *t = trips->thread;
    uint64_t now = ticks_now();

    for (; n > 0; n--) {
        uint64_t ticks =
            now - trips->began[trips->answered++ % LAB_OUTSTANDING_MAX];

        if (load_relaxed(t->phase) == PHASE_MEASURE && t->timed < t->timed_max)
            t->ticks[t->timed++] =
                ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
    }
    store_relaxed(&t->count, trips->answered);
}

hot_inline void
lab_ping_loop(struct lab_thread *t, size_t size, wr_fill *fill, wr_use *use)
{
    struct lab_trips trips = { t, { 0 }, 0, 0 };
    struct QUEUE_IS(writer) w;
    struct QUEUE_IS(reader) r;
    uint32_t looks = 0;

    QUEUE_IS(reader_init)(&r, (struct QUEUE_TYPE *)t->in->queue, 0);
    QUEUE_IS(writer_init)(&w, (struct QUEUE_TYPE *)t->out->queue, 0);
    lab_reader_is_there(t);
    lab_await_readers(t);
    do {
        uint64_t n;

        while (trips.asked - trips.answered < t->outstanding && lab_goes_on(t))
            lab_ask(&trips, &w, size, fill);
        n = QUEUE_IS(pop)(&r, size, t->outstanding, use, &t->check);
        if (n > 0)
            lab_time_answers(&trips, n);
        else
            lab_stall(t, &looks);
    } while (trips.answered < trips.asked || lab_goes_on(t));
    item_check_settle(&t->check);
    lab_end_writing(t, &w, trips.asked);
}

hot_inline void
lab_pong_loop(struct lab_thread *t, size_t size, wr_fill *fill, wr_use *use)
{
    struct QUEUE_IS(writer) w;
    struct QUEUE_IS(reader) r;
    uint64_t tag = 0;
    uint32_t looks = 0;

    QUEUE_IS(reader_init)(&r, (struct QUEUE_TYPE *)t->in->queue, 0);
    QUEUE_IS(writer_init)(&w, (struct QUEUE_TYPE *)t->out->queue, 0);
    lab_reader_is_there(t);
    lab_await_readers(t);
    for (;;) {
        uint64_t n = QUEUE_IS(pop)(&r, size, t->outstanding, use, &t->check);

        if (n > 0) {
            tag = lab_write(t, &w, size, fill, tag, n);
            QUEUE_IS(flush)(&w);
        } else if (load_acquire(&t->in->writing) == 0) {
            break; /* who asks ends when all is answered */
        } else {
            lab_stall(t, &looks);
        }
    }
    item_check_settle(&t->check);
    lab_end_writing(t, &w, tag);
}

/* ---- Nothing there, no room -------------------------------------------- */

#define LAB_CALLS 256 /* between two looks at the phase */

hot_inline void
lab_poll_empty_loop(struct lab_thread *t, size_t size, wr_use *use)
{
    struct QUEUE_IS(reader) r;
    uint64_t calls = 0;

    QUEUE_IS(reader_init)(&r, (struct QUEUE_TYPE *)t->in->queue, 0);
    while (lab_goes_on(t)) {
        for (int i = 0; i < LAB_CALLS; i++)
            calls += QUEUE_IS(pop)(&r, size, t->batch, use, &t->check) == 0;
        store_relaxed(&t->count, calls);
    }
    item_check_settle(&t->check);
}

hot_inline void
lab_push_full_loop(struct lab_thread *t, size_t size, wr_fill *fill)
{
    struct QUEUE_IS(writer) w;
    uint64_t tag = item_first_tag(0), calls = 0;

    QUEUE_IS(writer_init)(&w, (struct QUEUE_TYPE *)t->out->queue, 0);
    while (lab_goes_on(t)) {
        for (int i = 0; i < LAB_CALLS; i++) {
            uint64_t n = QUEUE_IS(push)(&w, size, t->batch, fill, &tag);

            tag += n;
            calls += n == 0;
        }
        store_relaxed(&t->count, calls);
    }
    lab_end_writing(t, &w, tag);
}

/* ---- All of it --------------------------------------------------------- */

/* A batch of one is a constant: neither the queue nor the check loops. */
#define LAB_LOOPS(size)                                              \
    static void lab_write_##size(struct lab_thread *t)               \
    {                                                                \
        if (t->batch == 1)                                           \
            lab_write_loop(t, size, lab_fill_##size, 1);             \
        else                                                         \
            lab_write_loop(t, size, lab_fill_##size, t->batch);      \
    }                                                                \
    static void lab_write_when_##size(struct lab_thread *t)          \
    {                                                                \
        lab_write_when_loop(t, size, lab_fill_##size);               \
    }                                                                \
    static void lab_read_##size(struct lab_thread *t)                \
    {                                                                \
        if (t->batch == 1)                                           \
            lab_read_loop(t, size, lab_use_##size, 1, false);        \
        else                                                         \
            lab_read_loop(t, size, lab_use_##size, t->batch, false); \
    }                                                                \
    static void lab_read_with_##size(struct lab_thread *t)           \
    {                                                                \
        lab_read_loop(t, size, lab_use_##size, t->batch, true);      \
    }                                                                \
    static void lab_relay_##size(struct lab_thread *t)               \
    {                                                                \
        lab_relay_loop(t, size);                                     \
    }                                                                \
    static void lab_ping_##size(struct lab_thread *t)                \
    {                                                                \
        lab_ping_loop(t, size, lab_fill_##size, lab_use_##size);     \
    }                                                                \
    static void lab_pong_##size(struct lab_thread *t)                \
    {                                                                \
        lab_pong_loop(t, size, lab_fill_##size, lab_use_##size);     \
    }                                                                \
    static void lab_poll_empty_##size(struct lab_thread *t)          \
    {                                                                \
        lab_poll_empty_loop(t, size, lab_use_##size);                \
    }                                                                \
    static void lab_push_full_##size(struct lab_thread *t)           \
    {                                                                \
        lab_push_full_loop(t, size, lab_fill_##size);                \
    }

LAB_LOOPS(8)
LAB_LOOPS(16)
LAB_LOOPS(64)

#define LAB_LOOPS_OF(size)                                               \
    {                                                                    \
        lab_write_##size, lab_write_when_##size, lab_read_##size,        \
            lab_read_with_##size, lab_relay_##size, lab_ping_##size,     \
            lab_pong_##size, lab_poll_empty_##size, lab_push_full_##size \
    }

static void *
lab_init(void *memory, const struct wr_shape *shape)
{
    return QUEUE_IS(init)(memory, shape);
}

static void
lab_fini(void *queue)
{
    QUEUE_IS(fini)((struct QUEUE_TYPE *)queue);
}
