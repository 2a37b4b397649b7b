/* SPDX-License-Identifier: MPL-2.0 */
/* One program on <zmq.h>, to be run on either library: LD_LIBRARY_PATH tells
 * the loader which one it gets, and WEIR_ZMQ_LIBRARY, weir or libzmq (default),
 * what the rows are called. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zmq.h>

#include "bench/drop_in/cases.h"
#include "bench/harness/placement.h"
#include "bench/program.h"

static const char *library = "libzmq";

/* libzmq opens a descriptor for each socket. */
static void
raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static const struct peer *const peers[] = { &peer_libzmq, NULL };

static void
describe(program_tell *tell)
{
    program_describe_peers(peers, tell);
}

static bool
add_rows(void)
{
    static const size_t sizes[] = { 8, 256, 4096 };
    struct row row = {
        .peer = peers[0],
        .wait = peers[0]->waits[0],
        .per_call = 1,
        .senders = 1,
        .pairs = 1,
        .distance = placement_nearest(),
    };
    bool ok = true;

    row.batch = stream_batch;
    row.sends = ROLE_PUSH;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        row.size = sizes[i];
        ok = ok && row_add(row, "zmq/%s/push_pull/%zuB", library, row.size);
    }
    row.sends = ROLE_PAIR;
    row.size = 8;
    row.batch = pingpong_batch;
    ok = ok && row_add(row, "zmq/%s/pair_round_trip/8B", library);
    row.batch = zmq_poll_batch;
    ok = ok && row_add(row, "zmq/%s/poll_1000/8B", library);
    row.batch = zmq_names_batch;
    ok = ok && row_add(row, "zmq/%s/bind_connect_close/0B", library);
    row.batch = zmq_publish_batch;
    row.size = 64;
    ok = ok && row_add(row, "zmq/%s/pub_8_subs_pinned/64B", library);
    row.distance = PLACEMENT_NONE;
    return ok && row_add(row, "zmq/%s/pub_8_subs/64B", library);
}

/* Whether the loader took the library that the rows will be named after:
 * weir's has inproc and nothing else. */
static bool
is_loaded(const char *name)
{
    bool weir = zmq_has("ipc") == 0;

    if (weir == (strcmp(name, "weir") == 0))
        return true;
    (void)fprintf(stderr,
                  "WEIR_ZMQ_LIBRARY=%s, but the loader took %s: see "
                  "LD_LIBRARY_PATH\n",
                  name, weir ? "weir's" : "another libzmq.so.5");
    return false;
}

int
main(int argc, char **argv)
{
    static const struct program program = {
        .title = "Measures a program on <zmq.h>, one row per benchmark.",
        .describe = describe,
        .add_rows = add_rows,
    };
    const char *name = getenv("WEIR_ZMQ_LIBRARY");

    if (name != NULL)
        library = name;
    if (!is_loaded(library))
        return 2;
    raise_descriptors();
    return program_main(argc, argv, &program);
}
