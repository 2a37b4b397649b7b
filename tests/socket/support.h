/* SPDX-License-Identifier: MPL-2.0 */
/* What the tests of sockets share: checks that work on any thread, short forms
 * of the calls that every test makes, threads, and random numbers.
 *
 * OK, GIVES and CALL also check that the call has left errno alone. */
#ifndef WEIR_TESTS_SOCKET_SUPPORT_H
#define WEIR_TESTS_SOCKET_SUPPORT_H

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <weir/weir.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__clang__)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif

#ifndef SANITIZED
#define SANITIZED false
#endif

/* A loop's length: a tenth of it in builds that are slow. */
#ifdef WEIR_DEBUG
#define SCALED(n) ((n) / 10)
#else
#define SCALED(n) (n)
#endif

/* ---- Checks ------------------------------------------------------------ */

/* A value that no call sets. */
#define ERRNO_KEPT 4711

/* Says what is wrong and ends the test, or the program when this is not the
 * thread that runs the tests. */
void not_so(const char *what, const char *file, int line);
void not_equal(long got, long want, const char *what, const char *file,
               int line);

static inline void
check(bool good, const char *what, const char *file, int line)
{
    if (__builtin_expect(!good, 0))
        not_so(what, file, line);
}

static inline void
check_equal(long got, long want, const char *what, const char *file, int line)
{
    if (__builtin_expect(got != want, 0))
        not_equal(got, want, what, file, line);
}

#define CHECK(cond) check((cond), #cond, __FILE__, __LINE__)
#define EQUAL(got, want) \
    check_equal((long)(got), (long)(want), #got, __FILE__, __LINE__)

/* The result of a call. */
#define CALL(call)                                                     \
    ({                                                                 \
        errno = ERRNO_KEPT;                                            \
        __typeof__(call) result_ = (call);                             \
        check_equal(errno, ERRNO_KEPT, "errno after " #call, __FILE__, \
                    __LINE__);                                         \
        result_;                                                       \
    })

#define GIVES(want, call) \
    check_equal((long)CALL(call), (long)(want), #call, __FILE__, __LINE__)
#define OK(call) GIVES(0, call)

/* ---- Sockets ----------------------------------------------------------- */

weir_context *new_context(void);
weir_socket *new_socket(weir_context *ctx, int type);
void set(weir_socket *s, int option, int64_t value);
int64_t get(weir_socket *s, int option);

/* Two sockets, the first of which has bound a name that the second has
 * connected to; their context. */
struct link {
    weir_context *ctx;
    weir_socket *bound;
    weir_socket *connected;
};

struct link new_link(int bound_type, int connected_type);
void close_link(struct link *l);

/* The same, but each connection holds two messages each way, and routers know
 * the second as "d". */
struct link new_small_link(int bound_type, int connected_type);

/* ---- Messages ---------------------------------------------------------- */

/* Sends one frame of text, with WEIR_DONTWAIT. */
int try_say(weir_socket *s, const char *text, bool more);
void say(weir_socket *s, const char *text);

/* Receives one frame with WEIR_DONTWAIT: it is text, the only frame of its
 * message. */
void hear(weir_socket *s, const char *text);
void hear_nothing(weir_socket *s);

/* The same for a frame that more follow, or not. */
void hear_frame(weir_socket *s, const char *text, bool more);

/* Says all texts up to NULL in one message, or hears them. */
void say_all(weir_socket *s, const char *const *texts);
void hear_all(weir_socket *s, const char *const *texts);
#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* The name under which routers know the socket. */
void name_socket(weir_socket *s, const char *id);

/* An inline message that holds a number. */
void put_number(weir_msg *msg, uint64_t number, bool more);
uint64_t number_of(const weir_msg *msg);
int send_number(weir_socket *s, uint64_t number, int flags);
void hear_number(weir_socket *s, uint64_t number);

/* Sends numbers from first on until the socket takes no more; how many. */
uint64_t fill(weir_socket *s, uint64_t first);

/* Receives numbers from first on until there are no more; how many. */
uint64_t drain(weir_socket *s, uint64_t first);

/* ---- Threads ----------------------------------------------------------- */

pthread_t start(void *(*body)(void *), void *arg);
void finish(pthread_t thread);

/* Has another thread do it, from beginning to end. */
void elsewhere(void *(*body)(void *), void *arg);

/* Returns when the thread with that number (gettid) sleeps. */
void await_sleep(pid_t tid);

/* ---- Random numbers and figures ---------------------------------------- */

struct random {
    uint64_t state;
};

/* The seed: WEIR_STRESS_SEED, or another one for each run; printed. */
uint64_t announce_seed(void);
struct random random_from(uint64_t seed);
uint64_t random_next(struct random *r);

/* 0 to n - 1. */
uint64_t random_below(struct random *r, uint64_t n);

/* Of the process, in bytes. */
long resident(void);

/* How many entries /proc/self/NAME has. */
int count_entries(const char *directory);

#endif
