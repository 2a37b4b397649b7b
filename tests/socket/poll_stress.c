/* SPDX-License-Identifier: MPL-2.0 */
/* Threads that wait for many sockets, each in another way, while others send at
 * random. Nobody has a timeout: a wake-up that is lost ends in a hang. */
#include <sched.h>
#include <unistd.h>
#include <weir/poll.h>

#include "tests/socket/support.h"

#define GROUPS   4  /* one for each way of waiting */
#define SOCKETS  24 /* of a group */
#define SENDERS  3
#define MESSAGES SCALED(60000) /* of a sender to a group */

/* Mostly nothing; now and then a short spin, seldom a yield. */
static void
delay(struct random *r)
{
    uint64_t dice = random_below(r, 512);

    if (dice < 32)
        for (uint64_t n = dice * 16; n > 0; n--)
            __asm__ __volatile__("" ::: "memory");
    else if (dice == 32)
        (void)sched_yield();
}

/* ---- Receivers --------------------------------------------------------- */

struct group {
    weir_socket *pull[SOCKETS];
    uint64_t next[SOCKETS][SENDERS]; /* the least number that may come */
    uint64_t left;                   /* messages to come */
    struct random random;
};

static int
index_of(const struct group *g, const weir_socket *s)
{
    int i = 0;

    while (g->pull[i] != s)
        i++;
    return i;
}

/* Receives one or all of what is there, as chance has it. */
static void
receive(struct group *g, int i)
{
    weir_msg msg;
    int rc = 0;

    do {
        uint64_t number;
        uint64_t *next;

        rc = CALL(weir_recv(g->pull[i], &msg, WEIR_DONTWAIT));
        if (rc != 0)
            break;
        number = number_of(&msg);
        next = &g->next[i][number % SENDERS];
        CHECK(number / SENDERS >= *next);
        *next = number / SENDERS + 1;
        g->left--;
        delay(&g->random);
    } while (random_below(&g->random, 4) > 0);
    EQUAL(rc == 0 ? -EAGAIN : rc, -EAGAIN);
}

static void
wait_by_poll(struct group *g, int fd)
{
    weir_poll_item items[SOCKETS + 1];
    size_t n = SOCKETS;

    for (int i = 0; i < SOCKETS; i++)
        items[i] =
            (weir_poll_item){ .socket = g->pull[i], .events = WEIR_POLLIN };
    if (fd >= 0)
        items[n++] = (weir_poll_item){ .fd = fd, .events = WEIR_POLLIN };
    while (g->left > 0) {
        CHECK(CALL(weir_poll(items, n, -1, 0)) > 0);
        for (int i = 0; i < SOCKETS; i++)
            if (items[i].revents != 0)
                receive(g, i);
    }
}

static void
wait_by_poller(struct group *g, int fd)
{
    weir_poller *p = weir_poller_new();
    weir_poll_event events[4];
    ssize_t n;

    CHECK(p != NULL);
    for (int i = 0; i < SOCKETS; i++)
        OK(weir_poller_add(p, g->pull[i], WEIR_POLLIN, NULL));
    if (fd >= 0)
        OK(weir_poller_add_fd(p, fd, WEIR_POLLIN, NULL));
    while (g->left > 0) {
        n = CALL(weir_poller_wait(p, events, 4, -1, 0));
        CHECK(n > 0);
        for (ssize_t i = 0; i < n; i++)
            receive(g, index_of(g, events[i].socket));
        /* A member that comes and goes loses nothing. */
        if (random_below(&g->random, 64) == 0) {
            weir_socket *s = g->pull[random_below(&g->random, SOCKETS)];

            OK(weir_poller_remove(p, s));
            OK(weir_poller_add(p, s, WEIR_POLLIN, NULL));
        }
    }
    OK(weir_poller_free(p));
}

struct receiver {
    struct group *group;
    bool poller;
    int fd; /* one that is never ready, or -1 */
};

static void *
receive_all(void *arg)
{
    const struct receiver *me = arg;

    if (me->poller)
        wait_by_poller(me->group, me->fd);
    else
        wait_by_poll(me->group, me->fd);
    return NULL;
}

/* ---- Senders ----------------------------------------------------------- */

struct sender {
    weir_socket *push[GROUPS][SOCKETS];
    uint64_t id;
    struct random random;
};

static void *
send_all(void *arg)
{
    struct sender *me = arg;
    struct random *r = &me->random;

    for (uint64_t n = 0; n < MESSAGES; n++)
        for (int g = 0; g < GROUPS; g++) {
            OK(send_number(me->push[g][random_below(r, SOCKETS)],
                           n * SENDERS + me->id, 0));
            delay(r);
            if (random_below(r, 2000) == 0)
                (void)usleep(100); /* the others run dry and sleep */
        }
    return NULL;
}

/* ---- All together ------------------------------------------------------ */

