/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/lab/memory.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/harness/placement.h"

struct touch {
    struct lab_memory memory;
    int distance;
    bool anchor;
};

static void *
touch(void *arg)
{
    const struct touch *t = arg;

    /* The row itself fails if this place cannot be had. */
    if (t->distance != PLACEMENT_NONE)
        (void)placement_pin(t->distance, t->anchor);
    return memset(t->memory.at, 0, t->memory.bytes);
}

struct lab_memory
lab_memory_new(size_t bytes, int distance, bool anchor)
{
    struct touch t = { { NULL, bytes }, distance, anchor };
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_t thread;

    if (at == MAP_FAILED)
        return t.memory;
    t.memory.at = at;
    if (pthread_create(&thread, NULL, touch, &t) == 0)
        (void)pthread_join(thread, NULL);
    return t.memory;
}

void
lab_memory_free(struct lab_memory memory)
{
    if (memory.at)
        (void)munmap(memory.at, memory.bytes);
}
