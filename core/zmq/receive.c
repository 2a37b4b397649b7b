/* SPDX-License-Identifier: MPL-2.0 */
/* Receiving: weir_recv with another name, as in send.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "core/zmq/error.h"
#include "core/zmq/message.h"
#include "core/zmq/socket.h"

int
zmq_recv(void *s, void *data, size_t room, int flags)
{
    weir_msg m;
    size_t size;
    int rc;

    if (unlikely(data == NULL && room > 0))
        return wr_zmq_fail(wr_zmq_bad_argument(s, -EFAULT));
    rc = weir_recv(s, &m, wr_zmq_flags(flags));
    if (unlikely(rc != 0))
        return wr_zmq_fail(rc);
    size = weir_msg_size(&m);
    if (size == 8 && room >= 8)
        memcpy(data, weir_msg_data(&m), 8);
    else if (size > 0 && room > 0)
        memcpy(data, weir_msg_data(&m), size < room ? size : room);
    (void)weir_msg_drop(&m);
    return wr_zmq_size(size);
}

/* Into a message that holds something: it is dropped once there is more. */
static __attribute__((noinline)) int
receive_over(weir_msg *m, void *s, int flags)
{
    weir_msg got;
    int rc = weir_recv(s, &got, flags);

    if (rc != 0)
        return rc;
    (void)weir_msg_drop(m);
    (void)weir_msg_move(m, &got);
    m->pipe_word = WR_ZMQ_MESSAGE;
    return 0;
}

int
zmq_msg_recv(zmq_msg_t *msg, void *s, int flags)
{
    weir_msg *m = wr_zmq_msg(msg);
    int rc;

    if (unlikely(!wr_zmq_msg_valid(m)))
        return wr_zmq_fail(wr_zmq_bad_argument(s, -EFAULT));
    if (likely((m->meta & WEIR_MSG_KIND_BITS) == 0))
        rc = weir_recv(s, m, wr_zmq_flags(flags));
    else
        rc = receive_over(m, s, wr_zmq_flags(flags));
    return likely(rc == 0) ? wr_zmq_size(weir_msg_size(m)) : wr_zmq_fail(rc);
}

int
zmq_recvmsg(void *s, zmq_msg_t *msg, int flags)
{
    return zmq_msg_recv(msg, s, flags);
}

/* Receives a frame into memory of malloc's. */
static int
receive_part(void *s, struct iovec *part, int flags, bool *more)
{
    weir_msg m;
    int rc = weir_recv(s, &m, flags);

    if (rc != 0)
        return rc;
    part->iov_len = weir_msg_size(&m);
    part->iov_base = malloc(part->iov_len > 0 ? part->iov_len : 1);
    if (part->iov_base == NULL)
        rc = -ENOMEM;
    else
        memcpy(part->iov_base, weir_msg_data(&m), part->iov_len);
    *more = weir_msg_more(&m);
    (void)weir_msg_drop(&m);
    return rc;
}

int
zmq_recviov(void *s, struct iovec *parts, size_t *count, int flags)
{
    bool more = true;
    size_t room;

    if (wr_zmq_bad_argument(s, 0) != 0)
        return wr_zmq_fail(-EBADF);
    if (parts == NULL || count == NULL || *count == 0)
        return wr_zmq_fail(-EINVAL);
    room = *count;
    *count = 0;
    while (more && *count < room) {
        int rc = receive_part(s, &parts[*count], wr_zmq_flags(flags), &more);

        if (rc != 0)
            return wr_zmq_fail(rc);
        ++*count;
    }
    return wr_zmq_size(*count);
}
