/* SPDX-License-Identifier: MPL-2.0 */
/* A rival in C++, which the build names, through the contract of
 * core/ring/queue.h: first one thread that fills and drains it, then 1 + 1 and
 * n + n threads. Items are whole, none is lost or doubled, and those of one
 * writer are in order for each reader, if the library promises it. */
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "core/ring/queue_name.h"
#include QUEUE_HEADER

#define CHECK(cond) ((cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__))

namespace
{

const wr_traits &traits = QUEUE_IS(traits);

[[noreturn]] void
check_failed(const char *what, const char *file, int line)
{
    std::fprintf(stderr, "%s:%d: %s is false\n", file, line, what);
    std::abort();
}

/* Who wrote an item, and what it was among the writer's items. */
constexpr unsigned writer_shift = 48;
constexpr uint64_t word_step = 0x9e3779b97f4a7c15;

struct queue {
    wr_shape shape;
    void *memory;
    struct QUEUE_TYPE *q;

    explicit queue(const wr_shape &s) : shape(s)
    {
        size_t bytes = QUEUE_IS(bytes)(&shape);

        CHECK(bytes > 0);
        bytes = (bytes + WR_GROUP - 1) / WR_GROUP * WR_GROUP;
        memory = std::aligned_alloc(WR_GROUP, bytes);
        CHECK(memory != nullptr);
        std::memset(memory, 0, bytes);
        q = QUEUE_IS(init)(memory, &shape);
        CHECK(q != nullptr);
    }

    ~queue()
    {
        QUEUE_IS(fini)(q);
        std::free(memory);
    }

    queue(const queue &) = delete;
    queue &operator=(const queue &) = delete;
};

struct writer {
    struct QUEUE_IS(writer) side;
    size_t size;
    uint64_t number;
    uint64_t written = 0;

    writer(queue &q, uint32_t n) : size(q.shape.item_size), number(n)
    {
        QUEUE_IS(writer_init)(&side, q.q, n);
    }

    uint64_t
    push(uint64_t n)
    {
        uint64_t got = QUEUE_IS(push)(&side, size, n, fill, this);

        CHECK(got <= n);
        written += got;
        return got;
    }

    static void
    fill(void *arg, void *at, uint64_t first, uint64_t n)
    {
        auto *w = static_cast<writer *>(arg);
        auto *words = static_cast<uint64_t *>(at);

        for (uint64_t i = 0; i < n; i++) {
            uint64_t value =
                w->number << writer_shift | (w->written + first + i);

            for (size_t word = 0; word < w->size / 8; word++)
                *words++ = value + word * word_step;
        }
    }
};

struct reader {
    struct QUEUE_IS(reader) side;
    size_t size;
    std::vector<uint64_t> due; /* by writer, the least that may come */
    std::vector<uint64_t> values;

    reader(queue &q, uint32_t n) : size(q.shape.item_size), due(q.shape.writers)
    {
        QUEUE_IS(reader_init)(&side, q.q, n);
    }

    uint64_t
    pop(uint64_t n)
    {
        size_t before = values.size();
        uint64_t got = QUEUE_IS(pop)(&side, size, n, use, this);

        CHECK(got <= n && values.size() - before == got);
        return got;
    }

