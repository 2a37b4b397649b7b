/* SPDX-License-Identifier: MPL-2.0 */
/* The names of all rows, and what they stand for. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <weir/placement.h>

#include "bench/harness/placement.h"
#include "bench/row.h"
#include "bench/rows.h"

static const size_t sizes[] = { 8, 48, 256, 4096, 65536 };
static const size_t batches[] = { 1, 8, 64 };
static const size_t latency_sizes[] = { 8, 4096 };
static const size_t crowd_batches[] = { 1, 64 };
static const unsigned sender_counts[] = { 1, 2, 4 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Registers a copy of row under the formatted name. */
static bool __attribute__((format(printf, 2, 3)))
add(struct row row, const char *format, ...)
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
        ok = ok && add(row, "throughput/%s/%s/%zuB/batch:%zu/at:%s", peer->name,
                       pattern, size, batches[i], at);
        row.other_api = true;
        if (peer->api)
            ok =
                ok && add(row, "throughput/%s/%s/%zuB/batch:%zu/api:%s/at:%s",
                          peer->name, pattern, size, batches[i], peer->api, at);
    }
    return ok;
}

static bool
add_latency(const struct peer *peer, size_t size, int distance)
{
    struct row row = {
        .batch = pingpong_batch,
        .peer = peer,
        .sends = ROLE_PAIR,
        .size = size,
        .per_call = 1,
        .distance = distance,
    };
    const char *at = weir_distance_name(distance);
    bool ok = true;

    for (size_t i = 0; peer->waits[i]; i++) {
        row.wait = peer->waits[i];
        ok = ok && add(row, "latency/%s/pair/%zuB/wait:%s/at:%s", peer->name,
                       size, row.wait, at);
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
                     add(row, "fan_in/%s/senders:%u/%zuB/batch:%zu/at:%s",
                         peer->name, row.senders, row.size, row.per_call, at);
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
            ok = ok && add(row, "oversubscribed/%s/pairs:%u/%zuB/batch:%zu",
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
        ok = ok && add_latency(peer, latency_sizes[i], distance);
    return ok && add_crowds(peer, distance);
}

/* At the nearest distance, and with all of a line's 56 bytes in use. */
static bool
add_ceilings(void)
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
    ok = add(row, "ceiling/line_pingpong");
    row.batch = stream_batch;
    row.sends = ROLE_PUSH;
    row.size = 56;
    row.per_call = 64;
    row.counts_lines = true;
    return ok && add(row, "ceiling/line_stream");
}

bool
rows_register(const struct peer *const peers[], size_t n)
{
    bool ok = add_ceilings();

    for (size_t i = 0; i < n; i++) {
        if (!peers[i]->describe)
            continue; /* not installed */
        for (int d = 0; d <= WEIR_AT_OTHER_NODE; d++)
            ok = ok && (!placement_has(d) || add_peer_at(peers[i], d));
        ok = ok && add_oversubscribed(peers[i]);
    }
    return ok;
}
