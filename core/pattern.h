/* SPDX-License-Identifier: MPL-2.0 */
/* What makes a socket type: to whom it talks, and which of its lanes a message
 * takes. A type is one constant of this form in a file of its own; everything
 * else (blocking, batches, multi-frame messages, in-place access, life cycle)
 * is the socket's, and the same for all. */
#ifndef WEIR_CORE_PATTERN_H
#define WEIR_CORE_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

struct wr_lane;
struct wr_socket;

struct wr_pattern {
    int type;           /* enum weir_type */
    uint32_t peers;     /* types it talks to: bit 1 << type */
    bool exclusive;     /* one peer at a time */
    bool sends_in_turn; /* after a message or batch, the next lane's turn */
    bool receives_in_turn;

    /* A lane that can take, or has, a message; NULL: none now. The function is
     * NULL when the type does not send, or receive. For wr_next_out and
     * wr_next_in, weir_send and weir_recv know a shorter way. */
    struct wr_lane *(*out)(struct wr_socket *s);
    struct wr_lane *(*in)(struct wr_socket *s);
};

/* The next ready lane in turn. */
struct wr_lane *wr_next_out(struct wr_socket *s);
struct wr_lane *wr_next_in(struct wr_socket *s);

extern const struct wr_pattern wr_pattern_pair;
extern const struct wr_pattern wr_pattern_push;
extern const struct wr_pattern wr_pattern_pull;

/* The pattern of an enum weir_type, or NULL. */
const struct wr_pattern *wr_pattern_of(int type);

#endif
