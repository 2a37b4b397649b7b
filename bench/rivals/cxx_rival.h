/* SPDX-License-Identifier: MPL-2.0 */
/* The contract's functions for rivals in C++: WR_CXX_RIVAL(NAME, LIBRARY) gives
 * those of NAME, given a class template LIBRARY<Item> with
 *
 *   explicit LIBRARY(const wr_shape &)
 *   uint64_t push(uint32_t writer, uint64_t n, wr_fill *, void *arg)
 *   uint64_t pop(uint32_t reader, uint64_t n, wr_use *, void *arg)
 *
 * An object of it is made in the queue's memory. What it allocates besides is
 * counted in NAME_bytes by making one and asking malloc, and lies elsewhere. */
#ifndef WEIR_BENCH_RIVALS_CXX_RIVAL_H
#define WEIR_BENCH_RIVALS_CXX_RIVAL_H

#include <algorithm>
#include <malloc.h>
#include <memory>
#include <new>

#include "bench/rivals/rival.h"

/* hot_inline for members. */
#define hot_member inline __attribute__((always_inline))

namespace rival
{

template <size_t Size> struct item {
    uint64_t words[Size / 8];
};

struct queue {
    size_t item_size;
    void *library; /* a LIBRARY<item<item_size>> */
};

/* What one thread knows. */
struct side {
    void *library;
    uint32_t number;
};

/* Gives up to n copies to the library: as many at once as may be gathered, and
 * at most Most. burst takes some from the front and says how many. */
template <class Item, uint64_t Most, class Burst>
hot_inline uint64_t
push_copies(uint64_t n, wr_fill *fill, void *arg, Burst burst)
{
    constexpr uint64_t most = wr_rival_chunk(sizeof(Item), Most);
    Item items[most];
    uint64_t done = 0, want, got;

    do {
        want = n - done < most ? n - done : most;
        fill(arg, items, done, want);
        got = burst(items, want);
        done += got;
    } while (got == want && done < n);
    return done;
}

template <class Item, uint64_t Most, class Burst>
hot_inline uint64_t
pop_copies(uint64_t n, wr_use *use, void *arg, Burst burst)
{
    constexpr uint64_t most = wr_rival_chunk(sizeof(Item), Most);
    Item items[most];
    uint64_t done = 0, want, got;

    do {
        want = n - done < most ? n - done : most;
        got = burst(items, want);
        if (got > 0)
            use(arg, items, got);
        done += got;
    } while (got == want && done < n);
    return done;
}

/* The same for calls that take, or give, one item at a time. */
template <class Item, class One>
hot_inline uint64_t
push_each(uint64_t n, wr_fill *fill, void *arg, One one)
{
    return push_copies<Item, 1>(
        n, fill, arg,
        [&](Item *item, uint64_t) -> uint64_t { return one(*item); });
}

template <class Item, class One>
hot_inline uint64_t
pop_each(uint64_t n, wr_use *use, void *arg, One one)
{
    return pop_copies<Item, 1>(
        n, use, arg,
        [&](Item *item, uint64_t) -> uint64_t { return one(*item); });
}

/* A LIBRARY that has nothing but such calls: Calls has its type, queue, which
 * is made of the capacity, and both calls, push and pop. */
template <class Item, class Calls> class one_by_one
{
    typename Calls::queue q;

  public:
    explicit one_by_one(const wr_shape &shape) : q(shape.capacity)
    {
    }

    hot_member uint64_t
    push(uint32_t, uint64_t n, wr_fill *fill, void *arg)
    {
        return push_each<Item>(n, fill, arg, [this](const Item &item) {
            return Calls::push(q, item);
        });
    }

    hot_member uint64_t
    pop(uint32_t, uint64_t n, wr_use *use, void *arg)
    {
        return pop_each<Item>(
            n, use, arg, [this](Item &item) { return Calls::pop(q, item); });
    }
};

/* How much malloc has given out. */
inline size_t
in_use()
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* What a library takes for each item of the capacity from elsewhere than
 * malloc, or later. */
template <class Library> constexpr size_t unseen_per_item = 0;

/* The memory of a queue, with what it allocates to begin with. */
template <class Library>
size_t
bytes_of(const wr_shape &shape)
{
    size_t before = in_use();
    auto made = std::make_unique<Library>(shape);
    size_t after = std::max(in_use(), before);

    return WR_GROUP + std::max(sizeof(Library), after - before) +
           unseen_per_item<Library> * shape.capacity;
}

/* A call of f<LIBRARY<Item>> for the shape's item. */
#define WR_CXX_SIZED(size, LIBRARY, f, ...)                    \
    ((size) == 8    ? f<LIBRARY<rival::item<8>>>(__VA_ARGS__)  \
     : (size) == 16 ? f<LIBRARY<rival::item<16>>>(__VA_ARGS__) \
                    : f<LIBRARY<rival::item<64>>>(__VA_ARGS__))

template <class Library>
queue *
make(void *memory, const wr_shape &shape)
{
    void *at = static_cast<char *>(memory) + WR_GROUP;

    static_assert(sizeof(queue) <= WR_GROUP && alignof(Library) <= WR_GROUP);
    return new (memory) queue{ shape.item_size, new (at) Library(shape) };
}

template <class Library>
void
unmake(void *library)
{
    static_cast<Library *>(library)->~Library();
}

template <class Library>
hot_inline uint64_t
push(side *s, uint64_t n, wr_fill *fill, void *arg)
{
    return static_cast<Library *>(s->library)->push(s->number, n, fill, arg);
}

template <class Library>
hot_inline uint64_t
pop(side *s, uint64_t n, wr_use *use, void *arg)
{
    return static_cast<Library *>(s->library)->pop(s->number, n, use, arg);
}

} // namespace rival

