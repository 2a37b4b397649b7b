/* SPDX-License-Identifier: MPL-2.0 */
/* What the conformance tests share: cases, each run in a process of its own,
 * and short forms of the calls that every case makes.
 *
 * A case that fails, crashes or hangs ends its process and nothing else. The
 * context and the sockets that a case takes from here are closed after it,
 * and the context must then end: that is part of every case.
 *
 * The cases know <zmq.h> only. They run on whatever libzmq.so.5 is found. */
#ifndef WEIR_TESTS_ZMQ_SUPPORT_H
#define WEIR_TESTS_ZMQ_SUPPORT_H

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zmq.h>

#include <cmocka.h>

/* ---- Cases ------------------------------------------------------------- */

typedef void case_fn(const void *arg);

/* Adds a case. */
void add_case(const char *name, case_fn *run, const void *arg);

/* Adds a case that is called GROUP_NAME. */
void add_row(const char *group, const char *name, case_fn *run,
             const void *arg);

/* CASE(name) { ... } defines a case and adds it. */
#define CASE(name)                                            \
    static void name(void);                                   \
    static void run_##name(const void *arg)                   \
    {                                                         \
        (void)arg;                                            \
        name();                                               \
    }                                                         \
    __attribute__((constructor)) static void add_##name(void) \
    {                                                         \
        add_case(#name, run_##name, NULL);                    \
    }                                                         \
    static void name(void)

/* Runs the cases that were added, or those whose names match argv[1]. */
int run_cases(const char *suite, int argc, char **argv);

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* ---- Checks ------------------------------------------------------------ */

/* The call fails with this error, in errno and in zmq_errno(). */
void check_error(int result, int want, const char *what, const char *file,
                 int line);
#define FAILS(call, error) \
    (errno = 0, check_error((call), (error), #call, __FILE__, __LINE__))

/* The call gives this number; says errno if it does not. */
void check_gives(long result, long want, const char *what, const char *file,
                 int line);
#define GIVES(call, want) \
    (errno = 0, check_gives((call), (want), #call, __FILE__, __LINE__))
#define OK(call) GIVES(call, 0)

/* Tries again, for some seconds at most, until the condition holds. */
#define EVENTUALLY(condition)                                   \
    do {                                                        \
        bool holds_ = (condition);                              \
                                                                \
        for (int left_ = 5000; !holds_ && left_ > 0; left_--) { \
            pause_ms(1);                                        \
            holds_ = (condition);                               \
        }                                                       \
        if (!holds_)                                            \
            fail_msg("never came true: %s", #condition);        \
    } while (0)

void pause_ms(int ms);
long now_ms(void);

/* ---- Sockets ----------------------------------------------------------- */

/* The case's own context, made when first asked for; in one thread. */
void *the_context(void);

/* The case ends it itself. */
void end_context(void);

/* A socket in that context. */
void *open_socket(int type);
void close_socket(void *s);

/* Closes those that are still open, without a look at what they hold. */
void close_all(void);

/* Closes s, of which peer is the peer, and opens another when s is all gone:
 * the context must have room for no more (ZMQ_MAX_SOCKETS). */
void *replace_socket(void *s, void *peer, int type);

void *bound(int type, const char *endpoint);
void *connected(int type, const char *endpoint);

/* Opens and joins two sockets: *a is bound, *b connected. */
void join(int type_a, void **a, int type_b, void **b);

/* As join(), with these high-water marks on both. */
void join_hwm(int type_a, void **a, int type_b, void **b, int hwm);

int get_int(void *s, int option);
void set_int(void *s, int option, int value);
void set_text(void *s, int option, const char *text);

/* Lets s take note of what its peers did: connected, left, subscribed. */
void settle(void *s);

/* What zmq_poll() finds of events, without waiting. */
int poll_now(void *s, int events);

/* ---- Messages ---------------------------------------------------------- */

/* Send or receive one frame of text. */
void send_frame(void *s, const char *text, int flags);
void expect_frame(void *s, const char *text);
void expect_bytes(void *s, const void *bytes, size_t size);

/* All frames of one message, the last argument is NULL. */
__attribute__((sentinel)) void send_message(void *s, ...);
__attribute__((sentinel)) void expect_message(void *s, ...);

/* There is nothing to receive. */
void expect_nothing(void *s);

/* How many of at most limit sends succeed without waiting. */
int send_until_full(void *s, int limit);

/* How many messages are there. */
int drain(void *s);

/* ---- Threads ----------------------------------------------------------- */

pthread_t start(void *(*run)(void *), void *arg);
void finish(pthread_t thread);

#endif
