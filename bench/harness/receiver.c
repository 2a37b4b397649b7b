/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/harness/loops.h"

#include <stdio.h>

void
receiver_reject(struct receiver *r, const void *data, size_t size)
{
    uint64_t tag, due;
    unsigned sender;

    if (r->wrong[0])
        return;
    if (size != r->payload.size) {
        (void)snprintf(r->wrong, sizeof(r->wrong),
                       "a message of %zu bytes came where %zu were due", size,
                       r->payload.size);
        return;
    }
    tag = payload_tag(data);
    sender = (unsigned)(tag >> PAYLOAD_SEQ_BITS) % SENDERS_MAX;
    due = r->next[sender];
    if (tag == due)
        (void)snprintf(r->wrong, sizeof(r->wrong),
                       "the checksum of message %ju of sender %u is wrong",
                       (uintmax_t)(tag & PAYLOAD_END), sender);
    else
        (void)snprintf(r->wrong, sizeof(r->wrong),
                       "tag %#jx came where %#jx was due", (uintmax_t)tag,
                       (uintmax_t)due);
}
