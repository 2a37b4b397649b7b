/* SPDX-License-Identifier: MPL-2.0 */
/* Actors: threads that CZMQ starts, each at one end of a pair of sockets. */
#include "czmq_parts.h"

#if WEIR_HAVE_CZMQ

#include "czmq_expect.h"

#include <dirent.h>
#include <malloc.h>
#include <sched.h>
#include <unistd.h>

#define ACTORS       8
#define MANY_ACTORS  100
#define MESSAGES     200
#define GENERATIONS  20
#define BYTES_LEAKED (1024 * 1024)

/* Answers every message with its frames in front of its own number, until it
 * is told to end. */
static void
echo(zsock_t *pipe, void *number)
{
    zsock_signal(pipe, 0);
    for (;;) {
        zmsg_t *msg = zmsg_recv(pipe);
        zframe_t *first;

        if (!msg)
            return;
        first = zmsg_first(msg);
        if (zframe_streq(first, "$TERM")) {
            zmsg_destroy(&msg);
            return;
        }
        zmsg_addstrf(msg, "%d", *(int *)number);
        CHECK(zmsg_send(&msg, pipe) == 0);
    }
}

static void
expect_answer(zactor_t *actor, int number, int sequence)
{
    char *text = NULL, *answered = NULL, *by = NULL;

    CHECK(zstr_recvx(actor, &text, &answered, &by, NULL) == 3);
    CHECK(streq(text, "message"));
    CHECK(atoi(answered) == sequence);
    CHECK(atoi(by) == number);
    zstr_free(&text);
    zstr_free(&answered);
    zstr_free(&by);
}

/* Each actor has all of its messages waiting while the others are asked. */
void
part_actors(void)
{
    zactor_t *actors[ACTORS];
    int numbers[ACTORS];

    for (int i = 0; i < ACTORS; i++) {
        numbers[i] = i;
        actors[i] = zactor_new(echo, &numbers[i]);
        CHECK(actors[i] && zactor_is(actors[i]));
    }
    for (int m = 0; m < MESSAGES; m++) {
        for (int i = 0; i < ACTORS; i++) {
            CHECK(zstr_sendm(actors[i], "message") == 0);
            CHECK(zstr_sendf(actors[i], "%d", m) == 0);
        }
    }
    for (int i = 0; i < ACTORS; i++) {
        for (int m = 0; m < MESSAGES; m++)
            expect_answer(actors[i], i, m);
        zactor_destroy(&actors[i]);
        CHECK(!actors[i]);
    }
}

static void
collect_answers(zpoller_t *poller, zactor_t **actors)
{
    int sum = 0;

    for (int i = 0; i < MANY_ACTORS; i++) {
        zactor_t *ready = zpoller_wait(poller, -1);
        char *question;
        int number;

        CHECK(ready && zactor_is(ready));
        CHECK(zsock_recv(ready, "si", &question, &number) == 0);
        CHECK(streq(question, "who"));
        zstr_free(&question);
        CHECK(ready == actors[number]);
        sum += number;
    }
    CHECK(sum == MANY_ACTORS * (MANY_ACTORS - 1) / 2);
}

static int
entries_of(const char *folder)
{
    DIR *dir = opendir(folder);
    int count = -2; /* "." and ".." */

    CHECK(dir != NULL);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* Actors are detached threads: they go on a little after they are destroyed. */
static void
wait_for_threads(int count)
{
    while (entries_of("/proc/self/task") > count)
        sched_yield();
}

/* Starts many actors, asks each, collects the answers in the order in which
 * they come, and ends all. */
static void
one_generation(void)
{
    zactor_t *actors[MANY_ACTORS];
    int numbers[MANY_ACTORS];
    zpoller_t *poller = zpoller_new(NULL);
    zsock_t *first = zsock_new(ZMQ_PAIR); /* starts libzmq's own threads */
    int threads = entries_of("/proc/self/task");

    for (int i = 0; i < MANY_ACTORS; i++) {
        numbers[i] = i;
        actors[i] = zactor_new(echo, &numbers[i]);
        CHECK(actors[i]);
        CHECK(zpoller_add(poller, actors[i]) == 0);
    }
    for (int i = 0; i < MANY_ACTORS; i++)
        CHECK(zstr_send(actors[i], "who") == 0);
    collect_answers(poller, actors);
    zpoller_destroy(&poller);
    for (int i = 0; i < MANY_ACTORS; i++)
        zactor_destroy(&actors[i]);
    zsock_destroy(&first);
    wait_for_threads(threads);
}

void
part_hundred_actors(void)
{
    one_generation();
}

static size_t
heap_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* What is asked for again and again is also given back. libzmq does so on a
 * thread of its own, some time after a socket is closed. */
void
part_actor_generations(void)
{
    size_t before;

    for (int i = 0; i < GENERATIONS; i++)
        one_generation();
    before = heap_in_use();
    for (int i = 0; i < GENERATIONS; i++)
        one_generation();
    while (heap_in_use() > before + BYTES_LEAKED)
        sched_yield();
}

/* libzmq reports nothing of inproc, but can be asked to. */
void
part_monitor(void)
{
    zsock_t *watched = zsock_new_pull("@inproc://monitored");
    zactor_t *monitor = zactor_new(zmonitor, watched);

    CHECK(watched && monitor);
    CHECK(zstr_sendx(monitor, "LISTEN", "ALL", NULL) == 0);
    CHECK(zstr_send(monitor, "START") == 0);
    CHECK(zsock_wait(monitor) == 0);
    zactor_destroy(&monitor);
    zsock_destroy(&watched);
}

/* CZMQ's authenticator is an actor at a well-known inproc name. */
void
part_zap_handler(void)
{
    zactor_t *auth = zactor_new(zauth, NULL);
    zsock_t *asker = zsock_new_req(">inproc://zeromq.zap.01");
    char *version, *sequence, *status;

    CHECK(auth && asker);
    CHECK(zstr_sendx(auth, "ALLOW", "127.0.0.1", NULL) == 0);
    CHECK(zsock_wait(auth) == 0);
    CHECK(zstr_sendx(asker, "1.0", "7", "domain", "127.0.0.1", "", "NULL",
                     NULL) == 0);
    CHECK(zstr_recvx(asker, &version, &sequence, &status, NULL) >= 3);
    CHECK(streq(version, "1.0") && streq(sequence, "7"));
    CHECK(streq(status, "200"));
    zstr_free(&version);
    zstr_free(&sequence);
    zstr_free(&status);
    zsock_destroy(&asker);
    zactor_destroy(&auth);
}

/* Eventfds, epolls and the like, which only libzmq opens here. */
static int
special_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    int count = 0;

    CHECK(dir != NULL);
    while ((entry = readdir(dir))) {
        char target[16] = { 0 };

        if (readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1) >
            0)
            count += strncmp(target, "anon_inode:", 11) == 0;
    }
    closedir(dir);
    return count;
}

/* Has to be the last part: once shut down, CZMQ 4.2 goes on without the lock
 * that protects its list of sockets. */
void
part_shutdown(void)
{
    one_generation();
    zsys_shutdown();
    CHECK(special_files() == 0);
    wait_for_threads(1);
}

#endif
