/* SPDX-License-Identifier: MPL-2.0 */
/* weir: where threads run. Pins the calling thread to a CPU that it describes
 * by what it wants, not by a number, and tells how far apart two CPUs are.
 *
 *     struct weir_place here, peer = ...;       // the peer sent it to us
 *     struct weir_place_want want = {
 *         .intent = WEIR_PLACE_PEER,
 *         .peer = peer,
 *         .distance = WEIR_AT_SAME_L3,
 *         .own_core = true,
 *     };
 *     int rc = weir_place_pin(&want, &here);
 *
 * Results     As in weir.h: 0 or a count, or a negative errno value; errno is
 *             never written; a call that fails changes nothing.
 * Threads     Any, at any time. A pin is the calling thread's: weir counts one
 *             per thread and takes it back when the thread ends. A thread that
 *             a pinned one starts inherits its CPU, not its pin.
 * Blocking    Briefly, on a lock of the process; the first call also reads the
 *             machine, which takes milliseconds. Nothing else of weir needs
 *             placement, or waits for it.
 * Machine     What is there for the process when the first call is made: the
 *             CPUs on which the main thread or the caller may run. With
 *             HWLOC_SYNTHETIC or HWLOC_XMLFILE it is a machine that is not
 *             this one: places are chosen and counted, and no thread is bound.
 *             Every call may give -ENOMEM, -ENODEV when no CPU is left, and
 *             -EAGAIN when the process has no pthread key left. */
#ifndef WEIR_PLACEMENT_H
#define WEIR_PLACEMENT_H

#include <weir/weir.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A CPU (hardware thread) and what it is part of. CPUs and nodes have the
 * kernel's numbers; cores and L3 groups are counted from 0 among those of the
 * process. The CPUs of an L3 group share an L3 cache and a node; where the
 * machine does not tell its L3 caches, a package and a node. */
struct weir_place {
    unsigned cpu;
    unsigned core;
    unsigned l3;
    unsigned node;
};

/* How far apart two places are, nearest first: the one that applies first. */
enum weir_distance {
    WEIR_AT_SAME_CPU = 0,   /* "same_cpu" */
    WEIR_AT_SMT = 1,        /* "smt": another thread of the same core */
    WEIR_AT_SAME_L3 = 2,    /* "same_l3": another core */
    WEIR_AT_OTHER_L3 = 3,   /* "other_l3": of the same node */
    WEIR_AT_OTHER_NODE = 4, /* "other_node" */
};

enum weir_place_intent {
    WEIR_PLACE_ANY = 0,  /* any CPU of the process */
    WEIR_PLACE_CPUS = 1, /* one of `cpus` */
    WEIR_PLACE_NODE = 2, /* one of NUMA node `node` */
    WEIR_PLACE_PEER = 3, /* one at exactly `distance` from `peer` */
};

/* What a thread wants. All zero is any CPU. Fields that the intent does not
 * name are not looked at. */
struct weir_place_want {
    enum weir_place_intent intent;
    /* Only a core on which no other thread is pinned, on any of its CPUs.
     * Without it the thread gets the core, then the CPU, with the fewest. */
    bool own_core;
    unsigned node;
    const char *cpus; /* "0-3,8": numbers and ranges, the kernel's numbers */
    enum weir_distance distance;
    struct weir_place peer; /* only its cpu is looked at */
};

/* Pins the calling thread to one CPU that is as want says; it runs there when
 * the call returns. *got, unless got is NULL, tells which. Pinning again moves
 * the thread. Of CPUs that are equally free the first in the machine's order
 * is taken. An own core is the thread's own until others have nowhere else to
 * go.
 * -EINVAL  want is NULL, an unknown intent or distance, cpus is NULL, empty or
 *          malformed.
 * -ENODEV  the process has no such CPU: not all of cpus, not the node, not the
 *          peer's, or none at that distance (one CPU: no other core).
 * -EBUSY   own_core, and every core that would do has a thread already.
 * Or what the kernel says (-EPERM). */
WEIR_EXPORT int weir_place_pin(const struct weir_place_want *want,
                               struct weir_place *got);

/* Lets the calling thread run again where it could before weir first pinned
 * it. Nothing happens when it is not pinned. Or what the kernel says; then it
 * stays pinned. */
WEIR_EXPORT int weir_place_unpin(void);

/* Stores in *here the place where the calling thread is now; it stays true
 * while the thread is pinned. -EINVAL (NULL), -ENODEV (on a CPU that the
 * process did not have at first, or the machine is not this one and the thread
 * is not pinned). */
WEIR_EXPORT int weir_place_current(struct weir_place *here);

/* The enum weir_distance between two places of this process, or -EINVAL
 * (NULL). Needs no lock. */
WEIR_EXPORT int weir_place_distance(const struct weir_place *a,
                                    const struct weir_place *b);

/* The name of an enum weir_distance, as quoted there; "unknown" for any other
 * value. A static string. */
WEIR_EXPORT const char *weir_distance_name(int distance);

/* Stores the places of the process, in the machine's order (those of a core,
 * of an L3 group and of a node in a row), at most n of them, in places, and
 * returns how many there are. -EINVAL (NULL with n > 0). */
WEIR_EXPORT ssize_t weir_machine_places(struct weir_place *places, size_t n);

/* Writes one line about what the process has of the machine, without a newline,
 * like "AMD EPYC, 1 package, 1 node, 1 L3, 2 cores, 2 threads", to buf: at most
 * n bytes with the NUL, cut off if there is more. Returns its whole length
 * without the NUL. -EINVAL (NULL with n > 0). */
WEIR_EXPORT ssize_t weir_machine_describe(char *buf, size_t n);

#ifdef __cplusplus
}
#endif

#endif
