/* SPDX-License-Identifier: MPL-2.0 */
/* Boost.Lockfree: spsc_queue, with its calls for many items, and queue, whose
 * nodes are all allocated beforehand (bounded_push), one item a call. */
#ifndef WEIR_BENCH_RIVALS_BOOST_LOCKFREE_H
#define WEIR_BENCH_RIVALS_BOOST_LOCKFREE_H

#include "bench/rivals/rival.h"

WR_RIVAL(boost_spsc, WEIR_VERSION_BOOST, "spsc", "boost_spsc",
         "two indices in an array, each read by the other side at every call",
         "Boost.Lockfree", "wait-free", WR_ORDER_ALL,
         WR_RIVAL_EMPTY | WR_RIVAL_FULL, 1)
WR_RIVAL(boost_queue, WEIR_VERSION_BOOST, "mpmc", "boost_queue",
         "a linked list of nodes from a free list", "Boost.Lockfree",
         "lock-free", WR_ORDER_ALL, WR_RIVAL_EMPTY, 1)

#if WEIR_HAVE_BOOST
#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>

#include "bench/rivals/cxx_rival.h"

namespace rival
{

template <class Item> class boost_spsc
{
    boost::lockfree::spsc_queue<Item> q;

  public:
    explicit boost_spsc(const wr_shape &shape) : q(shape.capacity)
    {
    }

    hot_member uint64_t
    push(uint32_t, uint64_t n, wr_fill *fill, void *arg)
    {
        return push_copies<Item, UINT64_MAX>(
            n, fill, arg,
            [this](Item *items, uint64_t some) { return q.push(items, some); });
    }

    hot_member uint64_t
    pop(uint32_t, uint64_t n, wr_use *use, void *arg)
    {
        return pop_copies<Item, UINT64_MAX>(
            n, use, arg,
            [this](Item *items, uint64_t some) { return q.pop(items, some); });
    }
};

template <class Item> struct boost_queue_calls {
    using queue = boost::lockfree::queue<Item>;

    static bool
    push(queue &q, const Item &item)
    {
        return q.bounded_push(item);
    }

    static bool
    pop(queue &q, Item &item)
    {
        return q.pop(item);
    }
};

template <class Item>
using boost_queue = one_by_one<Item, boost_queue_calls<Item>>;

} // namespace rival

WR_CXX_RIVAL(boost_spsc, rival::boost_spsc)
WR_CXX_RIVAL(boost_queue, rival::boost_queue)
#endif

#endif
