/* SPDX-License-Identifier: MPL-2.0 */
/* Contents of frames that tell by themselves whether they are whole: each byte
 * is one more than the one before. The last of a body of at least
 * BODY_MARKED bytes is inverted, so that a body that was cut off, or has become
 * longer, shows; prefixes and routing ids have no such mark. */
#ifndef WEIR_TESTS_FUZZ_CONTENTS_H
#define WEIR_TESTS_FUZZ_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is not a body is shorter. */
#define TEXT_MAX    300
#define BODY_MARKED 4

/* Beyond, only both ends of a body are written and looked at. */
#define BODY_FULL 4096

/* Fills size bytes that begin with `first`. */
void text_fill(void *data, size_t size, uint8_t first);
void body_fill(void *data, size_t size, uint8_t first);

bool text_is_good(const void *data, size_t size);
bool body_is_good(const void *data, size_t size);

#endif
