/* SPDX-License-Identifier: MPL-2.0 */
/* One PUB, several SUBs that subscribe, unsubscribe, close and open again while
 * messages flow. What a SUB receives begins with what it is subscribed to then,
 * is intact, and newer than what it received before. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/socket/topics.h"

#define SUBS   4
#define TOPICS 6
#define FRAMES 3

struct run {
    weir_context *ctx;
    uint64_t seed;
    uint64_t steps;            /* of each subscriber */
    _Atomic uint64_t external; /* made less freed */
    _Atomic uint64_t received;
    _Atomic int subscribers; /* that are not done */
    _Atomic bool ready;
};

struct subscriber {
    struct run *run;
    struct random random;
    weir_socket *s;
    int counts[TOPICS];
    uint64_t newest; /* number of a message, from 1 on */
};

/* ---- Messages ---------------------------------------------------------- */

/* The first frame: its topic, in one letter or two, and its number. Each frame
 * ends with bytes that the number gives. */
struct head {
    char topic[8];
    uint64_t number;
    uint32_t size;
    uint32_t frames;
};

static const char *const topics[TOPICS] = { "", "a", "ab", "b", "ba", "c" };

static unsigned char
byte_of(uint64_t number, size_t i)
{
    return (unsigned char)(number * 131 + i * 7);
}

static void
free_external(void *data, void *hint)
{
    struct run *run = hint;

    run->external--;
    free(data);
}

static void
make_frame(struct run *run, weir_socket *pub, weir_msg *msg,
           const struct head *head)
{
    unsigned char *data;

    if (head->number % 5 == 0) {
        void *bytes = malloc(head->size);

        CHECK(bytes != NULL);
        run->external++;
        OK(weir_msg_init_external(msg, bytes, head->size, free_external, run));
    } else {
        OK(weir_msg_init_size(msg, pub, head->size));
    }
    data = weir_msg_data(msg);
    memcpy(data, head, sizeof(*head));
    for (size_t i = sizeof(*head); i < head->size; i++)
        data[i] = byte_of(head->number, i);
}

static void
check_frame(const weir_msg *msg, uint64_t number, struct head *head)
{
    const unsigned char *data = weir_msg_bytes(msg);
    size_t bad = 0;

    CHECK(weir_msg_size(msg) >= sizeof(*head));
    memcpy(head, data, sizeof(*head));
    EQUAL(weir_msg_size(msg), head->size);
    if (number != 0)
        EQUAL(head->number, number);
    for (size_t i = sizeof(*head); i < head->size; i++)
        bad += data[i] != byte_of(head->number, i);
    EQUAL(bad, 0);
}

/* ---- The publisher ----------------------------------------------------- */

/* Makes the frames of a message; how many. */
static size_t
make_message(struct run *run, weir_socket *pub, struct random *random,
             uint64_t number, weir_msg *msgs)
{
    static const uint32_t sizes[] = { 24, 40, 56, 80, 700 };
    struct head head = { .number = number };

    (void)snprintf(head.topic, sizeof(head.topic), "%s.",
                   topics[random_below(random, TOPICS)]);
    head.size = sizes[random_below(random, 5)];
    head.frames = number % 7 == 0 ? FRAMES : 1;
    for (uint32_t i = 0; i < head.frames; i++) {
        make_frame(run, pub, &msgs[i], &head);
        weir_msg_set_more(&msgs[i], i + 1 < head.frames);
    }
    return head.frames;
}

/* Sends messages, in an array or frame by frame, from `number` on; how many. */
static uint64_t
publish(struct run *run, weir_socket *pub, struct random *random,
        uint64_t number)
{
    uint64_t n = 1 + random_below(random, 10);
    weir_msg msgs[10 * FRAMES];
    size_t frames = 0;

    for (uint64_t i = 0; i < n; i++)
        frames += make_message(run, pub, random, number + i, &msgs[frames]);
    if (random_below(random, 2) == 0) {
        GIVES(frames, weir_send_batch(pub, msgs, frames, 0));
        return n;
    }
    for (size_t i = 0; i < frames; i++)
        OK(weir_send(pub, &msgs[i], 0));
    return n;
}

static void *
publisher(void *arg)
{
    struct run *run = arg;
    struct random random = random_from(run->seed);
    weir_socket *pub = new_socket(run->ctx, WEIR_PUB);

    OK(weir_bind(pub, "inproc://link"));
    run->ready = true;
    for (uint64_t i = 1; run->subscribers > 0;)
        i += publish(run, pub, &random, i);
    OK(weir_close(pub));
    return NULL;
}

/* ---- Subscribers ------------------------------------------------------- */

