/* SPDX-License-Identifier: MPL-2.0 */
#include "core/latest.h"

#include "core/message.h"

void
wr_latest_init(struct wr_latest *l)
{
    (void)pthread_mutex_init(&l->lock, NULL); /* cannot fail on Linux */
    weir_msg_init(&l->msg);
}

void
wr_latest_fini(struct wr_latest *l)
{
    (void)weir_msg_drop(&l->msg);
    (void)pthread_mutex_destroy(&l->lock);
}

void
wr_latest_put(struct wr_latest *l, weir_msg *msg)
{
    weir_msg old;

    weir_msg_set_more(msg, false);
    pthread_mutex_lock(&l->lock);
    wr_msg_copy(&old, &l->msg);
    wr_msg_copy(&l->msg, msg);
    store_release(&l->full, 1); /* L1 */
    pthread_mutex_unlock(&l->lock);
    weir_msg_init(msg);
    (void)weir_msg_drop(&old);
}

void
wr_latest_take(struct wr_latest *l, weir_msg *msg)
{
    pthread_mutex_lock(&l->lock);
    wr_msg_copy(msg, &l->msg);
    msg->meta &= ~WR_MSG_UNMATCHED;
    weir_msg_init(&l->msg);
    store_relaxed(&l->full, 0); /* the next put is by the lock's order */
    pthread_mutex_unlock(&l->lock);
}
