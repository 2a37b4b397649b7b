/* SPDX-License-Identifier: MPL-2.0 */
/* Checks that several files of the client of CZMQ make. */
#ifndef WEIR_TESTS_CLIENTS_CZMQ_EXPECT_H
#define WEIR_TESTS_CLIENTS_CZMQ_EXPECT_H

#include "client.h"

#include <czmq.h>

/* The next frame from a socket or an actor is this text. */
static inline void
expect_text(void *from, const char *want)
{
    char *text = zstr_recv(from);

    CHECK(text && streq(text, want));
    zstr_free(&text);
}

/* What an actor waits for that has done its work. */
static inline void
expect_end(zsock_t *pipe)
{
    expect_text(pipe, "$TERM");
}

#endif
