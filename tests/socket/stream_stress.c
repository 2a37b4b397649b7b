/* SPDX-License-Identifier: MPL-2.0 */
/* Streams between threads, of all forms: from one PUSH to one PULL, from four
 * to one and from one to four, and between PAIRs both ways at once; under high
 * and low limits, which change meanwhile, with each way of waiting, with and
 * without delays, and with both kinds of fences. Everything arrives, once and
 * in order, and nothing is left behind. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc/arena.h"
#include "core/base/atomic.h"
#include "core/base/fence.h"
#include "tests/socket/stream.h"

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ACTORS_MOST  8
#define RUNS         20 /* each limit with each way of waiting */

/* Of a stream; what is slow does a 16th. */
#ifdef WEIR_DEBUG
#define MESSAGES 64000
#else
#define MESSAGES 10000
#endif

/* A thread and its socket. */
struct actor {
    struct run *run;
    weir_socket *s;
    int type;
    bool sends;
    bool receives;
    bool patient; /* may block for ever: nothing but its peers ends its wait */
    struct race race;
    struct stream_sender w;
    struct stream_receiver r;
    _Atomic uint64_t *left; /* messages that its receivers have yet to see */
    _Atomic uint64_t left_of_one;
    pthread_t thread;
};

struct run {
    weir_context *ctx;
    struct stream_law law;
    struct race race;
    uint64_t messages; /* of each sender */
    uint64_t number;
    int wait;
    int n;
    struct actor actors[ACTORS_MOST];
};

static const int64_t limits[] = { 1000, 1, 0, 2, 7 };

static int64_t
some_limit(struct race *race)
{
    return limits[race_below(race, COUNT(limits))];
}

static void
set(weir_socket *s, int option, int64_t value)
{
    CHECK(weir_socket_set(s, option, value) == 0);
}

/* ---- Acting ------------------------------------------------------------ */

static void
change_something(struct actor *a)
{
    static const int64_t patient[] = { -1, 0, 1, 3 };
    static const int64_t impatient[] = { 0, 0, 1, 2 };
    const int64_t *times = a->patient ? patient : impatient;
    int64_t send_ms, recv_ms;

    if (!race_once_in(&a->race, a->run->law.racing ? 8 : 512))
        return;
    set(a->s, WEIR_SEND_HWM, some_limit(&a->race));
    set(a->s, WEIR_RECV_HWM, some_limit(&a->race));
    send_ms = times[race_below(&a->race, 4)];
    recv_ms = times[race_below(&a->race, 4)];
    set(a->s, WEIR_SEND_TIMEOUT_MS, send_ms);
    set(a->s, WEIR_RECV_TIMEOUT_MS, recv_ms);
    a->w.endless = send_ms < 0;
    a->r.endless = recv_ms < 0;
}

static bool
receive(struct actor *a)
{
    uint64_t before = a->r.messages;
    bool did = stream_receive(&a->r);

    if (a->r.messages > before)
        fetch_sub_acq_rel(a->left, a->r.messages - before); /* only a count */
    return did;
}

static void *
act(void *arg)
{
    struct actor *a = arg;
    struct race_stall stall = { 0 };

    for (;;) {
        bool sending = a->sends && !stream_sent_all(&a->w);
        bool receiving = a->receives && load_relaxed(a->left) > 0;

        if (!sending && !receiving)
            break;
        if (sending && receiving)
            sending = race_once_in(&a->race, 2);
        if (sending ? stream_send(&a->w) : receive(a))
            stall.times = 0;
        else
            race_stalled(&stall);
        change_something(a);
    }
    if (a->receives)
        stream_check_ended(&a->r);
    stream_delay(&a->run->law, &a->race);
    CHECK(weir_close(a->s) == 0);
    if (a->sends)
        stream_sender_fini(&a->w);
    return NULL;
}

/* ---- The stage --------------------------------------------------------- */

