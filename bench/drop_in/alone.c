/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/drop_in/alone.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <zmq.h>

#include "bench/harness/placement.h"
#include "core/base/clock.h"

/* Steps between two readings of the clock. */
#define STEPS 8

struct run {
    const struct row *row;
    const struct alone *alone;
    struct tally *tally;
    int error;
};

/* Repeats the step for so long; how often, and how long it really was. */
static int
repeat(const struct alone *alone, void *state, int64_t ns, uint64_t *steps,
       int64_t *took)
{
    int64_t begin = clock_now_ns();

    *steps = 0;
    do {
        for (int i = 0; i < STEPS; i++) {
            int error = alone->step(state);

            if (error != 0)
                return error;
        }
        *steps += STEPS;
        *took = clock_now_ns() - begin;
    } while (*took < ns);
    return 0;
}

static int
measure(const struct run *run, void *state)
{
    uint64_t steps;
    int64_t took;
    int error = repeat(run->alone, state, row_window_ns / 8, &steps, &took);

    if (error == 0)
        error = repeat(run->alone, state, row_window_ns, &steps, &took);
    if (error != 0)
        return error;
    run->tally->seconds += (double)took * 1e-9;
    run->tally->rate = "calls_per_second";
    run->tally->messages += steps;
    return 0;
}

static void *
run_main(void *arg)
{
    struct run *run = arg;
    void *state = calloc(1, run->alone->state_size);

    if (state == NULL) {
        run->error = ENOMEM;
        return NULL;
    }
    run->error = -placement_pin(run->row->distance, true);
    if (run->error == 0)
        run->error = run->alone->init(state);
    if (run->error == 0)
        run->error = measure(run, state);
    run->alone->fini(state);
    free(state);
    return NULL;
}

bool
alone_batch(const struct row *row, const struct alone *alone,
            struct tally *tally)
{
    struct run run = { .row = row, .alone = alone, .tally = tally };
    pthread_t thread;

    if (pthread_create(&thread, NULL, run_main, &run) != 0)
        return tally_fail(tally, "cannot start a thread");
    (void)pthread_join(thread, NULL);
    if (run.error != 0)
        return tally_fail(tally, "%s", zmq_strerror(run.error));
    return true;
}
