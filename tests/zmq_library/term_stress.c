/* SPDX-License-Identifier: MPL-2.0 */
/* The end of a context amid everything: fifty threads open, bind, connect,
 * send, receive, poll, watch, proxy, disconnect, unbind and close sockets of
 * all types in one context, some of them blocked, while another calls
 * zmq_ctx_shutdown or zmq_ctx_term. Errors are those of the manual pages; every
 * call that waits ends with ETERM, every thread then closes its sockets, and
 * zmq_ctx_term returns.
 *
 * A thread that does not come back within PATIENCE ends the program, which says
 * what each was doing. After each round nothing is left: no memory, no
 * descriptor, no message that was not freed. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "alloc/arena.h"
#include "tests/zmq_library/term.h"

#include <cmocka.h>

#define THREADS  50
#define ENDERS   2
#define STEPS    100 /* of each thread in a round, at most about so many */
#define PATIENCE 40  /* seconds, for what takes milliseconds */

/* Of a short run; what is slow does a 16th. */
#ifdef WEIR_DEBUG
#define ROUNDS 800
#else
#define ROUNDS 200
#endif

struct ender {
    struct term_round *round;
    pthread_t thread;
    int error; /* 0: it has ended the context */
};

static struct term_actor actors[THREADS];
static uint64_t round_seed;

/* ---- The watchdog ------------------------------------------------------ */

_Noreturn static void
hangs(const char *who)
{
    (void)fprintf(stderr, "%s hangs, in the round of seed %ju\n", who,
                  (uintmax_t)round_seed);
    for (int i = 0; i < THREADS; i++) {
        const char *doing = load_relaxed(&actors[i].doing); /* a hint */

        (void)fprintf(stderr, "%2d: %s\n", i, doing);
    }
    abort();
}

static void
join(pthread_t thread, const char *who)
{
    struct timespec until;
    int rc;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE;
    rc = pthread_timedjoin_np(thread, NULL, &until);
    if (rc == ETIMEDOUT)
        hangs(who);
    CHECK(rc == 0);
}

/* ---- The end ----------------------------------------------------------- */

static void
wait_for_steps(struct term_round *round, struct race *race)
{
    uint64_t some = race_below(race, (uint64_t)THREADS * STEPS);
    uint64_t done, before = 0;

    /* Or until all seem to be blocked. */
    for (int patience = 1000; patience > 0; patience--) {
        (void)sched_yield();
        done = load_relaxed(&round->steps); /* a hint */
        if (done >= some)
            return;
        if (done > before)
            patience = 1000;
        before = done;
    }
}

static void *
terminate(void *arg)
{
    struct ender *e = arg;

    e->error = zmq_ctx_term(e->round->ctx) == 0 ? 0 : errno;
    return NULL;
}

/* Of two that end it at once, one may find that the other has. */
static void
end(struct term_round *round, struct race *race)
{
    struct ender enders[ENDERS];
    int n = race_once_in(race, 3) ? 2 : 1;
    bool done = false;

    if (race_once_in(race, 2)) {
        CHECK(zmq_ctx_shutdown(round->ctx) == 0);
        store_release(&round->ended, true); /* T1 */
    }
    for (int i = 0; i < n; i++) {
        enders[i].round = round;
        CHECK(pthread_create(&enders[i].thread, NULL, terminate, &enders[i]) ==
              0);
    }
    for (int i = 0; i < THREADS; i++)
        join(actors[i].thread, "a thread");
    for (int i = 0; i < n; i++) {
        join(enders[i].thread, "zmq_ctx_term");
        CHECK(enders[i].error == 0 || enders[i].error == EFAULT);
        done = done || enders[i].error == 0;
    }
    CHECK(done);
}

/* ---- Rounds ------------------------------------------------------------ */

static int
descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    CHECK(d != NULL);
    while (readdir(d) != NULL)
        n++;
    (void)closedir(d);
    return n;
}

static void
play(struct race *race)
{
    static struct term_round round;

    memset(&round, 0, sizeof(round)); /* no thread yet */
    round.ctx = zmq_ctx_new();
    CHECK(round.ctx != NULL);
    for (int i = 0; i < THREADS; i++) {
        struct term_actor *a = &actors[i];

        memset(a, 0, sizeof(*a));
        a->round = &round;
        a->race.state = race_next(race);
        CHECK(pthread_create(&a->thread, NULL, term_act, a) == 0);
    }
    wait_for_steps(&round, race);
    end(&round, race);
}

/* The memory of messages that no socket made is kept for ever. */
static uint64_t
live_arenas(void)
{
    zmq_msg_t msg;

    CHECK(zmq_msg_init_size(&msg, 1000) == 0);
    CHECK(zmq_msg_close(&msg) == 0);
    return wr_arena_live();
}

static void
test_ends(void **state)
{
    uint64_t seed = race_seed("ends");
    uint64_t rounds = race_length(ROUNDS, 20000);
    uint64_t live = live_arenas();
    int fds = descriptors();

    (void)state;
    for (uint64_t i = 0; i < rounds; i++) {
        struct race race = { seed + i };

        round_seed = seed + i;
        play(&race);
        /* What this thread keeps of others' memory goes home. */
        CHECK(zmq_ctx_term(zmq_ctx_new()) == 0);
        CHECK(load_relaxed(&term_freed) == load_relaxed(&term_made));
        CHECK(wr_arena_live() == live);
        CHECK(descriptors() == fds);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
