/* SPDX-License-Identifier: MPL-2.0 */
/* The ring lab: the names of the rows, and what they stand for. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/placement.h>

#include "bench/harness/google_benchmark.h"
#include "bench/harness/placement.h"
#include "bench/lab/designs.h"
#include "bench/lab/fetch_add.h"
#include "bench/lab/lab.h"
#include "bench/program.h"

static const size_t sizes[] = { 8, 16, 64 };
static const uint64_t batches[] = { 1, 8, 16, 32, 128, 512 };
static const uint64_t few_batches[] = { 1, 32 };
static const uint32_t loads[] = { 10, 30, 50, 70, 90 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define USUAL_BATCH  32

/* How many threads of each side the rows of a kind have. */
struct sides {
    const char *kind;
    uint32_t sides[4][2]; /* 0 behind the last */
};

static const struct sides all_sides[] = {
    { "spsc", { { 1, 1 } } },
    { "mpsc", { { 1, 1 }, { 2, 1 }, { 4, 1 } } },
    { "spmc", { { 1, 1 }, { 1, 2 }, { 1, 4 } } },
    { "mpmc", { { 1, 1 }, { 2, 2 }, { 4, 4 } } },
    { "broadcast", { { 1, 1 }, { 1, 2 }, { 1, 4 } } },
};

static const char *const workload_names[] = {
    [LAB_STREAM] = "pairwise",
    [LAB_BURST] = "burst",
    [LAB_SLOW_CONSUMER] = "slow_consumer",
    [LAB_PACED] = "paced",
    [LAB_PING_PONG] = "ping_pong",
    [LAB_PIPELINE] = "pipeline",
    [LAB_EMPTY_POLL] = "empty_poll",
    [LAB_FULL] = "full",
};

/* ---- One row ----------------------------------------------------------- */

static const char *
workload_name(const struct lab_row *row)
{
    bool by_kernel = row->distance == PLACEMENT_NONE;

    if (row->workload == LAB_STREAM && by_kernel)
        return "oversubscribed";
    return workload_names[row->workload];
}

/* The name without its suffix. Its length. */
static int
name_row(struct lab_row *row)
{
    const struct wr_traits *traits = row->design->traits;
    const char *at = row->distance == PLACEMENT_NONE
                         ? "kernel"
                         : weir_distance_name(row->distance);

    return snprintf(row->name, sizeof(row->name),
                    "%s/%s/%s/%s/item:%zuB/batch:%ju/%up%uc/at:%s",
                    row->design->version ? "rival" : "ring", traits->kind,
                    traits->name, workload_name(row), row->size,
                    (uintmax_t)row->batch, row->writers * row->queues,
                    row->readers * row->queues, at);
}

/* Whether the threads of a row may run at the same time. */
static bool
has_a_cpu_for_each(const struct lab_row *row)
{
    return row->distance != PLACEMENT_NONE &&
           row->writers + row->readers <= placement_room(row->distance) + 1;
}

/* Where several threads share a CPU and wait for each other without yielding, a
 * call may take a time slice or many: that is shown once for each number of
 * threads, and not where they are so many that the stream does not end. */
static bool
ends(const struct lab_row *row)
{
    if (!row->design->traits->spins || has_a_cpu_for_each(row) ||
        row->writers + row->readers == 2)
        return true;
    return row->size == sizes[0] && row->batch == USUAL_BATCH &&
           row->patience == LAB_BACKOFF && row->distance != PLACEMENT_NONE &&
           row->writers + row->readers <= 5;
}

/* A design that has no such queue has no such row. False without memory. */
static bool __attribute__((format(printf, 2, 3)))
add(struct lab_row row, const char *suffix, ...)
{
    struct lab_row *copy;
    va_list args;
    int n;

    if (!ends(&row) || !lab_shape(&row))
        return true;
    copy = malloc(sizeof(*copy));
    if (!copy)
        return false;
    *copy = row;
    n = name_row(copy);
    va_start(args, suffix);
    (void)vsnprintf(copy->name + n, sizeof(copy->name) - (size_t)n, suffix,
                    args);
    va_end(args);
    gb_register(copy->name, lab_batch, copy);
    return true;
}

