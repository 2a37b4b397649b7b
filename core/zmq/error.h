/* SPDX-License-Identifier: MPL-2.0 */
/* How calls of this folder fail: weir's negative results become -1 and errno,
 * which nothing else in the project writes. Any thread; cold. */
#ifndef WEIR_CORE_ZMQ_ERROR_H
#define WEIR_CORE_ZMQ_ERROR_H

/* Sets errno to what libzmq calls the error rc, a negative errno value of
 * weir's or ours, and returns -1. */
__attribute__((cold)) int wr_zmq_fail(int rc);

/* 0 when rc is not negative, else as above. */
static inline int
wr_zmq_result(int rc)
{
    return rc >= 0 ? 0 : wr_zmq_fail(rc);
}

#endif
