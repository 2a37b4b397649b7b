/* SPDX-License-Identifier: MPL-2.0 */
#include "core/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc/buffer.h"
#include "core/base/atomic.h"
#include "core/socket.h"

/* Owners of a shared external message. M1, the release of each decrement, is
 * paired with M2, the acquire of the last one, which then frees. */
struct external {
    _Atomic uint32_t owners;
};

/* Makes msg refer to data; NULL: there is no memory. */
static inline int
refer(weir_msg *msg, struct wr_pool *pool, uint32_t meta, void *data,
      size_t size)
{
    if (unlikely(data == NULL)) {
        weir_msg_init(msg);
        return -ENOMEM;
    }
    msg->meta = meta;
    msg->u.ref.data = data;
    msg->u.ref.size = size;
    msg->u.ref.owner = pool;
    return 0;
}

/* Where the pool has to do more than to hand out a pointer. */
static __attribute__((noinline)) int
init_slow(weir_msg *msg, struct wr_pool *pool, size_t size)
{
    unsigned c = wr_pool_class(size);
    void *data;

    if (size > WR_POOL_MAX)
        return refer(msg, pool, WR_MSG_LARGE, wr_large_take(pool, size), size);
    data = wr_pool_take(pool, c);
    wr_pool_claim(pool, c, size);
    return refer(msg, pool, WR_MSG_POOLED | (uint32_t)c << 24, data, size);
}

/* The message that is made of a pool's memory. */
static inline int
init_size(weir_msg *msg, struct wr_pool *pool, size_t size)
{
    unsigned c;

    if (size <= WEIR_INLINE_MAX) {
        msg->meta = (uint32_t)size;
        return 0;
    }
    c = wr_pool_class(size);
    if (unlikely(size > WR_POOL_MAX || wr_pool_claim_due(pool, c)))
        return init_slow(msg, pool, size);
    return refer(msg, pool, WR_MSG_POOLED | (uint32_t)c << 24,
                 wr_pool_pop(pool, c), size);
}

int
wr_socket_msg_init(struct wr_socket *s, weir_msg *msg, size_t size)
{
    return init_size(msg, s->pool, size);
}

int
weir_msg_init_size(weir_msg *msg, weir_socket *handle, size_t size)
{
    struct wr_socket *s = wr_socket_of(handle);

    if (unlikely(s == NULL))
        return -EBADF;
    if (unlikely(msg == NULL))
        return -EINVAL;
    if (unlikely(s->turnstile != NULL))
        return weir_msg_init_local(msg, size);
    return init_size(msg, s->pool, size);
}

int
weir_msg_init_local(weir_msg *msg, size_t size)
{
    struct wr_pool *pool = NULL;

    if (unlikely(msg == NULL))
        return -EINVAL;
    if (size > WEIR_INLINE_MAX) {
        pool = wr_pool_local();
        if (unlikely(pool == NULL))
            return refer(msg, NULL, 0, NULL, 0);
    }
    return init_size(msg, pool, size);
}

int
weir_msg_init_copy(weir_msg *msg, weir_socket *handle, const void *data,
                   size_t size)
{
    int rc;

    if (data == NULL && size > 0)
        return wr_socket_of(handle) == NULL ? -EBADF : -EINVAL;
    rc = weir_msg_init_size(msg, handle, size);
    if (rc == 0 && size > 0)
        memcpy(weir_msg_data(msg), data, size);
    return rc;
}

int
weir_msg_init_external(weir_msg *msg, void *data, size_t size,
                       weir_free_fn *free_fn, void *hint)
{
    if (msg == NULL || (data == NULL && size > 0))
        return -EINVAL;
    msg->meta = WR_MSG_EXTERNAL;
    msg->u.ref.data = data;
    msg->u.ref.size = size;
    msg->u.ref.owner = NULL;
    msg->u.ref.free = free_fn;
    msg->u.ref.hint = hint;
    return 0;
}

static int
share_external(weir_msg *src, uint32_t extra)
{
    struct external *e = src->u.ref.owner;
    int saved = errno;

    if (e != NULL) {
        /* Relaxed: src is an owner, so that the count cannot reach 0. */
        fetch_add_relaxed(&e->owners, extra);
        return 0;
    }
    e = malloc(sizeof(*e));
    errno = saved;
    if (e == NULL)
        return -ENOMEM;
    store_relaxed(&e->owners, 1 + extra); /* the others do not know it yet */
    src->u.ref.owner = e;
    return 0;
}

int
wr_msg_add_owners(weir_msg *msg, uint32_t extra)
{
    int rc = 0;

    if (wr_msg_is_inline(msg))
        return 0;
    if ((msg->meta & WR_MSG_BASE) == WR_MSG_EXTERNAL)
        rc = share_external(msg, extra);
    else
        wr_buffer_share(msg->u.ref.data, extra,
                        (msg->meta & WR_MSG_SHARED) == 0);
    if (rc == 0)
        msg->meta |= WR_MSG_SHARED;
    return rc;
}

int
weir_msg_share(weir_msg *dst, weir_msg *src)
{
    int rc;

    if (dst == NULL || src == NULL || dst == src)
        return -EINVAL;
    rc = wr_msg_add_owners(src, 1);
    if (rc == 0)
        wr_msg_copy(dst, src);
    return rc;
}

int
weir_msg_move(weir_msg *dst, weir_msg *src)
{
    if (dst == NULL || src == NULL)
        return -EINVAL;
    if (dst == src)
        return 0;
    wr_msg_copy(dst, src);
    src->meta &= WEIR_MSG_MORE_BIT;
    return 0;
}

static void
unref_external(weir_msg *msg)
{
    struct external *e = msg->u.ref.owner;

    if (e != NULL) {
        if (fetch_sub_acq_rel(&e->owners, 1) != 1) /* M1, M2 */
            return;
        free(e);
    }
    if (msg->u.ref.free != NULL)
        msg->u.ref.free(msg->u.ref.data, msg->u.ref.hint);
}

void
wr_msg_unref(weir_msg *msg)
{
    uint32_t meta = msg->meta;

    if ((meta & WR_MSG_BASE) == WR_MSG_EXTERNAL) {
        unref_external(msg);
        return;
    }
    if ((meta & WR_MSG_SHARED) != 0 && !wr_buffer_unshare(msg->u.ref.data))
        return;
    if ((meta & WR_MSG_BASE) == WR_MSG_POOLED)
        wr_pool_give(msg->u.ref.owner, meta >> 24, msg->u.ref.data);
    else
        wr_large_give(msg->u.ref.data);
}

int
weir_msg_drop_batch(weir_msg *msgs, size_t n)
{
    if (msgs == NULL && n > 0)
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (!wr_msg_is_inline(&msgs[i]))
            wr_msg_unref(&msgs[i]);
        msgs[i].meta &= WEIR_MSG_MORE_BIT;
    }
    return 0;
}
