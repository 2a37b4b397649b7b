/* SPDX-License-Identifier: MPL-2.0 */
/* moodycamel's ConcurrentQueue, with tokens and its calls for many items: a
 * chain of blocks for each writer, which readers look at in turn.
 *
 * A writer keeps the blocks that it once had, and could have all of those that
 * were made beforehand. So each gets its share at the start, by filling it:
 * from then on nothing is allocated. A share is capacity / writers items and at
 * least two blocks, for a block is used again when it has been read to its end.
 */
#ifndef WEIR_BENCH_RIVALS_CONCURRENTQUEUE_H
#define WEIR_BENCH_RIVALS_CONCURRENTQUEUE_H

#include "bench/rivals/rival.h"

#define WR_CONCURRENTQUEUE(KIND)                                             \
    WR_RIVAL(concurrentqueue_##KIND, WEIR_VERSION_CONCURRENTQUEUE, #KIND,    \
             "concurrentqueue", "blocks of each writer, with tokens",        \
             "moodycamel::ConcurrentQueue", "lock-free", WR_ORDER_WRITER, 0, \
             64)

WR_CONCURRENTQUEUE(spsc)
WR_CONCURRENTQUEUE(mpsc)
WR_CONCURRENTQUEUE(spmc)
WR_CONCURRENTQUEUE(mpmc)

#if WEIR_HAVE_CONCURRENTQUEUE
#include <concurrentqueue/concurrentqueue.h>
#include <vector>

#include "bench/rivals/cxx_rival.h"

namespace rival
{

template <class Item> class concurrent_queue
{
    using type = moodycamel::ConcurrentQueue<Item>;

    static constexpr uint64_t block = type::BLOCK_SIZE;

    template <class Token> struct alignas(WR_GROUP) padded {
        Token token;

        explicit padded(type &q) : token(q)
        {
        }
    };

    type q;
    std::vector<padded<moodycamel::ProducerToken>> writers;
    std::vector<padded<moodycamel::ConsumerToken>> readers;

    static uint64_t
    share(const wr_shape &shape)
    {
        return std::max(2 * block, shape.capacity / shape.writers);
    }

  public:
    explicit concurrent_queue(const wr_shape &shape)
        : q(share(shape) * shape.writers)
    {
        Item items[block] = {};

        writers.reserve(shape.writers);
        readers.reserve(shape.readers);
        for (uint32_t i = 0; i < shape.writers; i++)
            writers.emplace_back(q);
        for (uint32_t i = 0; i < shape.readers; i++)
            readers.emplace_back(q);
        for (auto &w : writers)
            for (uint64_t n = 0; n + block <= share(shape); n += block)
                if (!q.enqueue_bulk(w.token, items, block))
                    throw std::bad_alloc();
        while (q.try_dequeue_bulk(readers[0].token, items, block) > 0)
            ;
    }

    /* The library takes all that it is given, or nothing. */
    hot_member uint64_t
    push(uint32_t writer, uint64_t n, wr_fill *fill, void *arg)
    {
        return push_copies<Item, UINT64_MAX>(
            n, fill, arg, [&](Item *items, uint64_t some) {
                while (some > 0 &&
                       !q.try_enqueue_bulk(writers[writer].token, items, some))
                    some /= 2;
                return some;
            });
    }

    hot_member uint64_t
    pop(uint32_t reader, uint64_t n, wr_use *use, void *arg)
    {
        return pop_copies<Item, UINT64_MAX>(
            n, use, arg, [&](Item *items, uint64_t some) {
                return q.try_dequeue_bulk(readers[reader].token, items, some);
            });
    }
};

} // namespace rival

WR_CXX_RIVAL(concurrentqueue_spsc, rival::concurrent_queue)
WR_CXX_RIVAL(concurrentqueue_mpsc, rival::concurrent_queue)
WR_CXX_RIVAL(concurrentqueue_spmc, rival::concurrent_queue)
WR_CXX_RIVAL(concurrentqueue_mpmc, rival::concurrent_queue)
#endif

#endif
