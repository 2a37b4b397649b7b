/* SPDX-License-Identifier: MPL-2.0 */
/* Endpoints that are good, nearly good, or nothing but bytes, and what weir.h
 * says of each. */
#ifndef WEIR_TESTS_FUZZ_ENDPOINTS_H
#define WEIR_TESTS_FUZZ_ENDPOINTS_H

#include "tests/fuzz/bytes.h"

#define ENDPOINT_MAX 400

/* Writes one to text, or returns one of its own, or NULL. */
const char *endpoint_take(struct bytes *b, char text[ENDPOINT_MAX]);

/* 0, or the error that every call gives for it. */
int endpoint_error(const char *endpoint);

#endif
