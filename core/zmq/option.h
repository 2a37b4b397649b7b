/* SPDX-License-Identifier: MPL-2.0 */
/* The options of a socket, as libzmq takes and gives them: those that act on
 * inproc are passed on to weir, the others are kept to be read again.
 *
 * Concurrency  The socket's owner. */
#ifndef WEIR_CORE_ZMQ_OPTION_H
#define WEIR_CORE_ZMQ_OPTION_H

#include <stddef.h>
#include <stdint.h>

#include "core/zmq/context.h"

/* Options are numbered from 0 to one less. */
#define WR_ZMQ_OPTIONS 110

struct wr_zmq_text {
    size_t size; /* without the NUL that follows */
    char bytes[];
};

/* A copy of size bytes, to be freed. NULL: no memory. */
struct wr_zmq_text *wr_zmq_text_new(const void *data, size_t size);

union wr_zmq_value {
    int64_t number;
    struct wr_zmq_text *text; /* NULL: empty */
};

/* By number of the option. */
struct wr_zmq_options {
    union wr_zmq_value values[WR_ZMQ_OPTIONS];
};

/* The options of a new socket of the type. */
void wr_zmq_options_init(struct wr_zmq_options *o, int type,
                         const struct wr_zmq_defaults *defaults);
void wr_zmq_options_fini(struct wr_zmq_options *o);

/* Puts a text, which is o's from now on, in the place of the last one. */
void wr_zmq_options_put(struct wr_zmq_options *o, int option,
                        struct wr_zmq_text *text);

#endif