static void
connect_all(weir_context *ctx, struct group *groups, struct sender *senders)
{
    static char name[] = "inproc://g-s";

    for (int g = 0; g < GROUPS; g++)
        for (int i = 0; i < SOCKETS; i++) {
            name[9] = (char)('0' + g);
            name[11] = (char)('A' + i);
            groups[g].pull[i] = new_socket(ctx, WEIR_PULL);
            set(groups[g].pull[i], WEIR_RECV_HWM, 1 + i % 5);
            OK(weir_bind(groups[g].pull[i], name));
            for (int k = 0; k < SENDERS; k++) {
                weir_socket *s = new_socket(ctx, WEIR_PUSH);

                set(s, WEIR_SEND_HWM, 1 + i % 7);
                OK(weir_connect(s, name));
                senders[k].push[g][i] = s;
            }
        }
}

static void
close_all(struct group *groups, struct sender *senders)
{
    for (int g = 0; g < GROUPS; g++)
        for (int i = 0; i < SOCKETS; i++) {
            OK(weir_close(groups[g].pull[i]));
            for (int k = 0; k < SENDERS; k++)
                OK(weir_close(senders[k].push[g][i]));
        }
}

static void
no_message_is_slept_through(void **state)
{
    static struct group groups[GROUPS];
    static struct sender senders[SENDERS];
    struct receiver receivers[GROUPS];
    pthread_t threads[GROUPS + SENDERS];
    weir_context *ctx = new_context();
    uint64_t seed = announce_seed();
    int quiet[2];

    (void)state;
    EQUAL(pipe(quiet), 0);
    connect_all(ctx, groups, senders);
    for (int g = 0; g < GROUPS; g++) {
        groups[g].left = (uint64_t)SENDERS * MESSAGES;
        groups[g].random = random_from(seed + (uint64_t)g);
        receivers[g] =
            (struct receiver){ &groups[g], g % 2 != 0, g < 2 ? -1 : quiet[0] };
        threads[g] = start(receive_all, &receivers[g]);
    }
    for (int k = 0; k < SENDERS; k++) {
        senders[k].id = (uint64_t)k;
        senders[k].random = random_from(seed + 100 + (uint64_t)k);
        threads[GROUPS + k] = start(send_all, &senders[k]);
    }
    for (int i = 0; i < GROUPS + SENDERS; i++)
        finish(threads[i]);
    close_all(groups, senders);
    (void)close(quiet[0]);
    (void)close(quiet[1]);
    OK(weir_context_free(ctx));
}

/* ---- Waiting for room -------------------------------------------------- */

#define ROOMS SCALED(100000)

struct filler {
    weir_socket *push[SOCKETS];
    bool poller;
};

/* Sends to whichever peer has room. */
static void *
send_where_there_is_room(void *arg)
{
    const struct filler *me = arg;
    weir_poller *p = weir_poller_new();
    weir_poll_item items[SOCKETS];
    uint64_t left = ROOMS;

    CHECK(p != NULL);
    for (int i = 0; i < SOCKETS; i++) {
        items[i] =
            (weir_poll_item){ .socket = me->push[i], .events = WEIR_POLLOUT };
        OK(weir_poller_add(p, me->push[i], WEIR_POLLOUT, &items[i]));
    }
    while (left > 0) {
        weir_poll_event e;

        if (me->poller) {
            for (int i = 0; i < SOCKETS; i++)
                items[i].revents = 0;
            GIVES(1, weir_poller_wait(p, &e, 1, -1, 0));
            ((weir_poll_item *)e.user)->revents = WEIR_POLLOUT;
        } else {
            CHECK(CALL(weir_poll(items, SOCKETS, -1, 0)) > 0);
        }
        for (int i = 0; i < SOCKETS && left > 0; i++)
            if (items[i].revents != 0) {
                OK(send_number(me->push[i], left, WEIR_DONTWAIT));
                left--;
            }
    }
    OK(weir_poller_free(p));
    return NULL;
}

static void
no_room_is_slept_through(void **state)
{
    for (int poller = 0; poller < 2; poller++) {
        struct filler f = { .poller = poller != 0 };
        struct random r = random_from(announce_seed());
        weir_context *ctx = new_context();
        weir_socket *pull[SOCKETS];
        char name[] = "inproc://r";
        pthread_t thread;
        uint64_t left = ROOMS;

        (void)state;
        for (int i = 0; i < SOCKETS; i++) {
            name[9] = (char)('A' + i);
            pull[i] = new_socket(ctx, WEIR_PULL);
            f.push[i] = new_socket(ctx, WEIR_PUSH);
            set(pull[i], WEIR_RECV_HWM, 1);
            set(f.push[i], WEIR_SEND_HWM, 1);
            OK(weir_bind(pull[i], name));
            OK(weir_connect(f.push[i], name));
        }
        thread = start(send_where_there_is_room, &f);
        while (left > 0) {
            weir_msg msg;

            if (CALL(weir_recv(pull[random_below(&r, SOCKETS)], &msg,
                               WEIR_DONTWAIT)) == 0)
                left--;
            delay(&r);
        }
        finish(thread);
        for (int i = 0; i < SOCKETS; i++) {
            OK(weir_close(pull[i]));
            OK(weir_close(f.push[i]));
        }
        OK(weir_context_free(ctx));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_message_is_slept_through),
        cmocka_unit_test(no_room_is_slept_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
