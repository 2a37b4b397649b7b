/* SPDX-License-Identifier: MPL-2.0 */
/* Sending and receiving, and that what fails changes nothing. */
#include <string.h>

#include "tests/fuzz/native.h"

/* ---- What is known before and after ------------------------------------ */

/* The part of a message that its owner sees. */
static bool
is_same(const weir_msg *a, const weir_msg *b)
{
    size_t size = weir_msg_size(a);

    if (size != weir_msg_size(b) || weir_msg_more(a) != weir_msg_more(b))
        return false;
    if ((a->meta & WEIR_MSG_KIND_BITS) != 0)
        return weir_msg_bytes(a) == weir_msg_bytes(b);
    return memcmp(weir_msg_bytes(a), weir_msg_bytes(b), size) == 0;
}

static bool
is_empty(const weir_msg *msg)
{
    return (msg->meta & WEIR_MSG_KIND_BITS) == 0 && weir_msg_size(msg) == 0;
}

/* WEIR_EVENTS, or 0 where they cannot be had. The descriptor tells first. */
static int64_t
events_of(const struct seat *s)
{
    bool told = s->fd < 0 || !s->open || fd_is_readable(s->fd);
    int64_t events = 0;
    int rc = CALL(weir_socket_get(s->socket, WEIR_EVENTS, &events));

    MUST_EQUAL(rc, !s->open ? -EBADF : s->down ? -ESHUTDOWN : 0);
    MUST((events & ~(int64_t)(WEIR_POLLIN | WEIR_POLLOUT)) == 0);
    MUST(told || (events & WEIR_POLLIN) == 0);
    return rc == 0 ? events : 0;
}

/* Nothing to receive, and nothing that is sent: the descriptor is clear. */
static void
must_be_clear(const struct seat *s)
{
    if (s->fd >= 0 && (s->type == WEIR_PULL || s->type == WEIR_SUB))
        MUST(!fd_is_readable(s->fd));
}

static void
must_have_more(const struct seat *s, bool more)
{
    int64_t value = -1;

    MUST_EQUAL(CALL(weir_socket_get(s->socket, WEIR_MORE, &value)), 0);
    MUST_EQUAL(value, more);
}

/* ---- Sending ----------------------------------------------------------- */

#define SEND_CODES -EAGAIN, -EINVAL, -ENOTSUP, -EBUSY, -EPROTO, -EHOSTUNREACH

/* With these it depends on the message whether there is room. */
static bool
tells_of_room(const struct seat *s)
{
    return s->open && !s->down && s->type != WEIR_ROUTER &&
           s->type != WEIR_PUB && s->type != WEIR_XPUB;
}

/* Where there is room a message goes, and where there is none it does not. */
static void
must_have_had_room(const struct seat *s, int64_t events, long rc)
{
    if (!tells_of_room(s) || rc == -EINVAL)
        return;
    if ((events & WEIR_POLLOUT) != 0)
        MUST(rc != -EAGAIN);
    else
        MUST(rc < 0);
}

void
send_one(struct world *w)
{
    struct seat *s = any_seat(w);
    weir_msg *msg = &w->msgs[take_below(&w->in, MESSAGES)];
    int flags = any_flags(w);
    unsigned how = take(&w->in);
    bool asks = how % 4 == 1;
    int64_t events = 0;
    weir_msg before;
    long rc;

    if (how == 255) {
        rc = RESULT(s, weir_send(s->socket, NULL, flags), -EINVAL);
        MUST(rc < 0);
        return;
    }
    if (how < 128) {
        MUST_EQUAL(CALL(weir_msg_drop(msg)), 0);
        fill_message(w, s, msg);
    }
    before = *msg;
    if (asks)
        events = events_of(s);
    rc = RESULT(s, weir_send(s->socket, msg, flags), SEND_CODES);
    if (asks)
        must_have_had_room(s, events, rc);
    if (rc == 0)
        MUST(is_empty(msg));
    else
        MUST(is_same(msg, &before));
}

