/* SPDX-License-Identifier: MPL-2.0 */
#include "bench/lab/item.h"

#include <stdio.h>

void
item_check_init(struct item_check *c, bool gaps, bool any_order)
{
    *c = (struct item_check){ .gaps = gaps, .any_order = any_order };
    for (uint32_t i = 0; i < ITEM_WRITERS_MAX; i++)
        c->next[i] = item_first_tag(i);
}

/* Where the run's writer is now. */
static uint64_t *
next_of(struct item_check *c, uint64_t tag)
{
    return &c->next[(tag >> ITEM_WRITER_SHIFT) % ITEM_WRITERS_MAX];
}

void
item_check_settle(struct item_check *c)
{
    uint64_t n = c->due - c->run_first;

    c->taken += n;
    c->sum += n * c->run_first + n * (n - 1) / 2;
    if (n > 0)
        *next_of(c, c->run_first) = c->due;
    c->run_first = c->due;
}

static void
reject(struct item_check *c, const char *why, uint64_t tag, uint64_t due)
{
    if (c->wrong[0] == '\0')
        (void)snprintf(c->wrong, sizeof(c->wrong),
                       "%s: tag %#jx came where %#jx was due", why,
                       (uintmax_t)tag, (uintmax_t)due);
}

static void
take_one(struct item_check *c, const void *at, size_t size)
{
    uint64_t tag, due;

    memcpy(&tag, at, sizeof(tag));
    if (tag != c->due) {
        item_check_settle(c);
        due = *next_of(c, tag);
        if (!c->any_order &&
            (tag < due || tag - due > ITEM_NUMBER || (!c->gaps && tag != due)))
            reject(c, "an item is lost, doubled or out of order", tag, due);
        c->run_first = tag;
    }
    if (item_differs(at, size, tag) != 0)
        reject(c, "an item is not whole", tag, tag);
    c->due = tag + 1;
}

void
item_check_each(struct item_check *c, const void *at, size_t size, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        take_one(c, (const char *)at + i * size, size);
}
