/* SPDX-License-Identifier: MPL-2.0 */
/* Short forms for tests of PUB, SUB, XPUB and XSUB. */
#ifndef WEIR_TESTS_SOCKET_TOPICS_H
#define WEIR_TESTS_SOCKET_TOPICS_H

#include <string.h>

#include "tests/socket/support.h"

static inline void
subscribe(weir_socket *s, const char *prefix)
{
    OK(weir_socket_set_bytes(s, WEIR_SUBSCRIBE, prefix, strlen(prefix)));
}

static inline void
unsubscribe(weir_socket *s, const char *prefix)
{
    OK(weir_socket_set_bytes(s, WEIR_UNSUBSCRIBE, prefix, strlen(prefix)));
}

/* A socket of the type that has connected to "inproc://link". */
static inline weir_socket *
connected(weir_context *ctx, int type)
{
    weir_socket *s = new_socket(ctx, type);

    OK(weir_connect(s, "inproc://link"));
    return s;
}

/* Sends, as an XSUB, a subscription (1) or its end (0). */
static inline void
ask(weir_socket *s, char what, const char *prefix)
{
    weir_msg msg;

    OK(weir_msg_init_size(&msg, s, strlen(prefix) + 1));
    ((char *)weir_msg_data(&msg))[0] = what;
    memcpy((char *)weir_msg_data(&msg) + 1, prefix, strlen(prefix));
    OK(weir_send(s, &msg, WEIR_DONTWAIT));
}

/* Receives one, as an XPUB. */
static inline void
asked(weir_socket *s, char what, const char *prefix)
{
    weir_msg msg;

    OK(weir_recv(s, &msg, WEIR_DONTWAIT));
    EQUAL(weir_msg_size(&msg), strlen(prefix) + 1);
    EQUAL(((const char *)weir_msg_bytes(&msg))[0], what);
    CHECK(memcmp((const char *)weir_msg_bytes(&msg) + 1, prefix,
                 strlen(prefix)) == 0);
    CHECK(!weir_msg_more(&msg));
    OK(weir_msg_drop(&msg));
}

#endif
