/* SPDX-License-Identifier: MPL-2.0 */
/* The receiving side of a verified stream. */
#include <stdlib.h>
#include <string.h>

#include "tests/socket/stream.h"

void
stream_receiver_init(struct stream_receiver *r, const struct stream_law *law,
                     weir_socket *s, uint64_t seed)
{
    *r = (struct stream_receiver){ .law = law, .s = s, .race = { seed } };
    r->msgs = malloc(STREAM_ARRAY * sizeof(weir_msg));
    CHECK(r->msgs != NULL);
    for (size_t i = 0; i < STREAM_ARRAY; i++)
        weir_msg_init(&r->msgs[i]);
}

static uint64_t
sum_of(const weir_msg *msg)
{
    const unsigned char *bytes = weir_msg_bytes(msg);
    uint64_t sum = weir_msg_size(msg);

    for (size_t i = 0; i < weir_msg_size(msg); i++)
        sum = sum * 31 + bytes[i];
    return sum;
}

static void
drop_shared(struct stream_receiver *r)
{
    CHECK(sum_of(&r->shared) == r->sum);
    CHECK(weir_msg_drop(&r->shared) == 0);
    r->sum = 0;
}

void
stream_receiver_fini(struct stream_receiver *r)
{
    stream_drop_kept(r->law, &r->kept);
    drop_shared(r);
    free(r->msgs);
}

static bool
is_between(const struct stream_receiver *r)
{
    return r->frame.index == r->frame.frames;
}

/* Which message begins with this frame: its turn has come. */
static void
begin(struct stream_receiver *r, const weir_msg *msg)
{
    uint64_t sender = r->only_sender;
    uint64_t name = stream_name(sender, r->next[sender]);
    uint64_t number;

    if (r->law->least >= sizeof(name)) {
        CHECK(weir_msg_size(msg) >= sizeof(name));
        memcpy(&name, weir_msg_bytes(msg), sizeof(name));
        sender = name >> 48;
        CHECK(sender < STREAM_SENDERS_MOST);
    }
    number = name - stream_name(sender, 0);
    CHECK(r->alone ? number == r->next[sender] : number >= r->next[sender]);
    CHECK(!r->in_turn || sender == r->last_sender || number == 0);
    r->last_sender = sender;
    r->next[sender] = number + 1;
    if (r->seen != NULL)
        r->seen[number / 64] |= UINT64_C(1) << number % 64;
    r->frame = (struct stream_frame){
        .name = name,
        .frames = stream_frames_of(r->law, name),
    };
}

/* Checks the next frame and passes on; *f is what it was. */
static void
check_next(struct stream_receiver *r, const weir_msg *msg,
           struct stream_frame *f)
{
    if (is_between(r))
        begin(r, msg);
    CHECK(r->frame.frames - r->frame.index > r->more_than);
    r->more_than = 0;
    *f = r->frame;
    stream_check(r->law, msg, f);
    r->frame.index++;
    r->messages += is_between(r);
}

/* Now and then a frame is kept: it, or a share of it. */
static void
check_and_keep(struct stream_receiver *r, weir_msg *msg)
{
    struct stream_frame f;

    check_next(r, msg, &f);
    if (race_once_in(&r->race, 32))
        stream_keep(r->law, &r->race, &r->kept, msg, &f,
                    race_once_in(&r->race, 2));
}

static int
some_flags(struct stream_receiver *r)
{
    r->flags = r->patient && !race_once_in(&r->race, 8) ? 0 : WEIR_DONTWAIT;
    return r->flags;
}

/* Whether a call has given up, which it may not always. */
static bool
gave_up(const struct stream_receiver *r, ssize_t rc)
{
    if (rc != -EAGAIN)
        return false;
    CHECK(!r->endless || r->flags == WEIR_DONTWAIT);
    return true;
}

static bool
receive_one(struct stream_receiver *r)
{
    weir_msg msg;
    int rc = weir_recv(r->s, &msg, some_flags(r));

    if (gave_up(r, rc) && is_between(r))
        return false;
    CHECK(rc == 0); /* within a message it never blocks */
    check_and_keep(r, &msg);
    stream_delay(r->law, &r->race);
    CHECK(weir_msg_drop(&msg) == 0);
    return true;
}

static bool
receive_array(struct stream_receiver *r)
{
    bool large = race_once_in(&r->race, 4);
    size_t n = large ? STREAM_ARRAY : 1 + race_below(&r->race, 64);
    bool between = is_between(r);
    ssize_t got = weir_recv_batch(r->s, r->msgs, n, some_flags(r));

    if (gave_up(r, got) && between)
        return false;
    if (got == -EMSGSIZE) {
        CHECK(!large);
        r->more_than = (uint32_t)n;
        return receive_one(r);
    }
    CHECK(got > 0 && (size_t)got <= n);
    for (ssize_t i = 0; i < got; i++)
        check_and_keep(r, &r->msgs[i]);
    CHECK(is_between(r));
    /* What is behind them must hold nothing. */
    CHECK(weir_msg_drop_batch(r->msgs, n) == 0);
    return true;
}

/* Shares a frame of a span, whether it will be taken or not. */
static void
share_one(struct stream_receiver *r, weir_msg *span, size_t n)
{
    uint64_t i = race_below(&r->race, n);

    if (race_once_in(&r->race, 2))
        return;
    drop_shared(r);
    CHECK(weir_msg_share(&r->shared, &span[i]) == 0);
    r->sum = sum_of(&r->shared);
}

/* Takes some of the frames of a span, perhaps none. */
static bool
receive_in_place(struct stream_receiver *r)
{
    size_t n = 1 + race_below(&r->race, 100);
    bool between = is_between(r);
    weir_msg *span;
    ssize_t got = weir_peek(r->s, n, &span, some_flags(r));

    if (gave_up(r, got) && between)
        return false;
    CHECK(got > 0 && (size_t)got <= n);
    stream_delay(r->law, &r->race);
    n = race_below(&r->race, 2) ? (size_t)got
                                : race_below(&r->race, (size_t)got + 1);
    share_one(r, span, (size_t)got);
    for (size_t i = 0; i < n; i++)
        check_and_keep(r, &span[i]);
    stream_delay(r->law, &r->race);
    CHECK(weir_release(r->s, n) == 0);
    return true;
}

bool
stream_receive(struct stream_receiver *r)
{
    stream_delay(r->law, &r->race);
    switch (race_below(&r->race, 4)) {
    case 0:
        return receive_in_place(r);
    case 1:
        return receive_array(r);
    default:
        return receive_one(r);
    }
}

void
stream_check_ended(struct stream_receiver *r)
{
    weir_msg msg;

    CHECK(is_between(r));
    CHECK(weir_recv(r->s, &msg, WEIR_DONTWAIT) == -EAGAIN);
}
