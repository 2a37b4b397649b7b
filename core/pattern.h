/* SPDX-License-Identifier: MPL-2.0 */
/* What makes a socket type: to whom it talks, which of its lanes a message
 * takes, and what it does with messages on the way. A type is one constant of
 * this form in a file of its own; everything else (names, connections, limits,
 * waiting, life cycle) is the socket's, and the same for all.
 *
 * There are two kinds. A plain type chooses lanes (out, in) and leaves the
 * messages alone: it gets batches, multi-frame messages and in-place access
 * from the socket. Any other type has send or recv of its own, a frame at a
 * time; batches are made of these, but see `sieve`.
 *
 * All functions are called by the socket's owner. Any but `type`, `peers`,
 * `writes` and `reads` may be left out. */
#ifndef WEIR_CORE_PATTERN_H
#define WEIR_CORE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weir/weir.h"

struct wr_end;
struct wr_lane;
struct wr_socket;

struct wr_pattern {
    int type;       /* enum weir_type */
    uint32_t peers; /* types it talks to: bit 1 << type */
    bool writes;    /* its connections have a pipe out, or in, as far as */
    bool reads;     /* the peer's type agrees */
    bool exclusive; /* one peer at a time */
    /* What it writes are its wishes, which none may miss: its pipes out have no
     * limit. */
    bool writes_unlimited;
    bool sends_in_turn; /* after a message or batch, the next lane's turn */
    bool receives_in_turn;

    /* A lane that can take, or has, a message; NULL: none now. With `out`, the
     * lanes that are written form the circle s->out; without, they are in none.
     * Those that are read are always in s->in. For wr_next_out and wr_next_in,
     * weir_send and weir_recv know a shorter way. */
    struct wr_lane *(*out)(struct wr_socket *s);
    struct wr_lane *(*in)(struct wr_socket *s);

    /* Send and receive one frame, as weir_send and weir_recv say. The arguments
     * were checked, the bell was attended. */
    int (*send)(struct wr_socket *s, weir_msg *msg, int flags);
    int (*recv)(struct wr_socket *s, weir_msg *msg, int flags);

    /* As weir_send_batch says; without it, `send` for each. */
    ssize_t (*send_array)(struct wr_socket *s, weir_msg *msgs, size_t n,
                          int flags);

    /* Drops those of n received frames whose message is not wanted, and closes
     * the gaps; `begun`: they begin inside of a message, which is. How many are
     * left. A type that has it gets batches from its lanes, though it has recv:
     * then `in` gives lanes whose next message is wanted. */
    size_t (*sieve)(struct wr_socket *s, weir_msg *msgs, size_t n, bool begun);

    /* Whether these would block. Without them: whether there is a lane. */
    bool (*can_send)(struct wr_socket *s);
    bool (*can_recv)(struct wr_socket *s);

    /* Makes and unmakes s->own. 0 or -ENOMEM. */
    int (*init)(struct wr_socket *s);
    void (*fini)(struct wr_socket *s);

    /* A connection was taken up (under the context's lock), 0 or -ENOMEM: then
     * it ends at once; its bell was rung; it can take no more messages; it will
     * be let go of. */
    int (*attach)(struct wr_socket *s, struct wr_end *e);
    void (*rung)(struct wr_socket *s, struct wr_end *e);
    void (*left)(struct wr_socket *s, struct wr_end *e);
    void (*detach)(struct wr_socket *s, struct wr_end *e);

    /* Options of the type: -EINVAL for those that it does not have. The value
     * is within its range. */
    int (*set)(struct wr_socket *s, int option, int64_t value);
    int (*get)(struct wr_socket *s, int option, int64_t *value);
    int (*set_bytes)(struct wr_socket *s, int option, const void *data,
                     size_t size);
};

/* The next ready lane in turn. */
struct wr_lane *wr_next_out(struct wr_socket *s);
struct wr_lane *wr_next_in(struct wr_socket *s);

extern const struct wr_pattern wr_pattern_pair;
extern const struct wr_pattern wr_pattern_push;
extern const struct wr_pattern wr_pattern_pull;
extern const struct wr_pattern wr_pattern_req;
extern const struct wr_pattern wr_pattern_rep;
extern const struct wr_pattern wr_pattern_dealer;
extern const struct wr_pattern wr_pattern_router;
extern const struct wr_pattern wr_pattern_pub;
extern const struct wr_pattern wr_pattern_sub;
extern const struct wr_pattern wr_pattern_xpub;
extern const struct wr_pattern wr_pattern_xsub;

/* The pattern of an enum weir_type, or NULL. */
const struct wr_pattern *wr_pattern_of(int type);

/* The bit of a type in a mask of types. */
#define WR_TYPE_BIT(type) (UINT32_C(1) << (type))

static inline bool
wr_pattern_sends(const struct wr_pattern *p)
{
    return p->out != NULL || p->send != NULL;
}

static inline bool
wr_pattern_receives(const struct wr_pattern *p)
{
    return p->recv != NULL || p->in != NULL;
}

#endif
