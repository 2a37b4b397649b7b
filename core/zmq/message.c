/* SPDX-License-Identifier: MPL-2.0 */
/* zmq_msg_*: what messages are made of, apart from sending and receiving. */
#include "core/zmq/message.h"

#include <errno.h>
#include <string.h>

#include "core/zmq/error.h"

/* ---- Made and closed --------------------------------------------------- */

int
zmq_msg_init(zmq_msg_t *msg)
{
    if (unlikely(msg == NULL))
        return wr_zmq_fail(-EFAULT);
    wr_zmq_msg_clear(wr_zmq_msg(msg));
    return 0;
}

int
zmq_msg_init_size(zmq_msg_t *msg, size_t size)
{
    weir_msg *m = wr_zmq_msg(msg);
    int rc;

    if (unlikely(m == NULL))
        return wr_zmq_fail(-EFAULT);
    m->pipe_word = WR_ZMQ_MESSAGE;
    if (size <= WEIR_INLINE_MAX) {
        weir_msg_init_inline(m, size);
        return 0;
    }
    rc = weir_msg_init_local(m, size);
    if (likely(rc == 0))
        return 0;
    m->pipe_word = 0;
    return wr_zmq_fail(rc);
}

int
zmq_msg_init_data(zmq_msg_t *msg, void *data, size_t size, zmq_free_fn *free_fn,
                  void *hint)
{
    weir_msg *m = wr_zmq_msg(msg);
    int rc;

    if (unlikely(m == NULL))
        return wr_zmq_fail(-EFAULT);
    rc = weir_msg_init_external(m, data, size, free_fn, hint);
    if (unlikely(rc != 0)) {
        m->pipe_word = 0;
        return wr_zmq_fail(rc);
    }
    m->pipe_word = free_fn == NULL ? WR_ZMQ_CONSTANT : WR_ZMQ_MESSAGE;
    return 0;
}

int
zmq_msg_close(zmq_msg_t *msg)
{
    weir_msg *m = wr_zmq_msg(msg);

    if (unlikely(!wr_zmq_msg_valid(m)))
        return wr_zmq_fail(-EFAULT);
    m->pipe_word = 0;
    (void)weir_msg_drop(m);
    return 0;
}

/* ---- Moved and copied -------------------------------------------------- */

int
zmq_msg_move(zmq_msg_t *to, zmq_msg_t *from)
{
    weir_msg *dst = wr_zmq_msg(to), *src = wr_zmq_msg(from);

    if (unlikely(!wr_zmq_msg_valid(dst) || !wr_zmq_msg_valid(src)))
        return wr_zmq_fail(-EFAULT);
    if (dst == src)
        return 0;
    (void)weir_msg_drop(dst);
    dst->pipe_word = src->pipe_word;
    (void)weir_msg_move(dst, src);
    wr_zmq_msg_clear(src);
    return 0;
}

int
zmq_msg_copy(zmq_msg_t *to, zmq_msg_t *from)
{
    weir_msg *dst = wr_zmq_msg(to), *src = wr_zmq_msg(from);
    weir_msg copy;
    int rc;

    if (unlikely(!wr_zmq_msg_valid(dst) || !wr_zmq_msg_valid(src)))
        return wr_zmq_fail(-EFAULT);
    if (dst == src)
        return 0;
    rc = weir_msg_share(&copy, src);
    if (unlikely(rc != 0))
        return wr_zmq_fail(rc);
    (void)weir_msg_drop(dst);
    dst->pipe_word = src->pipe_word;
    (void)weir_msg_move(dst, &copy);
    return 0;
}

/* ---- Read -------------------------------------------------------------- */

void *
zmq_msg_data(zmq_msg_t *msg)
{
    weir_msg *m = wr_zmq_msg(msg);

    return wr_zmq_msg_valid(m) ? weir_msg_data(m) : NULL;
}

size_t
zmq_msg_size(const zmq_msg_t *msg)
{
    const weir_msg *m = (const weir_msg *)(const void *)msg;

    return wr_zmq_msg_valid(m) ? weir_msg_size(m) : 0;
}

int
zmq_msg_more(const zmq_msg_t *msg)
{
    return zmq_msg_get(msg, ZMQ_MORE) == 1;
}

int
zmq_msg_get(const zmq_msg_t *msg, int property)
{
    const weir_msg *m = (const weir_msg *)(const void *)msg;

    if (unlikely(!wr_zmq_msg_valid(m)))
        return wr_zmq_fail(-EFAULT);
    switch (property) {
    case ZMQ_MORE:
        return weir_msg_more(m);
    case ZMQ_SHARED:
        return m->pipe_word == WR_ZMQ_CONSTANT || weir_msg_shared(m);
    default:
        return wr_zmq_fail(-EINVAL);
    }
}

int
zmq_msg_set(zmq_msg_t *msg, int property, int value)
{
    (void)msg, (void)property, (void)value;
    return wr_zmq_fail(-EINVAL);
}

/* Nothing that goes over inproc has any. */
const char *
zmq_msg_gets(const zmq_msg_t *msg, const char *property)
{
    (void)msg, (void)property;
    (void)wr_zmq_fail(-EINVAL);
    return NULL;
}
