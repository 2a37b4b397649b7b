/* SPDX-License-Identifier: MPL-2.0 */
/* What <zmq.h> offers beside sockets: counters, clocks, threads, and what the
 * library can do. Each function is as thread-safe as what it is made of. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <zmq.h>

#include "core/base/atomic.h"
#include "core/zmq/error.h"

void
zmq_version(int *major, int *minor, int *patch)
{
    *major = ZMQ_VERSION_MAJOR;
    *minor = ZMQ_VERSION_MINOR;
    *patch = ZMQ_VERSION_PATCH;
}

/* It names transports and mechanisms; there is inproc, which has no name. */
int
zmq_has(const char *capability)
{
    (void)capability;
    return 0;
}

int
zmq_curve_keypair(char *public_key, char *secret_key)
{
    (void)public_key, (void)secret_key;
    return wr_zmq_fail(-ENOTSUP);
}

int
zmq_curve_public(char *public_key, const char *secret_key)
{
    (void)public_key, (void)secret_key;
    return wr_zmq_fail(-ENOTSUP);
}

/* ---- Counters ---------------------------------------------------------- */

struct counter {
    _Atomic int32_t value;
};

void *
zmq_atomic_counter_new(void)
{
    struct counter *c = calloc(1, sizeof(*c));

    if (c == NULL)
        (void)wr_zmq_fail(-ENOMEM);
    return c;
}

void
zmq_atomic_counter_set(void *counter, int value)
{
    struct counter *c = counter;

    store_seq_cst(&c->value, value);
}

int
zmq_atomic_counter_inc(void *counter)
{
    struct counter *c = counter;

    /* Programs count references with it: all orders are theirs. */
    return fetch_add_seq_cst(&c->value, 1);
}

int
zmq_atomic_counter_dec(void *counter)
{
    struct counter *c = counter;

    return fetch_add_seq_cst(&c->value, -1) != 1;
}

int
zmq_atomic_counter_value(void *counter)
{
    struct counter *c = counter;

    return load_seq_cst(&c->value);
}

void
zmq_atomic_counter_destroy(void **counter)
{
    free(*counter);
    *counter = NULL;
}

/* ---- Clocks ------------------------------------------------------------ */

static uint64_t
now_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void *
zmq_stopwatch_start(void)
{
    uint64_t *watch = malloc(sizeof(*watch));

    if (watch == NULL)
        (void)wr_zmq_fail(-ENOMEM);
    else
        *watch = now_us();
    return watch;
}

unsigned long
zmq_stopwatch_intermediate(void *watch)
{
    return (unsigned long)(now_us() - *(const uint64_t *)watch);
}

unsigned long
zmq_stopwatch_stop(void *watch)
{
    unsigned long us = zmq_stopwatch_intermediate(watch);

    free(watch);
    return us;
}

void
zmq_sleep(int seconds)
{
    struct timespec ts = { .tv_sec = seconds };

    (void)nanosleep(&ts, NULL);
}

/* ---- Threads ----------------------------------------------------------- */

struct thread {
    pthread_t id;
    zmq_thread_fn *run;
    void *arg;
};

static void *
run_thread(void *arg)
{
    struct thread *t = arg;

    (void)pthread_setname_np(pthread_self(), "ZMQapp"); /* as libzmq's */
    t->run(t->arg);
    return NULL;
}

/* As libzmq's, the thread takes no signals: they are for the program's. */
static int
start(struct thread *t)
{
    sigset_t all, before;
    int error;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&t->id, NULL, run_thread, t);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}

void *
zmq_threadstart(zmq_thread_fn *run, void *arg)
{
    struct thread *t = malloc(sizeof(*t));
    int rc = -ENOMEM;

    if (t != NULL) {
        t->run = run;
        t->arg = arg;
        rc = start(t);
    }
    if (rc == 0)
        return t;
    free(t);
    (void)wr_zmq_fail(rc);
    return NULL;
}

void
zmq_threadclose(void *thread)
{
    struct thread *t = thread;

    if (t == NULL)
        return;
    (void)pthread_join(t->id, NULL);
    free(t);
}
