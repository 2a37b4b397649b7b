/* SPDX-License-Identifier: MPL-2.0 */
/* All calls that take a socket, with good arguments. */
#ifndef WEIR_TESTS_SOCKET_EVERY_CALL_H
#define WEIR_TESTS_SOCKET_EVERY_CALL_H

#include <weir/weir.h>

enum part { CONTROL, SENDING, RECEIVING, ALLOCATING };

struct any_call {
    const char *name;
    enum part part;
    long (*make)(weir_socket *s);
};

/* All but weir_close; the last one has no name. None of them blocks. Bind and
 * connect take the name "inproc://every-call". */
extern const struct any_call every_call[];

#endif
