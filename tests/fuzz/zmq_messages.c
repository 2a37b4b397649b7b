/* SPDX-License-Identifier: MPL-2.0 */
/* Messages and their way from socket to socket. */
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "tests/fuzz/zmq_world.h"

#define ROOM 2000

static struct piece *
any_piece(struct world *w)
{
    return &w->pieces[take_below(&w->in, MESSAGES)];
}

static size_t
any_size(struct world *w)
{
    static const size_t sizes[] = { 0,  1,  2,  4,   8,   9,    33,   34,
                                    55, 56, 57, 100, 255, 1000, 4096, 70000 };

    return sizes[take_below(&w->in, 16)];
}

static uint8_t
any_first(struct world *w)
{
    return (uint8_t)("ab\0\1"[take_below(&w->in, 4)]);
}

static bool
is_wish(const uint8_t *p, size_t size)
{
    return p[0] <= 1 &&
           (text_is_good(p + 1, size - 1) || body_is_good(p + 1, size - 1));
}

/* Ids, events and endpoints are the library's own. */
static void
must_be_whole(zmq_msg_t *msg)
{
    const uint8_t *p = zmq_msg_data(msg);
    size_t size = zmq_msg_size(msg);

    if (size == 0 || body_is_good(p, size) || is_wish(p, size))
        return;
    MUST(size < TEXT_MAX);
    MUST(text_is_good(p, size) || size <= 6 || memcmp(p, "inproc://", 9) == 0);
}

/* ---- The caller's bytes ------------------------------------------------ */

static void
free_external(void *data, void *hint)
{
    struct external *e = hint;

    MUST(!e->freed && data == e->data);
    e->freed = true;
    free(data);
}

static int
make_external(struct world *w, zmq_msg_t *msg, size_t size)
{
    struct external *e = calloc(1, sizeof(*e));

    MUST(e != NULL);
    e->data = malloc(size + 1);
    MUST(e->data != NULL);
    e->next = w->externals;
    w->externals = e;
    return zmq_msg_init_data(msg, e->data, size, free_external, e);
}

void
free_externals(struct world *w)
{
    while (w->externals != NULL) {
        struct external *e = w->externals;

        MUST(e->freed);
        w->externals = e->next;
        free(e);
    }
}

/* ---- Messages ---------------------------------------------------------- */

static void
close_message(struct piece *p)
{
    if (p->valid)
        MUST_EQUAL(zmq_msg_close(&p->msg), 0);
    p->valid = false;
    FAILS(zmq_msg_close(&p->msg), EFAULT);
}

void
close_messages(struct world *w)
{
    for (int i = 0; i < MESSAGES; i++)
        close_message(&w->pieces[i]);
}

static void
make_wrongly(zmq_msg_t *msg)
{
    char byte;

    FAILS(zmq_msg_init(NULL), EFAULT);
    FAILS(zmq_msg_init_size(NULL, 1), EFAULT);
    FAILS(zmq_msg_init_data(NULL, &byte, 1, NULL, NULL), EFAULT);
    FAILS(zmq_msg_init_data(msg, NULL, 1, NULL, NULL), EINVAL);
    FAILS(zmq_msg_init_size(msg, SIZE_MAX), ENOMEM);
    FAILS(zmq_msg_init_size(msg, SIZE_MAX - 100), ENOMEM);
    FAILS(zmq_msg_init_size(msg, SIZE_MAX / 2), ENOMEM);
}

void
make_message(struct world *w)
{
    struct piece *p = any_piece(w);
    unsigned kind = take_below(&w->in, 8);
    size_t size = any_size(w);

    close_message(p);
    if (kind == 0) {
        make_wrongly(&p->msg);
        return;
    }
    if (kind == 1)
        MUST_EQUAL(zmq_msg_init(&p->msg), 0);
    else if (kind < 5)
        MUST_EQUAL(zmq_msg_init_size(&p->msg, size), 0);
    else
        MUST_EQUAL(make_external(w, &p->msg, size), 0);
    p->valid = true;
    body_fill(zmq_msg_data(&p->msg), zmq_msg_size(&p->msg), any_first(w));
}