void
send_array(struct world *w)
{
    struct seat *s = any_seat(w);
    size_t first = take_below(&w->in, MESSAGES);
    size_t n = take_below(&w->in, (unsigned)(MESSAGES - first) + 1);
    int flags = any_flags(w);
    weir_msg before[MESSAGES];
    weir_msg *msgs = &w->msgs[first];
    long rc;

    if (take_rarely(&w->in, 64))
        msgs = NULL;
    memcpy(before, &w->msgs[first], n * sizeof(weir_msg));
    rc = RESULT(s, weir_send_batch(s->socket, msgs, n, flags), SEND_CODES);
    MUST(rc != 0 && rc <= (long)n);
    MUST(rc < 0 || msgs != NULL);
    msgs = &w->msgs[first];
    for (size_t i = 0; i < n; i++)
        MUST((long)i < rc ? is_empty(&msgs[i]) : is_same(&msgs[i], &before[i]));
}

/* ---- Receiving --------------------------------------------------------- */

#define RECV_CODES -EAGAIN, -EINVAL, -ENOTSUP, -EBUSY, -EPROTO, -EMSGSIZE

/* Wrong to look at, so that it shows whether it was written. */
static void
spoil(weir_msg *msgs, size_t n)
{
    MUST_EQUAL(CALL(weir_msg_drop_batch(msgs, n)), 0);
    memset(msgs, 0xa5, n * sizeof(weir_msg));
}

/* Those that were not received. */
static void
mend(weir_msg *msgs, size_t n)
{
    weir_msg spoilt;

    memset(&spoilt, 0xa5, sizeof(spoilt));
    for (size_t i = 0; i < n; i++) {
        MUST(msgs[i].meta == spoilt.meta || is_empty(&msgs[i]));
        weir_msg_init(&msgs[i]);
    }
}

/* What is ready can be had, and what is not cannot. */
static void
must_be_as_told(const struct seat *s, int64_t events, long rc)
{
    if (!s->open || s->down || rc == -EINVAL)
        return;
    if ((events & WEIR_POLLIN) != 0)
        MUST(rc != -EAGAIN);
    else
        MUST(rc < 0);
}

void
receive_one(struct world *w)
{
    struct seat *s = any_seat(w);
    weir_msg *msg = &w->msgs[take_below(&w->in, MESSAGES)];
    int flags = any_flags(w);
    unsigned how = take(&w->in);
    bool asks = how % 2;
    int64_t events = asks ? events_of(s) : 0;
    long rc;

    if (how == 255)
        MUST(RESULT(s, weir_recv(s->socket, NULL, flags), -EINVAL) < 0);
    spoil(msg, 1);
    rc = RESULT(s, weir_recv(s->socket, msg, flags), RECV_CODES);
    if (asks)
        must_be_as_told(s, events, rc);
    if (rc == -EAGAIN)
        must_be_clear(s);
    if (rc < 0) {
        mend(msg, 1);
        return;
    }
    must_be_whole(msg);
    must_have_more(s, weir_msg_more(msg));
}

void
receive_array(struct world *w)
{
    struct seat *s = any_seat(w);
    size_t first = take_below(&w->in, MESSAGES);
    size_t n = take_below(&w->in, (unsigned)(MESSAGES - first) + 1);
    weir_msg *msgs = &w->msgs[first];
    int flags = any_flags(w);
    unsigned how = take(&w->in);
    bool asks = how % 2;
    int64_t events = asks ? events_of(s) : 0;
    long rc;

    if (how == 255)
        MUST(RESULT(s, weir_recv_batch(s->socket, NULL, n, flags), -EINVAL) <
             0);
    spoil(msgs, n);
    rc = RESULT(s, weir_recv_batch(s->socket, msgs, n, flags), RECV_CODES);
    if (asks)
        must_be_as_told(s, events, rc);
    MUST(rc != 0 && rc <= (long)n);
    for (long i = 0; i < rc; i++)
        must_be_whole(&msgs[i]);
    if (rc > 0) {
        MUST(!weir_msg_more(&msgs[rc - 1]));
        must_have_more(s, false);
    }
    mend(msgs + (rc > 0 ? rc : 0), n - (size_t)(rc > 0 ? rc : 0));
}

/* ---- In place ---------------------------------------------------------- */

static size_t
any_count(struct world *w)
{
    unsigned odd = take(&w->in);

    if (odd < 200)
        return odd % 8;
    return odd < 250 ? odd : SIZE_MAX >> (odd - 250);
}

