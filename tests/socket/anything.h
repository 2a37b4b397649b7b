/* SPDX-License-Identifier: MPL-2.0 */
/* Random calls on a socket of any type, with whatever arguments are allowed:
 * each gives a result that it may give. For several threads at once, each with
 * sockets of its own. */
#ifndef WEIR_TESTS_SOCKET_ANYTHING_H
#define WEIR_TESTS_SOCKET_ANYTHING_H

#include "tests/socket/support.h"

extern const int any_types[];
#define ANY_TYPES 7

/* The frames with bytes of their own that were made, and freed. */
extern _Atomic uint64_t any_made;
extern _Atomic uint64_t any_freed;

/* A socket of that type that is joined with any other, that routers know as
 * "a" or "b", and whose connects may be early. */
weir_socket *open_any(weir_context *ctx, int type, const char *id);

/* One of two names. */
const char *any_name(struct random *r);

/* One call, or a few: sends, receives, connects, disconnects, sets options. */
void do_anything(weir_socket *s, int flags, struct random *r);

#endif
