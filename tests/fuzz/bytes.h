/* SPDX-License-Identifier: MPL-2.0 */
/* An input of bytes from which an interpreter takes its decisions. What lies
 * behind its end is all zero. One thread. */
#ifndef WEIR_TESTS_FUZZ_BYTES_H
#define WEIR_TESTS_FUZZ_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *at;
    size_t left;
};

static inline unsigned
take(struct bytes *b)
{
    if (b->left == 0)
        return 0;
    b->left--;
    return *b->at++;
}

/* 0 to n - 1, n at most 256. */
static inline unsigned
take_below(struct bytes *b, unsigned n)
{
    return take(b) % n;
}

/* Once in n times. */
static inline int
take_rarely(struct bytes *b, unsigned n)
{
    return take_below(b, n) == n - 1;
}

static inline uint64_t
take_u64(struct bytes *b)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value = value << 8 | take(b);
    return value;
}

#endif
