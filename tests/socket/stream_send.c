/* SPDX-License-Identifier: MPL-2.0 */
/* The sending side of a verified stream. */
#include <stdlib.h>

#include "tests/socket/stream.h"

/* Messages made at a time, at most. */
#define AHEAD 64

void
stream_sender_init(struct stream_sender *w, const struct stream_law *law,
                   weir_socket *s, uint64_t seed)
{
    *w = (struct stream_sender){ .law = law, .s = s, .race = { seed } };
    w->msgs = malloc(STREAM_PENDING * sizeof(weir_msg));
    CHECK(w->msgs != NULL);
}

void
stream_sender_fini(struct stream_sender *w)
{
    stream_drop_kept(w->law, &w->kept);
    CHECK(weir_msg_drop_batch(w->msgs + w->first, w->end - w->first) == 0);
    free(w->msgs);
}

static void
make_frame(struct stream_sender *w, const struct stream_frame *f)
{
    weir_msg *msg = &w->msgs[w->end++];

    stream_make(w->law, &w->race, w->s, msg, f);
    if (race_once_in(&w->race, 32))
        stream_keep(w->law, &w->race, &w->kept, msg, f, true);
}

/* Makes some messages, when those before have gone. */
static void
make_ahead(struct stream_sender *w)
{
    uint64_t n = 1 + race_below(&w->race, AHEAD);

    w->first = w->end = 0;
    for (; n > 0 && w->made < w->total; n--, w->made++) {
        struct stream_frame f = { .name = stream_name(w->id, w->made) };

        f.frames = stream_frames_of(w->law, f.name);
        if (w->end + f.frames > STREAM_PENDING)
            return;
        for (; f.index < f.frames; f.index++)
            make_frame(w, &f);
    }
}

static int
some_flags(struct stream_sender *w)
{
    w->flags = w->patient && !race_once_in(&w->race, 8) ? 0 : WEIR_DONTWAIT;
    return w->flags;
}

/* Whether a call has given up, which it may not always. */
static bool
gave_up(const struct stream_sender *w, ssize_t rc)
{
    if (rc != -EAGAIN)
        return false;
    CHECK(!w->endless || w->flags == WEIR_DONTWAIT);
    return true;
}

/* Notes that the first n pending frames have gone, the last of which was
 * followed by `more` or not. */
static void
gone(struct stream_sender *w, size_t n, bool more)
{
    w->first += n;
    w->inside = more;
}

static bool
send_one(struct stream_sender *w)
{
    weir_msg *msg = &w->msgs[w->first];
    bool more = weir_msg_more(msg);
    int rc = weir_send(w->s, msg, some_flags(w));

    if (gave_up(w, rc))
        return false;
    CHECK(rc == 0 && weir_msg_size(msg) == 0);
    gone(w, 1, more);
    return true;
}

/* An array that may begin and end in the middle of a message. */
static bool
send_array(struct stream_sender *w)
{
    size_t most = w->end - w->first;
    size_t n = 1 + race_below(&w->race, most);
    weir_msg *msgs = &w->msgs[w->first];
    uint8_t more[STREAM_PENDING];
    ssize_t done;

    for (size_t i = 0; i < n; i++)
        more[i] = weir_msg_more(&msgs[i]);
    done = weir_send_batch(w->s, msgs, n, some_flags(w));
    if (gave_up(w, done))
        return false;
    CHECK(done > 0 && (size_t)done <= n);
    for (ssize_t i = 0; i < done; i++)
        CHECK(weir_msg_size(&msgs[i]) == 0);
    gone(w, (size_t)done, more[done - 1]);
    return true;
}

/* Moves whole messages into n slots, and perhaps not all that fit: how many
 * frames. What is behind them is junk, or empty. */
static size_t
fill_span(struct stream_sender *w, weir_msg *span, size_t n)
{
    size_t pending = w->end - w->first;
    size_t limit = race_below(&w->race, n + 1);
    size_t whole = 0;

    for (size_t i = 0; i < limit && i < pending; i++)
        if (!weir_msg_more(&w->msgs[w->first + i]))
            whole = i + 1;
    for (size_t i = 0; i < whole; i++) {
        CHECK(weir_msg_size(&span[i]) == 0);
        CHECK(weir_msg_move(&span[i], &w->msgs[w->first + i]) == 0);
        stream_delay(w->law, &w->race);
    }
    for (size_t i = whole; i < n; i++)
        if (race_once_in(&w->race, 4))
            stream_make_junk(&w->race, w->s, &span[i]);
    return whole;
}

static bool
send_in_place(struct stream_sender *w)
{
    size_t n = 1 + race_below(&w->race, 100);
    weir_msg *span;
    ssize_t got = weir_reserve(w->s, n, &span, some_flags(w));

    if (gave_up(w, got))
        return false;
    if (w->inside) {
        CHECK(got == -EBUSY);
        return send_one(w);
    }
    CHECK(got > 0 && (size_t)got <= n);
    stream_delay(w->law, &w->race);
    n = fill_span(w, span, (size_t)got);
    CHECK(weir_commit(w->s, n) == 0);
    if (n > 0)
        gone(w, n, false);
    return true;
}

bool
stream_send(struct stream_sender *w)
{
    if (w->first == w->end)
        make_ahead(w);
    stream_delay(w->law, &w->race);
    switch (race_below(&w->race, 4)) {
    case 0:
        return send_in_place(w);
    case 1:
        return send_array(w);
    default:
        return send_one(w);
    }
}
