/* SPDX-License-Identifier: MPL-2.0 */
/* Endpoints, options, zmq_poll, timers, proxies that end, and texts. */
#include <limits.h>
#include <string.h>

#include "tests/fuzz/endpoints.h"
#include "tests/fuzz/zmq_world.h"

/* ---- Endpoints --------------------------------------------------------- */

#define ENDPOINT_CODES                                                \
    EINVAL, EPROTONOSUPPORT, ENAMETOOLONG, EADDRINUSE, ENOENT, EBUSY, \
        ENOCOMPATPROTO, EADDRNOTAVAIL

void
use_endpoint(struct world *w)
{
    char text[ENDPOINT_MAX];
    const struct seat *s = any_seat(w);
    unsigned how = take_below(&w->in, 16);
    const char *endpoint = endpoint_take(&w->in, text);
    int rc;

    if (how < 5)
        rc = RESULT(s, zmq_bind(s->socket, endpoint), ENDPOINT_CODES);
    else if (how < 11)
        rc = RESULT(s, zmq_connect(s->socket, endpoint), ENDPOINT_CODES);
    else if (how < 13)
        rc = RESULT(s, zmq_unbind(s->socket, endpoint), ENDPOINT_CODES);
    else if (how < 15)
        rc = RESULT(s, zmq_disconnect(s->socket, endpoint), ENDPOINT_CODES);
    else
        rc = RESULT(
            s, zmq_socket_monitor(s->socket, endpoint, (int)take(&w->in) << 4),
            ENDPOINT_CODES);
    MUST(rc < 0 || how == 15 || endpoint_error(endpoint) == 0);
}

/* ---- Options ----------------------------------------------------------- */

#define BYTES 600

static int
any_option(struct world *w)
{
    unsigned odd = take(&w->in);

    return odd < 250 ? (int)(odd % 125) - 1 : (int)take_u64(&w->in);
}

/* At an odd address, in turn. */
static void
set_option(struct world *w, const struct seat *s, int option)
{
    uint8_t bytes[BYTES + 8];
    unsigned how = take(&w->in);
    uint8_t *value = bytes + how % 2;
    int number =
        how % 16 == 0 ? (int)take_u64(&w->in) : (int)take_below(&w->in, 6) - 1;
    size_t size = how < 128 ? sizeof(int) : how < 240 ? how % 12 : how * 2 + 88;

    text_fill(value, BYTES, 'a');
    if (how < 192)
        memcpy(value, &number, sizeof(number));
    (void)RESULT(s, zmq_setsockopt(s->socket, option, value, size), EINVAL,
                 EADDRINUSE);
    (void)RESULT(s, zmq_setsockopt(s->socket, option, NULL, 0), EINVAL);
    MUST_EQUAL(RESULT(s, zmq_setsockopt(s->socket, option, NULL, SIZE_MAX),
                      EINVAL, EFAULT),
               -1);
}

static void
get_option(struct world *w, const struct seat *s, int option)
{
    uint8_t bytes[BYTES + 8];
    unsigned how = take(&w->in);
    uint8_t *value = bytes + how % 2;
    size_t room = how < 128 ? sizeof(int) : how < 240 ? how % 12 : BYTES;
    size_t size = room;
    int rc;

    memset(bytes, 0xa5, sizeof(bytes));
    rc = RESULT(s, zmq_getsockopt(s->socket, option, value, &size), EINVAL);
    MUST(rc != 0 || size <= room);
    MUST(rc == 0 || size == room);
    MUST_EQUAL(value[room], 0xa5);
    size = SIZE_MAX;
    (void)RESULT(s, zmq_getsockopt(s->socket, option, value, &size), EINVAL);
    MUST_EQUAL(RESULT(s, zmq_getsockopt(s->socket, option, value, NULL), EINVAL,
                      EFAULT),
               -1);
    (void)RESULT(s, zmq_getsockopt(s->socket, option, NULL, &room), EINVAL,
                 EFAULT);
}

void
use_option(struct world *w)
{
    const struct seat *s = any_seat(w);
    int option = any_option(w);

    fuzz_called("option", option);
    if (option == ZMQ_RCVTIMEO || option == ZMQ_SNDTIMEO ||
        take_below(&w->in, 3) == 0)
        get_option(w, s, option);
    else
        set_option(w, s, option);
}

/* ---- zmq_poll ---------------------------------------------------------- */

#define ITEMS 8

