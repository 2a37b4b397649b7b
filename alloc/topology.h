/* SPDX-License-Identifier: MPL-2.0 */
/* The machine as this process may use it: its CPUs, which of them are one
 * core, share an L3 cache or a NUMA node, and which of them a thread may run
 * on. hwloc finds it out.
 *
 * Threads     Any. A topology does not change once it is loaded: the kernel's
 *             later changes (hotplug, cpusets) are not seen.
 * Invariants  cpu(i) and cpu(j) of one core => of one L3 group => of one node.
 *             The CPUs of a core are neighbours in cpu[], smt = 0, 1, ...
 *             core < cores, l3 < l3s; nodes keep the kernel's numbers.
 *             cpus >= 1.
 * Cost        The first wr_topology_get reads /sys: 0.6 ms on two CPUs,
 *             milliseconds on hundreds. It leaves no file open. Never on the
 *             way of a message, nor of a context that is made.
 *
 * What is unknown: CPUs without a core are a core each; without an L3 the
 * CPUs of a package and node are one group. Only what the kernel tells counts:
 * asking the processor itself would drag the caller over all CPUs, and in
 * virtual machines the two disagree. */
#ifndef WEIR_ALLOC_TOPOLOGY_H
#define WEIR_ALLOC_TOPOLOGY_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Linux runs on no more. */
#define WR_CPUS_MAX 8192

/* A hardware thread. */
struct wr_cpu {
    unsigned number; /* the kernel's */
    unsigned core;
    unsigned smt; /* rank within the core */
    unsigned l3;
    unsigned node; /* the nearest NUMA node, the kernel's number */
};

struct wr_topology {
    bool this_machine; /* false: synthetic or read from a file */
    bool l3_known;
    unsigned machine_cpus; /* allowed or not */
    unsigned packages;
    unsigned nodes; /* that have CPUs here */
    unsigned l3s;
    unsigned cores;
    unsigned cpus;
    char model[128]; /* "" when unknown */
    struct wr_cpu cpu[];
};

/* Stores the topology of the process in *out, loading it when it is the first
 * to ask; it is never freed. HWLOC_SYNTHETIC, HWLOC_XMLFILE and the like act as
 * in any hwloc program. Its CPUs are those on which the main thread or the
 * caller may run at that time. -ENOMEM, -ENODEV (no CPU left), or why hwloc
 * could not load; the next call tries again. */
int wr_topology_get(const struct wr_topology **out);

/* Loads a topology of its own, from hwloc's description of one (NULL: as
 * wr_topology_get does) and stores it in *out; the caller frees it. Results as
 * above, and -EINVAL for a bad description. */
int wr_topology_load(const char *synthetic, struct wr_topology **out);

/* Frees what wr_topology_load gave, or NULL. */
void wr_topology_free(struct wr_topology *t);

/* The CPU with the kernel's number, or NULL when it is not one of t's. */
const struct wr_cpu *wr_topology_cpu(const struct wr_topology *t,
                                     unsigned number);

/* A set of CPUs, as the kernel keeps one per thread. */
struct wr_affinity {
    cpu_set_t set[WR_CPUS_MAX / CPU_SETSIZE];
};

/* Stores where the thread tid (0: the caller) may run in *a. 0 or what the
 * kernel said. */
int wr_affinity_get(pid_t tid, struct wr_affinity *a);

/* Lets the caller run on the CPUs of a only; it does when the call returns. 0
 * or what the kernel said: -EINVAL when it may run on none of them. */
int wr_affinity_set(const struct wr_affinity *a);

/* Makes *a the set of one CPU, below WR_CPUS_MAX. */
void wr_affinity_one(struct wr_affinity *a, unsigned number);

/* Whether the CPU is in a; no number of WR_CPUS_MAX or more is. */
bool wr_affinity_has(const struct wr_affinity *a, unsigned number);

#endif