static void
copy_or_move(struct world *w, struct piece *to, struct piece *from)
{
    bool moves = take_below(&w->in, 2);
    size_t size = zmq_msg_size(&from->msg);
    int rc;

    errno = 0;
    rc = moves ? zmq_msg_move(&to->msg, &from->msg)
               : zmq_msg_copy(&to->msg, &from->msg);
    if (!to->valid || !from->valid) {
        MUST(rc == -1 && errno == EFAULT);
        return;
    }
    MUST_EQUAL(rc, 0);
    MUST_EQUAL(zmq_msg_size(&to->msg), size);
    must_be_whole(&to->msg);
    if (to != from)
        MUST_EQUAL(zmq_msg_size(&from->msg), moves ? 0 : size);
}

static void
look_at(struct world *w, struct piece *p)
{
    int property = (int)take_below(&w->in, 8) - 1;
    bool has = property == ZMQ_MORE || property == ZMQ_SHARED;

    MUST_EQUAL(zmq_msg_size(NULL), 0);
    MUST(zmq_msg_data(NULL) == NULL);
    MUST_EQUAL(zmq_msg_more(NULL), 0);
    FAILS(zmq_msg_get(NULL, property), EFAULT);
    FAILS(zmq_msg_set(&p->msg, property, 1), EINVAL, EFAULT);
    MUST(zmq_msg_gets(&p->msg, "Identity") == NULL);
    MUST(zmq_msg_gets(&p->msg, NULL) == NULL);
    FAILS(zmq_msg_copy(NULL, &p->msg), EFAULT);
    FAILS(zmq_msg_move(&p->msg, NULL), EFAULT);
    if (!p->valid) {
        FAILS(zmq_msg_get(&p->msg, property), EFAULT);
        MUST(zmq_msg_data(&p->msg) == NULL && zmq_msg_size(&p->msg) == 0);
    } else if (has) {
        MUST(zmq_msg_get(&p->msg, property) >= 0);
    } else {
        FAILS(zmq_msg_get(&p->msg, property), EINVAL);
    }
    if (p->valid)
        must_be_whole(&p->msg);
}

void
use_message(struct world *w)
{
    struct piece *p = any_piece(w);

    if (take_rarely(&w->in, 4))
        look_at(w, p);
    else
        copy_or_move(w, p, any_piece(w));
}

/* ---- Sending ----------------------------------------------------------- */

#define SEND_CODES EAGAIN, ENOTSUP, EFSM, EHOSTUNREACH, EINVAL

void
send_message(struct world *w)
{
    const struct seat *s = any_seat(w);
    struct piece *p = any_piece(w);
    int flags = any_flags(w);
    size_t size = zmq_msg_size(&p->msg);
    int rc;

    if (take_rarely(&w->in, 32))
        MUST_EQUAL(RESULT(s, zmq_msg_send(NULL, s->socket, flags), EFAULT), -1);
    if (!p->valid) {
        MUST_EQUAL(RESULT(s, zmq_msg_send(&p->msg, s->socket, flags), EFAULT),
                   -1);
        return;
    }
    rc = take_below(&w->in, 2)
             ? RESULT(s, zmq_msg_send(&p->msg, s->socket, flags), SEND_CODES)
             : RESULT(s, zmq_sendmsg(s->socket, &p->msg, flags), SEND_CODES);
    MUST_EQUAL(zmq_msg_size(&p->msg), rc < 0 ? size : 0);
    MUST(rc < 0 || (size_t)rc == size);
    must_be_whole(&p->msg);
}

static void
send_parts(struct world *w, const struct seat *s, void *data, size_t size)
{
    struct iovec parts[3] = { { data, size }, { data, size }, { NULL, 0 } };
    size_t n = take_below(&w->in, 4);
    int flags = any_flags(w);

    if (n == 0)
        FAILS(zmq_sendiov(s->socket, parts, 0, flags), EINVAL, ENOTSOCK, ETERM);
    else
        (void)RESULT(s, zmq_sendiov(s->socket, parts, n, flags), SEND_CODES);
    MUST_EQUAL(RESULT(s, zmq_sendiov(s->socket, NULL, 1, flags), EINVAL), -1);
}

