/* SPDX-License-Identifier: MPL-2.0 */
#include "core/ready.h"

static bool
can_receive(struct wr_socket *s)
{
    const struct wr_pattern *p = s->pattern;

    if (wr_gate_is_shut(&s->recv_gate, WR_GATE_HELD | WR_GATE_FRAME))
        return true;
    if (p->can_recv != NULL)
        return p->can_recv(s);
    return p->in != NULL && p->in(s) != NULL;
}

static bool
can_send(struct wr_socket *s)
{
    const struct wr_pattern *p = s->pattern;

    if (p->can_send != NULL)
        return p->can_send(s);
    return p->out != NULL && p->out(s) != NULL;
}

int
wr_socket_ready(struct wr_socket *s, int events)
{
    int ready = 0;

    if ((events & WEIR_POLLIN) != 0 && can_receive(s))
        ready |= WEIR_POLLIN;
    if ((events & WEIR_POLLOUT) != 0 && can_send(s))
        ready |= WEIR_POLLOUT;
    return ready;
}

/* The lanes of a type that chooses by itself are in no circle. */
static bool
arm_ends(struct wr_socket *s)
{
    for (struct wr_end *e = s->ends.first; e != NULL; e = e->next)
        if (e->out.pipe != NULL)
            store_release(&e->out.pipe->writer_wants,
                          WR_WANTS_BELL | wr_wants_none()); /* P5 */
    return s->ends.first != NULL;
}

bool
wr_socket_arm_begin(struct wr_socket *s, int events)
{
    bool fence = false;

    if ((events & WEIR_POLLIN) != 0)
        fence |= wr_lanes_arm_begin(&s->in);
    if ((events & WEIR_POLLOUT) == 0)
        return fence;
    if (s->pattern->out != NULL)
        return fence | wr_lanes_arm_begin(&s->out);
    return fence | arm_ends(s);
}

void
wr_socket_arm_end(struct wr_socket *s, int events)
{
    if ((events & WEIR_POLLIN) != 0)
        wr_lanes_arm_end(&s->in);
    if ((events & WEIR_POLLOUT) != 0 && s->pattern->out != NULL)
        wr_lanes_arm_end(&s->out);
}
