/* SPDX-License-Identifier: MPL-2.0 */
/* What the process has of the machine, for people and benchmarks. */
#include <weir/placement.h>

#include <errno.h>
#include <stdio.h>

#include "alloc/topology.h"
#include "core/place.h"

/* "1 node", "2 nodes": a number with its noun. */
#define COUNTED(n, noun) (n), (n) == 1 ? noun : noun "s"

ssize_t
weir_machine_places(struct weir_place *places, size_t n)
{
    const struct wr_topology *t;
    int rc;

    if (!places && n > 0)
        return -EINVAL;
    rc = wr_topology_get(&t);
    if (rc)
        return rc;
    for (size_t i = 0; i < n && i < t->cpus; i++)
        places[i] = wr_place_of(&t->cpu[i]);
    return (ssize_t)t->cpus;
}

ssize_t
weir_machine_describe(char *buf, size_t n)
{
    const struct wr_topology *t;
    char l3[32] = "L3 unknown", part[32] = "";
    int saved = errno, rc;

    if (!buf && n > 0)
        return -EINVAL;
    rc = wr_topology_get(&t);
    if (rc)
        return rc;
    if (t->l3_known)
        (void)snprintf(l3, sizeof(l3), "%u L3", t->l3s);
    if (t->cpus < t->machine_cpus)
        (void)snprintf(part, sizeof(part), " of %u", t->machine_cpus);
    rc = snprintf(buf, n, "%s, %u %s, %u %s, %s, %u %s, %u %s%s%s",
                  t->model[0] ? t->model : "unknown CPU",
                  COUNTED(t->packages, "package"), COUNTED(t->nodes, "node"),
                  l3, COUNTED(t->cores, "core"), COUNTED(t->cpus, "thread"),
                  part, t->this_machine ? "" : " (not this machine)");
    errno = saved;
    return rc;
}
