/* SPDX-License-Identifier: MPL-2.0 */
/* Sending, receiving and waiting, as steps of term_stress. Nearly all waits
 * without an end are rare, so that not all threads are soon in one. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "tests/zmq_library/term.h"

_Atomic uint64_t term_made;
_Atomic uint64_t term_freed;

#define LARGEST 6000

/* From here on, all bytes are the same and tell the size; what is smaller may
 * be an id or a subscription. */
#define CHECKED 64

static const size_t sizes[] = { 0, 1, 8, 33, 56, 57, 300, LARGEST };

static size_t
some_size(struct term_actor *a)
{
    return sizes[race_below(&a->race, TERM_COUNT(sizes))];
}

static int
some_flags(struct term_actor *a)
{
    return (race_once_in(&a->race, 8) ? 0 : ZMQ_DONTWAIT) |
           (race_once_in(&a->race, 4) ? ZMQ_SNDMORE : 0);
}

static void
check_bytes(const void *data, size_t size)
{
    const unsigned char *bytes = data;

    if (size < CHECKED)
        return;
    CHECK(size <= LARGEST);
    for (size_t i = 0; i < size; i++)
        CHECK(bytes[i] == (unsigned char)size);
}

/* ---- Sending ----------------------------------------------------------- */

void
term_send(struct term_actor *a, int i)
{
    unsigned char bytes[LARGEST];
    size_t size = some_size(a);
    int flags = some_flags(a);
    int rc;

    memset(bytes, (int)size, size);
    rc =
        TRY(a, zmq_send(a->at[i].s, bytes, size, flags), EAGAIN, ENOTSUP, EFSM);
    CHECK(rc < 0 || (size_t)rc == size);
}

static void
free_external(void *data, void *hint)
{
    CHECK(hint == &term_freed);
    fetch_add_relaxed(&term_freed, 1); /* read when all threads have ended */
    free(data);
}

static void
make_external(zmq_msg_t *msg, size_t size)
{
    unsigned char *data = malloc(size + 1);

    CHECK(data != NULL);
    fetch_add_relaxed(&term_made, 1); /* as above */
    CHECK(zmq_msg_init_data(msg, data, size, free_external, &term_freed) == 0);
}

/* A message of one of the kinds; other is closed by the caller too. */
static void
make_message(struct term_actor *a, zmq_msg_t *msg, zmq_msg_t *other)
{
    size_t size = some_size(a);

    CHECK(zmq_msg_init(other) == 0);
    if (race_once_in(&a->race, 2))
        make_external(msg, size);
    else
        CHECK(zmq_msg_init_size(msg, size) == 0);
    memset(zmq_msg_data(msg), (int)size, size);
    if (race_once_in(&a->race, 4))
        CHECK(zmq_msg_copy(other, msg) == 0);
}

void
term_send_message(struct term_actor *a, int i)
{
    zmq_msg_t msg, other;
    int flags = some_flags(a);

    make_message(a, &msg, &other);
    (void)TRY(a, zmq_msg_send(&msg, a->at[i].s, flags), EAGAIN, ENOTSUP, EFSM);
    CHECK(zmq_msg_close(&msg) == 0);
    CHECK(zmq_msg_close(&other) == 0);
}

/* ---- Receiving --------------------------------------------------------- */

void
term_receive(struct term_actor *a, int i)
{
    unsigned char bytes[LARGEST];
    int flags = some_flags(a) & ZMQ_DONTWAIT;
    int rc = TRY(a, zmq_recv(a->at[i].s, bytes, sizeof(bytes), flags), EAGAIN,
                 ENOTSUP, EFSM);

    if (rc >= 0)
        check_bytes(bytes, (size_t)rc);
}

static int
receive_into(struct term_actor *a, int i, zmq_msg_t *msg, int flags)
{
    int rc =
        TRY(a, zmq_msg_recv(msg, a->at[i].s, flags), EAGAIN, ENOTSUP, EFSM);

    if (rc >= 0) {
        CHECK((size_t)rc == zmq_msg_size(msg));
        check_bytes(zmq_msg_data(msg), zmq_msg_size(msg));
    }
    return rc;
}

/* A whole message, mostly: once there is a frame, those that follow are. */
void
term_receive_message(struct term_actor *a, int i)
{
    int flags = some_flags(a) & ZMQ_DONTWAIT;
    zmq_msg_t msg;

    CHECK(zmq_msg_init(&msg) == 0);
    while (receive_into(a, i, &msg, flags) >= 0 && zmq_msg_more(&msg))
        continue;
    CHECK(zmq_msg_close(&msg) == 0);
}

/* Sends back what it receives, so that a ROUTER and a REP say something too. */
void
term_echo(struct term_actor *a, int i)
{
    int flags = some_flags(a) & ZMQ_DONTWAIT;
    int more = 1;
    zmq_msg_t msg;

    CHECK(zmq_msg_init(&msg) == 0);
    while (more && receive_into(a, i, &msg, flags) >= 0) {
        int with = ZMQ_DONTWAIT;

        more = zmq_msg_more(&msg);
        with |= more ? ZMQ_SNDMORE : 0;
        (void)TRY(a, zmq_msg_send(&msg, a->at[i].s, with), EAGAIN, ENOTSUP,
                  EFSM);
    }
    CHECK(zmq_msg_close(&msg) == 0);
}

/* ---- Waiting ----------------------------------------------------------- */

void
term_poll(struct term_actor *a, int i)
{
    zmq_pollitem_t items[TERM_SOCKETS];
    long timeout = race_once_in(&a->race, 100) ? -1 : i % 2;
    int rc, ready = 0;

    for (int k = 0; k < TERM_SOCKETS; k++)
        items[k] = (zmq_pollitem_t){
            .socket = a->at[k].s,
            .events = (short)(1 + race_below(&a->race, 3)),
        };
    rc = TRY(a, zmq_poll(items, TERM_SOCKETS, timeout));
    if (rc < 0)
        return;
    CHECK(rc > 0 || timeout >= 0);
    for (int k = 0; k < TERM_SOCKETS; k++) {
        CHECK((items[k].revents & ~items[k].events) == 0);
        ready += items[k].revents != 0;
    }
    CHECK(ready == rc);
}

/* Sleeps in the kernel; a context that ends makes the descriptor readable. */
void
term_wait_for_descriptor(struct term_actor *a, int i)
{
    struct pollfd fd = { .events = POLLIN };
    size_t size = sizeof(fd.fd);
    int timeout = race_once_in(&a->race, 50) ? -1 : i % 2;
    int events = 0;
    int rc;

    if (TRY(a, zmq_getsockopt(a->at[i].s, ZMQ_FD, &fd.fd, &size)) != 0)
        return;
    size = sizeof(events);
    if (TRY(a, zmq_getsockopt(a->at[i].s, ZMQ_EVENTS, &events, &size)) != 0 ||
        (events & ZMQ_POLLIN) != 0)
        return;
    store_relaxed(&a->doing, "poll of ZMQ_FD"); /* to be printed only */
    rc = poll(&fd, 1, timeout);
    CHECK(rc >= 0 && (fd.revents & ~POLLIN) == 0);
    size = sizeof(events);
    (void)TRY(a, zmq_getsockopt(a->at[i].s, ZMQ_EVENTS, &events, &size));
}
