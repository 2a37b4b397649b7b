/* SPDX-License-Identifier: MPL-2.0 */
/* What is known of each option: who takes it, and how it is set and read. One
 * row per option; everything that an option does is in the functions its row
 * names. */
#ifndef WEIR_CORE_ZMQ_OPTION_ROW_H
#define WEIR_CORE_ZMQ_OPTION_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/zmq/option.h"
#include "core/zmq/socket.h"

/* Both give 0 or -errno. data may be NULL only where size is 0, and need not be
 * aligned. get stores at most *size bytes at data, and how many in *size. */
typedef int wr_zmq_set_fn(struct wr_zmq_socket *z, int option, const void *data,
                          size_t size);
typedef int wr_zmq_get_fn(struct wr_zmq_socket *z, int option, void *data,
                          size_t *size);

struct wr_zmq_row {
    wr_zmq_set_fn *set; /* NULL: cannot be set */
    wr_zmq_get_fn *get; /* NULL: cannot be read in this way */
    int32_t least;      /* of a number, or of a text's size */
    int32_t most;
    int32_t initial; /* of a number */
    uint16_t types;  /* of sockets on which it can be set: 1 << type */
    uint16_t engine; /* weir's option that goes with it, or 0 */
    bool text;       /* its value is one */
    bool clears;     /* a NULL of size 0 empties the text */
};

extern const struct wr_zmq_row wr_zmq_rows[WR_ZMQ_OPTIONS];

static inline union wr_zmq_value *
wr_zmq_value_of(struct wr_zmq_socket *z, int option)
{
    return &z->options.values[option];
}

/* The int at data. -EINVAL: that is not its size. */
int wr_zmq_read_int(const void *data, size_t size, int *value);

/* Stores an int at data where there is room for exactly one. */
int wr_zmq_write_int(void *data, size_t *size, int value);

/* An int within the row's bounds; the same, where weir knows yes and no; any
 * int, kept as 0 or 1; 64 bits; a text; an int of which nothing is kept. */
wr_zmq_set_fn wr_zmq_set_number, wr_zmq_set_flag, wr_zmq_set_truth,
    wr_zmq_set_long, wr_zmq_set_text, wr_zmq_set_ignored;
/* An int; one that may have more room; 64 bits; a text, with its NUL. */
wr_zmq_get_fn wr_zmq_get_number, wr_zmq_get_roomy, wr_zmq_get_long,
    wr_zmq_get_text;

/* In option_special.c. */
wr_zmq_set_fn wr_zmq_set_routing_id, wr_zmq_set_bytes, wr_zmq_set_nonempty,
    wr_zmq_set_verbose, wr_zmq_set_manual_last, wr_zmq_set_ipv4only,
    wr_zmq_set_ttl, wr_zmq_set_filter;
wr_zmq_get_fn wr_zmq_get_routing_id, wr_zmq_get_ipv4only;

/* In poll.c. */
wr_zmq_get_fn wr_zmq_get_fd;

/* In option_security.c. */
wr_zmq_set_fn wr_zmq_set_server, wr_zmq_set_gssapi_server, wr_zmq_set_plain,
    wr_zmq_set_principal, wr_zmq_set_key;
wr_zmq_get_fn wr_zmq_get_server, wr_zmq_get_key;

#endif
