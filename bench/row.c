/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/row.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/harness/placement.h"

bool
row_add(struct row row, const char *format, ...)
{
    struct row *copy = malloc(sizeof(*copy));
    va_list args;

    if (!copy)
        return false;
    *copy = row;
    va_start(args, format);
    (void)vsnprintf(copy->name, sizeof(copy->name), format, args);
    va_end(args);
    gb_register(copy->name, row.batch, copy);
    return true;
}

/* At the nearest distance, and with whole lines. */
bool
row_add_ceilings(void)
{
    struct row row = {
        .peer = &peer_line,
        .wait = peer_line.waits[0],
        .senders = 1,
        .pairs = 1,
        .distance = placement_nearest(),
    };
    bool ok;

    row.batch = pingpong_batch;
    row.sends = ROLE_PAIR;
    row.size = 8;
    row.per_call = 1;
    ok = row_add(row, "ceiling/line_pingpong");
    row.batch = stream_batch;
    row.sends = ROLE_PUSH;
    row.size = 64;
    row.per_call = 64;
    row.rate = "lines_per_second";
    return ok && row_add(row, "ceiling/line_stream");
}
