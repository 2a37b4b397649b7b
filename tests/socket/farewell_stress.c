/* SPDX-License-Identifier: MPL-2.0 */
/* Who sends and leaves at once: whatever was accepted arrives, though the
 * receiver is slow, or not yet there; and a PAIR hears each of its peers to the
 * end before the next.
 *
 * In each round some senders come, one session after the other or side by side:
 * open, connect or bind, send, disconnect or not, close. A session is a sender
 * of the verified stream, so that its messages must come whole and in order. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc/arena.h"
#include "core/base/atomic.h"
#include "tests/socket/stream.h"

#include <cmocka.h>

#define VISITORS 2
#define SESSIONS 4 /* of each visitor */
#define MESSAGES 40

/* Of a short run; what is slow does a 16th. */
#ifdef WEIR_DEBUG
#define ROUNDS 12000
#else
#define ROUNDS 3000
#endif

/* What a round is about. */
enum meeting {
    HOST_FIRST,  /* the receiver has bound */
    GUEST_FIRST, /* the guests connect to a name that will be bound */
    GUEST_BINDS, /* each binds a name, to which the host connects first */
};

struct round {
    weir_context *ctx;
    struct stream_law law;
    struct race race;
    enum meeting meeting;
    int host_type;
    int guest_type;
    _Atomic uint64_t visiting;            /* visitors that are not through */
    uint64_t totals[VISITORS * SESSIONS]; /* messages of each */
    uint64_t sum;
    weir_socket *host;
};

struct visitor {
    struct round *round;
    struct race race;
    uint64_t first; /* of its sessions */
    pthread_t thread;
};

static void
set(weir_socket *s, int option, int64_t value)
{
    CHECK(weir_socket_set(s, option, value) == 0);
}

static int64_t
some_limit(struct race *race)
{
    static const int64_t limits[] = { 1000, 1, 0, 2, 7 };

    return limits[race_below(race, 5)];
}

static void
name_of(const struct round *round, uint64_t session, char *name, size_t size)
{
    if (round->meeting == GUEST_BINDS)
        (void)snprintf(name, size, "inproc://guest-%ju", (uintmax_t)session);
    else
        (void)snprintf(name, size, "inproc://host");
}

/* ---- Visitors ---------------------------------------------------------- */

/* Another guest of a PAIR may be there. */
static void
enter(struct visitor *v, weir_socket *s, const char *name)
{
    struct race_stall stall = { 0 };
    int rc;

    while ((rc = weir_connect(s, name)) == -EBUSY)
        race_stalled(&stall);
    CHECK(rc == 0);
    stream_delay(&v->round->law, &v->race);
}

/* With or without a disconnect first. */
static void
leave(struct visitor *v, weir_socket *s, const char *name)
{
    bool binds = v->round->meeting == GUEST_BINDS;

    stream_delay(&v->round->law, &v->race);
    if (race_once_in(&v->race, 2))
        CHECK((binds ? weir_unbind : weir_disconnect)(s, name) == 0);
    stream_delay(&v->round->law, &v->race);
    CHECK(weir_close(s) == 0);
}

static void
visit(struct visitor *v, uint64_t session)
{
    struct round *round = v->round;
    struct stream_sender w;
    weir_socket *s;
    char name[64];

    name_of(round, session, name, sizeof(name));
    CHECK(weir_socket_open(round->ctx, round->guest_type, &s) == 0);
    set(s, WEIR_PENDING_CONNECT, round->meeting == GUEST_FIRST);
    set(s, WEIR_SEND_HWM, some_limit(&v->race));
    if (round->meeting == GUEST_BINDS)
        CHECK(weir_bind(s, name) == 0);
    else
        enter(v, s, name);
    stream_sender_init(&w, &round->law, s, race_next(&v->race));
    w.id = session;
    w.patient = true;
    w.total = round->totals[session];
    while (!stream_sent_all(&w))
        (void)stream_send(&w);
    leave(v, s, name);
    stream_sender_fini(&w);
}

static void *
visit_often(void *arg)
{
    struct visitor *v = arg;

    for (uint64_t i = 0; i < SESSIONS; i++) {
        visit(v, v->first + i);
        stream_delay(&v->round->law, &v->race);
    }
    /* Release: to the host, with what was sent. */
    (void)fetch_sub_acq_rel(&v->round->visiting, 1);
    return NULL;
}

