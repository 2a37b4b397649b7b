/* SPDX-License-Identifier: MPL-2.0 */
/* Sending and receiving, as steps in the lives of sockets. */
#include <string.h>

#include "tests/socket/life.h"

/* ---- Messages ---------------------------------------------------------- */

/* The next message for anyone to send; false: there were enough. */
static bool
name_message(struct life_round *round, struct stream_frame *f)
{
    uint64_t number = fetch_add_relaxed(&round->named, 1); /* only a number */

    if (number >= LIFE_MESSAGES)
        return false;
    *f = (struct stream_frame){ .name = stream_name(1, number) };
    f->frames = stream_frames_of(&round->law, f->name);
    return true;
}

/* Checks a frame that a socket has received, the next of its message. */
void
life_check(struct life_round *round, struct stream_frame *at,
           const weir_msg *msg)
{
    if (at->index == at->frames) {
        uint64_t number;

        CHECK(weir_msg_size(msg) >= sizeof(at->name));
        memcpy(&at->name, weir_msg_bytes(msg), sizeof(at->name));
        number = at->name - stream_name(1, 0);
        CHECK(number < LIFE_MESSAGES);
        /* Relaxed: a count, which is read again at the end. */
        CHECK(fetch_add_relaxed(&round->seen[number], 1) == 0);
        at->frames = stream_frames_of(&round->law, at->name);
        at->index = 0;
    }
    stream_check(&round->law, msg, at);
    if (++at->index == at->frames)
        fetch_add_relaxed(&round->received, 1); /* as above */
}

static void
was_accepted(struct life_round *round)
{
    fetch_add_relaxed(&round->accepted, 1); /* as above */
}

/* ---- Sending ----------------------------------------------------------- */

static int
some_flags(struct race *race)
{
    return race_once_in(race, 2) ? WEIR_DONTWAIT : 0;
}

/* The results of calls that send; the place's span is in the way or not. */
static bool
may_send(const struct life_place *p, ssize_t rc)
{
    if (p->type == WEIR_PULL)
        return rc == -ENOTSUP || rc == -ESHUTDOWN;
    if (p->n_reserved > 0)
        return rc == -EBUSY || rc == -ESHUTDOWN;
    return rc >= 0 || rc == -EAGAIN || rc == -ESHUTDOWN;
}

/* Sends the next frames of the message that the place is at. */
void
life_send(struct life_round *round, struct life_place *p, struct race *race)
{
    struct stream_frame *f = &p->sending;
    weir_msg msg;
    int rc;

    if (f->index == f->frames && !name_message(round, f))
        return;
    do {
        stream_make(&round->law, race, p->s, &msg, f);
        rc = weir_send(p->s, &msg, some_flags(race));
        CHECK(may_send(p, rc));
        if (rc != 0) {
            stream_check(&round->law, &msg, f); /* it was not taken */
            CHECK(weir_msg_drop(&msg) == 0);
            return;
        }
        f->index++;
        stream_delay(&round->law, race);
    } while (f->index < f->frames && !race_once_in(race, 8));
    if (f->index == f->frames)
        was_accepted(round);
}

/* An array of whole messages. */
void
life_send_array(struct life_round *round, struct life_place *p,
                struct race *race)
{
    struct stream_frame frames[64], f = { .index = 0 };
    weir_msg msgs[64];
    size_t n = 0;
    ssize_t done;

    if (p->sending.index < p->sending.frames)
        return; /* they would become a part of it */
    while (n < 24 && name_message(round, &f) && n + f.frames <= 64)
        for (; f.index < f.frames; f.index++, n++) {
            frames[n] = f;
            stream_make(&round->law, race, p->s, &msgs[n], &f);
        }
    if (n == 0)
        return;
    done = weir_send_batch(p->s, msgs, n, some_flags(race));
    CHECK(may_send(p, done) && done <= (ssize_t)n);
    for (size_t i = 0; i < n; i++) {
        if ((ssize_t)i >= done)
            stream_check(&round->law, &msgs[i], &frames[i]);
        else if (frames[i].index + 1 == frames[i].frames)
            was_accepted(round);
    }
    CHECK(weir_msg_drop_batch(msgs, n) == 0);
}

