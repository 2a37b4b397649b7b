/* SPDX-License-Identifier: MPL-2.0 */
/* The name under which routers know a socket: constant bytes that the socket
 * and the ends of its connections share.
 *
 * Concurrency   hold, drop: any thread that has a reference
 * Edge          I1, the release of each drop -> I2, the acquire of the last,
 *               which frees */
#ifndef WEIR_CORE_ROUTING_ID_H
#define WEIR_CORE_ROUTING_ID_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/atomic.h"

#define WR_ROUTING_ID_MAX 255

struct wr_routing_id {
    _Atomic uint32_t refs;
    size_t size;
    char bytes[];
};

/* A new one, of 1 to WR_ROUTING_ID_MAX bytes, held by the caller. NULL: no
 * memory. */
static inline struct wr_routing_id *
wr_routing_id_new(const void *bytes, size_t size)
{
    int saved = errno;
    struct wr_routing_id *id = malloc(sizeof(*id) + size);

    errno = saved;
    if (id == NULL)
        return NULL;
    store_relaxed(&id->refs, 1); /* nobody else knows it yet */
    id->size = size;
    memcpy(id->bytes, bytes, size);
    return id;
}

/* The same one for another holder. NULL: there is none. */
static inline struct wr_routing_id *
wr_routing_id_hold(struct wr_routing_id *id)
{
    if (id != NULL)
        fetch_add_relaxed(&id->refs, 1); /* the caller's keeps it alive */
    return id;
}

static inline void
wr_routing_id_drop(struct wr_routing_id *id)
{
    if (id != NULL && fetch_sub_acq_rel(&id->refs, 1) == 1) /* I1, I2 */
        free(id);
}

#endif