/* ---- The host ---------------------------------------------------------- */

static void
host_meets(struct round *round)
{
    char name[64];

    for (uint64_t i = 0; i < VISITORS * SESSIONS; i++) {
        if (round->meeting != GUEST_BINDS && i > 0)
            return;
        name_of(round, i, name, sizeof(name));
        if (round->meeting == GUEST_BINDS)
            CHECK(weir_connect(round->host, name) == 0);
        else
            CHECK(weir_bind(round->host, name) == 0);
    }
}

/* Once all have left, what they sent is there. */
static void
host(struct round *round, uint64_t seed)
{
    struct race_stall stall = { 0 };
    struct stream_receiver r;

    stream_receiver_init(&r, &round->law, round->host, seed);
    r.alone = true;
    r.patient = true;
    r.in_turn = round->host_type == WEIR_PAIR;
    set(round->host, WEIR_RECV_TIMEOUT_MS, (int64_t)race_below(&r.race, 3) - 1);
    while (r.messages < round->sum) {
        bool late = load_acquire(&round->visiting) == 0; /* what was sent */

        if (stream_receive(&r)) {
            stall.times = 0;
            continue;
        }
        CHECK(!late);
        race_stalled(&stall);
    }
    while (load_acquire(&round->visiting) != 0)
        race_stalled(&stall);
    stream_check_ended(&r);
    for (uint64_t i = 0; i < VISITORS * SESSIONS; i++)
        CHECK(r.next[i] == round->totals[i]);
    CHECK(weir_close(round->host) == 0);
    stream_receiver_fini(&r);
}

/* ---- Rounds ------------------------------------------------------------ */

static void
round_init(struct round *round, uint64_t number, uint64_t seed)
{
    *round = (struct round){ .race = { seed } };
    round->law.seed = race_next(&round->race);
    round->law.least = 8;
    round->law.racing = number % 4 != 0;
    round->meeting = (enum meeting)(number % 3);
    round->host_type = number / 3 % 2 == 0 ? WEIR_PAIR : WEIR_PULL;
    if (round->meeting == GUEST_BINDS)
        round->host_type = WEIR_PULL; /* a PAIR waits for one name */
    round->guest_type = round->host_type == WEIR_PAIR ? WEIR_PAIR : WEIR_PUSH;
    round->ctx = weir_context_new();
    CHECK(round->ctx != NULL);
    CHECK(weir_socket_open(round->ctx, round->host_type, &round->host) == 0);
    set(round->host, WEIR_PENDING_CONNECT, 1);
    set(round->host, WEIR_RECV_HWM, some_limit(&round->race));
    set(round->host, WEIR_WAIT,
        race_once_in(&round->race, 2) ? WEIR_WAIT_ADAPTIVE : WEIR_WAIT_PARK);
    store_relaxed(&round->visiting, VISITORS); /* no thread yet */
    for (int i = 0; i < VISITORS * SESSIONS; i++) {
        round->totals[i] = race_below(&round->race, MESSAGES);
        round->sum += round->totals[i];
    }
}

static void
play(struct round *round)
{
    struct visitor visitors[VISITORS];

    if (round->meeting != GUEST_FIRST)
        host_meets(round);
    for (uint64_t i = 0; i < VISITORS; i++) {
        struct visitor *v = &visitors[i];

        *v = (struct visitor){ .round = round, .first = i * SESSIONS };
        v->race.state = race_next(&round->race);
        CHECK(pthread_create(&v->thread, NULL, visit_often, v) == 0);
    }
    if (round->meeting == GUEST_FIRST) {
        while (race_below(&round->race, 8) > 0)
            race_delay(&round->race);
        host_meets(round);
    }
    host(round, race_next(&round->race));
    for (int i = 0; i < VISITORS; i++)
        CHECK(pthread_join(visitors[i].thread, NULL) == 0);
    CHECK(weir_context_free(round->ctx) == 0);
}

static void
test_all_that_was_sent_arrives(void **state)
{
    uint64_t rounds = race_length(ROUNDS, 300000);
    uint64_t seed = race_seed("farewell");
    uint64_t live = wr_arena_live();
    struct round round;

    (void)state;
    for (uint64_t i = 0; i < rounds; i++) {
        round_init(&round, i, seed + i);
        play(&round);
        stream_check_all_freed();
        CHECK(wr_arena_live() == live);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_that_was_sent_arrives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
