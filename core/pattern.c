/* SPDX-License-Identifier: MPL-2.0 */
#include "core/pattern.h"

#include <stddef.h>

#include "core/lanes.h"
#include "core/socket.h"

struct wr_lane *
wr_next_out(struct wr_socket *s)
{
    return wr_lanes_next(&s->out);
}

struct wr_lane *
wr_next_in(struct wr_socket *s)
{
    return wr_lanes_next(&s->in);
}

static const struct wr_pattern *const patterns[] = {
    &wr_pattern_pair,   &wr_pattern_req,  &wr_pattern_rep,  &wr_pattern_dealer,
    &wr_pattern_router, &wr_pattern_pull, &wr_pattern_push, &wr_pattern_pub,
    &wr_pattern_sub,    &wr_pattern_xpub, &wr_pattern_xsub,
};

const struct wr_pattern *
wr_pattern_of(int type)
{
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        if (patterns[i]->type == type)
            return patterns[i];
    return NULL;
}
