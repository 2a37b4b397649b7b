/* SPDX-License-Identifier: MPL-2.0 */
/* oneTBB's concurrent_bounded_queue: one item a call, in pages that it
 * allocates as it goes, and counts of sleepers to wake. */
#ifndef WEIR_BENCH_RIVALS_TBB_BOUNDED_H
#define WEIR_BENCH_RIVALS_TBB_BOUNDED_H

#include "bench/rivals/rival.h"

WR_RIVAL(tbb_bounded, WEIR_VERSION_TBB, "mpmc", "tbb_bounded",
         "tickets into eight lists of pages, allocated as it goes", "oneTBB",
         "waits for the items that earlier tickets are for", WR_ORDER_ALL, 0, 1)

#if WEIR_HAVE_TBB
#include <oneapi/tbb/concurrent_queue.h>

#include "bench/rivals/cxx_rival.h"

namespace rival
{

template <class Item> struct tbb_bounded_calls {
    struct queue : tbb::concurrent_bounded_queue<Item> {
        explicit queue(uint64_t capacity)
        {
            this->set_capacity(static_cast<ptrdiff_t>(capacity));
        }
    };

    static bool
    push(queue &q, const Item &item)
    {
        return q.try_push(item);
    }

    static bool
    pop(queue &q, Item &item)
    {
        return q.try_pop(item);
    }
};

template <class Item>
using tbb_bounded = one_by_one<Item, tbb_bounded_calls<Item>>;

/* Its pages, of 256 bytes of items and two words: an estimate, for they come
 * from an allocator of its own. */
template <class Item>
constexpr size_t unseen_per_item<tbb_bounded<Item>> = sizeof(Item) +
                                                      sizeof(Item) / 16;

} // namespace rival

WR_CXX_RIVAL(tbb_bounded, rival::tbb_bounded)
#endif

#endif
