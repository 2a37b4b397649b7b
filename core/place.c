/* SPDX-License-Identifier: MPL-2.0 */
#include "core/place.h"

#include <errno.h>
#include <limits.h>

struct weir_place
wr_place_of(const struct wr_cpu *cpu)
{
    return (struct weir_place){
        .cpu = cpu->number,
        .core = cpu->core,
        .l3 = cpu->l3,
        .node = cpu->node,
    };
}

int
weir_place_distance(const struct weir_place *a, const struct weir_place *b)
{
    if (!a || !b)
        return -EINVAL;
    if (a->cpu == b->cpu)
        return WEIR_AT_SAME_CPU;
    if (a->core == b->core)
        return WEIR_AT_SMT;
    if (a->l3 == b->l3)
        return WEIR_AT_SAME_L3;
    return a->node == b->node ? WEIR_AT_OTHER_L3 : WEIR_AT_OTHER_NODE;
}

const char *
weir_distance_name(int distance)
{
    switch (distance) {
    case WEIR_AT_SAME_CPU:
        return "same_cpu";
    case WEIR_AT_SMT:
        return "smt";
    case WEIR_AT_SAME_L3:
        return "same_l3";
    case WEIR_AT_OTHER_L3:
        return "other_l3";
    case WEIR_AT_OTHER_NODE:
        return "other_node";
    default:
        return "unknown";
    }
}

/* Reads a number at *s and steps over it. One that no CPU has is cut short, but
 * stays too large. */
static bool
number_next(const char **s, unsigned *number)
{
    const char *p = *s;

    for (*number = 0; *p >= '0' && *p <= '9'; p++)
        if (*number < WR_CPUS_MAX)
            *number = *number * 10 + (unsigned)(*p - '0');
    if (p == *s)
        return false;
    *s = p;
    return true;
}

/* Reads the range at *s, "3" or "3-5", and steps over it and the comma that
 * must follow unless the list ends. False when it is malformed. */
static bool
range_next(const char **s, unsigned *first, unsigned *last)
{
    if (!number_next(s, first))
        return false;
    *last = *first;
    if (**s == '-') {
        (*s)++;
        if (!number_next(s, last) || *last < *first)
            return false;
    }
    if (**s == '\0')
        return true;
    return *(*s)++ == ',' && **s != '\0';
}

static unsigned
count_between(const struct wr_topology *t, unsigned first, unsigned last)
{
    unsigned n = 0;

    for (unsigned i = 0; i < t->cpus; i++)
        n += t->cpu[i].number >= first && t->cpu[i].number <= last;
    return n;
}

/* 0 when t has all CPUs of the list. */
static int
list_check(const struct wr_topology *t, const char *list)
{
    unsigned first, last;
    int rc = 0;

    if (!list || *list == '\0')
        return -EINVAL;
    while (*list) {
        if (!range_next(&list, &first, &last))
            return -EINVAL;
        if (count_between(t, first, last) != last - first + 1)
            rc = -ENODEV;
    }
    return rc;
}

static bool
list_has(const char *list, unsigned number)
{
    unsigned first, last;

    while (*list && range_next(&list, &first, &last))
        if (first <= number && number <= last)
            return true;
    return false;
}

static int
want_check(const struct wr_topology *t, const struct weir_place_want *want,
           const struct wr_cpu *peer)
{
    switch (want->intent) {
    case WEIR_PLACE_ANY:
    case WEIR_PLACE_NODE:
        return 0;
    case WEIR_PLACE_CPUS:
        return list_check(t, want->cpus);
    case WEIR_PLACE_PEER:
        if (want->distance > WEIR_AT_OTHER_NODE)
            return -EINVAL;
        return peer ? 0 : -ENODEV;
    default:
        return -EINVAL;
    }
}

/* Whether the CPU is one that want, which is sound, names. */
static bool
fits(const struct weir_place_want *want, const struct wr_cpu *peer,
     const struct wr_cpu *cpu)
{
    struct weir_place here = wr_place_of(cpu), there;

    switch (want->intent) {
    case WEIR_PLACE_CPUS:
        return list_has(want->cpus, cpu->number);
    case WEIR_PLACE_NODE:
        return cpu->node == want->node;
    case WEIR_PLACE_PEER:
        there = wr_place_of(peer);
        return weir_place_distance(&here, &there) == (int)want->distance;
    default:
        return true;
    }
}

/* Threads on the core of t->cpu[i], whose CPUs are neighbours. */
static unsigned
pins_of_core(const struct wr_topology *t, const unsigned *pins, unsigned i)
{
    unsigned core = t->cpu[i].core, n = 0;

    for (i -= t->cpu[i].smt; i < t->cpus && t->cpu[i].core == core; i++)
        n += pins[i];
    return n;
}

int
wr_place_choose(const struct wr_topology *t, const struct weir_place_want *want,
                const unsigned *pins, unsigned *chosen)
{
    const struct wr_cpu *peer = wr_topology_cpu(t, want->peer.cpu);
    unsigned best_core = UINT_MAX, best_cpu = UINT_MAX;
    int rc = want_check(t, want, peer);

    if (rc)
        return rc;
    rc = -ENODEV;
    for (unsigned i = 0; i < t->cpus; i++) {
        unsigned on_core;

        if (!fits(want, peer, &t->cpu[i]))
            continue;
        on_core = pins_of_core(t, pins, i);
        if (want->own_core && on_core > 0) {
            rc = rc ? -EBUSY : 0; /* unless another was free */
            continue;
        }
        rc = 0;
        if (on_core < best_core ||
            (on_core == best_core && pins[i] < best_cpu)) {
            best_core = on_core;
            best_cpu = pins[i];
            *chosen = i;
        }
    }
    return rc;
}
