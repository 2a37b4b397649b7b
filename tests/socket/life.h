/* SPDX-License-Identifier: MPL-2.0 */
/* What the threads of life_stress do to sockets that they find in places. A
 * place is locked by who works on its socket; a step does one thing, and ends
 * the program when a call gives what the header does not say.
 *
 * Concurrency   a place belongs to who has locked it; the counts of a round are
 *               anyone's. */
#ifndef WEIR_TESTS_SOCKET_LIFE_H
#define WEIR_TESTS_SOCKET_LIFE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/atomic.h"
#include "tests/socket/stream.h"

#define LIFE_PLACES   8
#define LIFE_MESSAGES 4096 /* of a round at most */

/* Where a socket may be. */
struct life_place {
    pthread_mutex_t lock;
    weir_socket *s; /* NULL: it is empty */
    int type;
    weir_msg *reserved; /* a span of n_reserved slots */
    weir_msg *peeked;
    size_t n_reserved; /* 0: none */
    size_t n_peeked;
    struct stream_frame sending; /* the next; index == frames: none */
    struct stream_frame receiving;
};

struct life_round {
    weir_context *ctx;
    struct stream_law law;
    _Atomic uint64_t steps;    /* made by all */
    _Atomic uint64_t named;    /* messages that have a number */
    _Atomic uint64_t accepted; /* by sockets, whole */
    _Atomic uint64_t received;
    _Atomic uint32_t seen[LIFE_MESSAGES]; /* how often each was received */
    struct life_place places[LIFE_PLACES];
};

typedef void life_step(struct life_round *round, struct life_place *p,
                       struct race *race);

/* Checks a frame that a socket has received; at is where it is in its message.
 */
void life_check(struct life_round *round, struct stream_frame *at,
                const weir_msg *msg);

life_step life_send;
life_step life_send_array;
life_step life_reserve;
life_step life_commit;
life_step life_receive;
life_step life_receive_array;
life_step life_peek;
life_step life_release;

#endif
