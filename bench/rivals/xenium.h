/* SPDX-License-Identifier: MPL-2.0 */
/* xenium: vyukov_bounded_queue, in its lock-free calls. One item a call.
 *
 * Its ramalhete_queue is left out: of round trips with 16 items under way one
 * was lost within 10 seconds, each time, and the threads waited for it for ever
 * (0.0.2; what is popped from frees an array that tail may still point to). */
#ifndef WEIR_BENCH_RIVALS_XENIUM_H
#define WEIR_BENCH_RIVALS_XENIUM_H

#include "bench/rivals/rival.h"

WR_RIVAL(xenium_vyukov, WEIR_VERSION_XENIUM, "mpmc", "xenium_vyukov",
         "a sequence number beside each item", "xenium, after Vyukov",
         "lock-free", WR_ORDER_ALL, 0, 2)

#if WEIR_HAVE_XENIUM

#include <xenium/vyukov_bounded_queue.hpp>

#include "bench/rivals/cxx_rival.h"

namespace rival
{

template <class Item> struct xenium_vyukov_calls {
    using queue = xenium::vyukov_bounded_queue<Item>;

    static bool
    push(queue &q, const Item &item)
    {
        return q.try_push_weak(item);
    }

    static bool
    pop(queue &q, Item &item)
    {
        return q.try_pop_weak(item);
    }
};

template <class Item>
using xenium_vyukov = one_by_one<Item, xenium_vyukov_calls<Item>>;

} // namespace rival

WR_CXX_RIVAL(xenium_vyukov, rival::xenium_vyukov)
#endif

#endif
