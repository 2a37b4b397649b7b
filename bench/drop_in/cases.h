/* SPDX-License-Identifier: MPL-2.0 */
/* What is measured through <zmq.h> beside streams and round trips. Each takes a
 * struct row, of which it uses distance and size. */
#ifndef WEIR_BENCH_DROP_IN_CASES_H
#define WEIR_BENCH_DROP_IN_CASES_H

#include "bench/row.h"

/* zmq_poll over 1,000 sockets, one of which has a message, another one each
 * time. */
gb_batch_fn zmq_poll_batch;

/* One PUB to eight SUBs, a thread each, that have all subscribed to 1,000
 * topics. Nothing is dropped (ZMQ_XPUB_NODROP): every delivery is counted and
 * checked. Pinned, the publisher at the anchor and the subscribers at the
 * distance from it, or as the kernel puts them. */
gb_batch_fn zmq_publish_batch;

/* Two sockets, a name, a connection, and all gone again, while 1,000 other
 * names are bound. */
gb_batch_fn zmq_names_batch;

#endif