/* ---- Rows of a design -------------------------------------------------- */

static struct lab_row
row_of(const struct design *design, int distance, uint32_t writers,
       uint32_t readers)
{
    struct lab_row row = {
        .design = design,
        .size = sizes[0],
        .batch = USUAL_BATCH,
        .writers = writers,
        .readers = readers,
        .queues = 1,
        .distance = distance,
        .ring_bytes = LAB_RING_BYTES,
        .patience = LAB_SPIN,
    };

    if (!has_a_cpu_for_each(&row))
        row.patience = LAB_BACKOFF;
    return row;
}

static bool
add_streams(struct lab_row row)
{
    bool ok = true;

    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (size_t j = 0; j < COUNT(batches); j++) {
            row.size = sizes[i];
            row.batch = batches[j];
            ok = ok && add(row, "%s", "");
        }
    }
    return ok;
}

static bool
add_waits(struct lab_row row)
{
    bool ok;

    if (row.design->traits->spins && !has_a_cpu_for_each(&row))
        return true;
    row.patience = LAB_SPIN;
    ok = add(row, "/wait:spin");
    row.patience = LAB_BACKOFF;
    ok = ok && add(row, "/wait:backoff");
    row.patience = LAB_YIELD;
    return ok && add(row, "/wait:yield");
}

static bool
add_ring_bytes(struct lab_row row)
{
    bool ok = true;

    for (size_t kib = 4; kib <= 16384; kib *= 4) {
        row.ring_bytes = kib << 10;
        ok = ok && (kib < 1024 ? add(row, "/ring:%zuKiB", kib)
                               : add(row, "/ring:%zuMiB", kib >> 10));
    }
    return ok;
}

/* Where the memory lies matters on machines with several nodes. */
static bool
add_homes(struct lab_row row)
{
    bool ok;

    if (row.distance != WEIR_AT_OTHER_NODE)
        return true;
    ok = add(row, "/home:reader");
    row.home_of_writer = true;
    return ok && add(row, "/home:writer");
}

static bool
add_loads(struct lab_row row)
{
    bool ok = true;

    row.workload = LAB_PACED;
    for (size_t i = 0; i < COUNT(few_batches); i++) {
        for (size_t j = 0; j < COUNT(loads); j++) {
            row.batch = few_batches[i];
            row.load = loads[j];
            ok = ok && add(row, "/load:%u%%", row.load);
        }
    }
    return ok;
}

static bool
add_round_trips(struct lab_row row)
{
    bool ok = true;

    row.workload = LAB_PING_PONG;
    row.batch = 1;
    row.outstanding = 1;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        row.size = sizes[i];
        ok = ok && add(row, "%s", "");
    }
    row.size = sizes[0];
    row.outstanding = 16;
    return ok && add(row, "/outstanding:%u", row.outstanding);
}

/* What else two threads can do with a queue, and one. */
static bool
add_others(struct lab_row row)
{
    const struct wr_traits *traits = row.design->traits;
    bool ok = true;

    for (size_t i = 0; i < COUNT(few_batches); i++) {
        row.batch = few_batches[i];
        row.workload = LAB_BURST;
        ok = ok && add(row, "%s", "");
        row.workload = LAB_SLOW_CONSUMER;
        ok = ok && add(row, "%s", "");
    }
    row.batch = 1;
    row.workload = LAB_EMPTY_POLL;
    ok = ok && add(row, "%s", "");
    row.workload = LAB_FULL;
    if (!traits->unbounded && !traits->lossy)
        ok = ok && add(row, "%s", "");
    return ok;
}

