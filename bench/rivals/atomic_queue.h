/* SPDX-License-Identifier: MPL-2.0 */
/* atomic_queue: an array of items and one of their states, in an order that
 * keeps neighbours on different lines. Its smallest array has 4096 items. One
 * item a call.
 *
 * With one thread on each side it is the optimist: who knows how much there is
 * takes so many without looking again. With more it would then wait for items
 * that may never come: they try. And a thread that stalls for a whole lap finds
 * that another one has used its place, whose state does not tell laps apart:
 * with more threads than CPUs items were read in another order than their
 * writer's. */
#ifndef WEIR_BENCH_RIVALS_ATOMIC_QUEUE_H
#define WEIR_BENCH_RIVALS_ATOMIC_QUEUE_H

#include "bench/rivals/rival.h"

WR_RIVAL(atomic_queue_spsc, WEIR_VERSION_ATOMIC_QUEUE, "spsc", "atomic_queue",
         "places are counted, items have states", "atomic_queue",
         "waits for the item that the other side has begun", WR_ORDER_ALL,
         WR_RIVAL_EMPTY | WR_RIVAL_FULL, 4096)
WR_RIVAL(atomic_queue_mpmc, WEIR_VERSION_ATOMIC_QUEUE, "mpmc", "atomic_queue",
         "places are taken with a compare-and-swap, items have states",
         "atomic_queue", "waits for the item that the other side has begun",
         WR_ORDER_NONE, WR_RIVAL_EMPTY, 4096)

#if WEIR_HAVE_ATOMIC_QUEUE
#include <atomic_queue/atomic_queue.h>

#include "bench/rivals/cxx_rival.h"

namespace rival
{

template <class Item, bool Spsc>
using atomic_queue_type =
    atomic_queue::AtomicQueueB2<Item, std::allocator<Item>, true, false, Spsc>;

template <class Item, bool Spsc>
struct atomic_queue_of : atomic_queue_type<Item, Spsc> {
    explicit atomic_queue_of(uint64_t capacity)
        : atomic_queue_type<Item, Spsc>(static_cast<unsigned>(capacity))
    {
    }
};

template <class Item> class atomic_queue_spsc
{
    atomic_queue_of<Item, true> q;

  public:
    explicit atomic_queue_spsc(const wr_shape &shape) : q(shape.capacity)
    {
    }

    hot_member uint64_t
    push(uint32_t, uint64_t n, wr_fill *fill, void *arg)
    {
        n = std::min<uint64_t>(n, q.capacity() - q.was_size());
        if (n == 0)
            return 0;
        return push_each<Item>(n, fill, arg, [this](const Item &item) {
            q.push(item);
            return true;
        });
    }

    hot_member uint64_t
    pop(uint32_t, uint64_t n, wr_use *use, void *arg)
    {
        n = std::min<uint64_t>(n, q.was_size());
        if (n == 0)
            return 0;
        return pop_each<Item>(n, use, arg, [this](Item &item) {
            item = q.pop();
            return true;
        });
    }
};

template <class Item> struct atomic_queue_mpmc_calls {
    using queue = atomic_queue_of<Item, false>;

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
using atomic_queue_mpmc = one_by_one<Item, atomic_queue_mpmc_calls<Item>>;

} // namespace rival

WR_CXX_RIVAL(atomic_queue_spsc, rival::atomic_queue_spsc)
WR_CXX_RIVAL(atomic_queue_mpmc, rival::atomic_queue_mpmc)
#endif

#endif
