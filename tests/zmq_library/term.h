/* SPDX-License-Identifier: MPL-2.0 */
/* What the threads of term_stress do: each has sockets of its own, in a context
 * that all share and that ends at some time. A step makes one call or a few,
 * and ends the program when one gives what its manual page does not say.
 *
 * Concurrency   an actor is its thread's, but for `doing`; a round is anyone's.
 * Order         T1: who has ended the context says so by `ended`, after the
 *               call that did it: calls that begin later fail. */
#ifndef WEIR_TESTS_ZMQ_LIBRARY_TERM_H
#define WEIR_TESTS_ZMQ_LIBRARY_TERM_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>

#include "core/base/atomic.h"
#include "tests/core/race.h"

#define TERM_SOCKETS     3 /* of each actor */
#define TERM_COUNT(list) (sizeof(list) / sizeof((list)[0]))

struct term_round {
    void *ctx;
    _Atomic uint64_t steps; /* made by all */
    _Atomic bool ended;     /* a call has shut the context down */
};

struct term_actor {
    _Atomic(const char *) doing; /* the call that it is in, for the watchdog */
    struct term_round *round;
    struct race race;
    pthread_t thread;
    bool over;     /* a call has given ETERM */
    bool strict;   /* so has one on the socket that calls are made on now */
    bool too_late; /* the call that is made now has to */
    struct {
        void *s; /* NULL: none */
        int type;
    } at[TERM_SOCKETS];
};

/* External messages, of all rounds. */
extern _Atomic uint64_t term_made;
extern _Atomic uint64_t term_freed;

/* Opens the sockets and makes steps until a call gives ETERM; then all calls
 * come to do so, and the sockets are closed. */
void *term_act(void *actor);

/* Ends the program unless rc is a result that the call may have: at least 0, or
 * -1 and errno one of the n errors. */
void term_begin(struct term_actor *a, const char *call);
void term_check(struct term_actor *a, const char *call, int rc,
                const int *errors, size_t n);

/* Makes a call that gives ETERM when the context has ended; the other errors
 * that it may give follow. */
#define TRY(a, call, ...)                                          \
    ({                                                             \
        static const int errors_[] = { ETERM, ##__VA_ARGS__ };     \
        int rc_;                                                   \
                                                                   \
        term_begin((a), #call);                                    \
        rc_ = (call);                                              \
        term_check((a), #call, rc_, errors_, TERM_COUNT(errors_)); \
        rc_;                                                       \
    })

typedef void term_step(struct term_actor *a, int i);

term_step term_send;
term_step term_send_message;
term_step term_receive;
term_step term_receive_message;
term_step term_echo;
term_step term_poll;
term_step term_wait_for_descriptor;

#endif
