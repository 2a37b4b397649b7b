/* SPDX-License-Identifier: MPL-2.0 */
/* What the clients in C and C++ share: they run named parts one after another
 * and end the process at the first wrong result, or when one hangs.
 *
 * CHECK works on any thread; the rest is for the main thread. */
#ifndef WEIR_TESTS_CLIENTS_CLIENT_H
#define WEIR_TESTS_CLIENTS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Exit codes of a client; 0 is for all parts being right. */
enum {
    CLIENT_WRONG = 1,
    CLIENT_HANGS = 2,
    /* The library that it is a client of is not installed. */
    CLIENT_ABSENT = 77,
};

struct client_part {
    const char *name;
    void (*run)(void);
};

/* Runs the parts that the arguments name, or all; says "name ok" of each.
 * Returns what main returns. */
int client_main(const struct client_part *parts, size_t count, int argc,
                char **argv);

/* Names the part and what is wrong with it, and ends the process. */
__attribute__((noreturn)) void client_wrong(const char *what, const char *file,
                                            int line);

/* What main returns where the library is not installed. */
int client_absent(const char *library);

static inline void
client_check(bool good, const char *what, const char *file, int line)
{
    if (!good)
        client_wrong(what, file, line);
}

#define CHECK(cond) client_check((cond), #cond, __FILE__, __LINE__)

#ifdef __cplusplus
}
#endif

#endif