static void
run_init(struct run *run, uint64_t number, uint64_t seed)
{
    *run = (struct run){ .number = number, .race = { seed } };
    run->ctx = weir_context_new();
    CHECK(run->ctx != NULL);
    run->law.seed = race_next(&run->race);
    run->law.racing = number % 4 >= 2;
    run->wait = (int)(number % 4);
    run->messages = race_length(MESSAGES, number == 0 ? 100000000 : 1000000);
}

static struct actor *
add(struct run *run, int type)
{
    struct actor *a = &run->actors[run->n++];
    uint64_t i = run->number;

    a->run = run;
    a->type = type;
    a->sends = type != WEIR_PULL;
    a->receives = type != WEIR_PUSH;
    a->race.state = race_next(&run->race);
    a->left = &a->left_of_one;
    CHECK(weir_socket_open(run->ctx, type, &a->s) == 0);
    set(a->s, WEIR_SEND_HWM, limits[i % COUNT(limits)]);
    set(a->s, WEIR_RECV_HWM, limits[(i * 2 + i / 5) % COUNT(limits)]);
    set(a->s, WEIR_WAIT, run->wait);
    stream_sender_init(&a->w, &run->law, a->s, race_next(&run->race));
    stream_receiver_init(&a->r, &run->law, a->s, race_next(&run->race));
    a->w.patient = a->r.patient = true;
    return a;
}

/* Connects two by a name of their own, one way or the other. */
static void
join(struct run *run, struct actor *a, struct actor *b)
{
    bool swap = race_once_in(&run->race, 2);
    weir_socket *binder = swap ? b->s : a->s;
    weir_socket *connector = swap ? a->s : b->s;
    bool early = race_once_in(&run->race, 2);
    char name[64];

    (void)snprintf(name, sizeof(name), "inproc://%td-%td", a - run->actors,
                   b - run->actors);
    set(connector, WEIR_PENDING_CONNECT, early);
    if (early)
        CHECK(weir_connect(connector, name) == 0);
    CHECK(weir_bind(binder, name) == 0);
    if (!early)
        CHECK(weir_connect(connector, name) == 0);
}

static void
run_all(struct run *run)
{
    for (int i = 0; i < run->n; i++)
        CHECK(pthread_create(&run->actors[i].thread, NULL, act,
                             &run->actors[i]) == 0);
    for (int i = 0; i < run->n; i++)
        CHECK(pthread_join(run->actors[i].thread, NULL) == 0);
}

/* Who does not send, has its sender's memory still. */
static void
run_fini(struct run *run)
{
    for (int i = 0; i < run->n; i++) {
        if (!run->actors[i].sends)
            stream_sender_fini(&run->actors[i].w);
        stream_receiver_fini(&run->actors[i].r);
    }
    CHECK(weir_context_free(run->ctx) == 0);
    stream_check_all_freed();
}

/* ---- Plays ------------------------------------------------------------- */

/* Waiting takes longer than sending under a low limit. */
static void
shorten(struct run *run)
{
    uint64_t i = run->number;

    if (limits[i % 5] + limits[(i * 2 + i / 5) % 5] < 16 && run->messages > 8)
        run->messages /= 8;
}

/* Each of the numbers was seen by one receiver. */
static void
check_union(struct run *run, int senders)
{
    for (uint64_t i = 0; i <= run->messages / 64; i++) {
        uint64_t all = 0, left = run->messages - i * 64;

        for (int a = senders; a < run->n; a++) {
            CHECK((all & run->actors[a].r.seen[i]) == 0);
            all |= run->actors[a].r.seen[i];
        }
        CHECK(all == (left < 64 ? (UINT64_C(1) << left) - 1 : UINT64_MAX));
    }
    for (int a = senders; a < run->n; a++)
        free(run->actors[a].r.seen);
}

static void
prepare_receiver(struct run *run, struct actor *a, int receivers)
{
    a->left = &run->actors[0].left_of_one;
    a->patient = a->r.alone = receivers == 1;
    if (receivers == 1)
        return;
    a->r.seen = calloc(run->messages / 64 + 1, sizeof(uint64_t));
    CHECK(a->r.seen != NULL);
    set(a->s, WEIR_RECV_TIMEOUT_MS, 1);
}

