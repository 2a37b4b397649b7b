/* SPDX-License-Identifier: MPL-2.0 */
/* Any calls of <zmq.h> in any order, with arguments that are good, odd or
 * wrong, on weir's libzmq. What is beyond C, like pointers to nowhere, is left
 * out; handles that were closed and messages that were closed are not. */
#include <string.h>

#include "tests/fuzz/zmq_world.h"

const char *const fuzz_name = "zmq";

struct seat *
any_seat(struct world *w)
{
    unsigned i = take_below(&w->in, SOCKETS);

    fuzz_called("socket", (long)i);
    return &w->seats[i];
}

int
any_flags(struct world *w)
{
    unsigned odd = take(&w->in);

    if (odd < 250)
        return ZMQ_DONTWAIT | (odd % 3 == 0 ? ZMQ_SNDMORE : 0);
    return (int)((uint32_t)take_u64(&w->in) | ZMQ_DONTWAIT);
}

void
must_be_result(const struct seat *s, int rc, const int *codes, const char *call)
{
    int error = errno;
    bool good = rc >= 0 || (rc == -1 && fuzz_is_one_of(error, codes));

    if (!s->open)
        good = rc == -1 && error == ENOTSOCK;
    else if (s->place->down)
        good = rc == -1 && (error == ETERM || good);
    if (!good)
        fuzz_fail(call, rc < 0 ? -error : rc, __FILE__, __LINE__);
}

/* ---- Contexts ---------------------------------------------------------- */

static void
close_socket(struct seat *s)
{
    if (s->open)
        MUST_EQUAL(zmq_close(s->socket), 0);
    s->open = false;
    FAILS(zmq_close(s->socket), ENOTSOCK);
}

/* One that has ended is not to be mistaken for another at the same address. */
static void *
handle_of(const struct world *w, const struct place *p)
{
    for (int i = 0; i < CONTEXTS && !p->held; i++)
        if (w->places[i].held && w->places[i].ctx == p->ctx)
            return NULL;
    return p->ctx;
}

/* Closes its sockets first, for it waits for them. */
static void
end_context(struct world *w, struct place *p)
{
    if (!p->held) {
        FAILS(zmq_ctx_term(handle_of(w, p)), EFAULT);
        return;
    }
    for (int i = 0; i < SOCKETS; i++)
        if (w->seats[i].open && w->seats[i].place == p)
            close_socket(&w->seats[i]);
    MUST_EQUAL(zmq_ctx_term(p->ctx), 0);
    p->held = false;
}

static void
use_context_option(struct world *w, const struct place *p)
{
    void *ctx = handle_of(w, p);
    int option = (int)take_below(&w->in, 16) - 1;
    int value = take_below(&w->in, 2) ? (int)take_below(&w->in, 8) - 2
                                      : (int)take_u64(&w->in);

    errno = 0;
    if (zmq_ctx_get(ctx, option) < 0) /* a value, where errno is 0 */
        MUST_BE_ONE_OF(errno, EINVAL, EFAULT, 0);
    if (option == ZMQ_MAX_SOCKETS && value >= 0 && value < 100)
        value += 100;
    errno = 0;
    if (zmq_ctx_set(ctx, option, value) != 0)
        MUST_BE_ONE_OF(errno, EINVAL, EFAULT);
    FAILS(zmq_ctx_set(NULL, option, value), EFAULT, EINVAL);
    FAILS(zmq_ctx_get(NULL, option), EFAULT, EINVAL);
}

static void
use_context(struct world *w)
{
    struct place *p = &w->places[take_below(&w->in, CONTEXTS)];
    unsigned how = take_below(&w->in, 16);

    if (how == 0) {
        end_context(w, p);
    } else if (how == 1 && p->held) {
        MUST_EQUAL(zmq_ctx_shutdown(p->ctx), 0);
        p->down = true;
    } else if (how == 2) {
        FAILS(zmq_ctx_term(NULL), EFAULT);
        FAILS(zmq_ctx_shutdown(NULL), EFAULT);
        MUST(zmq_socket(NULL, ZMQ_PAIR) == NULL && errno == EFAULT);
    } else if (how < 8) {
        use_context_option(w, p);
    } else if (!p->held || p->down) {
        if (p->held)
            end_context(w, p);
        p->ctx = zmq_ctx_new();
        MUST(p->ctx != NULL);
        p->held = true;
        p->down = false;
    }
}

/* ---- Sockets ----------------------------------------------------------- */

static int
any_type(struct world *w)
{
    unsigned odd = take(&w->in);

    return odd < 240 ? (int)(odd % 11) : (int)(odd % 30) - 4;
}

static void
open_socket(struct world *w, struct seat *s)
{
    struct place *p = &w->places[take_below(&w->in, CONTEXTS)];
    int type = any_type(w);
    void *socket;

    if (s->open)
        close_socket(s);
    errno = 0;
    socket = zmq_socket(handle_of(w, p), type);
    fuzz_called("zmq_socket of type", type);
    if (socket == NULL) {
        if (!p->held)
            MUST_BE_ONE_OF(errno, EFAULT, EINVAL);
        else if (p->down)
            MUST_BE_ONE_OF(errno, ETERM, EINVAL);
        else
            MUST_EQUAL(errno, EINVAL);
        return;
    }
    MUST(p->held && !p->down && type >= ZMQ_PAIR && type <= ZMQ_XSUB);
    *s = (struct seat){ socket, true, p };
}

static void
open_or_close(struct world *w)
{
    struct seat *s = any_seat(w);

    if (take_rarely(&w->in, 4)) {
        close_socket(s);
        if (take_rarely(&w->in, 4))
            s->socket = NULL;
    } else if (!s->open || take_rarely(&w->in, 4)) {
        open_socket(w, s);
    }
}

/* ---- All of it --------------------------------------------------------- */

/* New ones go to the end: kept inputs count on the others. */
static void (*const calls[])(struct world *w) = {
    send_message,    send_message,  send_bytes,    send_bytes,
    receive_message, receive_bytes, receive_bytes, receive_message,
    make_message,    use_message,   use_message,   use_endpoint,
    use_endpoint,    use_endpoint,  use_option,    use_option,
    use_option,      use_poll,      open_or_close, open_or_close,
    use_timers,      use_texts,     send_message,  receive_message,
    use_proxy,
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

static void
begin(struct world *w)
{
    for (int i = 0; i < CONTEXTS; i++) {
        w->places[i].ctx = zmq_ctx_new();
        MUST(w->places[i].ctx != NULL);
        w->places[i].held = true;
    }
    for (int i = 0; i < 4; i++)
        open_socket(w, &w->seats[i]);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    struct world w = { .in = { data, size } };

    begin(&w);
    while (w.in.left > 0) {
        unsigned call = take(&w.in);

        if (call >= 250)
            use_context(&w);
        else
            calls[call % CALLS](&w);
    }
    if (size % 2 == 0)
        close_messages(&w);
    for (int i = 0; i < CONTEXTS; i++)
        end_context(&w, &w.places[i]);
    if (size % 2 != 0)
        close_messages(&w);
    free_externals(&w);
}
