/* SPDX-License-Identifier: MPL-2.0 */
/* What all interpreters share. An interpreter reads a string of bytes as a
 * sequence of calls, makes them on one thread, none of which blocks, and ends
 * the process when one does what its documentation does not say. Everything
 * that it opened is closed when it returns.
 *
 * fuzz_main.c feeds it with random strings and with those that once found a
 * bug; libfuzzer.c makes it a target of libFuzzer. */
#ifndef WEIR_TESTS_FUZZ_FUZZ_H
#define WEIR_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The interpreter that is linked in: its name, which is that of its folder in
 * corpus/, and itself. */
extern const char *const fuzz_name;
void fuzz_one(const uint8_t *data, size_t size);

#endif
