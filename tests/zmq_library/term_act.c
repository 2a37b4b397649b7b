/* SPDX-License-Identifier: MPL-2.0 */
/* The life of a thread of term_stress: sockets that meet and part, and how it
 * sees the context's end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/zmq_library/term.h"

static const char *const names[] = {
    "inproc://a", "inproc://b", "inproc://c", "inproc://d",
    "inproc://e", "inproc://f", "inproc://g", "inproc://h",
    "inproc://i", "inproc://j", "inproc://k", "inproc://l",
};

static const char *
some_name(struct term_actor *a)
{
    return names[race_below(&a->race, TERM_COUNT(names))];
}

/* ---- Results ----------------------------------------------------------- */

void
term_begin(struct term_actor *a, const char *call)
{
    store_relaxed(&a->doing, call); /* to be printed only */
    a->too_late = a->strict || load_acquire(&a->round->ended); /* T1 */
    errno = 0;
}

static bool
is_one_of(int error, const int *errors, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (error == errors[i])
            return true;
    return false;
}

void
term_check(struct term_actor *a, const char *call, int rc, const int *errors,
           size_t n)
{
    int error = errno;

    if (rc >= 0 && !a->too_late)
        return;
    if (rc == -1 && is_one_of(error, errors, a->too_late ? 1 : n)) {
        a->over = a->over || error == ETERM;
        return;
    }
    (void)fprintf(stderr, "%s gives %d, errno %d (%s)%s\n", call, rc, error,
                  zmq_strerror(error), a->too_late ? " after the end" : "");
    abort();
}

/* ---- Options ----------------------------------------------------------- */

static void
set(struct term_actor *a, int i, int option, int value)
{
    (void)TRY(a, zmq_setsockopt(a->at[i].s, option, &value, sizeof(value)));
}

static void
step_set(struct term_actor *a, int i)
{
    static const int limits[] = { 1000, 1, 0, 2, 7 };

    set(a, i, ZMQ_SNDHWM, limits[race_below(&a->race, TERM_COUNT(limits))]);
    set(a, i, ZMQ_RCVHWM, limits[race_below(&a->race, TERM_COUNT(limits))]);
}

static void
step_get(struct term_actor *a, int i)
{
    char endpoint[32];
    size_t size = sizeof(endpoint);
    int value = -1;

    (void)TRY(a,
              zmq_getsockopt(a->at[i].s, ZMQ_LAST_ENDPOINT, endpoint, &size));
    size = sizeof(value);
    if (TRY(a, zmq_getsockopt(a->at[i].s, ZMQ_TYPE, &value, &size)) == 0)
        CHECK(value == a->at[i].type);
    (void)TRY(a, zmq_getsockopt(a->at[i].s, ZMQ_EVENTS, &value, &size));
    (void)TRY(a, zmq_getsockopt(a->at[i].s, ZMQ_RCVMORE, &value, &size));
}

/* What a type needs to say something. */
static void
set_type_options(struct term_actor *a, int i)
{
    char id[] = "?";

    if (a->at[i].type == ZMQ_SUB)
        (void)TRY(a, zmq_setsockopt(a->at[i].s, ZMQ_SUBSCRIBE, "", 0));
    if (a->at[i].type == ZMQ_XSUB)
        (void)TRY(a, zmq_send(a->at[i].s, "\1", 1, ZMQ_DONTWAIT));
    id[0] = (char)('a' + race_below(&a->race, 8));
    if (race_once_in(&a->race, 4))
        (void)TRY(a, zmq_setsockopt(a->at[i].s, ZMQ_ROUTING_ID, id, 1));
}

/* ---- Opening and closing ----------------------------------------------- */

/* EFAULT: the context is gone. That is seen only by who has no socket. */
static void *
open_socket(struct term_actor *a, int type)
{
    void *s;

    term_begin(a, "zmq_socket");
    s = zmq_socket(a->round->ctx, type);
    if (s == NULL) {
        CHECK(errno == ETERM || errno == EFAULT);
        a->over = true;
    } else {
        CHECK(!a->too_late);
    }
    return s;
}

static void
close_socket(struct term_actor *a, int i)
{
    store_relaxed(&a->doing, "zmq_close"); /* as above */
    if (a->at[i].s != NULL)
        CHECK(zmq_close(a->at[i].s) == 0);
    a->at[i].s = NULL;
}

static void
step_reopen(struct term_actor *a, int i)
{
    close_socket(a, i);
    a->at[i].type = (int)race_below(&a->race, ZMQ_XSUB + 1);
    a->at[i].s = open_socket(a, a->at[i].type);
    if (a->at[i].s == NULL)
        return;
    step_set(a, i);
    set_type_options(a, i);
    /* The end of the context ends waits that have none. */
    if (!race_once_in(&a->race, 10)) {
        set(a, i, ZMQ_SNDTIMEO, race_once_in(&a->race, 4));
        set(a, i, ZMQ_RCVTIMEO, race_once_in(&a->race, 4));
    }
}

/* ---- Meeting ----------------------------------------------------------- */

static void
step_bind(struct term_actor *a, int i)
{
    (void)TRY(a, zmq_bind(a->at[i].s, some_name(a)), EADDRINUSE);
}

static void
step_connect(struct term_actor *a, int i)
{
    (void)TRY(a, zmq_connect(a->at[i].s, some_name(a)));
}