/* Three threads, on CPUs of their own where there are as many. */
static bool
add_pipeline(struct lab_row row)
{
    row.workload = LAB_PIPELINE;
    if (placement_room(row.distance) < 2)
        row.distance = PLACEMENT_NONE;
    return add(row, "%s", "");
}

static bool
add_design_at(const struct design *design, const struct sides *sides,
              int distance)
{
    struct lab_row pair = row_of(design, distance, 1, 1);
    bool lossy = design->traits->lossy;
    bool ok = true;

    for (size_t i = 0; i < COUNT(sides->sides) && sides->sides[i][0]; i++) {
        struct lab_row row =
            row_of(design, distance, sides->sides[i][0], sides->sides[i][1]);

        ok = ok && add_streams(row) && add_waits(row);
    }
    ok = ok && add_ring_bytes(pair) && add_homes(pair) && add_others(pair);
    /* What is asked, passed on or timed must not be lost. */
    return ok && (lossy || (add_round_trips(pair) && add_pipeline(pair) &&
                            add_loads(pair)));
}

/* As many threads as `times` that of the CPUs, wherever the kernel puts them:
 * around one queue, or in pairs with a queue each. */
static bool
add_oversubscribed(const struct design *design, const struct sides *sides,
                   uint32_t times)
{
    ssize_t cpus = weir_machine_places(NULL, 0);
    uint32_t threads = cpus > 0 ? (uint32_t)cpus * times : times;
    struct lab_row row = row_of(design, PLACEMENT_NONE, 1, 1);
    bool many_writers = sides->sides[1][0] > 1;
    bool many_readers = sides->sides[1][1] > 1;

    if (threads < 2 || threads > ITEM_WRITERS_MAX)
        return true;
    if (!many_writers && !many_readers)
        row.queues = threads / 2;
    else if (!many_readers)
        row.writers = threads - 1;
    else if (!many_writers)
        row.readers = threads - 1;
    else
        row.writers = row.readers = threads / 2;
    return add(row, "%s", "");
}

static bool
add_design(const struct design *design)
{
    const struct sides *sides = all_sides;
    bool ok = true;

    if (!design->init)
        return true; /* not installed */
    while (strcmp(sides->kind, design->traits->kind) != 0)
        sides++;
    for (int d = 0; d <= WEIR_AT_OTHER_NODE; d++)
        ok = ok && (!placement_has(d) || add_design_at(design, sides, d));
    return ok && add_oversubscribed(design, sides, 2) &&
           add_oversubscribed(design, sides, 4);
}

static bool
add_rows(void)
{
    bool ok = fetch_add_rows();

    for (size_t i = 0; lab_designs[i]; i++)
        ok = ok && add_design(lab_designs[i]);
    for (size_t i = 0; lab_rivals[i]; i++)
        ok = ok && add_design(lab_rivals[i]);
    return ok;
}

/* ---- The program ------------------------------------------------------- */

static void
describe_design(const struct design *design, program_tell *tell)
{
    const struct wr_traits *t = design->traits;
    const char *version = design->version ? design->version() : "";
    char key[80], value[400];

    (void)snprintf(key, sizeof(key), "%s/%s/%s",
                   design->version ? "rival" : "ring", t->kind, t->name);
    (void)snprintf(value, sizeof(value), "%s%s%s (%s); %s",
                   version ? version : "", version && version[0] ? ": " : "",
                   t->what, t->source, t->progress);
    tell(key, design->init ? value : "not installed");
}

static void
describe(program_tell *tell)
{
    for (size_t i = 0; lab_designs[i]; i++)
        describe_design(lab_designs[i], tell);
    for (size_t i = 0; lab_rivals[i]; i++)
        describe_design(lab_rivals[i], tell);
}

int
main(int argc, char **argv)
{
    static const struct program program = {
        .title = "Measures queues by themselves, ours and those of libraries, "
                 "one row per benchmark.",
        .describe = describe,
        .add_rows = add_rows,
    };

    return program_main(argc, argv, &program);
}