void
send_bytes(struct world *w)
{
    static uint8_t bytes[ROOM + 1];
    static uint8_t constant[256];
    const struct seat *s = any_seat(w);
    int flags = any_flags(w);
    unsigned how = take_below(&w->in, 32);
    size_t size = any_size(w) % ROOM;
    uint8_t *data = bytes + how % 2;
    int rc;

    body_fill(data, size, any_first(w));
    body_fill(constant, sizeof(constant), 'a');
    if (how == 0) {
        rc = RESULT(s, zmq_send(s->socket, NULL, size + 1, flags), EFAULT);
        MUST_EQUAL(rc, -1);
    } else if (how == 1) {
        rc = RESULT(s, zmq_send_const(s->socket, NULL, 1, flags), EFAULT);
        MUST_EQUAL(rc, -1);
    } else if (how < 4) {
        send_parts(w, s, data, size);
    } else if (how < 8) {
        (void)RESULT(s, zmq_send_const(s->socket, constant, 256, flags),
                     SEND_CODES);
    } else {
        rc = RESULT(s, zmq_send(s->socket, size > 0 ? data : NULL, size, flags),
                    SEND_CODES);
        MUST(rc < 0 || (size_t)rc == size);
    }
}

/* ---- Receiving --------------------------------------------------------- */

#define RECV_CODES EAGAIN, ENOTSUP, EFSM, EINVAL

static void
must_have_more(const struct seat *s, int more)
{
    int value = -1;
    size_t size = sizeof(value);

    MUST_EQUAL(zmq_getsockopt(s->socket, ZMQ_RCVMORE, &value, &size), 0);
    MUST_EQUAL(value, more);
}

/* A call that fails leaves what the message held, or an empty one where it has
 * dropped messages that were not for its user. */
void
receive_message(struct world *w)
{
    const struct seat *s = any_seat(w);
    struct piece *p = any_piece(w);
    int flags = any_flags(w);
    size_t size = zmq_msg_size(&p->msg);
    zmq_msg_t *none = NULL;
    int rc;

    if (!p->valid || take_rarely(&w->in, 32)) {
        if (!p->valid)
            none = &p->msg;
        MUST_EQUAL(RESULT(s, zmq_msg_recv(none, s->socket, flags), EFAULT), -1);
        return;
    }
    rc = take_below(&w->in, 2)
             ? RESULT(s, zmq_msg_recv(&p->msg, s->socket, flags), RECV_CODES)
             : RESULT(s, zmq_recvmsg(s->socket, &p->msg, flags), RECV_CODES);
    if (rc >= 0)
        size = (size_t)rc;
    MUST(zmq_msg_size(&p->msg) == size ||
         (rc < 0 && size <= 56 && zmq_msg_size(&p->msg) == 0));
    must_be_whole(&p->msg);
    if (rc >= 0)
        must_have_more(s, zmq_msg_more(&p->msg));
}

static void
receive_parts(struct world *w, const struct seat *s, int flags)
{
    struct iovec parts[4];
    size_t n = take_below(&w->in, 5);
    size_t count = n;
    int rc;

    MUST_EQUAL(RESULT(s, zmq_recviov(s->socket, NULL, &count, flags), EINVAL),
               -1);
    MUST_EQUAL(RESULT(s, zmq_recviov(s->socket, parts, NULL, flags), EINVAL),
               -1);
    rc = RESULT(s, zmq_recviov(s->socket, parts, &count, flags), RECV_CODES);
    MUST(rc < 0 || (size_t)rc == count);
    MUST(count <= n);
    for (int i = 0; i < rc; i++)
        free(parts[i].iov_base);
}

void
receive_bytes(struct world *w)
{
    uint8_t bytes[ROOM + 1];
    const struct seat *s = any_seat(w);
    int flags = any_flags(w);
    unsigned how = take_below(&w->in, 32);
    size_t room = any_size(w) % ROOM;
    uint8_t *data = bytes + how % 2;
    int rc;

    if (how == 0) {
        rc = RESULT(s, zmq_recv(s->socket, NULL, room + 1, flags), EFAULT);
        MUST_EQUAL(rc, -1);
        return;
    }
    if (how == 1) {
        receive_parts(w, s, flags);
        return;
    }
    memset(bytes, 0xa5, sizeof(bytes));
    rc = RESULT(s, zmq_recv(s->socket, room > 0 ? data : NULL, room, flags),
                RECV_CODES);
    MUST_EQUAL(data[rc > 0 && (size_t)rc < room ? (size_t)rc : room], 0xa5);
    if (rc < 0 && room > 0)
        MUST_EQUAL(data[0], 0xa5);
}
