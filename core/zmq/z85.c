/* SPDX-License-Identifier: MPL-2.0 */
/* Z85 (RFC 32): four bytes, the most significant first, as five digits of base
 * 85. Pure functions. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zmq.h>

#include "core/zmq/error.h"

#define WORD   4 /* bytes */
#define GROUP  5 /* the digits of a word */
#define DIGITS 85

static const char digits[DIGITS + 1] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    ".-:+=^!/*?&<>()[]{}@%$#";

char *
zmq_z85_encode(char *text, const uint8_t *data, size_t size)
{
    char *to = text;

    if (text == NULL || (data == NULL && size > 0) || size % WORD != 0) {
        (void)wr_zmq_fail(-EINVAL);
        return NULL;
    }
    for (size_t i = 0; i < size; i += WORD, to += GROUP) {
        uint32_t word = (uint32_t)data[i] << 24 | (uint32_t)data[i + 1] << 16 |
                        (uint32_t)data[i + 2] << 8 | data[i + 3];

        for (int digit = GROUP - 1; digit >= 0; digit--) {
            to[digit] = digits[word % DIGITS];
            word /= DIGITS;
        }
    }
    *to = '\0';
    return text;
}

/* The word that a group of digits stands for, -1 when there is none. */
static int64_t
word_of(const char *group)
{
    int64_t word = 0;

    for (int i = 0; i < GROUP; i++) {
        const char *at = strchr(digits, group[i]);

        if (group[i] == '\0' || at == NULL)
            return -1;
        word = word * DIGITS + (at - digits);
    }
    return word <= UINT32_MAX ? word : -1;
}

uint8_t *
zmq_z85_decode(uint8_t *data, const char *text)
{
    size_t size = text == NULL ? 0 : strlen(text);
    uint8_t *to = data;

    if (data == NULL || size == 0 || size % GROUP != 0)
        goto fail;
    for (; *text != '\0'; text += GROUP) {
        int64_t word = word_of(text);

        if (word < 0)
            goto fail;
        for (int shift = 24; shift >= 0; shift -= 8)
            *to++ = (uint8_t)(word >> shift);
    }
    return data;

fail:
    (void)wr_zmq_fail(-EINVAL);
    return NULL;
}
