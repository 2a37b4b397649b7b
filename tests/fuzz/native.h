/* SPDX-License-Identifier: MPL-2.0 */
/* The world in which native_calls.c makes its calls: contexts, sockets and
 * messages, and what the interpreter knows of them. */
#ifndef WEIR_TESTS_FUZZ_NATIVE_H
#define WEIR_TESTS_FUZZ_NATIVE_H

#include <weir/monitor.h>
#include <weir/poll.h>
#include <weir/weir.h>

#include "tests/fuzz/bytes.h"
#include "tests/fuzz/contents.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/must.h"

#define CONTEXTS 2
#define SOCKETS  8
#define MESSAGES 16
#define POLLERS  2

struct place {
    weir_context *ctx; /* stale when it is not `held` */
    bool held;         /* not freed */
    bool down;
};

/* A span that is open, while n > 0. */
struct span {
    weir_msg *at;
    size_t n;
};

/* A poller, and the descriptor in it. */
struct watch {
    weir_poller *poller; /* stale when it is not open; may be NULL */
    bool open;
    int fd; /* an eventfd; -1: none was made */
    bool has_fd;
    int fd_events;
};

struct seat {
    weir_socket *socket; /* stale when it is not open; may be NULL */
    bool open;
    bool down; /* with its context */
    int type;
    int fd; /* from weir_socket_fd, or -1 */
    void *user;
    struct span reserved;
    struct span peeked;
    struct watch *watch; /* where it is waited for, or NULL */
    int watched;         /* the events */
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
    struct watch watches[POLLERS];
    weir_msg msgs[MESSAGES]; /* each always a message */
    struct external *externals;
};

/* ---- native_calls.c ---------------------------------------------------- */

/* A seat; `none`, a socket that is NULL, is among them. */
struct seat *any_seat(struct world *w);

/* Flags with which a call on an open socket does not block. */
int any_flags(struct world *w);

/* Checks the result of a call on a socket: 0 or a count, or one of the codes,
 * or what the socket's state says. */
void must_be_result(const struct seat *s, long rc, const int *codes,
                    const char *call);
#define RESULT(s, call, ...)                                     \
    ({                                                           \
        long result_ = (long)CALL(call);                         \
        must_be_result((s), result_, CODES(__VA_ARGS__), #call); \
        result_;                                                 \
    })

/* ---- native_messages.c ------------------------------------------------- */

void make_message(struct world *w);
void drop_messages(struct world *w);

/* Makes msg, whatever is in it, a message that can be sent. */
void fill_message(struct world *w, struct seat *s, weir_msg *msg);

/* Whether what was received was sent, by anybody here. */
void must_be_whole(const weir_msg *msg);

void free_externals(struct world *w);

/* ---- native_transfer.c ------------------------------------------------- */

void send_one(struct world *w);
void send_array(struct world *w);
void receive_one(struct world *w);
void receive_array(struct world *w);
void reserve_or_commit(struct world *w);
void peek_or_release(struct world *w);

/* ---- native_control.c -------------------------------------------------- */

void use_endpoint(struct world *w);
void use_option(struct world *w);
void use_bytes_option(struct world *w);
void use_monitor(struct world *w);
void use_user(struct world *w);

/* ---- native_waiting.c -------------------------------------------------- */

void begin_pollers(struct world *w);
void end_pollers(struct world *w);
void use_poll(struct world *w);
void use_descriptor(struct world *w);
void use_poller(struct world *w);

/* Asks the kernel. */
bool fd_is_readable(int fd);
void use_proxy(struct world *w);

#endif
