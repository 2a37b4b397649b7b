/* SPDX-License-Identifier: MPL-2.0 */
/* Which CPU a thread gets, on machines that only hwloc's words describe. */
#include "core/place.h"

#include <errno.h>
#include <limits.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MAX_CPUS 1024

/* A machine and how many threads are pinned to each of its CPUs. */
struct machine {
    struct wr_topology *t;
    unsigned pins[MAX_CPUS];
};

static void
machine_init(struct machine *m, const char *description)
{
    *m = (struct machine){ 0 };
    assert_int_equal(wr_topology_load(description, &m->t), 0);
    assert_true(m->t->cpus <= MAX_CPUS);
}

static void
machine_fini(struct machine *m)
{
    wr_topology_free(m->t);
}

/* Pins one more thread that wants want; its CPU's number, or the error. */
static int
pin(struct machine *m, const struct weir_place_want *want)
{
    unsigned chosen = UINT_MAX;
    int rc = wr_place_choose(m->t, want, m->pins, &chosen);

    if (rc)
        return rc;
    assert_true(chosen < m->t->cpus);
    m->pins[chosen]++;
    return (int)m->t->cpu[chosen].number;
}

static int
pin_own(struct machine *m)
{
    return pin(m, &(struct weir_place_want){ .own_core = true });
}

static int
pin_cpus(struct machine *m, const char *cpus)
{
    return pin(m, &(struct weir_place_want){ .intent = WEIR_PLACE_CPUS,
                                             .cpus = cpus });
}

static int
pin_node(struct machine *m, unsigned node)
{
    return pin(m, &(struct weir_place_want){ .intent = WEIR_PLACE_NODE,
                                             .node = node });
}

static int
pin_near(struct machine *m, unsigned peer, enum weir_distance distance)
{
    return pin(m, &(struct weir_place_want){ .intent = WEIR_PLACE_PEER,
                                             .peer = { .cpu = peer },
                                             .distance = distance });
}

static void
test_spreads_over_cores_first(void **state)
{
    static const int expected[] = { 0, 2, 4, 6, 1, 3, 5, 7, 0 };
    struct machine m;

    (void)state;
    machine_init(&m, "numa:1 l3:2 core:2 pu:2");
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_int_equal(pin(&m, &(struct weir_place_want){ 0 }), expected[i]);
    machine_fini(&m);
}

static void
test_own_core(void **state)
{
    struct machine m;

    (void)state;
    machine_init(&m, "numa:1 l3:2 core:2 pu:2");
    assert_int_equal(pin_cpus(&m, "3"), 3);
    /* Core 1 is taken by its second thread. */
    assert_int_equal(pin_own(&m), 0);
    assert_int_equal(pin_own(&m), 4);
    assert_int_equal(pin_own(&m), 6);
    assert_int_equal(pin_own(&m), -EBUSY);
    /* The first that ends makes room. */
    m.pins[4]--;
    assert_int_equal(pin_own(&m), 4);
    machine_fini(&m);
}

static void
test_own_core_with_an_intent(void **state)
{
    struct weir_place_want want = {
        .intent = WEIR_PLACE_PEER,
        .peer = { .cpu = 1 },
        .distance = WEIR_AT_SAME_L3,
        .own_core = true,
    };
    struct machine m;

    (void)state;
    machine_init(&m, "numa:2 l3:1 core:3 pu:2");
    assert_int_equal(pin_cpus(&m, "1"), 1);
    assert_int_equal(pin(&m, &want), 2);
    assert_int_equal(pin(&m, &want), 4);
    assert_int_equal(pin(&m, &want), -EBUSY);
    want.distance = WEIR_AT_SMT;
    assert_int_equal(pin(&m, &want), -EBUSY);
    want.distance = WEIR_AT_OTHER_L3;
    assert_int_equal(pin(&m, &want), -ENODEV);
    machine_fini(&m);
}

static void
test_node(void **state)
{
    struct machine m;

    (void)state;
    machine_init(&m, "numa:2(indexes=3,7) l3:1 core:2 pu:1");
    assert_int_equal(pin_node(&m, 7), 2);
    assert_int_equal(pin_node(&m, 7), 3);
    assert_int_equal(pin_node(&m, 7), 2);
    assert_int_equal(pin_node(&m, 3), 0);
    assert_int_equal(pin_node(&m, 0), -ENODEV);
    assert_int_equal(pin_node(&m, UINT_MAX), -ENODEV);
    machine_fini(&m);
}

static void
test_every_distance(void **state)
{
    struct machine m;

    (void)state;
    machine_init(&m, "pack:2 numa:2 l3:2 core:4 pu:2");
    assert_int_equal(pin_near(&m, 5, WEIR_AT_SAME_CPU), 5);
    assert_int_equal(pin_near(&m, 5, WEIR_AT_SMT), 4);
    assert_int_equal(pin_near(&m, 5, WEIR_AT_SAME_L3), 0);
    assert_int_equal(pin_near(&m, 5, WEIR_AT_SAME_L3), 2);
    assert_int_equal(pin_near(&m, 5, WEIR_AT_OTHER_L3), 8);
    assert_int_equal(pin_near(&m, 5, WEIR_AT_OTHER_NODE), 16);
    assert_int_equal(pin_near(&m, 63, WEIR_AT_OTHER_NODE), 6);
    assert_int_equal(pin_near(&m, 64, WEIR_AT_SAME_L3), -ENODEV);
    machine_fini(&m);
}