    static void
    use(void *arg, const void *at, uint64_t n)
    {
        auto *r = static_cast<reader *>(arg);
        auto *words = static_cast<const uint64_t *>(at);

        for (uint64_t i = 0; i < n; i++, words += r->size / 8) {
            uint64_t from = words[0] >> writer_shift;
            uint64_t number = words[0] & ((uint64_t(1) << writer_shift) - 1);

            for (size_t word = 0; word < r->size / 8; word++)
                CHECK(words[word] == words[0] + word * word_step);
            CHECK(from < r->due.size());
            CHECK(number >= r->due[from] ||
                  QUEUE_IS(traits).order == WR_ORDER_NONE);
            r->due[from] = number + 1;
            r->values.push_back(words[0]);
        }
    }
};

/* Every item of every writer, once. */
void
check_all_read(const std::vector<reader> &readers, uint32_t writers,
               uint64_t items)
{
    std::vector<unsigned char> seen(writers * items);
    uint64_t sum = 0;

    for (const reader &r : readers) {
        for (uint64_t value : r.values) {
            uint64_t number = value & ((uint64_t(1) << writer_shift) - 1);

            CHECK(number < items);
            CHECK(seen[(value >> writer_shift) * items + number]++ == 0);
            sum++;
        }
    }
    CHECK(sum == writers * items);
}

/* In steps of one and of many, several times around. */
void
fill_and_drain(const wr_shape &shape)
{
    queue q(shape);
    writer w(q, 0);
    std::vector<reader> readers;
    uint64_t most = 4 * shape.capacity + 1024;

    readers.emplace_back(q, 0);
    CHECK(readers[0].pop(1) == 0);
    for (uint64_t round = 0; round < 8; round++) {
        uint64_t step = round % 2 == 0 ? 1 : shape.capacity + round;
        uint64_t in = 0, out = 0, n;

        while ((n = w.push(step)) > 0 && (in += n) < most)
            ;
        CHECK(in > 0 && in < most);
        if (traits.full_is_exact)
            CHECK(in == shape.capacity);
        QUEUE_IS(flush)(&w.side);
        while ((n = readers[0].pop(step)) > 0)
            out += n;
        CHECK(in == out);
    }
    check_all_read(readers, 1, w.written);
}

void
write_all(writer &w, uint64_t items, std::atomic<uint32_t> &writing)
{
    for (uint64_t step = 1; w.written < items; step = step % 70 + 1) {
        uint64_t left = items - w.written;

        if (w.push(step < left ? step : left) == 0) {
            QUEUE_IS(flush)(&w.side);
            std::this_thread::yield();
        }
    }
    QUEUE_IS(flush)(&w.side);
    writing.fetch_sub(1);
}

void
read_all(reader &r, uint64_t items, std::atomic<uint64_t> &read)
{
    for (uint64_t step = 1; read.load() < items; step = step % 50 + 1) {
        uint64_t n = r.pop(step);

        if (n == 0)
            std::this_thread::yield();
        else
            read.fetch_add(n);
    }
}

void
run_threads(const wr_shape &shape, uint64_t items)
{
    queue q(shape);
    std::vector<writer> writers;
    std::vector<reader> readers;
    std::vector<std::thread> threads;
    std::atomic<uint32_t> writing = shape.writers;
    std::atomic<uint64_t> read = 0;

    for (uint32_t i = 0; i < shape.readers; i++)
        readers.emplace_back(q, i);
    for (uint32_t i = 0; i < shape.writers; i++)
        writers.emplace_back(q, i);
    for (reader &r : readers)
        threads.emplace_back(read_all, std::ref(r), items * shape.writers,
                             std::ref(read));
    for (writer &w : writers)
        threads.emplace_back(write_all, std::ref(w), items, std::ref(writing));
    for (std::thread &t : threads)
        t.join();
    CHECK(writing.load() == 0);
    for (reader &r : readers)
        CHECK(r.pop(1) == 0);
    check_all_read(readers, shape.writers, items);
}

bool
kind_has(const char *many)
{
    return std::strstr(traits.kind, many) != nullptr;
}

void
run_each(uint32_t threads, uint64_t items)
{
    for (uint32_t size : { 8u, 16u, 64u }) {
        for (uint64_t capacity : { 1u, 2u, 64u, 1024u, 8192u }) {
            wr_shape shape = { capacity, size, kind_has("mp") ? threads : 1,
                               kind_has("mc") ? threads : 1, 0 };

            if (capacity < traits.capacity_least) {
                CHECK(QUEUE_IS(bytes)(&shape) == 0);
                continue;
            }
            if (threads == 0) {
                shape.writers = shape.readers = 1;
                fill_and_drain(shape);
            } else {
                run_threads(shape, (capacity < 64 ? items / 16 : items) /
                                       shape.writers);
            }
        }
    }
}

} // namespace

int
main()
{
    CHECK(QUEUE_IS(version)() != nullptr);
    run_each(0, 0);
    run_each(1, 40000);
    run_each(3, 40000);
    std::printf("%s %s: passed\n", traits.name, QUEUE_IS(version)());
    return 0;
}
