/* SPDX-License-Identifier: MPL-2.0 */
/* moodycamel's ReaderWriterQueue: one item a call. With blocks this large it is
 * a single one, an array of 2^n that holds 2^n - 1 items, and never grows. */
#ifndef WEIR_BENCH_RIVALS_READERWRITERQUEUE_H
#define WEIR_BENCH_RIVALS_READERWRITERQUEUE_H

#include "bench/rivals/rival.h"

WR_RIVAL(readerwriterqueue, WEIR_VERSION_READERWRITERQUEUE, "spsc",
         "readerwriterqueue",
         "two indices, each side with a copy of the other's that it renews "
         "when it must",
         "moodycamel::ReaderWriterQueue", "wait-free", WR_ORDER_ALL,
         WR_RIVAL_EMPTY, 2)

#if WEIR_HAVE_READERWRITERQUEUE
#include <readerwriterqueue/readerwriterqueue.h>

#include "bench/rivals/cxx_rival.h"

namespace rival
{

template <class Item> struct reader_writer_queue_calls {
    using type = moodycamel::ReaderWriterQueue<Item, size_t(1) << 40>;

    /* One place stays empty. */
    struct queue : type {
        explicit queue(uint64_t capacity) : type(capacity - 1)
        {
        }
    };

    static bool
    push(queue &q, const Item &item)
    {
        return q.try_enqueue(item);
    }

    static bool
    pop(queue &q, Item &item)
    {
        return q.try_dequeue(item);
    }
};

template <class Item>
using reader_writer_queue = one_by_one<Item, reader_writer_queue_calls<Item>>;

} // namespace rival

WR_CXX_RIVAL(readerwriterqueue, rival::reader_writer_queue)
#endif

#endif
