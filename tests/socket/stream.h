/* SPDX-License-Identifier: MPL-2.0 */
/* A stream of messages that is verified: all about a message follows from its
 * sender and its number, so that a receiver knows every byte that it must see.
 *
 * Frames are sent and received in all ways that there are, chosen at random:
 * one at a time, in arrays that end anywhere, in place; they are inline, from
 * the pool, large, external and shared. Nothing lost, doubled, torn, or out of
 * order is overlooked.
 *
 *   struct stream_sender     turns messages 0 to total - 1 into frames of a
 *                            socket, a step at a time
 *   struct stream_receiver   takes frames off a socket and checks each
 *
 * Concurrency   each belongs to one thread at a time; law is constant;
 *               the count of external frames may be asked by any thread. */
#ifndef WEIR_TESTS_SOCKET_STREAM_H
#define WEIR_TESTS_SOCKET_STREAM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <weir/weir.h>

#include "tests/core/race.h"

#define STREAM_SENDERS_MOST 64
#define STREAM_FRAMES_MOST  5000
#define STREAM_PENDING      8192 /* frames made ahead of sending */
#define STREAM_ARRAY        8192 /* frames that a call may receive */
#define STREAM_KEPT         8

/* ---- Messages ---------------------------------------------------------- */

/* What sender and number say about a message, for both sides. */
struct stream_law {
    uint64_t seed;
    /* Bytes that a first frame has at least: 8, the message's name, where a
     * receiver cannot know it otherwise. */
    size_t least;
    bool racing; /* delays between any two steps */
};

/* A frame. */
struct stream_frame {
    uint64_t name; /* sender and number */
    uint32_t index;
    uint32_t frames; /* in its message */
};

static inline uint64_t
stream_name(uint64_t sender, uint64_t number)
{
    return sender << 48 | number;
}

uint32_t stream_frames_of(const struct stream_law *law, uint64_t name);

/* Makes msg that frame, of memory of one kind or another. */
void stream_make(const struct stream_law *law, struct race *race,
                 weir_socket *s, weir_msg *msg, const struct stream_frame *f);

/* Ends the program if msg is not that frame. */
void stream_check(const struct stream_law *law, const weir_msg *msg,
                  const struct stream_frame *f);

/* Makes msg something that nobody must see. */
void stream_make_junk(struct race *race, weir_socket *s, weir_msg *msg);

/* Ends the program unless each external frame was freed, once. */
void stream_check_all_freed(void);

/* Pauses now and then, if the law says so. */
static inline void
stream_delay(const struct stream_law *law, struct race *race)
{
    if (law->racing)
        race_delay(race);
}

/* Frames that are held for a while after they were sent or received: more
 * owners of their bytes, or the last. */
struct stream_kept {
    weir_msg msgs[STREAM_KEPT];
    struct stream_frame frames[STREAM_KEPT];
    bool used[STREAM_KEPT];
};

/* Shares or moves msg into a random place, the frame there having been checked
 * and dropped. */
void stream_keep(const struct stream_law *law, struct race *race,
                 struct stream_kept *kept, weir_msg *msg,
                 const struct stream_frame *f, bool share);
void stream_drop_kept(const struct stream_law *law, struct stream_kept *kept);

/* ---- Sending ----------------------------------------------------------- */

struct stream_sender {
    const struct stream_law *law;
    weir_socket *s;
    struct race race;
    uint64_t id;
    uint64_t total;
    bool patient; /* some calls may block */
    bool endless; /* until they can go on: there is no timeout */
    int flags;    /* of the last call */
    uint64_t made;
    bool inside; /* a message of which frames were sent, and not the last */
    struct stream_kept kept;
    size_t first; /* pending: msgs[first] to msgs[end - 1] */
    size_t end;
    weir_msg *msgs;
};

void stream_sender_init(struct stream_sender *w, const struct stream_law *law,
                        weir_socket *s, uint64_t seed);
void stream_sender_fini(struct stream_sender *w);

/* Sends something, one way or another. False: it could not be done now. */
bool stream_send(struct stream_sender *w);

static inline bool
stream_sent_all(const struct stream_sender *w)
{
    return w->made == w->total && w->first == w->end;
}

/* ---- Receiving --------------------------------------------------------- */

struct stream_receiver {
    const struct stream_law *law;
    weir_socket *s;
    struct race race;
    bool patient; /* some calls may block */
    bool endless; /* until they can go on: there is no timeout */
    int flags;    /* of the last call */
    bool alone;   /* no other receiver takes any */
    bool in_turn; /* a sender begins when the one before has ended */
    uint64_t only_sender;
    uint64_t last_sender;
    uint64_t next[STREAM_SENDERS_MOST]; /* number of its next message */
    uint64_t *seen;                     /* a bit for each number, or NULL */
    uint64_t messages;                  /* received whole */
    struct stream_frame frame;          /* the next; index == frames: none */
    uint32_t more_than; /* frames that the next message has, as we know */
    weir_msg shared;    /* with a frame of a span, and the sum of its bytes */
    uint64_t sum;
    struct stream_kept kept;
    weir_msg *msgs;
};

void stream_receiver_init(struct stream_receiver *r,
                          const struct stream_law *law, weir_socket *s,
                          uint64_t seed);
void stream_receiver_fini(struct stream_receiver *r);

/* Receives and checks something, one way or another. False: there was
 * nothing. */
bool stream_receive(struct stream_receiver *r);

/* Ends the program unless nothing is there and no message was cut. */
void stream_check_ended(struct stream_receiver *r);

#endif
