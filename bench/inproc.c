/* SPDX-License-Identifier: MPL-2.0 */
/* weir and its peers: the names of the rows, and what they stand for. */
#include <weir/placement.h>

#include "bench/harness/placement.h"
#include "bench/program.h"
#include "bench/row.h"

static const size_t sizes[] = { 8, 48, 256, 4096, 65536 };
static const size_t batches[] = { 1, 8, 64 };
static const size_t latency_sizes[] = { 8, 4096 };
static const size_t crowd_batches[] = { 1, 64 };
static const unsigned sender_counts[] = { 1, 2, 4 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A peer without a batch call has batch:1 only. */
static bool
can_batch(const struct peer *peer, size_t batch)
{
    return batch == 1 || peer->batches;
}

static bool
add_throughput(const struct peer *peer, enum socket_role sends, size_t size,
               int distance)
{
    struct row row = {
        .batch = stream_batch,
        .peer = peer,
        .sends = sends,
        .size = size,
        .wait = peer->waits[0],
        .senders = 1,
        .pairs = 1,
        .distance = distance,
    };
    const char *at = weir_distance_name(distance);
    const char *pattern = sends == ROLE_PUSH ? "push_pull" : "pair";
    bool ok = true;

    for (size_t i = 0; i < COUNT(batches); i++) {
        if (!can_batch(peer, batches[i]))
            continue;
        row.per_call = batches[i];
        row.other_api = false;
        ok = ok && row_add(row, "throughput/%s/%s/%zuB/batch:%zu/at:%s",
                           peer->name, pattern, size, batches[i], at);
        row.other_api = true;
        if (peer->api)
            ok = ok &&
                 row_add(row, "throughput/%s/%s/%zuB/batch:%zu/api:%s/at:%s",
                         peer->name, pattern, size, batches[i], peer->api, at);
    }
    return ok;
}

static bool
add_latency(const struct peer *peer, enum socket_role asks, const char *pattern,
            size_t size, int distance)
{
    struct row row = {
        .batch = pingpong_batch,
        .peer = peer,
        .sends = asks,
        .size = size,
        .per_call = 1,
        .distance = distance,
    };
    const char *at = weir_distance_name(distance);
    bool ok = true;

    for (size_t i = 0; peer->waits[i]; i++) {
        row.wait = peer->waits[i];
        ok = ok && row_add(row, "latency/%s/%s/%zuB/wait:%s/at:%s", peer->name,
                           pattern, size, row.wait, at);
    }
    return ok;
}

static bool
add_crowds(const struct peer *peer, int distance)
{
    struct row row = {
        .batch = stream_batch,
        .peer = peer,
        .sends = ROLE_PUSH,
        .size = 8,
        .wait = peer->waits[0],
        .pairs = 1,
        .distance = distance,
    };
    const char *at = weir_distance_name(distance);
    bool ok = true;

    for (size_t i = 0; i < COUNT(sender_counts); i++) {
        row.senders = sender_counts[i];
        for (size_t j = 0; j < COUNT(crowd_batches); j++) {
            row.per_call = crowd_batches[j];
            if (can_batch(peer, row.per_call))
                ok = ok &&
                     row_add(row, "fan_in/%s/senders:%u/%zuB/batch:%zu/at:%s",
                             peer->name, row.senders, row.size, row.per_call,
                             at);
        }
    }
    return ok;
}

static bool
add_oversubscribed(const struct peer *peer)
{
    struct row row = {
        .batch = stream_batch,
        .peer = peer,
        .sends = ROLE_PUSH,
        .size = 8,
        .wait = peer->waits[0],
        .senders = 1,
        .pairs = 8,
        .distance = PLACEMENT_NONE,
    };
    bool ok = true;

    for (size_t i = 0; i < COUNT(crowd_batches); i++) {
        row.per_call = crowd_batches[i];
        if (can_batch(peer, row.per_call))
            ok = ok && row_add(row, "oversubscribed/%s/pairs:%u/%zuB/batch:%zu",
                               peer->name, row.pairs, row.size, row.per_call);
    }
    return ok;
}

static bool
add_peer_at(const struct peer *peer, int distance)
{
    bool ok = true;

    for (size_t i = 0; i < COUNT(sizes); i++)
        ok = ok && add_throughput(peer, ROLE_PUSH, sizes[i], distance) &&
             add_throughput(peer, ROLE_PAIR, sizes[i], distance);
    for (size_t i = 0; i < COUNT(latency_sizes); i++)
        ok = ok &&
             add_latency(peer, ROLE_PAIR, "pair", latency_sizes[i], distance);
    if (peer->replies)
        ok = ok && add_latency(peer, ROLE_REQ, "req_rep", 8, distance) &&
             add_latency(peer, ROLE_DEALER, "dealer_router", 8, distance);
    return ok && add_crowds(peer, distance);
}

static const struct peer *const peers[] = {
    &peer_weir, &peer_libzmq, &peer_nng, &peer_nanomsg, NULL,
};

static void
describe(program_tell *tell)
{
    program_describe_peers(peers, tell);
}

static bool
add_rows(void)
{
    bool ok = true;

    for (size_t i = 0; peers[i]; i++) {
        if (!peers[i]->describe)
            continue; /* not installed */
        for (int d = 0; d <= WEIR_AT_OTHER_NODE; d++)
            ok = ok && (!placement_has(d) || add_peer_at(peers[i], d));
        ok = ok && add_oversubscribed(peers[i]);
    }
    return ok;
}

int
main(int argc, char **argv)
{
    static const struct program program = {
        .title = "Measures weir and others, one row per benchmark.",
        .describe = describe,
        .add_rows = add_rows,
    };

    return program_main(argc, argv, &program);
}