static void
change(struct subscriber *x)
{
    uint64_t k = random_below(&x->random, TOPICS);

    if (x->counts[k] == 0 || random_below(&x->random, 3) == 0) {
        subscribe(x->s, topics[k]);
        x->counts[k]++;
    } else {
        unsubscribe(x->s, topics[k]);
        x->counts[k]--;
    }
}

static void
reopen(struct subscriber *x)
{
    if (x->s != NULL)
        OK(weir_close(x->s));
    memset(x->counts, 0, sizeof(x->counts));
    x->s = new_socket(x->run->ctx, WEIR_SUB);
    set(x->s, WEIR_RECV_HWM, 1 + (int64_t)random_below(&x->random, 200));
    set(x->s, WEIR_RECV_TIMEOUT_MS, 60000); /* ends a test that would hang */
    if (random_below(&x->random, 2) == 0)
        change(x);
    OK(weir_connect(x->s, "inproc://link"));
}

static void
check_wanted(const struct subscriber *x, const struct head *head)
{
    bool wanted = false;

    for (int k = 0; k < TOPICS; k++)
        wanted |= x->counts[k] > 0 &&
                  strncmp(head->topic, topics[k], strlen(topics[k])) == 0;
    CHECK(wanted);
}

static void
check_message(struct subscriber *x, weir_msg *msgs, size_t n)
{
    struct head head;

    check_frame(&msgs[0], 0, &head);
    check_wanted(x, &head);
    CHECK(head.number > x->newest);
    x->newest = head.number;
    EQUAL(head.frames, n);
    for (size_t i = 1; i < n; i++)
        check_frame(&msgs[i], head.number, &head);
    x->run->received++;
}

/* Receives a message, frame by frame. False: there is none. */
static bool
receive(struct subscriber *x, int flags)
{
    weir_msg msgs[FRAMES];
    ssize_t n = 0;
    int rc;

    do {
        rc = CALL(weir_recv(x->s, &msgs[n], flags));
        if (n == 0 && rc == -EAGAIN)
            return false;
        EQUAL(rc, 0);
    } while (weir_msg_more(&msgs[n++]));
    check_message(x, msgs, (size_t)n);
    OK(weir_msg_drop_batch(msgs, (size_t)n));
    return true;
}

static void
receive_array(struct subscriber *x)
{
    weir_msg msgs[20];
    ssize_t n = CALL(weir_recv_batch(x->s, msgs, 20, WEIR_DONTWAIT));
    ssize_t first = 0;

    CHECK(n > 0 || n == -EAGAIN);
    for (ssize_t i = 0; i < n; i++) {
        if (weir_msg_more(&msgs[i]))
            continue;
        check_message(x, &msgs[first], (size_t)(i + 1 - first));
        first = i + 1;
    }
    if (n > 0)
        OK(weir_msg_drop_batch(msgs, (size_t)n));
}

/* The publisher never stops: what is subscribed to comes. */
static void
receive_surely(struct subscriber *x)
{
    subscribe(x->s, "");
    x->counts[0]++;
    CHECK(receive(x, 0));
}

static void
step(struct subscriber *x)
{
    switch (random_below(&x->random, 8)) {
    case 0:
        change(x);
        break;
    case 1:
        if (random_below(&x->random, 30) == 0)
            reopen(x);
        else if (random_below(&x->random, 10) == 0)
            receive_surely(x);
        break;
    case 2:
        if ((get(x->s, WEIR_EVENTS) & WEIR_POLLIN) != 0)
            CHECK(receive(x, WEIR_DONTWAIT));
        break;
    case 3:
        receive_array(x);
        break;
    default:
        (void)receive(x, WEIR_DONTWAIT);
        break;
    }
}

static void *
subscriber(void *arg)
{
    struct subscriber *x = arg;

    while (!x->run->ready)
        (void)sched_yield();
    reopen(x);
    for (uint64_t i = 0; i < x->run->steps; i++)
        step(x);
    receive_surely(x);
    OK(weir_close(x->s));
    x->run->subscribers--;
    return NULL;
}

static void
subscribers_come_and_go(void **state)
{
    static struct subscriber subs[SUBS];
    struct run run = { .ctx = new_context(),
                       .seed = announce_seed(),
                       .steps = SCALED(1000000),
                       .subscribers = SUBS };
    pthread_t threads[SUBS + 1];

    (void)state;
    for (int i = 0; i < SUBS; i++) {
        subs[i].run = &run;
        subs[i].random = random_from(run.seed + 1 + (uint64_t)i);
        threads[i] = start(subscriber, &subs[i]);
    }
    threads[SUBS] = start(publisher, &run);
    for (int i = 0; i <= SUBS; i++)
        finish(threads[i]);
    EQUAL(run.external, 0);
    fprintf(stderr, "received %lu\n", (unsigned long)run.received);
    OK(weir_context_free(run.ctx));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subscribers_come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
