/* SPDX-License-Identifier: MPL-2.0 */
/* Messages of cppzmq: values, copies, memory of the caller's, parts. */
#include "cppzmq_parts.h"

#if WEIR_HAVE_CPPZMQ

#include "cppzmq_expect.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <numeric>
#include <thread>
#include <vector>

static const std::size_t sizes[] = { 0, 1, 29, 33, 34, 100, 4096, 1 << 20 };

void
part_message_values()
{
    for (std::size_t size : sizes) {
        std::vector<unsigned char> bytes(size);
        std::iota(bytes.begin(), bytes.end(), static_cast<unsigned char>(size));

        zmq::message_t first(bytes.begin(), bytes.end());
        CHECK(first.size() == size && !first.more());
        CHECK(std::equal(bytes.begin(), bytes.end(),
                         first.data<unsigned char>()));
        zmq::message_t second(std::move(first));
        CHECK(second.size() == size && first.size() == 0);
        first = std::move(second);
        CHECK(first == zmq::message_t(bytes.data(), bytes.size()));
        first.swap(second);
        CHECK(first.empty() && second.size() == size);
        second.rebuild("rebuilt", 7);
        CHECK(second.to_string_view() == "rebuilt");
    }
}

/* A copy is equal, and outlives what it was made of. */
void
part_message_copies()
{
    for (std::size_t size : sizes) {
        zmq::message_t copies[3];
        {
            zmq::message_t original(std::string(size, 'o'));
            for (auto &copy : copies)
                copy.copy(original);
            CHECK(copies[0] == original);
        }
        for (const auto &copy : copies)
            CHECK(copy.to_string() == std::string(size, 'o'));
        copies[1].rebuild();
        copies[0].move(copies[2]);
        CHECK(copies[0].size() == size && copies[2].size() == 0);
    }
}

static void
count_free(void *data, void *count)
{
    delete[] static_cast<char *>(data);
    ++*static_cast<std::atomic<int> *>(count);
}

static zmq::message_t
own_memory(std::size_t size, std::atomic<int> &count)
{
    char *data = new char[size];

    std::fill_n(data, size, 'z');
    return zmq::message_t(data, size, count_free, &count);
}

/* Memory of the caller's arrives as it is, and is freed once, by whoever drops
 * it last, on whichever thread. */
void
part_zero_copy()
{
    const int count = 500;
    std::atomic<int> freed{ 0 };
    zmq::context_t context;
    auto pull = bound(context, zmq::socket_type::pull, "inproc://zero-copy");
    auto push =
        connected(context, zmq::socket_type::push, "inproc://zero-copy");

    zmq::message_t first = own_memory(8192, freed), got;
    const void *data = first.data();
    CHECK(push.send(first, zmq::send_flags::none) == 8192U);
    CHECK(first.size() == 0 && pull.recv(got) == 8192U);
    CHECK(got.data() == data && freed == 0);
    got.rebuild();
    CHECK(freed == 1);

    std::thread receiver([&] {
        for (int i = 0; i < count; i++) {
            zmq::message_t message;
            CHECK(pull.recv(message) == static_cast<std::size_t>(i));
            CHECK(message.to_string().find_first_not_of('z') ==
                  std::string::npos);
        }
    });
    for (std::size_t i = 0; i < count; i++)
        push.send(own_memory(i, freed), zmq::send_flags::none);
    receiver.join();
    CHECK(freed == 1 + count);

    /* Those that nobody receives are freed with the context. */
    push.send(own_memory(100, freed), zmq::send_flags::none);
    push.close();
    pull.close();
    context.close();
    CHECK(freed == 2 + count);
}