static void
reserve(struct world *w, struct seat *s)
{
    size_t n = any_count(w);
    int flags = any_flags(w);
    weir_msg *span = NULL;
    long rc = RESULT(s, weir_reserve(s->socket, n, &span, flags), -EAGAIN,
                     -EINVAL, -ENOTSUP, -EBUSY);

    if (rc < 0) {
        MUST(span == NULL);
        return;
    }
    MUST(rc > 0 && (size_t)rc <= n && s->reserved.n == 0);
    s->reserved = (struct span){ span, (size_t)rc };
    for (long i = 0; i < rc; i++)
        MUST(is_empty(&span[i]) && !weir_msg_more(&span[i]));
}

static void
write_span(struct world *w, struct seat *s)
{
    size_t n = 1 + take_below(&w->in, 4);

    for (size_t i = 0; i < n && i < s->reserved.n; i++) {
        weir_msg *msg = &s->reserved.at[i];

        MUST_EQUAL(CALL(weir_msg_drop(msg)), 0);
        fill_message(w, s, msg);
    }
}

static void
commit(struct world *w, struct seat *s)
{
    size_t n = any_count(w);
    bool splits =
        n > 0 && n <= s->reserved.n && weir_msg_more(&s->reserved.at[n - 1]);
    long rc = RESULT(s, weir_commit(s->socket, n), -EINVAL, -ENOTSUP);

    if (rc == -EINVAL)
        MUST(n > s->reserved.n || splits);
    if (rc < 0)
        return;
    MUST(rc == 0 && n <= s->reserved.n && !splits);
    s->reserved.n = 0;
}

void
reserve_or_commit(struct world *w)
{
    struct seat *s = any_seat(w);

    if (take_rarely(&w->in, 64))
        MUST(RESULT(s, weir_reserve(s->socket, 1, NULL, WEIR_DONTWAIT),
                    -EINVAL) < 0);
    if (s->reserved.n == 0 || take_rarely(&w->in, 16)) {
        reserve(w, s);
    } else if (take_below(&w->in, 2)) {
        write_span(w, s);
    } else {
        commit(w, s);
    }
}

static void
peek(struct world *w, struct seat *s)
{
    size_t n = any_count(w);
    int flags = any_flags(w);
    weir_msg *span = NULL;
    long rc = RESULT(s, weir_peek(s->socket, n, &span, flags), -EAGAIN, -EINVAL,
                     -ENOTSUP, -EBUSY);

    if (rc < 0) {
        MUST(span == NULL);
        return;
    }
    MUST(rc > 0 && (size_t)rc <= n && s->peeked.n == 0);
    s->peeked = (struct span){ span, (size_t)rc };
    for (long i = 0; i < rc; i++)
        must_be_whole(&span[i]);
}

static void
move_out(struct world *w, struct seat *s)
{
    weir_msg *msg = &w->msgs[take_below(&w->in, MESSAGES)];
    weir_msg *from = &s->peeked.at[take_below(&w->in, 8) % s->peeked.n];

    MUST_EQUAL(CALL(weir_msg_drop(msg)), 0);
    MUST_EQUAL(CALL(weir_msg_move(msg, from)), 0);
    MUST(is_empty(from) && weir_msg_more(from) == weir_msg_more(msg));
    must_be_whole(msg);
}

static void
release(struct world *w, struct seat *s)
{
    size_t n = any_count(w);
    long rc = RESULT(s, weir_release(s->socket, n), -EINVAL, -ENOTSUP);

    if (rc == -EINVAL)
        MUST(n > s->peeked.n);
    if (rc < 0)
        return;
    MUST(rc == 0 && n <= s->peeked.n);
    s->peeked.n = 0;
}

void
peek_or_release(struct world *w)
{
    struct seat *s = any_seat(w);

    if (take_rarely(&w->in, 64))
        MUST(RESULT(s, weir_peek(s->socket, 1, NULL, WEIR_DONTWAIT), -EINVAL) <
             0);
    if (s->peeked.n == 0 || take_rarely(&w->in, 16)) {
        peek(w, s);
    } else if (take_rarely(&w->in, 3)) {
        move_out(w, s);
    } else {
        release(w, s);
    }
}
