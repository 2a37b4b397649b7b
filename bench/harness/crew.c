/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/harness/crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/harness/loops.h"
#include "bench/harness/placement.h"

#define PATIENCE_SECONDS 60

struct crew *
crew_new(const struct peer *peer, const char *title)
{
    struct crew *crew = aligned_alloc(WR_GROUP, sizeof(*crew));

    if (!crew)
        return NULL;
    memset(crew, 0, sizeof(*crew));
    crew->peer = peer;
    crew->title = title;
    if (!peer)
        return crew;
    crew->context = peer->context_new();
    if (!crew->context) {
        free(crew);
        return NULL;
    }
    return crew;
}

void
crew_free(struct crew *crew)
{
    if (crew->peer)
        crew->peer->context_free(crew->context);
    free(crew);
}

void
crew_add(struct crew *crew, struct member member)
{
    member.crew = crew;
    crew->member[crew->members++] = member;
}

/* A barrier stands between this and whoever reads the text. */
static void
note_failure(struct crew *crew, const char *what, const char *why)
{
    if (fetch_add_seq_cst(&crew->failures, 1) == 0)
        (void)snprintf(crew->error, sizeof(crew->error), "%s: %s", what, why);
}

static void
pin(struct member *m)
{
    if (m->distance != PLACEMENT_NONE &&
        placement_pin(m->distance, m->anchor) != 0)
        note_failure(m->crew, "cannot pin a thread", "no such CPU");
}

static void
open_end(struct member *m)
{
    const struct peer *peer = m->crew->peer;
    int rc = peer->open(m->crew->context, m->end);

    m->open = true; /* half open at least, and close knows */
    if (rc != 0)
        note_failure(m->crew, "cannot open a socket", peer->error(rc));
}

static void
work(struct member *m)
{
    const struct peer *peer = m->crew->peer;
    int rc = m->work(peer, m->arg);

    if (rc != 0)
        note_failure(m->crew, "a call failed", peer->error(rc));
}

static void *
member_main(void *arg)
{
    struct member *m = arg;
    struct crew *crew = m->crew;

    pin(m);
    if (m->end && m->end->binds)
        open_end(m);
    (void)pthread_barrier_wait(&crew->barrier);
    if (m->end && !m->end->binds)
        open_end(m);
    (void)pthread_barrier_wait(&crew->barrier);
    if (load_seq_cst(&crew->failures) == 0)
        work(m);
    (void)pthread_barrier_wait(&crew->barrier);
    if (m->open)
        crew->peer->close(m->end);
    return NULL;
}

static pthread_t
start_thread(void *(*run)(void *), void *arg)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run, arg) != 0) {
        (void)fprintf(stderr, "cannot start a thread\n");
        _exit(2);
    }
    return thread;
}

bool
crew_start(struct crew *crew)
{
    (void)pthread_barrier_init(&crew->barrier, NULL,
                               (unsigned)crew->members + 1);
    for (size_t i = 0; i < crew->members; i++)
        crew->member[i].thread = start_thread(member_main, &crew->member[i]);
    (void)pthread_barrier_wait(&crew->barrier);
    (void)pthread_barrier_wait(&crew->barrier);
    return load_seq_cst(&crew->failures) == 0;
}

void
crew_phase(struct crew *crew, uint32_t phase, int64_t ns)
{
    struct timespec pause = {
        .tv_sec = ns / 1000000000,
        .tv_nsec = ns % 1000000000,
    };

    store_seq_cst(&crew->phase, phase);
    while (nanosleep(&pause, &pause) != 0)
        continue;
}

/* Stands in for the coordinator at the last barrier, where no wait can have an
 * end of its own. */
static void *
wait_for_work(void *arg)
{
    struct crew *crew = arg;

    (void)pthread_barrier_wait(&crew->barrier);
    return NULL;
}

static void
join(const struct crew *crew, pthread_t thread, const struct timespec *deadline)
{
    if (pthread_timedjoin_np(thread, NULL, deadline) != 0) {
        (void)fprintf(stderr,
                      "%s: threads do not end: a message was lost, or a call "
                      "hangs\n",
                      crew->title);
        _exit(2);
    }
}

bool
crew_finish(struct crew *crew, struct tally *tally)
{
    struct timespec deadline;

    store_seq_cst(&crew->phase, PHASE_STOP);
    (void)clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += PATIENCE_SECONDS;
    join(crew, start_thread(wait_for_work, crew), &deadline);
    for (size_t i = 0; i < crew->members; i++)
        join(crew, crew->member[i].thread, &deadline);
    (void)pthread_barrier_destroy(&crew->barrier);
    if (load_seq_cst(&crew->failures) > 0)
        return tally_fail(tally, "%s", crew->error);
    return true;
}
