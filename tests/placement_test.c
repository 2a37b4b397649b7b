/* SPDX-License-Identifier: MPL-2.0 */
/* Pinning on this machine. A process loads its machine once, so every test is
 * a process: the parent never calls weir. */
#include <weir/placement.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MAX_PLACES 1024

#define CHECK(cond)                                                    \
    do {                                                               \
        if (!(cond)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
            _exit(1);                                                  \
        }                                                              \
    } while (0)

static const struct weir_place_want any = { .intent = WEIR_PLACE_ANY };
static const struct weir_place_want own = { .own_core = true };

static void
in_process(void (*body)(void))
{
    int status;
    pid_t pid;

    (void)fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        errno = 77;
        body();
        exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static size_t
all_places(struct weir_place places[MAX_PLACES])
{
    ssize_t n = weir_machine_places(places, MAX_PLACES);

    CHECK(n > 0 && n <= MAX_PLACES);
    return (size_t)n;
}

static bool
same_place(const struct weir_place *a, const struct weir_place *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static struct weir_place_want
on_cpu(char list[16], unsigned cpu)
{
    (void)snprintf(list, 16, "%u", cpu);
    return (struct weir_place_want){ .intent = WEIR_PLACE_CPUS, .cpus = list };
}

static void
check_runs_on(unsigned cpu)
{
    cpu_set_t set;

    CHECK(sched_getcpu() == (int)cpu);
    CHECK(sched_getaffinity(0, sizeof(set), &set) == 0);
    CHECK(CPU_COUNT(&set) == 1 && CPU_ISSET(cpu, &set));
}

static void
pins_to_every_cpu(void)
{
    struct weir_place places[MAX_PLACES], got, here;
    size_t n = all_places(places);
    cpu_set_t before, after;

    CHECK(sched_getaffinity(0, sizeof(before), &before) == 0);
    CHECK(n == (size_t)CPU_COUNT(&before));
    for (size_t i = 0; i < n; i++) {
        char list[16];
        struct weir_place_want want = on_cpu(list, places[i].cpu);

        CHECK(weir_place_pin(&want, &got) == 0);
        CHECK(same_place(&got, &places[i]));
        check_runs_on(got.cpu);
        CHECK(weir_place_current(&here) == 0 && same_place(&here, &got));
    }
    CHECK(weir_place_unpin() == 0);
    CHECK(weir_place_unpin() == 0);
    CHECK(sched_getaffinity(0, sizeof(after), &after) == 0);
    CHECK(CPU_EQUAL(&before, &after));
    CHECK(weir_place_current(&here) == 0);
    CHECK(errno == 77);
}

static void
errors_change_nothing(void)
{
    struct weir_place_want bad = { .intent = WEIR_PLACE_CPUS, .cpus = "0-" };
    struct weir_place got, here, untouched;

    CHECK(weir_place_pin(NULL, &got) == -EINVAL);
    CHECK(weir_place_current(NULL) == -EINVAL);
    CHECK(weir_machine_places(NULL, 1) == -EINVAL);
    CHECK(weir_machine_describe(NULL, 1) == -EINVAL);
    CHECK(weir_place_pin(&any, NULL) == 0);
    CHECK(weir_place_pin(&any, &got) == 0);
    memset(&untouched, 0xa5, sizeof(untouched));
    here = untouched;
    CHECK(weir_place_pin(&bad, &here) == -EINVAL);
    bad.cpus = "8191";
    CHECK(weir_place_pin(&bad, &here) == -ENODEV);
    bad = (struct weir_place_want){ .intent = WEIR_PLACE_NODE, .node = 4096 };
    CHECK(weir_place_pin(&bad, &here) == -ENODEV);
    CHECK(same_place(&here, &untouched));
    check_runs_on(got.cpu);
    CHECK(errno == 77);
}

/* Threads that take a core of their own, and leave when told. */
struct crowd {
    pthread_barrier_t placed, leave;
    struct weir_place places[MAX_PLACES];
    size_t n;
};

static struct crowd crowd;

static void *
take_own_core(void *arg)
{
    struct weir_place *got = arg;

    CHECK(weir_place_pin(&own, got) == 0);
    check_runs_on(got->cpu);
    (void)pthread_barrier_wait(&crowd.placed);
    (void)pthread_barrier_wait(&crowd.leave);
    return NULL;
}

static void
own_cores_are_handed_back(void)
{
    struct weir_place all[MAX_PLACES], got;
    pthread_t threads[MAX_PLACES];
    size_t places = all_places(all);

    crowd.n = all[places - 1].core + 1;
    for (int round = 0; round < 3; round++) {
        pthread_barrier_init(&crowd.placed, NULL, (unsigned)crowd.n + 1);
        pthread_barrier_init(&crowd.leave, NULL, (unsigned)crowd.n + 1);
        for (size_t i = 0; i < crowd.n; i++)
            CHECK(pthread_create(&threads[i], NULL, take_own_core,
                                 &crowd.places[i]) == 0);
        (void)pthread_barrier_wait(&crowd.placed);
        for (size_t i = 0; i < crowd.n; i++)
            for (size_t j = 0; j < i; j++)
                CHECK(crowd.places[i].core != crowd.places[j].core);
        CHECK(weir_place_pin(&own, &got) == -EBUSY);
        (void)pthread_barrier_wait(&crowd.leave);
        for (size_t i = 0; i < crowd.n; i++)
            CHECK(pthread_join(threads[i], NULL) == 0);
        /* A thread's own pin is not in its way. */
        CHECK(weir_place_pin(&own, &got) == 0 && got.core == 0);
        CHECK(weir_place_pin(&own, &got) == 0 && got.core == 0);
        CHECK(weir_place_unpin() == 0);
        pthread_barrier_destroy(&crowd.placed);
        pthread_barrier_destroy(&crowd.leave);
    }
}

/* Every distance that this machine has can be had, and no other. */
static void
distances_from_a_peer(void)
{
    struct weir_place all[MAX_PLACES], got;
    size_t n = all_places(all);

    for (int d = WEIR_AT_SAME_CPU; d <= WEIR_AT_OTHER_NODE; d++) {
        struct weir_place_want want = { .intent = WEIR_PLACE_PEER,
                                        .peer = all[n - 1],
                                        .distance = (enum weir_distance)d };
        bool there = false;
        int rc = weir_place_pin(&want, &got);

        for (size_t i = 0; i < n; i++)
            there |= weir_place_distance(&all[i], &all[n - 1]) == d;
        CHECK(rc == (there ? 0 : -ENODEV));
        if (rc)
            continue;
        CHECK(weir_place_distance(&got, &want.peer) == d);
        check_runs_on(got.cpu);
    }
}

static void
narrow_to_first_cpu(void)
{
    cpu_set_t set;
    size_t cpu = 0;

    CHECK(sched_getaffinity(0, sizeof(set), &set) == 0);
    while (!CPU_ISSET(cpu, &set))
        cpu++;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    CHECK(sched_setaffinity(0, sizeof(set), &set) == 0);
}

static void *
pin_where_all_is_taken(void *arg)
{
    struct weir_place_want near = { .intent = WEIR_PLACE_PEER,
                                    .peer = *(struct weir_place *)arg };
    struct weir_place got;

    CHECK(weir_place_pin(&own, &got) == -EBUSY);
    for (int d = WEIR_AT_SMT; d <= WEIR_AT_OTHER_NODE; d++) {
        near.distance = (enum weir_distance)d;
        CHECK(weir_place_pin(&near, &got) == -ENODEV);
    }
    CHECK(weir_place_pin(&any, &got) == 0);
    CHECK(same_place(&got, arg));
    return NULL;
}

static void
one_cpu(void)
{
    struct weir_place place, got;
    pthread_t thread;

    narrow_to_first_cpu();
    CHECK(weir_machine_places(&place, 1) == 1);
    CHECK(place.core == 0 && place.l3 == 0);
    CHECK(weir_place_pin(&own, &got) == 0 && same_place(&got, &place));
    CHECK(pthread_create(&thread, NULL, pin_where_all_is_taken, &got) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(weir_place_unpin() == 0);
    check_runs_on(place.cpu);
}

/* A machine that is not this one: chosen and counted, but nothing is bound. */
static void
foreign_machine(void)
{
    struct weir_place places[MAX_PLACES] = { { 0 } }, got, here;
    struct weir_place_want far = { .intent = WEIR_PLACE_PEER,
                                   .distance = WEIR_AT_OTHER_NODE };
    cpu_set_t before, after;

    CHECK(setenv("HWLOC_SYNTHETIC", "pack:2 numa:2 l3:2 core:4 pu:2", 1) == 0);
    CHECK(sched_getaffinity(0, sizeof(before), &before) == 0);
    CHECK(weir_machine_places(NULL, 0) == 64);
    CHECK(weir_machine_places(places, 63) == 64);
    CHECK(places[62].cpu == 62 && places[63].cpu == 0);
    far.peer = places[62];
    CHECK(weir_place_current(&here) == -ENODEV);
    CHECK(weir_place_pin(&own, &got) == 0 && got.cpu == 0);
    CHECK(weir_place_pin(&far, &got) == 0);
    CHECK(weir_place_distance(&got, &far.peer) == WEIR_AT_OTHER_NODE);
    CHECK(weir_place_current(&here) == 0 && same_place(&here, &got));
    CHECK(sched_getaffinity(0, sizeof(after), &after) == 0);
    CHECK(CPU_EQUAL(&before, &after));
    CHECK(weir_place_unpin() == 0);
    CHECK(weir_place_current(&here) == -ENODEV);
}

static void
describes(void)
{
    static const char expected[] =
        "unknown CPU, 1 package, 2 nodes, 4 L3, 4 cores, 8 threads"
        " (not this machine)";
    const ssize_t length = (ssize_t)strlen(expected);
    char line[200], cut[8];

    CHECK(setenv("HWLOC_SYNTHETIC", "pack:1 numa:2 l3:2 core:1 pu:2", 1) == 0);
    CHECK(weir_machine_describe(line, sizeof(line)) == length);
    CHECK(strcmp(line, expected) == 0);
    CHECK(weir_machine_describe(NULL, 0) == length);
    CHECK(weir_machine_describe(cut, sizeof(cut)) == length);
    CHECK(strcmp(cut, "unknown") == 0);
}

static void
describes_a_part(void)
{
    char line[300];

    narrow_to_first_cpu();
    CHECK(weir_machine_describe(line, sizeof(line)) > 0);
    CHECK(strstr(line, ", 1 node, ") && strstr(line, ", 1 core, 1 thread"));
}

#define TEST(name)                        \
    static void test_##name(void **state) \
    {                                     \
        (void)state;                      \
        in_process(name);                 \
    }

TEST(pins_to_every_cpu)
TEST(errors_change_nothing)
TEST(own_cores_are_handed_back)
TEST(distances_from_a_peer)
TEST(one_cpu)
TEST(foreign_machine)
TEST(describes)
TEST(describes_a_part)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pins_to_every_cpu),
        cmocka_unit_test(test_errors_change_nothing),
        cmocka_unit_test(test_own_cores_are_handed_back),
        cmocka_unit_test(test_distances_from_a_peer),
        cmocka_unit_test(test_one_cpu),
        cmocka_unit_test(test_foreign_machine),
        cmocka_unit_test(test_describes),
        cmocka_unit_test(test_describes_a_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
