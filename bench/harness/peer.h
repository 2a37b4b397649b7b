/* SPDX-License-Identifier: MPL-2.0 */
/* What an implementation under test provides: one file each in bench/peers. */
#ifndef WEIR_BENCH_HARNESS_PEER_H
#define WEIR_BENCH_HARNESS_PEER_H

#include <stdbool.h>
#include <stddef.h>

enum socket_role {
    ROLE_PUSH,
    ROLE_PULL,
    ROLE_PAIR,
    ROLE_REQ,
    ROLE_REP,
    ROLE_DEALER,
    ROLE_ROUTER,
};

/* One thread's end of a connection. */
struct end {
    const char *endpoint; /* "inproc://..." */
    enum socket_role role;
    bool binds;           /* or connects */
    const char *wait;     /* one of the peer's waits */
    size_t batch;         /* messages per call, 1 to BATCH_MAX */
    bool other_api;       /* the peer's second way to send and receive */
    size_t size;          /* of a message */
    void *socket;         /* the peer's, made by open */
    unsigned long handle; /* the same, for peers with numbers */
    void *pool;           /* of a sender, for peers that want one */
    size_t asker_size;    /* of a ROUTER: the routing id of who asked last */
    char asker[8];
};

#define BATCH_MAX 256

struct sender;
struct receiver;

/* The calls return 0 or a code that error() explains. */
struct peer {
    const char *name;
    /* Version, and how it is used here; NULL: not installed. */
    const char *(*describe)(void);
    /* The waiting strategies, NULL behind the last; the first is the default.
     */
    const char *const *waits;
    bool batches;    /* has calls for several messages */
    bool replies;    /* has REQ and REP, DEALER and ROUTER */
    const char *api; /* the name of a second way, for the row; NULL: none */

    /* Called on an unpinned thread: threads that the library starts must not
     * inherit the affinity of a pinned one. */
    void *(*context_new)(void);
    void (*context_free)(void *context);

    /* On the thread that will use the end, and none other. */
    int (*open)(void *context, struct end *end);
    void (*close)(struct end *end);

    int (*send)(struct sender *s);      /* send_loop */
    int (*receive)(struct receiver *r); /* receive_loop */
    int (*ping)(struct sender *s, struct receiver *r);
    int (*pong)(struct sender *s, struct receiver *r);
    const char *(*error)(int code);
};

extern const struct peer peer_weir;
extern const struct peer peer_libzmq;
extern const struct peer peer_nng;
extern const struct peer peer_nanomsg;
extern const struct peer peer_line; /* no library: bare cache lines */

#endif
