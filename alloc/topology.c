/* SPDX-License-Identifier: MPL-2.0 */
#include "alloc/topology.h"

#include <errno.h>
#include <hwloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What hwloc knows around a CPU; NULL where the machine does not tell. */
struct around {
    hwloc_obj_t core;
    hwloc_obj_t package;
    hwloc_obj_t cache;
};

int
wr_affinity_get(pid_t tid, struct wr_affinity *a)
{
    int saved = errno;
    int rc = sched_getaffinity(tid, sizeof(a->set), a->set) ? -errno : 0;

    errno = saved;
    return rc;
}

int
wr_affinity_set(const struct wr_affinity *a)
{
    int saved = errno;
    int rc = sched_setaffinity(0, sizeof(a->set), a->set) ? -errno : 0;

    errno = saved;
    return rc;
}

void
wr_affinity_one(struct wr_affinity *a, unsigned number)
{
    CPU_ZERO_S(sizeof(a->set), a->set);
    CPU_SET_S(number, sizeof(a->set), a->set);
}

bool
wr_affinity_has(const struct wr_affinity *a, unsigned number)
{
    return CPU_ISSET_S(number, sizeof(a->set), a->set);
}

/* Where the main thread or the caller may run: one of them may have narrowed
 * itself already. The kernel keeps both inside the process's cpuset, so that
 * nothing else need be asked. False when it tells neither. */
static bool
process_affinity(struct wr_affinity *a)
{
    struct wr_affinity caller;

    if (wr_affinity_get(0, &caller))
        return false;
    if (wr_affinity_get(getpid(), a))
        *a = caller;
    CPU_OR_S(sizeof(a->set), a->set, a->set, caller.set);
    return true;
}

static void
keep(hwloc_topology_t hw, hwloc_obj_type_t type, enum hwloc_type_filter_e which)
{
    (void)hwloc_topology_set_type_filter(hw, type, which);
}

