/* SPDX-License-Identifier: MPL-2.0 */
/* The pins of the process's threads, and binding them. One lock guards the
 * counts; what a thread had before is its own, and its end takes its pin back.
 */
#include <weir/placement.h>

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#include "alloc/topology.h"
#include "core/place.h"

/* No CPU: the thread is not pinned. */
#define NOWHERE UINT_MAX

/* What a thread that was ever pinned keeps until it ends. */
struct pin {
    unsigned index; /* in the topology's CPUs, or NOWHERE */
    struct wr_affinity before;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Set once, under the lock; constant after. */
static const struct wr_topology *topology;
static pthread_key_t pin_key;

/* Under the lock: how many threads are pinned to each CPU. */
static unsigned *pins;

static void
thread_ends(void *arg)
{
    struct pin *pin = arg;

    (void)pthread_mutex_lock(&lock);
    if (pin->index != NOWHERE)
        pins[pin->index]--;
    (void)pthread_mutex_unlock(&lock);
    free(pin);
}

static int
setup(void)
{
    const struct wr_topology *t;
    unsigned *counts;
    int rc;

    if (topology)
        return 0;
    rc = wr_topology_get(&t);
    if (rc)
        return rc;
    counts = calloc(t->cpus, sizeof(*counts));
    if (!counts)
        return -ENOMEM;
    rc = -pthread_key_create(&pin_key, thread_ends);
    if (rc) {
        free(counts);
        return rc;
    }
    pins = counts;
    topology = t;
    return 0;
}

/* The caller's record, made when it has none. NULL: no memory. */
static struct pin *
pin_of_caller(void)
{
    struct pin *pin = pthread_getspecific(pin_key);

    if (pin)
        return pin;
    pin = malloc(sizeof(*pin));
    if (!pin)
        return NULL;
    pin->index = NOWHERE;
    if (pthread_setspecific(pin_key, pin)) {
        free(pin);
        return NULL;
    }
    return pin;
}

static int
bind_to(struct pin *pin, unsigned index)
{
    struct wr_affinity one;
    int rc = 0;

    if (!topology->this_machine)
        return 0;
    if (pin->index == NOWHERE)
        rc = wr_affinity_get(0, &pin->before);
    if (rc)
        return rc;
    wr_affinity_one(&one, topology->cpu[index].number);
    rc = wr_affinity_set(&one);
    return rc == -EINVAL ? -ENODEV : rc; /* the CPU has been taken away */
}

static int
pin_caller(const struct weir_place_want *want, struct weir_place *got)
{
    struct pin *pin = pin_of_caller();
    unsigned index = 0;
    int rc;

    if (!pin)
        return -ENOMEM;
    if (pin->index != NOWHERE)
        pins[pin->index]--; /* only others count */
    rc = wr_place_choose(topology, want, pins, &index);
    if (!rc)
        rc = bind_to(pin, index);
    if (!rc)
        pin->index = index;
    if (pin->index != NOWHERE)
        pins[pin->index]++;
    if (!rc && got)
        *got = wr_place_of(&topology->cpu[index]);
    return rc;
}

int
weir_place_pin(const struct weir_place_want *want, struct weir_place *got)
{
    int saved = errno, rc;

    if (!want)
        return -EINVAL;
    (void)pthread_mutex_lock(&lock);
    rc = setup();
    if (!rc)
        rc = pin_caller(want, got);
    (void)pthread_mutex_unlock(&lock);
    errno = saved;
    return rc;
}

static int
unpin_caller(void)
{
    struct pin *pin = topology ? pthread_getspecific(pin_key) : NULL;
    int rc = 0;

    if (!pin || pin->index == NOWHERE)
        return 0;
    if (topology->this_machine)
        rc = wr_affinity_set(&pin->before);
    if (rc)
        return rc;
    pins[pin->index]--;
    pin->index = NOWHERE;
    return 0;
}

int
weir_place_unpin(void)
{
    int rc;

    (void)pthread_mutex_lock(&lock);
    rc = unpin_caller();
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

/* The CPU that the caller runs on, or is said to, when the machine is another.
 * NULL: none of the process's. */
static const struct wr_cpu *
cpu_of_caller(void)
{
    const struct pin *pin;
    int number;

    if (topology->this_machine) {
        number = sched_getcpu();
        return number < 0 ? NULL : wr_topology_cpu(topology, (unsigned)number);
    }
    pin = pthread_getspecific(pin_key);
    return pin && pin->index != NOWHERE ? &topology->cpu[pin->index] : NULL;
}

int
weir_place_current(struct weir_place *here)
{
    const struct wr_cpu *cpu = NULL;
    int saved = errno, rc;

    if (!here)
        return -EINVAL;
    (void)pthread_mutex_lock(&lock);
    rc = setup();
    if (!rc)
        cpu = cpu_of_caller();
    (void)pthread_mutex_unlock(&lock);
    errno = saved;
    if (cpu)
        *here = wr_place_of(cpu);
    return rc || cpu ? rc : -ENODEV;
}