void
life_reserve(struct life_round *round, struct life_place *p, struct race *race)
{
    size_t n = 1 + race_below(race, 8);
    weir_msg *span;
    ssize_t got = weir_reserve(p->s, n, &span, some_flags(race));

    (void)round;
    if (p->type != WEIR_PULL && p->sending.index > 0 &&
        p->sending.index < p->sending.frames && got == -EBUSY)
        return;
    CHECK(may_send(p, got));
    if (got <= 0)
        return;
    CHECK(got <= (ssize_t)n);
    p->reserved = span;
    p->n_reserved = (size_t)got;
}

/* Writes one message into the reserved span and commits it, or nothing. */
void
life_commit(struct life_round *round, struct life_place *p, struct race *race)
{
    struct stream_frame f = { .index = 0 };
    size_t n = 0;
    int rc;

    if (p->n_reserved == 0)
        return;
    if (race_once_in(race, 4))
        stream_make_junk(race, p->s, &p->reserved[p->n_reserved - 1]);
    if (name_message(round, &f) && f.frames < p->n_reserved)
        for (; f.index < f.frames; f.index++)
            stream_make(&round->law, race, p->s, &p->reserved[n++], &f);
    stream_delay(&round->law, race);
    rc = weir_commit(p->s, n);
    CHECK(rc == 0 || rc == -ESHUTDOWN);
    p->n_reserved = 0; /* after a shutdown it is closed with the socket */
    if (rc == 0 && n > 0)
        was_accepted(round);
}

/* ---- Receiving --------------------------------------------------------- */

static bool
may_receive(const struct life_place *p, ssize_t rc)
{
    if (p->type == WEIR_PUSH)
        return rc == -ENOTSUP || rc == -ESHUTDOWN;
    if (p->n_peeked > 0)
        return rc == -EBUSY || rc == -ESHUTDOWN;
    if (p->receiving.index < p->receiving.frames)
        return rc >= 0 || rc == -ESHUTDOWN; /* the rest is there */
    return rc >= 0 || rc == -EAGAIN || rc == -ESHUTDOWN;
}

/* Most of a message at once. */
void
life_receive(struct life_round *round, struct life_place *p, struct race *race)
{
    weir_msg msg;
    int rc;

    do {
        rc = weir_recv(p->s, &msg, some_flags(race));
        CHECK(may_receive(p, rc));
        if (rc != 0)
            return;
        life_check(round, &p->receiving, &msg);
        CHECK(weir_msg_drop(&msg) == 0);
        stream_delay(&round->law, race);
    } while (p->receiving.index < p->receiving.frames &&
             !race_once_in(race, 8));
}

void
life_receive_array(struct life_round *round, struct life_place *p,
                   struct race *race)
{
    size_t n = 1 + race_below(race, 64);
    weir_msg msgs[64];
    ssize_t got;

    for (size_t i = 0; i < n; i++)
        weir_msg_init(&msgs[i]);
    got = weir_recv_batch(p->s, msgs, n, some_flags(race));
    if (got == -EMSGSIZE && p->type != WEIR_PUSH && p->n_peeked == 0)
        return;
    CHECK(may_receive(p, got) && got <= (ssize_t)n);
    for (ssize_t i = 0; i < got; i++)
        life_check(round, &p->receiving, &msgs[i]);
    CHECK(got < 0 || p->receiving.index == p->receiving.frames);
    CHECK(weir_msg_drop_batch(msgs, n) == 0);
}

void
life_peek(struct life_round *round, struct life_place *p, struct race *race)
{
    size_t n = 1 + race_below(race, 8);
    weir_msg *span;
    ssize_t got = weir_peek(p->s, n, &span, some_flags(race));

    (void)round;
    CHECK(may_receive(p, got));
    if (got <= 0)
        return;
    CHECK(got <= (ssize_t)n);
    p->peeked = span;
    p->n_peeked = (size_t)got;
}

void
life_release(struct life_round *round, struct life_place *p, struct race *race)
{
    size_t n = race_below(race, p->n_peeked + 1);
    weir_msg moved;
    int rc;

    if (p->n_peeked == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        life_check(round, &p->receiving, &p->peeked[i]);
        if (!race_once_in(race, 4))
            continue;
        CHECK(weir_msg_move(&moved, &p->peeked[i]) == 0);
        CHECK(weir_msg_drop(&moved) == 0);
    }
    rc = weir_release(p->s, n);
    CHECK(rc == 0 || rc == -ESHUTDOWN);
    p->n_peeked = 0; /* after a shutdown it is closed with the socket */
}
