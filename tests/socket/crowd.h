/* SPDX-License-Identifier: MPL-2.0 */
/* A publisher and its subscribers, to all; and messages whose bytes are known
 * and whose end is counted. */
#ifndef WEIR_TESTS_SOCKET_CROWD_H
#define WEIR_TESTS_SOCKET_CROWD_H

#include <stdlib.h>

#include "tests/socket/topics.h"

#define SUBS 7

struct crowd {
    weir_context *ctx;
    weir_socket *pub;
    weir_socket *subs[SUBS];
};

static inline struct crowd
new_crowd(int type)
{
    struct crowd c = { .ctx = new_context() };

    c.pub = new_socket(c.ctx, type);
    OK(weir_bind(c.pub, "inproc://link"));
    for (int i = 0; i < SUBS; i++) {
        c.subs[i] = connected(c.ctx, WEIR_SUB);
        subscribe(c.subs[i], "");
    }
    return c;
}

static inline void
close_crowd(struct crowd *c)
{
    for (int i = 0; i < SUBS; i++)
        if (c->subs[i] != NULL)
            OK(weir_close(c->subs[i]));
    OK(weir_close(c->pub));
    OK(weir_context_free(c->ctx));
}

static inline void
put_pattern(weir_msg *msg)
{
    unsigned char *data = weir_msg_data(msg);

    for (size_t i = 0; i < weir_msg_size(msg); i++)
        data[i] = (unsigned char)(i * 31 + weir_msg_size(msg));
}

static inline void
check_pattern(const weir_msg *msg, size_t size)
{
    const unsigned char *data = weir_msg_bytes(msg);
    size_t bad = 0;

    EQUAL(weir_msg_size(msg), size);
    for (size_t i = 0; i < size; i++)
        bad += data[i] != (unsigned char)(i * 31 + size);
    EQUAL(bad, 0);
}

static inline void
count_free(void *data, void *hint)
{
    ++*(int *)hint;
    free(data);
}

static inline void
init_external(weir_msg *msg, size_t size, int *freed)
{
    void *data = malloc(size);

    CHECK(data != NULL);
    OK(weir_msg_init_external(msg, data, size, count_free, freed));
    put_pattern(msg);
}

#endif
