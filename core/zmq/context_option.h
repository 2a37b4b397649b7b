/* SPDX-License-Identifier: MPL-2.0 */
/* The options of a context. Most are kept and do nothing, for there are no I/O
 * threads here, and no transport that has sizes or addresses.
 *
 * Concurrency  The caller excludes all others on the same options. */
#ifndef WEIR_CORE_ZMQ_CONTEXT_OPTION_H
#define WEIR_CORE_ZMQ_CONTEXT_OPTION_H

#include <stddef.h>

struct wr_zmq_context_options {
    int io_threads;
    int max_sockets;
    int priority;
    int policy;
    int max_msgsz;
    int name_prefix;
    int zero_copy;
    int ipv6;
    int blocky;
    int *cpus; /* those that were added */
    size_t cpus_n;
};

void wr_zmq_context_options_init(struct wr_zmq_context_options *o);
void wr_zmq_context_options_fini(struct wr_zmq_context_options *o);

/* -EINVAL: no such option, or not that value. -ENOMEM. */
int wr_zmq_context_option_set(struct wr_zmq_context_options *o, int option,
                              int value);

/* -EINVAL: no such option, or one that cannot be read. */
int wr_zmq_context_option_get(const struct wr_zmq_context_options *o,
                              int option, int *value);

#endif
