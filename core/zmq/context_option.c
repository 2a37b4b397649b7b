/* SPDX-License-Identifier: MPL-2.0 */
#include "core/zmq/context_option.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* As libzmq's ZMQ_ZERO_COPY_RECV, which its header hides. */
#define ZERO_COPY 10
/* What libzmq says that a context can have. */
#define SOCKET_LIMIT 65535

/* An option that is a number: which, its field, what it may be at least, and
 * whether it is kept as 0 or 1. */
struct row {
    int option;
    size_t field;
    int least;
    bool truth;
};

#define FIELD(name) offsetof(struct wr_zmq_context_options, name)

static const struct row rows[] = {
    { ZMQ_IO_THREADS, FIELD(io_threads), 0, false },
    { ZMQ_MAX_SOCKETS, FIELD(max_sockets), 1, false },
    { ZMQ_THREAD_PRIORITY, FIELD(priority), 0, false },
    { ZMQ_THREAD_SCHED_POLICY, FIELD(policy), 0, false },
    { ZMQ_MAX_MSGSZ, FIELD(max_msgsz), 0, false },
    { ZMQ_THREAD_NAME_PREFIX, FIELD(name_prefix), INT_MIN, false },
    { ZERO_COPY, FIELD(zero_copy), 0, true },
    { ZMQ_IPV6, FIELD(ipv6), 0, true },
    { ZMQ_BLOCKY, FIELD(blocky), 0, true },
};

static const struct row *
find(int option)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].option == option)
            return &rows[i];
    return NULL;
}

void
wr_zmq_context_options_init(struct wr_zmq_context_options *o)
{
    *o = (struct wr_zmq_context_options){
        .io_threads = ZMQ_IO_THREADS_DFLT,
        .max_sockets = ZMQ_MAX_SOCKETS_DFLT,
        .priority = ZMQ_THREAD_PRIORITY_DFLT,
        .policy = ZMQ_THREAD_SCHED_POLICY_DFLT,
        .max_msgsz = INT_MAX,
        .zero_copy = 1,
        .blocky = 1,
    };
}

void
wr_zmq_context_options_fini(struct wr_zmq_context_options *o)
{
    free(o->cpus);
}

static size_t
find_cpu(const struct wr_zmq_context_options *o, int cpu)
{
    size_t i = 0;

    while (i < o->cpus_n && o->cpus[i] != cpu)
        i++;
    return i;
}

static int
add_cpu(struct wr_zmq_context_options *o, int cpu)
{
    int *more;

    if (cpu < 0)
        return -EINVAL;
    if (find_cpu(o, cpu) < o->cpus_n)
        return 0;
    more = realloc(o->cpus, (o->cpus_n + 1) * sizeof(*more));
    if (more == NULL)
        return -ENOMEM;
    more[o->cpus_n++] = cpu;
    o->cpus = more;
    return 0;
}

static int
remove_cpu(struct wr_zmq_context_options *o, int cpu)
{
    size_t i = find_cpu(o, cpu);

    if (i == o->cpus_n)
        return -EINVAL;
    o->cpus[i] = o->cpus[--o->cpus_n];
    return 0;
}

int
wr_zmq_context_option_set(struct wr_zmq_context_options *o, int option,
                          int value)
{
    const struct row *row = find(option);

    if (option == ZMQ_THREAD_AFFINITY_CPU_ADD)
        return add_cpu(o, value);
    if (option == ZMQ_THREAD_AFFINITY_CPU_REMOVE)
        return remove_cpu(o, value);
    if (row == NULL || value < row->least)
        return -EINVAL;
    if (row->truth)
        value = value != 0;
    memcpy((char *)o + row->field, &value, sizeof(value));
    return 0;
}

int
wr_zmq_context_option_get(const struct wr_zmq_context_options *o, int option,
                          int *value)
{
    const struct row *row = find(option);

    if (option == ZMQ_SOCKET_LIMIT) /* the number of the priority */
        *value = SOCKET_LIMIT;
    else if (option == ZMQ_MSG_T_SIZE)
        *value = (int)sizeof(zmq_msg_t);
    else if (row == NULL)
        return -EINVAL;
    else
        memcpy(value, (const char *)o + row->field, sizeof(*value));
    return 0;
}
