/* SPDX-License-Identifier: MPL-2.0 */
#include "core/envelope.h"

bool
wr_envelope_marks(const struct wr_lane *lane)
{
    int type = wr_end_peer_type(lane->end);

    return type == WEIR_REQ || type == WEIR_REP;
}

/* Sends a whole message without an address. */
static int
put_marked(struct wr_lane *lane, weir_msg *msgs, size_t n)
{
    int rc;

    msgs[0].meta |= WR_MSG_DELIMITED;
    rc = wr_lane_put(lane, msgs, n);
    if (rc != 0)
        msgs[0].meta &= ~WR_MSG_DELIMITED;
    return rc;
}

int
wr_envelope_put(struct wr_lane *lane, weir_msg *msg)
{
    return put_marked(lane, msg, 1);
}

int
wr_envelope_end(struct wr_socket *s)
{
    weir_msg empty;

    weir_msg_init(&empty);
    weir_msg_set_more(&empty, true);
    return wr_frames_push(&s->frames, s->arena, &empty);
}

int
wr_envelope_add(struct wr_socket *s, weir_msg *msg)
{
    return wr_frames_push(&s->frames, s->arena, msg);
}

int
wr_envelope_flush(struct wr_socket *s, struct wr_lane *lane, weir_msg *msg,
                  size_t address)
{
    struct wr_frames *f = &s->frames;
    int rc = wr_frames_grow(f, s->arena);

    if (rc != 0)
        return rc;
    wr_msg_copy(&f->msgs[f->n], msg);
    if (address == 0 && wr_envelope_marks(lane))
        rc = put_marked(lane, f->msgs + 1, f->n);
    else
        rc = wr_lane_put(lane, f->msgs, f->n + 1);
    if (rc != 0)
        return rc;
    weir_msg_init(msg);
    wr_frames_clear(f, s->arena);
    return 0;
}

void
wr_envelope_drop(struct wr_socket *s)
{
    wr_frames_drop(&s->frames, s->arena);
}
