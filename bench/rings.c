/* SPDX-License-Identifier: MPL-2.0 */
/* weir's rings by themselves: the names of the rows, and what they stand for.
 */
#include <weir/placement.h>

#include "bench/harness/placement.h"
#include "bench/peers/rings.h"
#include "bench/program.h"
#include "bench/row.h"

static const size_t sizes[] = { 8, 56 };
static const size_t batches[] = { 1, 8, 64 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
add_ring_at(const struct peer *peer, int distance)
{
    struct row row = {
        .peer = peer,
        .rate = "items_per_second",
        .wait = peer->waits[0],
        .senders = 1,
        .pairs = 1,
        .distance = distance,
    };
    const char *at = weir_distance_name(distance);
    bool ok = true;

    for (size_t i = 0; i < COUNT(sizes); i++) {
        row.size = sizes[i];
        row.batch = stream_batch;
        row.sends = ROLE_PUSH;
        for (size_t j = 0; j < COUNT(batches); j++) {
            row.per_call = batches[j];
            ok = ok &&
                 row_add(row,
                         "ring/spsc/%s/pairwise/item:%zuB/batch:%zu/1p1c/at:%s",
                         peer->name, row.size, row.per_call, at);
        }
        row.batch = pingpong_batch;
        row.sends = ROLE_PAIR;
        row.per_call = 1;
        ok = ok &&
             row_add(row, "ring/spsc/%s/ping_pong/item:%zuB/batch:1/1p1c/at:%s",
                     peer->name, row.size, at);
    }
    return ok;
}

static bool
add_rows(const struct peer *const *peers)
{
    bool ok = true;

    for (size_t i = 0; peers[i]; i++)
        for (int d = 0; d <= WEIR_AT_OTHER_NODE; d++)
            ok = ok && (!placement_has(d) || add_ring_at(peers[i], d));
    return ok;
}

int
main(int argc, char **argv)
{
    static const struct peer *const peers[] = {
        &peer_slot_ring,
        &peer_index_ring,
        NULL,
    };
    static const struct program program = {
        .title = "Measures weir's rings by themselves, one row per benchmark.",
        .peers = peers,
        .add_rows = add_rows,
    };

    return program_main(argc, argv, &program);
}
