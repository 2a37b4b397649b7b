/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/fuzz/contents.h"

/* The index behind i; of a large one that is not at one of its ends it is
 * skipped. */
static size_t
next(size_t i, size_t size, size_t end)
{
    i++;
    return size > 2 * end && i == end ? size - end : i;
}

void
text_fill(void *data, size_t size, uint8_t first)
{
    uint8_t *p = data;

    for (size_t i = 0; i < size; i = next(i, size, BODY_FULL / 2))
        p[i] = (uint8_t)(first + i);
}

void
body_fill(void *data, size_t size, uint8_t first)
{
    uint8_t *p = data;

    text_fill(data, size, first);
    if (size >= BODY_MARKED)
        p[size - 1] ^= 0xff;
}

bool
text_is_good(const void *data, size_t size)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < size; i = next(i, size, BODY_FULL / 4))
        if (p[i] != (uint8_t)(p[0] + i))
            return false;
    return true;
}

bool
body_is_good(const void *data, size_t size)
{
    const uint8_t *p = data;

    if (size < BODY_MARKED)
        return text_is_good(data, size);
    return (p[size - 1] ^ 0xff) == (uint8_t)(p[0] + size - 1) &&
           text_is_good(data, size - 1);
}
