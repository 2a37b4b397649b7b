/* SPDX-License-Identifier: MPL-2.0 */
/* Topologies of machines of all shapes, and of this one. */
#include "alloc/topology.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
check_invariants(const struct wr_topology *t)
{
    assert_true(t->cpus >= 1);
    for (unsigned i = 0; i < t->cpus; i++) {
        const struct wr_cpu *c = &t->cpu[i];

        assert_true(c->core < t->cores && c->l3 < t->l3s);
        assert_ptr_equal(wr_topology_cpu(t, c->number), c);
        if (i > 0 && c->core == c[-1].core)
            assert_int_equal(c->smt, c[-1].smt + 1);
        else
            assert_int_equal(c->smt, 0);
        for (unsigned j = 0; j < i; j++) {
            const struct wr_cpu *d = &t->cpu[j];

            if (c->core == d->core)
                assert_true(c->l3 == d->l3 && i - j == c->smt - d->smt);
            if (c->l3 == d->l3)
                assert_int_equal(c->node, d->node);
        }
    }
}

/* A machine in hwloc's words and how many of everything weir must see. */
struct machine {
    const char *description;
    unsigned packages, nodes, l3s, cores, cpus;
    bool l3_known;
};

static const struct machine machines[] = {
    { "pack:2 numa:2 l3:2 core:4 pu:2", 2, 4, 8, 32, 64, true },
    { "pack:1 numa:1 l3:1 core:1 pu:1", 1, 1, 1, 1, 1, true },
    { "pu:1", 1, 1, 1, 1, 1, false },
    { "pu:3", 1, 1, 1, 3, 3, false },
    /* No L3: a group is a package and node. */
    { "pack:2 core:2 pu:2", 2, 1, 2, 4, 8, false },
    { "numa:2 core:2 pu:1", 1, 2, 2, 4, 4, false },
    { "pack:2 numa:2 core:2 pu:1", 2, 4, 4, 8, 8, false },
    /* One L3 over two nodes is two groups. */
    { "pack:2 l3:1 numa:2 core:2 pu:1", 2, 4, 4, 8, 8, true },
    /* A node of everybody's beside each package's own. */
    { "[numa] pack:2 [numa] core:2 pu:1", 2, 2, 2, 4, 4, false },
    { "pack:1 [numa] [numa] core:2 pu:1", 1, 1, 1, 2, 2, false },
    { "numa:64 l3:1 core:2 pu:2", 1, 64, 64, 128, 256, true },
    /* Siblings far apart in number, as Linux counts them. */
    { "l3:2 core:2 pu:2(indexes=0,4,1,5,2,6,3,7)", 1, 1, 2, 4, 8, true },
};

static void
test_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        const struct machine *m = &machines[i];
        struct wr_topology *t;

        assert_int_equal(wr_topology_load(m->description, &t), 0);
        assert_false(t->this_machine);
        assert_int_equal(t->packages, m->packages);
        assert_int_equal(t->nodes, m->nodes);
        assert_int_equal(t->l3s, m->l3s);
        assert_int_equal(t->cores, m->cores);
        assert_int_equal(t->cpus, m->cpus);
        assert_int_equal(t->machine_cpus, m->cpus);
        assert_int_equal(t->l3_known, m->l3_known);
        check_invariants(t);
        wr_topology_free(t);
    }
}

static void
test_numbers_are_the_kernels(void **state)
{
    struct wr_topology *t;

    (void)state;
    assert_int_equal(
        wr_topology_load("numa:2(indexes=3,7) core:1 pu:2(indexes=0,2,1,3)",
                         &t),
        0);
    assert_int_equal(t->cpu[1].number, 2);
    assert_int_equal(t->cpu[1].core, t->cpu[0].core);
    assert_int_equal(wr_topology_cpu(t, 2)->node, 3);
    assert_int_equal(wr_topology_cpu(t, 1)->node, 7);
    assert_null(wr_topology_cpu(t, 4));
    wr_topology_free(t);
}

static void
test_bad_description(void **state)
{
    struct wr_topology *t = NULL;

    (void)state;
    errno = 77;
    assert_int_equal(wr_topology_load("nothing like a machine", &t), -EINVAL);
    assert_int_equal(errno, 77);
    assert_null(t);
}

static unsigned
open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned n = 0;

    assert_non_null(dir);
    while (readdir(dir))
        n++;
    (void)closedir(dir);
    return n;
}

static void
test_this_machine(void **state)
{
    const struct wr_topology *t, *again;
    struct wr_affinity before, after;
    unsigned files = open_files();

    (void)state;
    assert_int_equal(wr_affinity_get(0, &before), 0);
    errno = 77;
    assert_int_equal(wr_topology_get(&t), 0);
    assert_int_equal(errno, 77);
    assert_int_equal(open_files(), files);
    assert_int_equal(wr_affinity_get(0, &after), 0);
    assert_memory_equal(&before, &after, sizeof(before));

    assert_int_equal(wr_topology_get(&again), 0);
    assert_ptr_equal(t, again);
    assert_true(t->this_machine);
    check_invariants(t);
    assert_int_equal(t->cpus, CPU_COUNT_S(sizeof(before.set), before.set));
    for (unsigned i = 0; i < t->cpus; i++)
        assert_true(wr_affinity_has(&before, t->cpu[i].number));
}

static void
test_narrow_affinity(void **state)
{
    struct wr_affinity before, one;
    const struct wr_topology *all;
    struct wr_topology *t;

    (void)state;
    assert_int_equal(wr_topology_get(&all), 0);
    assert_int_equal(wr_affinity_get(0, &before), 0);
    for (unsigned i = 0; i < all->cpus; i++) {
        wr_affinity_one(&one, all->cpu[i].number);
        assert_int_equal(wr_affinity_set(&one), 0);
        assert_int_equal(sched_getcpu(), all->cpu[i].number);
        assert_int_equal(wr_topology_load(NULL, &t), 0);
        assert_int_equal(t->cpus, 1);
        assert_int_equal(t->cpu[0].number, all->cpu[i].number);
        assert_int_equal(t->cpu[0].node, all->cpu[i].node);
        assert_int_equal(t->machine_cpus, all->machine_cpus);
        assert_string_equal(t->model, all->model);
        check_invariants(t);
        wr_topology_free(t);
    }
    assert_int_equal(wr_affinity_set(&before), 0);
}

static void
test_affinity_errors(void **state)
{
    struct wr_affinity a;

    (void)state;
    wr_affinity_one(&a, WR_CPUS_MAX - 1);
    assert_true(wr_affinity_has(&a, WR_CPUS_MAX - 1));
    assert_false(wr_affinity_has(&a, WR_CPUS_MAX));
    errno = 77;
    assert_int_equal(wr_affinity_set(&a), -EINVAL);
    assert_int_equal(wr_affinity_get(INT32_MAX, &a), -ESRCH);
    assert_int_equal(errno, 77);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_numbers_are_the_kernels),
        cmocka_unit_test(test_bad_description),
        cmocka_unit_test(test_this_machine),
        cmocka_unit_test(test_narrow_affinity),
        cmocka_unit_test(test_affinity_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
