/* SPDX-License-Identifier: MPL-2.0 */
/* xenium: vyukov_bounded_queue, in its lock-free calls, and ramalhete_queue,
 * which grows in arrays of 512 and frees them with epochs. One item a call.
 *
 * The latter is for pointers: here to nodes, which come home to the writer that
 * they belong to. A queue has capacity / writers of them for each writer, and
 * is full for one that has none left. */
#ifndef WEIR_BENCH_RIVALS_XENIUM_H
#define WEIR_BENCH_RIVALS_XENIUM_H

#include "bench/rivals/rival.h"

WR_RIVAL(xenium_vyukov, WEIR_VERSION_XENIUM, "mpmc", "xenium_vyukov",
         "a sequence number beside each item", "xenium, after Vyukov",
         "lock-free", WR_ORDER_ALL, 0, 2)
WR_RIVAL(xenium_ramalhete, WEIR_VERSION_XENIUM, "mpmc", "xenium_ramalhete",
         "fetch-and-add into a list of arrays of pointers",
         "xenium, after Ramalhete and Correia 2016", "lock-free", WR_ORDER_ALL,
         WR_RIVAL_EMPTY, 1)

#if WEIR_HAVE_XENIUM
#include <array>
#include <atomic>
#include <vector>

#include <xenium/ramalhete_queue.hpp>
#include <xenium/reclamation/generic_epoch_based.hpp>
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

template <class Item> class xenium_ramalhete
{
    struct home;

    struct node {
        node *next; /* in a list of its home */
        home *owner;
        Item item;
    };

    struct alignas(WR_GROUP) home {
        node *nodes = nullptr; /* the writer's own */
        alignas(WR_GROUP) std::atomic<node *> come = nullptr; /* of readers */
    };

    using queue = xenium::ramalhete_queue<
        node *, xenium::policy::reclaimer<xenium::reclamation::epoch_based<>>>;

    queue q;
    std::vector<home> homes;
    std::vector<node> nodes;

    static void
    give_back(node *n)
    {
        std::atomic<node *> &come = n->owner->come;

        n->next = come.load(std::memory_order_relaxed);
        while (!come.compare_exchange_weak(
            n->next, n, std::memory_order_release, std::memory_order_relaxed))
            ;
    }

    static node *
    take(home &h)
    {
        node *n = h.nodes;

        if (n == nullptr)
            n = h.come.exchange(nullptr, std::memory_order_acquire);
        if (n != nullptr)
            h.nodes = n->next;
        return n;
    }

  public:
    explicit xenium_ramalhete(const wr_shape &shape)
        : homes(shape.writers), nodes((shape.capacity + shape.writers - 1) /
                                      shape.writers * shape.writers)
    {
        for (size_t i = 0; i < nodes.size(); i++) {
            home &h = homes[i % shape.writers];

            nodes[i].owner = &h;
            nodes[i].next = h.nodes;
            h.nodes = &nodes[i];
        }
    }

    hot_member uint64_t
    push(uint32_t writer, uint64_t n, wr_fill *fill, void *arg)
    {
        uint64_t i = 0;
        node *at;

        for (; i < n && (at = take(homes[writer])) != nullptr; i++) {
            fill(arg, &at->item, i, 1);
            q.push(at);
        }
        return i;
    }

    hot_member uint64_t
    pop(uint32_t, uint64_t n, wr_use *use, void *arg)
    {
        uint64_t i = 0;
        node *at;

        for (; i < n && q.try_pop(at); i++) {
            use(arg, &at->item, 1);
            give_back(at);
        }
        return i;
    }
};

} // namespace rival

WR_CXX_RIVAL(xenium_vyukov, rival::xenium_vyukov)
WR_CXX_RIVAL(xenium_ramalhete, rival::xenium_ramalhete)
#endif

#endif
