/* SPDX-License-Identifier: MPL-2.0 */
/* libcds: WeakRingBuffer, with its calls for many items, and
 * VyukovMPMCCycleQueue, one item a call. Both take copies: their calls in place
 * take a functor, and were not inlined around it. */
#ifndef WEIR_BENCH_RIVALS_CDS_H
#define WEIR_BENCH_RIVALS_CDS_H

#include "bench/rivals/rival.h"

WR_RIVAL(cds_weak_ring, WEIR_VERSION_CDS, "spsc", "cds_weak_ring",
         "two indices, each side with a copy of the other's that it renews "
         "when it must",
         "libcds, after Le et al. 2013", "wait-free", WR_ORDER_ALL,
         WR_RIVAL_EMPTY | WR_RIVAL_FULL, 2)
WR_RIVAL(cds_vyukov, WEIR_VERSION_CDS, "mpmc", "cds_vyukov",
         "a sequence number beside each item", "libcds, after Vyukov",
         "waits for the item that another thread has begun", WR_ORDER_ALL,
         WR_RIVAL_EMPTY, 2)

#if WEIR_HAVE_CDS
#include <cds/container/vyukov_mpmc_cycle_queue.h>
#include <cds/container/weak_ringbuffer.h>

#include "bench/rivals/cxx_rival.h"

namespace rival
{

template <class Item> class cds_weak_ring
{
    cds::container::WeakRingBuffer<Item> q;

  public:
    explicit cds_weak_ring(const wr_shape &shape) : q(shape.capacity)
    {
    }

    /* The library takes all that it is given, or nothing; when it failed, size
     * is what it has just seen. */
    hot_member uint64_t
    push(uint32_t, uint64_t n, wr_fill *fill, void *arg)
    {
        return push_copies<Item, UINT64_MAX>(
            n, fill, arg, [this](Item *items, uint64_t some) {
                if (q.push(items, some))
                    return some;
                some = std::min(some, q.capacity() - q.size());
                return some > 0 && q.push(items, some) ? some : 0;
            });
    }

    hot_member uint64_t
    pop(uint32_t, uint64_t n, wr_use *use, void *arg)
    {
        return pop_copies<Item, UINT64_MAX>(
            n, use, arg, [this](Item *items, uint64_t some) {
                if (q.pop(items, some))
                    return some;
                some = std::min(some, q.size());
                return some > 0 && q.pop(items, some) ? some : 0;
            });
    }
};

template <class Item> struct cds_vyukov_calls {
    using queue = cds::container::VyukovMPMCCycleQueue<Item>;

    static bool
    push(queue &q, const Item &item)
    {
        return q.enqueue(item);
    }

    static bool
    pop(queue &q, Item &item)
    {
        return q.dequeue(item);
    }
};

template <class Item>
using cds_vyukov = one_by_one<Item, cds_vyukov_calls<Item>>;

} // namespace rival

WR_CXX_RIVAL(cds_weak_ring, rival::cds_weak_ring)
WR_CXX_RIVAL(cds_vyukov, rival::cds_vyukov)
#endif

#endif