#define WR_CXX_RIVAL(NAME, LIBRARY)                                           \
    struct wr_##NAME : rival::queue {                                         \
    };                                                                        \
                                                                              \
    struct wr_##NAME##_writer : rival::side {                                 \
    };                                                                        \
                                                                              \
    struct wr_##NAME##_reader : rival::side {                                 \
    };                                                                        \
                                                                              \
    static inline size_t wr_##NAME##_bytes(const struct wr_shape *shape)      \
    {                                                                         \
        if (!wr_rival_can(shape, wr_##NAME##_traits.capacity_least))          \
            return 0;                                                         \
        return WR_CXX_SIZED(shape->item_size, LIBRARY, rival::bytes_of,       \
                            *shape);                                          \
    }                                                                         \
                                                                              \
    static inline struct wr_##NAME *wr_##NAME##_init(                         \
        void *memory, const struct wr_shape *shape)                           \
    {                                                                         \
        try {                                                                 \
            return static_cast<struct wr_##NAME *>(WR_CXX_SIZED(              \
                shape->item_size, LIBRARY, rival::make, memory, *shape));     \
        } catch (const std::bad_alloc &) {                                    \
            return nullptr;                                                   \
        }                                                                     \
    }                                                                         \
                                                                              \
    static inline void wr_##NAME##_fini(struct wr_##NAME *q)                  \
    {                                                                         \
        WR_CXX_SIZED(q->item_size, LIBRARY, rival::unmake, q->library);       \
    }                                                                         \
                                                                              \
    static inline void wr_##NAME##_writer_init(                               \
        struct wr_##NAME##_writer *w, struct wr_##NAME *q, uint32_t number)   \
    {                                                                         \
        w->library = q->library;                                              \
        w->number = number;                                                   \
    }                                                                         \
                                                                              \
    static inline void wr_##NAME##_reader_init(                               \
        struct wr_##NAME##_reader *r, struct wr_##NAME *q, uint32_t number)   \
    {                                                                         \
        r->library = q->library;                                              \
        r->number = number;                                                   \
    }                                                                         \
                                                                              \
    hot_inline uint64_t wr_##NAME##_push(struct wr_##NAME##_writer *w,        \
                                         size_t size, uint64_t n,             \
                                         wr_fill *fill, void *arg)            \
    {                                                                         \
        return WR_CXX_SIZED(size, LIBRARY, rival::push, w, n, fill, arg);     \
    }                                                                         \
                                                                              \
    static inline void wr_##NAME##_flush(struct wr_##NAME##_writer *)         \
    {                                                                         \
    }                                                                         \
                                                                              \
    hot_inline uint64_t wr_##NAME##_pop(struct wr_##NAME##_reader *r,         \
                                        size_t size, uint64_t n, wr_use *use, \
                                        void *arg)                            \
    {                                                                         \
        return WR_CXX_SIZED(size, LIBRARY, rival::pop, r, n, use, arg);       \
    }

#endif
