/* SPDX-License-Identifier: MPL-2.0 */
/* Checks of the interpreters: what is not so ends the process. */
#ifndef WEIR_TESTS_FUZZ_MUST_H
#define WEIR_TESTS_FUZZ_MUST_H

#include <errno.h>
#include <stdbool.h>

/* Says what is wrong and ends the process. */
_Noreturn void fuzz_fail(const char *what, long value, const char *file,
                         int line);

static inline void
fuzz_must(bool good, const char *what, const char *file, int line)
{
    if (!good)
        fuzz_fail(what, 0, file, line);
}

static inline void
fuzz_must_equal(long got, long want, const char *what, const char *file,
                int line)
{
    if (got != want)
        fuzz_fail(what, got, file, line);
}

#define MUST(cond) fuzz_must((cond), "not so: " #cond, __FILE__, __LINE__)
#define MUST_EQUAL(got, want)                                             \
    fuzz_must_equal((long)(got), (long)(want), #got " is not " #want ",", \
                    __FILE__, __LINE__)

/* With WEIR_FUZZ_TRACE in the environment, says what was called. */
void fuzz_called(const char *call, long rc);

/* The result of a call that leaves errno alone. */
#define FUZZ_ERRNO 4711
#define CALL(call)                                                         \
    ({                                                                     \
        errno = FUZZ_ERRNO;                                                \
        __typeof__(call) rc_ = (call);                                     \
        fuzz_must_equal(errno, FUZZ_ERRNO, "errno after " #call, __FILE__, \
                        __LINE__);                                         \
        fuzz_called(#call, (long)rc_);                                     \
        rc_;                                                               \
    })

/* Whether rc is one of the codes, whose last one is 1. */
bool fuzz_is_one_of(long rc, const int *codes);
#define CODES(...) ((const int[]){ __VA_ARGS__, 1 })

#define MUST_BE_ONE_OF(rc, ...)                                           \
    do {                                                                  \
        if (!fuzz_is_one_of((rc), CODES(__VA_ARGS__)))                    \
            fuzz_fail("none of " #__VA_ARGS__, (rc), __FILE__, __LINE__); \
    } while (0)

#endif