void
use_poll(struct world *w)
{
    zmq_pollitem_t items[ITEMS];
    int n = (int)take_below(&w->in, ITEMS + 1);
    int rc, ready = 0;

    for (int i = 0; i < n; i++) {
        items[i] = (zmq_pollitem_t){ .socket = any_seat(w)->socket, .fd = -1 };
        items[i].events = (short)take_below(&w->in, 8);
        items[i].revents = (short)take(&w->in);
    }
    FAILS(zmq_poll(items, -1, 0), EINVAL);
    FAILS(zmq_poll(items, INT_MIN, 0), EINVAL);
    FAILS(zmq_poll(NULL, 1, 0), EFAULT);
    errno = 0;
    rc = zmq_poll(items, n, 0);
    if (rc < 0)
        MUST_BE_ONE_OF(errno, ENOTSOCK, ETERM, EINVAL, EBADF);
    for (int i = 0; i < n && rc >= 0; i++) {
        ready += items[i].revents != 0;
        MUST((items[i].revents & ~(items[i].events | ZMQ_POLLERR)) == 0);
    }
    MUST(rc < 0 || rc == ready);
}

/* ---- Timers ------------------------------------------------------------ */

static void
count(int id, void *arg)
{
    (void)id;
    ++*(unsigned *)arg;
}

void
use_timers(struct world *w)
{
    void *timers = zmq_timers_new();
    void *same = timers;
    unsigned fired = 0;
    int id = -1;

    MUST(timers != NULL);
    for (unsigned n = take_below(&w->in, 6); n > 0; n--) {
        int rc = zmq_timers_add(timers, take_below(&w->in, 3), count, &fired);

        MUST(rc >= 0);
        id = take_below(&w->in, 2) ? rc : id;
    }
    FAILS(zmq_timers_add(timers, 1, NULL, NULL), EFAULT);
    FAILS(zmq_timers_add(NULL, 1, count, &fired), EFAULT);
    FAILS(zmq_timers_cancel(timers, -5), EINVAL);
    FAILS(zmq_timers_cancel(NULL, id), EFAULT);
    if (id >= 0 && take_below(&w->in, 2))
        MUST_EQUAL(zmq_timers_cancel(timers, id), 0);
    else if (id >= 0)
        MUST_EQUAL(zmq_timers_set_interval(timers, id, take(&w->in)), 0);
    MUST_EQUAL(zmq_timers_execute(timers), 0);
    MUST(zmq_timers_timeout(timers) >= -1);
    MUST_EQUAL(zmq_timers_destroy(&timers), 0);
    FAILS(zmq_timers_destroy(&timers), EFAULT);
    FAILS(zmq_timers_destroy(NULL), EFAULT);
    MUST(timers == NULL && same != NULL);
}

/* ---- Calls that may have to wait ---------------------------------------- */

/* They end at once where there is nothing to do: no sockets, or no context. */
void
use_proxy(struct world *w)
{
    const struct seat *s = any_seat(w);
    const struct seat *other = any_seat(w);
    void *control = any_seat(w)->socket;

    FAILS(zmq_proxy(NULL, s->socket, NULL), EFAULT);
    FAILS(zmq_proxy_steerable(s->socket, NULL, NULL, control), EFAULT);
    FAILS(zmq_device(ZMQ_QUEUE, NULL, NULL), EFAULT);
    if (s->socket == NULL || other->socket == NULL)
        return;
    if (!s->open || !other->open)
        FAILS(zmq_proxy(s->socket, other->socket, NULL), ENOTSOCK);
    else if (s->place->down)
        FAILS(zmq_proxy(s->socket, other->socket, NULL), ETERM);
}

/* ---- Texts ------------------------------------------------------------- */

/* What is encoded is decoded; other texts give NULL, or as many bytes. */
void
use_texts(struct world *w)
{
    uint8_t bytes[40], back[40];
    char text[60];
    size_t size = take_below(&w->in, 9) * 4;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)take(&w->in);
    MUST(zmq_z85_encode(text, bytes, size) == text);
    MUST_EQUAL(strlen(text), size * 5 / 4);
    MUST(zmq_z85_encode(text, bytes, size + 1) == NULL && errno == EINVAL);
    if (size > 0) {
        MUST(zmq_z85_decode(back, text) == back);
        MUST(memcmp(back, bytes, size) == 0);
        text[take(&w->in) % (size * 5 / 4)] = (char)take(&w->in);
        (void)zmq_z85_decode(back, text);
    }
    MUST(zmq_strerror((int)take_u64(&w->in)) != NULL);
    MUST_EQUAL(zmq_has("inproc") & ~1, 0);
}