/* A decision is at the distance that was asked for, for every peer. */
static void
test_distances_are_exact(void **state)
{
    struct machine m;

    (void)state;
    machine_init(&m, "pack:2 l3:2 numa:2 core:2 pu:2");
    for (unsigned p = 0; p < m.t->cpus; p++)
        for (int d = WEIR_AT_SAME_CPU; d <= WEIR_AT_OTHER_NODE; d++) {
            int n = pin_near(&m, p, (enum weir_distance)d);
            struct weir_place a = wr_place_of(wr_topology_cpu(m.t, p)), b;

            /* An L3 group never leaves its node. */
            if (d == WEIR_AT_OTHER_L3) {
                assert_int_equal(n, -ENODEV);
                continue;
            }
            assert_true(n >= 0);
            b = wr_place_of(wr_topology_cpu(m.t, (unsigned)n));
            assert_int_equal(weir_place_distance(&a, &b), d);
            assert_int_equal(weir_place_distance(&b, &a), d);
        }
    machine_fini(&m);
}

static void
test_one_cpu(void **state)
{
    struct machine m;

    (void)state;
    machine_init(&m, "pu:1");
    assert_int_equal(pin_own(&m), 0);
    assert_int_equal(pin_own(&m), -EBUSY);
    assert_int_equal(pin(&m, &(struct weir_place_want){ 0 }), 0);
    assert_int_equal(pin_near(&m, 0, WEIR_AT_SAME_CPU), 0);
    assert_int_equal(pin_near(&m, 0, WEIR_AT_SMT), -ENODEV);
    assert_int_equal(pin_near(&m, 0, WEIR_AT_SAME_L3), -ENODEV);
    assert_int_equal(pin_near(&m, 0, WEIR_AT_OTHER_L3), -ENODEV);
    assert_int_equal(pin_near(&m, 0, WEIR_AT_OTHER_NODE), -ENODEV);
    machine_fini(&m);
}

static void
test_lists(void **state)
{
    static const char *const malformed[] = {
        "",    ",",    "0,",   ",0",   "0,,1", "-", "-1",
        "1-",  "3-1",  "0 1",  " 0",   "0x1",  "a", "0-1-2",
        "0;1", "0,x1", "99,x", "0-1 ", "+1",
    };
    struct machine m;

    (void)state;
    machine_init(&m, "numa:1 core:4 pu:1");
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        assert_int_equal(pin_cpus(&m, malformed[i]), -EINVAL);
    assert_int_equal(pin_cpus(&m, NULL), -EINVAL);
    assert_int_equal(pin_cpus(&m, "4"), -ENODEV);
    assert_int_equal(pin_cpus(&m, "0-4"), -ENODEV);
    assert_int_equal(pin_cpus(&m, "0,99999999999999999999999"), -ENODEV);
    assert_int_equal(pin_cpus(&m, "0-4294967295"), -ENODEV);
    /* 2^32 is not 0. */
    assert_int_equal(pin_cpus(&m, "4294967296"), -ENODEV);

    assert_int_equal(pin_cpus(&m, "3"), 3);
    assert_int_equal(pin_cpus(&m, "03,3-3"), 3);
    assert_int_equal(pin_cpus(&m, "3,1-2"), 1);
    assert_int_equal(pin_cpus(&m, "3,1-2"), 2);
    assert_int_equal(pin_cpus(&m, "0-3"), 0);
    machine_fini(&m);
}

static void
test_bad_wants(void **state)
{
    struct machine m;

    (void)state;
    machine_init(&m, "numa:1 core:2 pu:1");
    assert_int_equal(
        pin(&m, &(struct weir_place_want){ .intent = (enum weir_place_intent)(
                                               WEIR_PLACE_PEER + 1) }),
        -EINVAL);
    assert_int_equal(
        pin_near(&m, 0, (enum weir_distance)(WEIR_AT_OTHER_NODE + 1)), -EINVAL);
    assert_int_equal(pin_near(&m, 0, (enum weir_distance) - 1), -EINVAL);
    machine_fini(&m);
}

static void
test_names(void **state)
{
    struct weir_place p = { 0 };

    (void)state;
    assert_string_equal(weir_distance_name(WEIR_AT_SAME_CPU), "same_cpu");
    assert_string_equal(weir_distance_name(WEIR_AT_SMT), "smt");
    assert_string_equal(weir_distance_name(WEIR_AT_SAME_L3), "same_l3");
    assert_string_equal(weir_distance_name(WEIR_AT_OTHER_L3), "other_l3");
    assert_string_equal(weir_distance_name(WEIR_AT_OTHER_NODE), "other_node");
    assert_string_equal(weir_distance_name(-EINVAL), "unknown");
    assert_int_equal(weir_place_distance(NULL, &p), -EINVAL);
    assert_int_equal(weir_place_distance(&p, NULL), -EINVAL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spreads_over_cores_first),
        cmocka_unit_test(test_own_core),
        cmocka_unit_test(test_own_core_with_an_intent),
        cmocka_unit_test(test_node),
        cmocka_unit_test(test_every_distance),
        cmocka_unit_test(test_distances_are_exact),
        cmocka_unit_test(test_one_cpu),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_bad_wants),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