/* Mostly that of an endpoint that the socket has. */
static void
choose_name(struct term_actor *a, int i, char *name, size_t size)
{
    (void)snprintf(name, size, "%s", some_name(a));
    if (!race_once_in(&a->race, 4))
        (void)TRY(a,
                  zmq_getsockopt(a->at[i].s, ZMQ_LAST_ENDPOINT, name, &size));
    if (name[0] == '\0')
        (void)strcpy(name, names[0]);
}

static void
step_unbind(struct term_actor *a, int i)
{
    char name[32];

    choose_name(a, i, name, sizeof(name));
    (void)TRY(a, zmq_unbind(a->at[i].s, name), ENOENT);
}

static void
step_disconnect(struct term_actor *a, int i)
{
    char name[32];

    choose_name(a, i, name, sizeof(name));
    (void)TRY(a, zmq_disconnect(a->at[i].s, name), ENOENT);
}

/* Others connect to the monitor, whatever they are. */
static void
step_monitor(struct term_actor *a, int i)
{
    const char *name = race_once_in(&a->race, 3) ? NULL : some_name(a);

    (void)TRY(a, zmq_socket_monitor(a->at[i].s, name, ZMQ_EVENT_ALL),
              EADDRINUSE);
}

/* Two more sockets, and what is between them until the end. */
static void
step_proxy(struct term_actor *a, int i)
{
    static const int types[][2] = { { ZMQ_ROUTER, ZMQ_DEALER },
                                    { ZMQ_XSUB, ZMQ_XPUB },
                                    { ZMQ_PULL, ZMQ_PUSH },
                                    { ZMQ_PAIR, ZMQ_PAIR } };
    const int *pair = types[race_below(&a->race, TERM_COUNT(types))];
    struct term_actor two = *a;

    if (!race_once_in(&a->race, 20))
        return;
    (void)i;
    for (int k = 0; k < 2; k++) {
        two.at[k].type = pair[k];
        two.at[k].s = open_socket(&two, pair[k]);
        if (two.at[k].s != NULL) {
            step_bind(&two, k);
            step_connect(&two, k);
        }
    }
    if (two.at[0].s != NULL && two.at[1].s != NULL)
        CHECK(TRY(&two, zmq_proxy(two.at[0].s, two.at[1].s, NULL)) == -1);
    CHECK(two.over);
    close_socket(&two, 0);
    close_socket(&two, 1);
    a->over = true;
}

/* One of the actors ends it. */
static void
step_shutdown(struct term_actor *a, int i)
{
    (void)i;
    if (!race_once_in(&a->race, 500))
        return;
    CHECK(zmq_ctx_shutdown(a->round->ctx) == 0);
    store_release(&a->round->ended, true); /* T1 */
}

/* ---- Acting ------------------------------------------------------------ */

static void
step(struct term_actor *a, int i)
{
    static term_step *const meet[] = {
        step_bind,    step_bind,  step_unbind,  step_connect,
        step_connect, step_get,   step_set,     step_disconnect,
        step_reopen,  step_proxy, step_monitor, step_shutdown,
    };
    static term_step *const talk[] = {
        term_send,
        term_send_message,
        term_send,
        term_send_message,
        term_receive,
        term_receive_message,
        term_receive,
        term_echo,
        term_echo,
        term_poll,
        term_wait_for_descriptor,
    };

    if (race_once_in(&a->race, 4))
        meet[race_below(&a->race, TERM_COUNT(meet))](a, i);
    else
        talk[race_below(&a->race, TERM_COUNT(talk))](a, i);
}

/* A shutdown reaches one socket after the other, and gives notice when it has
 * reached all: another one's ETERM is not the end of this one yet. */
static void
wait_for_the_end(struct term_actor *a, int i)
{
    char byte;

    a->strict = false;
    a->over = false;
    while (!a->over) {
        (void)TRY(a, zmq_recv(a->at[i].s, &byte, 1, 0), EAGAIN, ENOTSUP, EFSM);
        (void)sched_yield();
    }
    a->strict = true;
}

/* There is no call that works now. */
static void
see_the_end(struct term_actor *a, int i)
{
    zmq_pollitem_t item = { .socket = a->at[i].s, .events = ZMQ_POLLIN };
    int fd;
    size_t size = sizeof(fd);
    char byte;

    wait_for_the_end(a, i);
    CHECK(TRY(a, zmq_recv(a->at[i].s, &byte, 1, 0)) == -1);
    CHECK(TRY(a, zmq_send(a->at[i].s, "x", 1, 0)) == -1);
    CHECK(TRY(a, zmq_poll(&item, 1, -1)) == -1);
    CHECK(TRY(a, zmq_getsockopt(a->at[i].s, ZMQ_FD, &fd, &size)) == -1);
    step_bind(a, i);
    step_connect(a, i);
    step_disconnect(a, i);
    step_set(a, i);
    step_monitor(a, i);
}

void *
term_act(void *actor)
{
    struct term_actor *a = actor;

    for (int i = 0; i < TERM_SOCKETS && !a->over; i++) {
        step_reopen(a, i);
        if (!a->over)
            step_bind(a, i);
        if (!a->over)
            step_connect(a, i);
    }
    while (!a->over) {
        step(a, (int)race_below(&a->race, TERM_SOCKETS));
        fetch_add_relaxed(&a->round->steps, 1); /* only to end some time */
        race_delay(&a->race);
    }
    for (int i = 0; i < TERM_SOCKETS; i++)
        if (a->at[i].s != NULL)
            see_the_end(a, i);
    for (int i = 0; i < TERM_SOCKETS; i++)
        close_socket(a, i);
    CHECK(open_socket(a, ZMQ_PAIR) == NULL);
    store_relaxed(&a->doing, "nothing more"); /* as above */
    return NULL;
}
