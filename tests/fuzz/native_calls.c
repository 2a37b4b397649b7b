/* SPDX-License-Identifier: MPL-2.0 */
/* Any calls of weir.h, poll.h and monitor.h in any order, with arguments that
 * are good, odd or wrong. */
#include <stdio.h>
#include <string.h>

#include "alloc/arena.h"
#include "tests/fuzz/native.h"

const char *const fuzz_name = "native";

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

    if (odd < 240)
        return WEIR_DONTWAIT;
    if (odd < 250)
        return WEIR_DONTWAIT | WEIR_INTERRUPTIBLE;
    return (int)((uint32_t)take_u64(&w->in) | WEIR_DONTWAIT);
}

void
must_be_result(const struct seat *s, long rc, const int *codes,
               const char *call)
{
    bool good = rc >= 0 || fuzz_is_one_of(rc, codes);

    if (!s->open)
        good = rc == -EBADF;
    else if (s->down)
        good = rc == -ESHUTDOWN || (rc < 0 && good);
    if (!good)
        fuzz_fail(call, rc, __FILE__, __LINE__);
}

/* ---- Contexts ---------------------------------------------------------- */

static void
set_down(struct world *w, const struct place *p)
{
    for (int i = 0; i < SOCKETS; i++)
        if (w->seats[i].user == p)
            w->seats[i].down = true;
}

static void
free_context(struct world *w, struct place *p)
{
    MUST_EQUAL(CALL(weir_context_free(p->ctx)), p->held ? 0 : -EBADF);
    set_down(w, p);
    p->held = false;
}

static void
use_context(struct world *w)
{
    struct place *p = &w->places[take_below(&w->in, CONTEXTS)];

    switch (take_below(&w->in, 8)) {
    case 0:
        free_context(w, p);
        break;
    case 1:
        MUST_EQUAL(CALL(weir_context_shutdown(p->ctx)), p->held ? 0 : -EBADF);
        p->down = true;
        set_down(w, p);
        break;
    case 2:
        MUST_EQUAL(CALL(weir_context_free(NULL)), -EBADF);
        MUST_EQUAL(CALL(weir_context_shutdown(NULL)), -EBADF);
        break;
    default:
        if (p->held)
            break;
        p->ctx = CALL(weir_context_new());
        MUST(p->ctx != NULL);
        p->held = true;
        p->down = false;
    }
}

/* ---- Sockets ----------------------------------------------------------- */

static void
close_socket(struct seat *s)
{
    MUST_EQUAL(CALL(weir_close(s->socket)), s->open ? 0 : -EBADF);
    s->open = false;
    s->watch = NULL;
    s->reserved.n = s->peeked.n = 0;
    MUST_EQUAL(CALL(weir_close(s->socket)), -EBADF);
}

static int
any_type(struct world *w)
{
    unsigned odd = take(&w->in);

    return odd < 250 ? (int)(odd % 11) : (int)(uint32_t)take_u64(&w->in);
}

/* A socket knows its context by its user pointer, too. */
static void
open_socket(struct world *w, struct seat *s)
{
    struct place *p = &w->places[take_below(&w->in, CONTEXTS)];
    int type = any_type(w);
    bool good = type >= WEIR_PAIR && type <= WEIR_XSUB;
    int rc;

    if (s->open)
        close_socket(s);
    MUST_BE_ONE_OF(CALL(weir_socket_open(p->ctx, type, NULL)), -EINVAL, -EBADF,
                   -ESHUTDOWN);
    rc = CALL(weir_socket_open(p->ctx, type, &s->socket));
    if (!p->held)
        MUST(rc == -EBADF || (!good && rc == -EINVAL));
    else if (p->down)
        MUST(rc == -ESHUTDOWN || (!good && rc == -EINVAL));
    else
        MUST_EQUAL(rc, good ? 0 : -EINVAL);
    if (rc != 0)
        return;
    fuzz_called("type", type);
    *s = (struct seat){ .socket = s->socket, .open = true, .type = type };
    s->fd = -1;
    s->user = p;
    MUST_EQUAL(CALL(weir_socket_set_user(s->socket, p)), 0);
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

void
use_user(struct world *w)
{
    const struct seat *s = any_seat(w);

    MUST(CALL(weir_socket_user(s->socket)) == (s->open ? s->user : NULL));
    MUST_EQUAL(CALL(weir_socket_set_user(s->socket, s->user)),
               s->open ? 0 : -EBADF);
    MUST(CALL(weir_version()) != NULL);
    MUST(CALL(weir_strerror((int)take_u64(&w->in))) != NULL);
}

/* ---- All of it --------------------------------------------------------- */

/* New ones go to the end: kept inputs count on the others. */
static void (*const calls[])(struct world *w) = {
    send_one,      send_one,      receive_one,       receive_one,
    send_array,    receive_array, reserve_or_commit, peek_or_release,
    make_message,  make_message,  drop_messages,     use_endpoint,
    use_endpoint,  open_or_close, use_option,        use_bytes_option,
    open_or_close, use_poll,      use_descriptor,    use_monitor,
    use_user,      send_one,      receive_one,       use_bytes_option,
    use_option,    use_poller,    use_poller,        use_proxy,
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

static void
begin(struct world *w)
{
    for (int i = 0; i < CONTEXTS; i++) {
        w->places[i].ctx = CALL(weir_context_new());
        MUST(w->places[i].ctx != NULL);
        w->places[i].held = true;
    }
    for (int i = 0; i < MESSAGES; i++)
        weir_msg_init(&w->msgs[i]);
    for (int i = 0; i < SOCKETS; i++)
        w->seats[i].fd = -1;
    begin_pollers(w);
    for (int i = 0; i < 4; i++)
        open_socket(w, &w->seats[i]);
}

/* The sockets, the messages and the contexts, in any order. */
static void
end(struct world *w)
{
    unsigned order = take_below(&w->in, 3);

    if (order == 0)
        end_pollers(w);
    for (unsigned step = order; step < order + 3; step++) {
        for (int i = 0; i < SOCKETS && step % 3 == 0; i++)
            if (w->seats[i].open)
                close_socket(&w->seats[i]);
        if (step % 3 == 1)
            MUST_EQUAL(CALL(weir_msg_drop_batch(w->msgs, MESSAGES)), 0);
        for (int i = 0; i < CONTEXTS && step % 3 == 2; i++)
            free_context(w, &w->places[i]);
    }
    if (order != 0)
        end_pollers(w);
}

/* What this thread has dropped last goes home with it. */
static void
go_home(void)
{
    weir_context *ctx = CALL(weir_context_new());

    MUST(ctx != NULL);
    MUST_EQUAL(CALL(weir_context_free(ctx)), 0);
}

/* A message from this thread's own memory, which stays. */
static void
make_local_memory(void)
{
    weir_msg msg;

    MUST_EQUAL(weir_msg_init_local(&msg, 100), 0);
    MUST_EQUAL(weir_msg_drop(&msg), 0);
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    struct world w = { .in = { data, size } };
    uint64_t arenas;

    make_local_memory();
    go_home();
    arenas = wr_arena_live();
    begin(&w);
    while (w.in.left > 0) {
        unsigned call = take(&w.in);

        if (call == 255)
            use_context(&w);
        else
            calls[call % CALLS](&w);
    }
    end(&w);
    go_home();
    free_externals(&w);
    MUST_EQUAL(wr_arena_live(), arenas);
}
