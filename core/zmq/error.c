/* SPDX-License-Identifier: MPL-2.0 */
#include "core/zmq/error.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

int
wr_zmq_fail(int rc)
{
    switch (rc) {
    case -EBADF:
        errno = ENOTSOCK;
        break;
    case -ESHUTDOWN:
        errno = ETERM;
        break;
    case -EPROTO:
        errno = EFSM;
        break;
    default:
        errno = -rc;
        break;
    }
    return -1;
}

int
zmq_errno(void)
{
    return errno;
}

const char *
zmq_strerror(int error)
{
    switch (error) {
    case EFSM:
        return "Operation cannot be accomplished in current state";
    case ENOCOMPATPROTO:
        return "The protocol is not compatible with the socket type";
    case ETERM:
        return "Context was terminated";
    case EMTHREAD:
        return "No thread available";
    default:
        return strerror(error);
    }
}