/* One memory for all subscribers. */
void
part_zero_copy_fan_out()
{
    std::atomic<int> freed{ 0 };
    zmq::context_t context;
    auto xpub = bound(context, zmq::socket_type::xpub, "inproc://fan-out");
    std::vector<zmq::socket_t> subs;
    std::vector<zmq::message_t> got(5);

    for (std::size_t i = 0; i < got.size(); i++) {
        subs.push_back(
            connected(context, zmq::socket_type::sub, "inproc://fan-out"));
        subs.back().set(zmq::sockopt::subscribe, "z");
    }
    expect_text(xpub, "\1z");
    /* The others' subscriptions are not new: asking for events hears them. */
    CHECK(xpub.get(zmq::sockopt::events) & ZMQ_POLLOUT);
    xpub.send(own_memory(5000, freed), zmq::send_flags::none);
    for (std::size_t i = 0; i < subs.size(); i++) {
        CHECK(freed == 0);
        CHECK(subs[i].recv(got[i]) == 5000U);
        CHECK(got[i] == got[0]);
    }
    for (auto &message : got) {
        CHECK(freed == 0);
        message.rebuild();
    }
    CHECK(freed == 1);
}

void
part_multipart()
{
    zmq::context_t context;
    auto a = bound(context, zmq::socket_type::pair, "inproc://multipart");
    auto b = connected(context, zmq::socket_type::pair, "inproc://multipart");
    zmq::multipart_t parts("second");

    parts.pushstr("first");
    parts.addtyp<int>(42);
    parts.addmem("\0\0", 2);
    parts.add(zmq::message_t());
    zmq::multipart_t kept = parts.clone();
    CHECK(kept.size() == 5 && parts.equal(&kept));
    CHECK(parts.send(a) && parts.empty());

    zmq::multipart_t got(b);
    CHECK(got == kept && zmq::multipart_t::decode(got.encode()) == kept);
    CHECK(got.popstr() == "first" && got.popstr() == "second");
    CHECK(got.poptyp<int>() == 42 && got.pop().size() == 2);
    CHECK(got.pop().empty() && got.empty());
    CHECK(!got.recv(b, ZMQ_DONTWAIT));
}

void
part_multipart_calls()
{
    zmq::context_t context;
    auto a = bound(context, zmq::socket_type::pair, "inproc://calls");
    auto b = connected(context, zmq::socket_type::pair, "inproc://calls");
    std::vector<zmq::message_t> got;
    std::vector<std::string> texts;
    std::vector<zmq::const_buffer> buffers;

    for (int i = 0; i < 300; i++)
        texts.push_back("part " + std::to_string(i));
    for (const auto &text : texts)
        buffers.push_back(zmq::buffer(text));
    CHECK(zmq::send_multipart(a, buffers) == texts.size());
    CHECK(zmq::recv_multipart(b, std::back_inserter(got)) == texts.size());
    for (std::size_t i = 0; i < texts.size(); i++)
        CHECK(got[i].to_string() == texts[i]);
    CHECK(zmq::send_multipart(b, got) == texts.size());

    std::array<zmq::message_t, 300> back;
    CHECK(zmq::recv_multipart_n(a, back.begin(), back.size()) == back.size());
    CHECK(back[299].to_string() == texts[299] && !back[299].more());
    CHECK(!zmq::recv_multipart(a, back.begin(), zmq::recv_flags::dontwait));
}

/* Bytes in and out of memory of the caller's; what does not fit is cut off. */
void
part_buffers()
{
    zmq::context_t context;
    auto a = bound(context, zmq::socket_type::pair, "inproc://buffers");
    auto b = connected(context, zmq::socket_type::pair, "inproc://buffers");
    std::array<int, 100> sent, got{};
    char little[10];

    std::iota(sent.begin(), sent.end(), 0);
    for (int i = 0; i < 2; i++)
        CHECK(a.send(zmq::buffer(sent)) == sizeof(sent));
    auto whole = b.recv(zmq::buffer(got));
    CHECK(whole && !whole->truncated() && whole->size == sizeof(got));
    CHECK(got == sent);
    auto cut = b.recv(zmq::buffer(little));
    CHECK(cut && cut->truncated() && cut->size == sizeof(little));
    CHECK(cut->untruncated_size == sizeof(sent));
    CHECK(!b.recv(zmq::buffer(little), zmq::recv_flags::dontwait));
}

#endif
