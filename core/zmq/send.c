/* SPDX-License-Identifier: MPL-2.0 */
/* Sending: weir_send with another name. A socket's handle is weir's, so that
 * there is no second look-up; what fails is looked at when it has. */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "core/zmq/error.h"
#include "core/zmq/message.h"
#include "core/zmq/socket.h"

/* What is left to do for a frame that was not sent. */
static __attribute__((noinline, cold)) int
give_up(weir_msg *m, int rc)
{
    (void)weir_msg_drop(m);
    return wr_zmq_fail(rc);
}

static inline int
send_made(void *s, weir_msg *m, size_t size, int flags)
{
    int rc;

    if (flags & ZMQ_SNDMORE)
        weir_msg_set_more(m, true);
    rc = weir_send(s, m, wr_zmq_flags(flags));
    return likely(rc == 0) ? wr_zmq_size(size) : give_up(m, rc);
}

/* A word, and then half a line, is what most small messages are. */
static inline void
copy_inline(weir_msg *m, const void *data, size_t size)
{
    weir_msg_init_inline(m, size);
    if (size == 8)
        memcpy(m->u.words, data, 8);
    else if (size > 0)
        memcpy(m->u.words, data, size);
}

int
zmq_send(void *s, const void *data, size_t size, int flags)
{
    weir_msg m;
    int rc;

    if (unlikely(data == NULL && size > 0))
        return wr_zmq_fail(wr_zmq_bad_argument(s, -EFAULT));
    if (likely(size <= WEIR_INLINE_MAX)) {
        copy_inline(&m, data, size);
    } else {
        rc = weir_msg_init_copy(&m, s, data, size);
        if (unlikely(rc != 0))
            return wr_zmq_fail(rc);
    }
    return send_made(s, &m, size, flags);
}

int
zmq_send_const(void *s, const void *data, size_t size, int flags)
{
    /* Nobody writes to it: the receiver may not write to shared bytes. */
    void *constant = (void *)(uintptr_t)data;
    weir_msg m;

    if (unlikely(weir_msg_init_external(&m, constant, size, NULL, NULL) != 0))
        return wr_zmq_fail(wr_zmq_bad_argument(s, -EFAULT));
    return send_made(s, &m, size, flags);
}

int
zmq_msg_send(zmq_msg_t *msg, void *s, int flags)
{
    weir_msg *m = wr_zmq_msg(msg);
    size_t size;
    int rc;

    if (unlikely(!wr_zmq_msg_valid(m)))
        return wr_zmq_fail(wr_zmq_bad_argument(s, -EFAULT));
    size = weir_msg_size(m);
    weir_msg_set_more(m, (flags & ZMQ_SNDMORE) != 0);
    rc = weir_send(s, m, wr_zmq_flags(flags));
    if (unlikely(rc != 0))
        return wr_zmq_fail(rc);
    wr_zmq_msg_clear(m);
    return wr_zmq_size(size);
}

int
zmq_sendmsg(void *s, zmq_msg_t *msg, int flags)
{
    return zmq_msg_send(msg, s, flags);
}

/* Without ZMQ_SNDMORE every part is a message of its own, and with it all are
 * one: so it is in libzmq. */
int
zmq_sendiov(void *s, struct iovec *parts, size_t n, int flags)
{
    int rc = 0;

    if (wr_zmq_bad_argument(s, 0) != 0)
        return wr_zmq_fail(-EBADF);
    if (parts == NULL || n == 0)
        return wr_zmq_fail(-EINVAL);
    for (size_t i = 0; i < n && rc >= 0; i++) {
        if (i == n - 1)
            flags &= ~ZMQ_SNDMORE;
        rc = zmq_send(s, parts[i].iov_base, parts[i].iov_len, flags);
    }
    return rc;
}
