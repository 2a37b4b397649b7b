/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/core/history.h"

#include <stdlib.h>
#include <string.h>

#define COMPARE(name, type, field)                \
    static int name(const void *a, const void *b) \
    {                                             \
        int64_t x = ((const type *)a)->field;     \
        int64_t y = ((const type *)b)->field;     \
                                                  \
        return (x > y) - (x < y);                 \
    }

COMPARE(by_push_begin, struct history_item, push_begin)
COMPARE(by_push_end, struct history_item, push_end)
COMPARE(by_failure_begin, struct history_failure, begin)

static int
by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void *
room_for(size_t n, size_t size)
{
    void *room = malloc((n + 1) * size);

    if (room == NULL)
        abort();
    return room;
}

/* Walks the items by the begin of their push, beside those whose push had
 * ended by then: the latest pop of these must not begin after this one's. */
const char *
history_check_order(struct history_item *items, size_t n)
{
    struct history_item *ended = room_for(n, sizeof(*items));
    const char *wrong = NULL;
    int64_t latest = INT64_MIN;
    size_t e = 0;

    memcpy(ended, items, n * sizeof(*items));
    qsort(items, n, sizeof(*items), by_push_begin);
    qsort(ended, n, sizeof(*ended), by_push_end);
    for (size_t i = 0; i < n && wrong == NULL; i++) {
        for (; e < n && ended[e].push_end < items[i].push_begin; e++)
            if (ended[e].pop_begin > latest)
                latest = ended[e].pop_begin;
        if (items[i].pop_end < items[i].push_begin)
            wrong = "an item is read before it is written";
        else if (items[i].pop_end < latest)
            wrong = "an item is read before one that was written earlier";
    }
    free(ended);
    return wrong;
}

const char *
history_check_empty(struct history_item *items, size_t n,
                    struct history_failure *pops, size_t failures)
{
    int64_t latest = INT64_MIN;
    size_t e = 0;

    qsort(items, n, sizeof(*items), by_push_end);
    qsort(pops, failures, sizeof(*pops), by_failure_begin);
    for (size_t i = 0; i < failures; i++) {
        for (; e < n && items[e].push_end < pops[i].begin; e++)
            if (items[e].pop_begin > latest)
                latest = items[e].pop_begin;
        if (latest > pops[i].end)
            return "a pop found nothing while there was an item";
    }
    return NULL;
}

/* How many of the times, which are sorted, lie before t. */
static size_t
count_before(const int64_t *times, size_t n, int64_t t)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (times[middle] < t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const char *
history_check_full(struct history_item *items, size_t n,
                   struct history_failure *pushes, size_t failures,
                   uint64_t capacity)
{
    int64_t *begins = room_for(n, sizeof(*begins));
    int64_t *ends = room_for(n, sizeof(*ends));
    const char *wrong = NULL;

    for (size_t i = 0; i < n; i++) {
        begins[i] = items[i].push_begin;
        ends[i] = items[i].pop_end;
    }
    qsort(begins, n, sizeof(*begins), by_time);
    qsort(ends, n, sizeof(*ends), by_time);
    for (size_t i = 0; i < failures && wrong == NULL; i++) {
        /* At most so many were in it at any moment of the call: all that may
         * have come by its end, but those that were gone before it. */
        size_t came = count_before(begins, n, pushes[i].end + 1);
        size_t gone = count_before(ends, n, pushes[i].begin);

        if (came - gone < capacity)
            wrong = "a push found no room while there was some";
    }
    free(begins);
    free(ends);
    return wrong;
}
