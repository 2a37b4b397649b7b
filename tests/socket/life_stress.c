/* SPDX-License-Identifier: MPL-2.0 */
/* Lives of sockets, all at once: some threads open, bind, connect, send,
 * receive, disconnect, unbind and close whatever comes to hand, sockets pass
 * from thread to thread through a mutex, and the context is shut down or freed
 * in the middle of it, while others are blocked.
 *
 *   violent rounds   end by weir_context_shutdown or weir_context_free at some
 *                    time. Calls give what the header says and nothing else;
 *                    what is received is whole and comes once.
 *   gentle rounds    no receiver is closed before the end, and somebody binds
 *                    each name then: all that was accepted arrives.
 *
 * After each, nothing is left of the memory, and each external frame was freed
 * once. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "alloc/arena.h"
#include "tests/socket/life.h"

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define THREADS      4
#define STEPS        400 /* of each thread in a round */

/* Of a short run; what is slow does a 16th. */
#ifdef WEIR_DEBUG
#define ROUNDS 8000
#else
#define ROUNDS 1500
#endif

struct actor {
    struct life_round *round;
    bool gentle;
    struct race race;
    pthread_t thread;
};

static const char *const names[] = { "inproc://a", "inproc://b", "inproc://c" };

static const char *
some_name(struct race *race)
{
    return names[race_below(race, COUNT(names))];
}

/* ---- Meeting ----------------------------------------------------------- */

static void
step_bind(struct life_round *round, struct life_place *p, struct race *race)
{
    int rc = weir_bind(p->s, some_name(race));

    (void)round;
    CHECK(rc == 0 || rc == -EADDRINUSE || rc == -ESHUTDOWN);
}

static void
step_unbind(struct life_round *round, struct life_place *p, struct race *race)
{
    int rc = weir_unbind(p->s, some_name(race));

    (void)round;
    CHECK(rc == 0 || rc == -ENOENT || rc == -ESHUTDOWN);
}

static void
step_connect(struct life_round *round, struct life_place *p, struct race *race)
{
    int rc = weir_connect(p->s, some_name(race));

    (void)round;
    CHECK(rc == 0 || rc == -ECONNREFUSED || rc == -EPROTOTYPE ||
          rc == -ESHUTDOWN || (rc == -EBUSY && p->type == WEIR_PAIR));
}

static void
step_disconnect(struct life_round *round, struct life_place *p,
                struct race *race)
{
    int rc = weir_disconnect(p->s, some_name(race));

    (void)round;
    CHECK(rc == 0 || rc == -ENOENT || rc == -ESHUTDOWN ||
          (rc == -EBUSY && p->n_reserved > 0));
}

/* ---- Options ----------------------------------------------------------- */

static void
set(const struct life_place *p, int option, int64_t value)
{
    int rc = weir_socket_set(p->s, option, value);

    CHECK(rc == 0 || rc == -ESHUTDOWN);
}

static void
step_set(struct life_round *round, struct life_place *p, struct race *race)
{
    static const int64_t limits[] = { 1000, 1, 0, 2, 7 };
    static const int64_t waits[] = { WEIR_WAIT_ADAPTIVE, WEIR_WAIT_PARK,
                                     WEIR_WAIT_YIELD };

    (void)round;
    set(p, WEIR_SEND_HWM, limits[race_below(race, COUNT(limits))]);
    set(p, WEIR_RECV_HWM, limits[race_below(race, COUNT(limits))]);
    set(p, WEIR_WAIT, waits[race_below(race, COUNT(waits))]);
    set(p, WEIR_PENDING_CONNECT, race_once_in(race, 2));
}

/* ---- Opening and closing ----------------------------------------------- */

static void
open_socket(struct actor *a, struct life_place *p)
{
    static const int pipeline[] = { WEIR_PUSH, WEIR_PULL };
    static const int all[] = { WEIR_PUSH, WEIR_PULL, WEIR_PAIR, WEIR_PAIR };
    int type = a->gentle ? pipeline[race_below(&a->race, 2)]
                         : all[race_below(&a->race, 4)];
    int rc = weir_socket_open(a->round->ctx, type, &p->s);

    if (rc != 0) {
        CHECK(!a->gentle && (rc == -ESHUTDOWN || rc == -EBADF));
        return;
    }
    p->type = type;
    p->n_reserved = p->n_peeked = 0;
    p->sending = p->receiving = (struct stream_frame){ 0 };
    step_set(a->round, p, &a->race);
    /* A shutdown will end waits without an end. */
    if (a->gentle || !race_once_in(&a->race, 8)) {
        set(p, WEIR_SEND_TIMEOUT_MS, race_once_in(&a->race, 8));
        set(p, WEIR_RECV_TIMEOUT_MS, race_once_in(&a->race, 8));
    }
}

static void
close_socket(struct life_place *p)
{
    CHECK(weir_close(p->s) == 0);
    CHECK(weir_close(p->s) == -EBADF);
    p->s = NULL;
}

/* ---- Acting ------------------------------------------------------------ */

static void
step(struct actor *a, struct life_place *p)
{
    static life_step *const meet[] = {
        step_bind,    step_bind,    step_unbind,     step_connect,
        step_connect, step_connect, step_disconnect, step_set,
    };
    static life_step *const talk[] = {
        life_send,    life_send,    life_send,    life_send_array,
        life_reserve, life_commit,  life_commit,  life_commit,
        life_receive, life_receive, life_receive, life_receive_array,
        life_peek,    life_release, life_release, life_release,
    };

    if (p->s == NULL)
        open_socket(a, p);
    else if (!race_once_in(&a->race, 4))
        talk[race_below(&a->race, COUNT(talk))](a->round, p, &a->race);
    else if (!race_once_in(&a->race, 10))
        meet[race_below(&a->race, COUNT(meet))](a->round, p, &a->race);
    else if (!a->gentle || p->type == WEIR_PUSH)
        close_socket(p);
}