static int
discover(hwloc_topology_t hw, const char *synthetic)
{
    /* The whole machine, because a node whose memory is forbidden still says
     * how far away its CPUs are. */
    if (hwloc_topology_set_flags(hw,
                                 HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED |
                                     HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING |
                                     HWLOC_TOPOLOGY_FLAG_NO_DISTANCES |
                                     HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS |
                                     HWLOC_TOPOLOGY_FLAG_NO_CPUKINDS))
        return -errno;
    (void)hwloc_topology_set_all_types_filter(hw, HWLOC_TYPE_FILTER_KEEP_NONE);
    keep(hw, HWLOC_OBJ_PACKAGE, HWLOC_TYPE_FILTER_KEEP_ALL);
    keep(hw, HWLOC_OBJ_L3CACHE, HWLOC_TYPE_FILTER_KEEP_ALL);
    keep(hw, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL);
    /* Groups carry the nodes that are no other object's. */
    keep(hw, HWLOC_OBJ_GROUP, HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
    if (synthetic && hwloc_topology_set_synthetic(hw, synthetic))
        return -errno;
    return hwloc_topology_load(hw) ? -errno : 0;
}

/* The nearest node of a CPU. The first of several: processors with fast memory
 * count it after the ordinary one. */
static unsigned
node_of(hwloc_obj_t pu)
{
    hwloc_obj_t obj = pu;
    unsigned node;

    while (obj && !obj->memory_first_child)
        obj = obj->parent;
    if (!obj)
        return 0;
    obj = obj->memory_first_child;
    node = obj->os_index;
    for (; obj; obj = obj->next_sibling)
        if (obj->os_index < node)
            node = obj->os_index;
    return node;
}

static struct around
around_of(hwloc_topology_t hw, hwloc_obj_t pu)
{
    return (struct around){
        .core = hwloc_get_ancestor_obj_by_type(hw, HWLOC_OBJ_CORE, pu),
        .package = hwloc_get_ancestor_obj_by_type(hw, HWLOC_OBJ_PACKAGE, pu),
        .cache = hwloc_get_ancestor_obj_by_type(hw, HWLOC_OBJ_L3CACHE, pu),
    };
}

/* The L3 group of the newest CPU: that of an earlier one, or a new group. */
static unsigned
group_of_newest(struct wr_topology *t, const struct around *at)
{
    unsigned i = t->cpus;

    for (unsigned j = i; j-- > 0;)
        if (t->cpu[j].node == t->cpu[i].node && at[j].cache == at[i].cache &&
            (at[i].cache || at[j].package == at[i].package))
            return t->cpu[j].l3;
    return t->l3s++;
}

static bool
newest_has_new_node(const struct wr_topology *t)
{
    for (unsigned j = t->cpus; j-- > 0;)
        if (t->cpu[j].node == t->cpu[t->cpus].node)
            return false;
    return true;
}

/* Adds a CPU. hwloc gives those of one core, and of one package, in a row. */
static void
add_cpu(struct wr_topology *t, hwloc_topology_t hw, hwloc_obj_t pu,
        struct around *at)
{
    unsigned i = t->cpus;
    struct wr_cpu *cpu = &t->cpu[i];
    bool sibling;

    at[i] = around_of(hw, pu);
    sibling = i > 0 && at[i].core && at[i].core == at[i - 1].core;
    cpu->number = pu->os_index;
    cpu->core = sibling ? cpu[-1].core : t->cores++;
    cpu->smt = sibling ? cpu[-1].smt + 1 : 0;
    cpu->node = node_of(pu);
    cpu->l3 = group_of_newest(t, at);
    t->nodes += newest_has_new_node(t);
    t->packages += i == 0 || at[i].package != at[i - 1].package;
    t->l3_known |= at[i].cache != NULL;
    t->cpus++;
}

static void
copy_model(struct wr_topology *t, hwloc_topology_t hw)
{
    hwloc_obj_t package = hwloc_get_obj_by_type(hw, HWLOC_OBJ_PACKAGE, 0);
    hwloc_obj_t from = package ? package : hwloc_get_root_obj(hw);
    const char *model = hwloc_obj_get_info_by_name(from, "CPUModel");
    size_t n = model ? strnlen(model, sizeof(t->model) - 1) : 0;

    while (n > 0 && model[n - 1] == ' ')
        n--;
    if (n > 0)
        memcpy(t->model, model, n);
}

static int
extract(hwloc_topology_t hw, struct wr_topology *t, struct around *at)
{
    hwloc_const_cpuset_t allowed = hwloc_topology_get_allowed_cpuset(hw);
    struct wr_affinity may_run;
    hwloc_obj_t pu = NULL;
    bool bound;

    t->this_machine = hwloc_topology_is_thissystem(hw) != 0;
    bound = t->this_machine && process_affinity(&may_run);
    while ((pu = hwloc_get_next_obj_by_type(hw, HWLOC_OBJ_PU, pu))) {
        unsigned number = pu->os_index;

        t->machine_cpus++;
        if (bound ? wr_affinity_has(&may_run, number)
                  : hwloc_bitmap_isset(allowed, number))
            add_cpu(t, hw, pu, at);
    }
    copy_model(t, hw);
    return t->cpus > 0 ? 0 : -ENODEV;
}

static int
load(hwloc_topology_t hw, const char *synthetic, struct wr_topology **out)
{
    int rc = discover(hw, synthetic);
    struct wr_topology *t;
    struct around *at;
    size_t n;

    if (rc)
        return rc;
    n = (size_t)hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_PU);
    t = calloc(1, sizeof(*t) + n * sizeof(t->cpu[0]));
    at = calloc(n, sizeof(*at));
    rc = t && at ? extract(hw, t, at) : -ENOMEM;
    free(at);
    if (rc)
        wr_topology_free(t);
    else
        *out = t;
    return rc;
}

int
wr_topology_load(const char *synthetic, struct wr_topology **out)
{
    int saved = errno, rc = -ENOMEM;
    hwloc_topology_t hw;

    if (!hwloc_topology_init(&hw)) {
        rc = load(hw, synthetic, out);
        hwloc_topology_destroy(hw);
    }
    errno = saved;
    return rc;
}

void
wr_topology_free(struct wr_topology *t)
{
    free(t);
}

int
wr_topology_get(const struct wr_topology **out)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct wr_topology *process;
    int rc;

    (void)pthread_mutex_lock(&lock);
    rc = process ? 0 : wr_topology_load(NULL, &process);
    *out = process;
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

const struct wr_cpu *
wr_topology_cpu(const struct wr_topology *t, unsigned number)
{
    for (unsigned i = 0; i < t->cpus; i++)
        if (t->cpu[i].number == number)
            return &t->cpu[i];
    return NULL;
}