static void
pipeline(struct run *run, int senders, int receivers)
{
    /* A thread that spins keeps others from running. */
    if (run->wait == WEIR_WAIT_SPIN && senders + receivers > 2)
        run->wait = WEIR_WAIT_ADAPTIVE;
    run->law.least = senders + receivers > 2 ? 8 : 0;
    shorten(run);
    for (int i = 0; i < senders; i++) {
        struct actor *a = add(run, WEIR_PUSH);

        a->patient = true;
        a->w.id = (uint64_t)i;
        a->w.total = run->messages;
    }
    store_relaxed(&run->actors[0].left_of_one,
                  run->messages * (uint64_t)senders); /* no thread yet */
    for (int i = 0; i < receivers; i++)
        prepare_receiver(run, add(run, WEIR_PULL), receivers);
    for (int i = 0; i < senders; i++)
        for (int j = 0; j < receivers; j++)
            join(run, &run->actors[i], &run->actors[senders + j]);
    run_all(run);
    if (receivers > 1)
        check_union(run, senders);
}

static void
one_to_one(struct run *run)
{
    pipeline(run, 1, 1);
}

static void
four_to_one(struct run *run)
{
    run->messages = (run->messages + 3) / 4;
    pipeline(run, 4, 1);
}

static void
one_to_four(struct run *run)
{
    pipeline(run, 1, 4);
}

static void
pair_both_ways(struct run *run)
{
    shorten(run);
    for (int i = 0; i < 2; i++) {
        struct actor *a = add(run, WEIR_PAIR);

        a->w.id = (uint64_t)i;
        a->w.total = run->messages;
        a->r.only_sender = (uint64_t)(1 - i);
        a->r.alone = true;
        store_relaxed(a->left, run->messages); /* no thread yet */
        set(a->s, WEIR_SEND_TIMEOUT_MS, 1);
        set(a->s, WEIR_RECV_TIMEOUT_MS, 1);
    }
    join(run, &run->actors[0], &run->actors[1]);
    run_all(run);
}

static void
play_all(void (*play)(struct run *), uint64_t runs)
{
    uint64_t seed = race_seed("stream");
    uint64_t live = wr_arena_live();

    for (uint64_t i = 0; i < runs; i++) {
        struct run *run = malloc(sizeof(*run));

        CHECK(run != NULL);
        run_init(run, i, seed + i);
        play(run);
        run_fini(run);
        free(run);
        CHECK(wr_arena_live() == live);
    }
}

static void
test_one_to_one(void **state)
{
    (void)state;
    play_all(one_to_one, RUNS);
}

static void
test_four_to_one(void **state)
{
    (void)state;
    play_all(four_to_one, RUNS);
}

static void
test_one_to_four(void **state)
{
    (void)state;
    play_all(one_to_four, RUNS);
}

static void
test_pair_both_ways(void **state)
{
    (void)state;
    play_all(pair_both_ways, RUNS);
}

/* As on a kernel that has no membarrier(2). */
static void
test_with_full_fences(void **state)
{
    bool before;

    (void)state;
    fence_setup();
    before = load_relaxed(&wr_fence_asymmetric);
    /* Relaxed: there is no other thread, and no pipe. */
    store_relaxed(&wr_fence_asymmetric, false);
    play_all(one_to_one, RUNS / 2);
    play_all(four_to_one, RUNS / 2);
    play_all(one_to_four, RUNS / 2);
    play_all(pair_both_ways, RUNS / 2);
    store_relaxed(&wr_fence_asymmetric, before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_to_one),
        cmocka_unit_test(test_four_to_one),
        cmocka_unit_test(test_one_to_four),
        cmocka_unit_test(test_pair_both_ways),
        cmocka_unit_test(test_with_full_fences),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
