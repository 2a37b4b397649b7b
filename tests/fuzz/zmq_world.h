/* SPDX-License-Identifier: MPL-2.0 */
/* The world in which zmq_calls.c makes its calls, and what the interpreter
 * knows of it. */
#ifndef WEIR_TESTS_FUZZ_ZMQ_WORLD_H
#define WEIR_TESTS_FUZZ_ZMQ_WORLD_H

#include <zmq.h>

#include "tests/fuzz/bytes.h"
#include "tests/fuzz/contents.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/must.h"

#define CONTEXTS 2
#define SOCKETS  8
#define MESSAGES 12

struct place {
    void *ctx; /* stale when it is not `held` */
    bool held; /* not terminated */
    bool down;
};

struct seat {
    void *socket; /* stale when it is not open; may be NULL */
    bool open;
    const struct place *place;
};

struct piece {
    zmq_msg_t msg;
    bool valid; /* not closed */
};

/* Bytes of the caller's. */
struct external {
    struct external *next;
    void *data;
    bool freed;
};

struct world {
    struct bytes in;
    struct place places[CONTEXTS];
    struct seat seats[SOCKETS];
    struct piece pieces[MESSAGES];
    struct external *externals;
};

/* ---- zmq_calls.c ------------------------------------------------------- */

struct seat *any_seat(struct world *w);

/* Flags with which no call blocks. */
int any_flags(struct world *w);

/* Checks the result of a call on a socket: not negative, or -1 with an errno
 * that is one of the codes or says what the socket's state is. */
void must_be_result(const struct seat *s, int rc, const int *codes,
                    const char *call);
#define RESULT(s, call, ...)                                     \
    ({                                                           \
        errno = 0;                                               \
        int result_ = (call);                                    \
        fuzz_called(#call, result_ < 0 ? -errno : result_);      \
        must_be_result((s), result_, CODES(__VA_ARGS__), #call); \
        result_;                                                 \
    })

/* Checks that a call fails with one of the codes. */
#define FAILS(call, ...)                    \
    do {                                    \
        errno = 0;                          \
        MUST_EQUAL((call), -1);             \
        fuzz_called(#call, -errno);         \
        MUST_BE_ONE_OF(errno, __VA_ARGS__); \
    } while (0)

/* ---- zmq_messages.c ---------------------------------------------------- */

void make_message(struct world *w);
void use_message(struct world *w);
void send_message(struct world *w);
void send_bytes(struct world *w);
void receive_message(struct world *w);
void receive_bytes(struct world *w);
void close_messages(struct world *w);
void free_externals(struct world *w);

/* ---- zmq_control.c ----------------------------------------------------- */

void use_endpoint(struct world *w);
void use_option(struct world *w);
void use_poll(struct world *w);
void use_timers(struct world *w);
void use_proxy(struct world *w);
void use_texts(struct world *w);

#endif
