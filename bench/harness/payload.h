/* SPDX-License-Identifier: MPL-2.0 */
/* What a benchmark message carries, written by its sender and checked by its
 * receiver, the same for every implementation.
 *
 * Word 0 is the tag: the sender's number in the top 8 bits, below it the
 * message's number in that sender's stream. Word i is tag + i * STEP, so the
 * sum of the words follows from the tag, and each message is checked alone.
 * Below 4096 bytes every word is written and read; from there on the first and
 * the last line. The last tag of a stream is all ones: it ends the stream. */
#ifndef WEIR_BENCH_HARNESS_PAYLOAD_H
#define WEIR_BENCH_HARNESS_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PAYLOAD_SEQ_BITS 56
#define PAYLOAD_END      ((UINT64_C(1) << PAYLOAD_SEQ_BITS) - 1)
#define PAYLOAD_LARGE    4096
#define PAYLOAD_STEP     UINT64_C(0x9e3779b97f4a7c15)

struct payload {
    size_t size;
    uint64_t words; /* that are written and read */
    uint64_t sum;   /* of them, when the tag is 0 */
};

/* The first tag of a sender's stream. */
static inline uint64_t
payload_first_tag(unsigned sender)
{
    return (uint64_t)sender << PAYLOAD_SEQ_BITS;
}

/* The size is a multiple of 8. */
static inline struct payload
payload_of(size_t size)
{
    uint64_t words = size < PAYLOAD_LARGE ? size / 8 : 16;

    return (struct payload){
        .size = size,
        .words = words,
        .sum = words * (words - 1) / 2 * PAYLOAD_STEP,
    };
}

static inline __attribute__((always_inline)) void
payload_put(void *at, uint64_t tag, uint64_t first, uint64_t words)
{
    for (uint64_t i = 0; i < words; i++) {
        uint64_t word = tag + (first + i) * PAYLOAD_STEP;

        memcpy((char *)at + i * 8, &word, 8);
    }
}

static inline __attribute__((always_inline)) uint64_t
payload_sum(const void *at, uint64_t words)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < words; i++) {
        uint64_t word;

        memcpy(&word, (const char *)at + i * 8, 8);
        sum += word;
    }
    return sum;
}

/* Constant counts: the compiler unrolls what the usual sizes need. */
static inline __attribute__((always_inline)) void
payload_write(const struct payload *p, void *data, uint64_t tag)
{
    if (p->size == 8) {
        payload_put(data, tag, 0, 1);
    } else if (p->size == 48) {
        payload_put(data, tag, 0, 6);
    } else if (p->size == 256) {
        payload_put(data, tag, 0, 32);
    } else if (p->size < PAYLOAD_LARGE) {
        payload_put(data, tag, 0, p->words);
    } else {
        payload_put(data, tag, 0, 8);
        payload_put((char *)data + p->size - 64, tag, 8, 8);
    }
}

static inline uint64_t
payload_tag(const void *data)
{
    return payload_sum(data, 1);
}

/* 0 when the words are those that payload_write made for this tag. */
static inline __attribute__((always_inline)) uint64_t
payload_check(const struct payload *p, const void *data, uint64_t tag)
{
    uint64_t sum;

    if (p->size == 8)
        return 0; /* the tag is all there is */
    if (p->size == 48)
        sum = payload_sum(data, 6);
    else if (p->size == 256)
        sum = payload_sum(data, 32);
    else if (p->size < PAYLOAD_LARGE)
        sum = payload_sum(data, p->words);
    else
        sum = payload_sum(data, 8) +
              payload_sum((const char *)data + p->size - 64, 8);
    return sum - (p->words * tag + p->sum);
}

#endif