static void *
act(void *arg)
{
    struct actor *a = arg;

    for (int i = 0; i < STEPS; i++) {
        struct life_place *p =
            &a->round->places[race_below(&a->race, LIFE_PLACES)];

        if (pthread_mutex_trylock(&p->lock) != 0)
            continue; /* it may be blocked */
        step(a, p);
        pthread_mutex_unlock(&p->lock);
        fetch_add_relaxed(&a->round->steps, 1); /* only to end some time */
        stream_delay(&a->round->law, &a->race);
    }
    return NULL;
}

/* Some sockets that may have met. */
static void
set_the_stage(struct life_round *round, bool gentle, struct race *race)
{
    struct actor a = { round, gentle, { race_next(race) }, 0 };

    for (int i = 0; i < LIFE_PLACES; i++) {
        open_socket(&a, &round->places[i]);
        step_bind(round, &round->places[i], &a.race);
    }
    for (int i = 0; i < LIFE_PLACES; i++)
        step_connect(round, &round->places[i], &a.race);
}

/* ---- Rounds ------------------------------------------------------------ */

/* All that was accepted is in the pipes, or waits for a name. */
static void
receive_the_rest(struct life_round *round, struct race *race)
{
    struct life_place host = { .type = WEIR_PULL };
    weir_msg msg;

    for (int i = 0; i < LIFE_PLACES; i++)
        if (round->places[i].s != NULL && round->places[i].type == WEIR_PUSH)
            close_socket(&round->places[i]);
    CHECK(weir_socket_open(round->ctx, WEIR_PULL, &host.s) == 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        int rc = weir_bind(host.s, names[i]);

        CHECK(rc == 0 || rc == -EADDRINUSE); /* by another one that receives */
    }
    for (int i = 0; i <= LIFE_PLACES; i++) {
        struct life_place *p = i < LIFE_PLACES ? &round->places[i] : &host;

        if (p->s == NULL)
            continue;
        life_release(round, p, race);
        set(p, WEIR_RECV_TIMEOUT_MS, 0);
        while (weir_recv(p->s, &msg, 0) == 0) {
            life_check(round, &p->receiving, &msg);
            CHECK(weir_msg_drop(&msg) == 0);
        }
    }
    CHECK(weir_close(host.s) == 0);
    CHECK(load_relaxed(&round->received) == load_relaxed(&round->accepted));
}

static void
end_amid(struct life_round *round, struct race *race)
{
    uint64_t some = race_below(race, THREADS * STEPS);
    uint64_t done, before = 0;

    /* Or when all seem to be blocked. */
    for (int patience = 200; patience > 0; patience--) {
        (void)sched_yield();
        done = load_relaxed(&round->steps); /* a hint */
        if (done >= some)
            break;
        if (done > before)
            patience = 200;
        before = done;
    }
    race_delay(race);
    if (race_once_in(race, 2))
        CHECK(weir_context_shutdown(round->ctx) == 0);
    else
        CHECK(weir_context_free(round->ctx) == 0);
}

static void
play(struct life_round *round, struct race *race, bool gentle)
{
    struct actor actors[THREADS];
    int rc;

    set_the_stage(round, gentle, race);
    for (int i = 0; i < THREADS; i++) {
        struct actor *a = &actors[i];

        *a = (struct actor){ round, gentle, { race_next(race) }, 0 };
        CHECK(pthread_create(&a->thread, NULL, act, a) == 0);
    }
    if (!gentle)
        end_amid(round, race);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(actors[i].thread, NULL) == 0);
    if (gentle)
        receive_the_rest(round, race);
    for (int i = 0; i < LIFE_PLACES; i++)
        if (round->places[i].s != NULL)
            close_socket(&round->places[i]);
    rc = weir_context_free(round->ctx);
    CHECK(rc == 0 || (rc == -EBADF && !gentle));
    if (rc == -EBADF) /* what this thread has dropped goes home */
        CHECK(weir_context_free(weir_context_new()) == 0);
}

static void
play_all(bool gentle, uint64_t rounds)
{
    static struct life_round round;
    uint64_t seed = race_seed(gentle ? "gentle" : "violent");
    uint64_t live = wr_arena_live();

    for (uint64_t i = 0; i < rounds; i++) {
        struct race race = { seed + i };

        memset(&round, 0, sizeof(round)); /* no thread yet */
        round.law = (struct stream_law){ race_next(&race), 8, i % 2 == 0 };
        for (int j = 0; j < LIFE_PLACES; j++)
            (void)pthread_mutex_init(&round.places[j].lock, NULL);
        round.ctx = weir_context_new();
        CHECK(round.ctx != NULL);
        play(&round, &race, gentle);
        stream_check_all_freed();
        CHECK(wr_arena_live() == live);
    }
}

static void
test_violent_ends(void **state)
{
    (void)state;
    play_all(false, race_length(ROUNDS, 200000));
}

static void
test_gentle_ends(void **state)
{
    (void)state;
    play_all(true, race_length(ROUNDS / 2, 100000));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_violent_ends),
        cmocka_unit_test(test_gentle_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
