/* SPDX-License-Identifier: MPL-2.0 */
#include <errno.h>

#include "weir/weir.h"

#define TEXT(x)           #x
#define DOTTED(a, b, c)   TEXT(a) "." TEXT(b) "." TEXT(c)
#define EXPANDED(a, b, c) DOTTED(a, b, c)

const char *
weir_version(void)
{
    return EXPANDED(WEIR_VERSION_MAJOR, WEIR_VERSION_MINOR, WEIR_VERSION_PATCH);
}

const char *
weir_strerror(int rc)
{
    switch (rc) {
    case 0:
        return "success";
    case -EADDRINUSE:
        return "the name is bound already";
    case -EAGAIN:
        return "the call would block, or its timeout is over";
    case -EBADF:
        return "not an open socket or context";
    case -EBUSY:
        return "the pair has its peer, or a span is in use";
    case -ECONNREFUSED:
        return "nobody has bound the name";
    case -EHOSTUNREACH:
        return "the socket has no peer of that name";
    case -EINTR:
        return "a signal handler ran during the wait";
    case -EINVAL:
        return "an argument is not valid";
    case -EMSGSIZE:
        return "the message has more frames than the array";
    case -ENAMETOOLONG:
        return "the name is longer than 256 bytes";
    case -ENODEV:
        return "there is no such place on this machine";
    case -ENOENT:
        return "the socket has no such name or connection";
    case -ENOMEM:
        return "out of memory";
    case -ENOTSUP:
        return "sockets of this type do not do that";
    case -EPERM:
        return "the system does not allow it";
    case -EPROTO:
        return "it is not the turn of that call";
    case -EPROTONOSUPPORT:
        return "only inproc:// is supported";
    case -EPROTOTYPE:
        return "sockets of these types do not talk to each other";
    case -ESHUTDOWN:
        return "the context was shut down";
    default:
        return rc > 0 ? "success" : "unknown error";
    }
}
