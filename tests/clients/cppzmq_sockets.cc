/* SPDX-License-Identifier: MPL-2.0 */
/* Contexts and sockets of cppzmq, on one thread. */
#include "cppzmq_parts.h"

#if WEIR_HAVE_CPPZMQ

#include "cppzmq_expect.h"

#include <cerrno>
#include <chrono>
#include <vector>

using std::chrono::milliseconds;
using zmq::sockopt::subscribe;

void
part_contexts()
{
    zmq::context_t first, second(0, 2);

    CHECK(second.get(zmq::ctxopt::io_threads) == 0);
    CHECK(second.get(zmq::ctxopt::max_sockets) == 2);
    CHECK(second.get(zmq::ctxopt::msg_t_size) == 64);
    second.set(zmq::ctxopt::max_msgsz, 12345);
    CHECK(second.get(zmq::ctxopt::max_msgsz) == 12345);
    {
        zmq::socket_t a(second, zmq::socket_type::pair);
        zmq::socket_t b(second, zmq::socket_type::pair);
        CHECK(error_of([&] { zmq::socket_t(second, ZMQ_PAIR); }) == EMFILE);
    }
    CHECK(error_of([&] { zmq::socket_t(first, 99); }) == EINVAL);

    /* A name is known within its own context only. */
    auto here = bound(first, zmq::socket_type::pair, "inproc://contexts");
    zmq::context_t moved(std::move(first));
    CHECK(first.handle() == nullptr);
    auto peer = connected(moved, zmq::socket_type::pair, "inproc://contexts");
    send_text(peer, "over");
    expect_text(here, "over");
    /* It has to outlive its sockets. */
    first.swap(moved);
}

void
part_options()
{
    zmq::context_t context;
    zmq::socket_t dealer(context, zmq::socket_type::dealer);

    CHECK(dealer.get(zmq::sockopt::type) == ZMQ_DEALER);
    CHECK(dealer.get(zmq::sockopt::sndhwm) == 1000);
    dealer.set(zmq::sockopt::sndhwm, 5);
    dealer.set(zmq::sockopt::linger, 6);
    dealer.set(zmq::sockopt::immediate, true);
    dealer.set(zmq::sockopt::affinity, uint64_t{ 1 } << 40);
    dealer.set(zmq::sockopt::maxmsgsize, int64_t{ 1 } << 40);
    dealer.set(zmq::sockopt::routing_id, std::string("\1id\0x", 5));
    CHECK(dealer.get(zmq::sockopt::sndhwm) == 5);
    CHECK(dealer.get(zmq::sockopt::linger) == 6);
    CHECK(dealer.get(zmq::sockopt::immediate));
    CHECK(dealer.get(zmq::sockopt::affinity) == uint64_t{ 1 } << 40);
    CHECK(dealer.get(zmq::sockopt::maxmsgsize) == int64_t{ 1 } << 40);
    CHECK(dealer.get(zmq::sockopt::routing_id) == std::string("\1id\0x", 5));
    dealer.bind("inproc://options");
    CHECK(dealer.get(zmq::sockopt::last_endpoint) == "inproc://options");
    CHECK(dealer.get(zmq::sockopt::fd) >= 0);
    CHECK(!dealer.get(zmq::sockopt::rcvmore));

    CHECK(error_of([&] { dealer.set(zmq::sockopt::sndhwm, -1); }) == EINVAL);
    CHECK(error_of([&] { dealer.set(subscribe, "no"); }) == EINVAL);
}

void
part_errors()
{
    zmq::context_t context;
    zmq::socket_t first(context, zmq::socket_type::pull);
    zmq::socket_t second(context, zmq::socket_type::pull);

    first.bind("inproc://taken");
    CHECK(error_of([&] { second.bind("inproc://taken"); }) == EADDRINUSE);
    CHECK(error_of([&] { second.bind("nothing"); }) == EINVAL);
    CHECK(error_of([&] { second.connect("foo://a"); }) == EPROTONOSUPPORT);
    CHECK(error_of([&] { second.disconnect("inproc://not-here"); }) == ENOENT);
    CHECK(error_of([&] { send_text(second, "PULL"); }) == ENOTSUP);

    zmq::socket_t moved(std::move(first));
    CHECK(error_of([&] { first.bind("inproc://moved"); }) == ENOTSOCK);
    CHECK(!first && moved);
    moved.unbind("inproc://taken");
    second.bind("inproc://taken");
    expect_nothing(second);
    second.set(zmq::sockopt::rcvtimeo, 1);
    zmq::message_t message;
    CHECK(!second.recv(message));
}

/* REQ and REP insist on whose turn it is. */
void
part_request_states()
{
    zmq::context_t context;
    auto rep = bound(context, zmq::socket_type::rep, "inproc://states");
    auto req = connected(context, zmq::socket_type::req, "inproc://states");

    for (int i = 0; i < 3; i++) {
        CHECK(error_of([&] { expect_nothing(req); }) == EFSM);
        CHECK(error_of([&] { send_text(rep, "early"); }) == EFSM);
        send_text(req, "two", zmq::send_flags::sndmore);
        send_text(req, "parts");
        CHECK(error_of([&] { send_text(req, "again"); }) == EFSM);
        expect_text(rep, "two");
        expect_text(rep, "parts");
        CHECK(error_of([&] { expect_nothing(rep); }) == EFSM);
        send_text(rep, "");
        expect_text(req, "");
    }
}

void
part_poll()
{
    zmq::context_t context;
    std::vector<zmq::socket_t> pulls, pushes;
    std::vector<zmq::pollitem_t> items;

    for (int i = 0; i < 20; i++) {
        std::string name = "inproc://poll-" + std::to_string(i);
        pulls.push_back(bound(context, zmq::socket_type::pull, name));
        pushes.push_back(connected(context, zmq::socket_type::push, name));
        items.push_back({ pulls.back().handle(), 0, ZMQ_POLLIN, 0 });
    }
    CHECK(zmq::poll(items, milliseconds(0)) == 0);
    send_text(pushes[3], "three");
    send_text(pushes[17], "seventeen");
    CHECK(zmq::poll(items) == 2);
    for (std::size_t i = 0; i < items.size(); i++)
        CHECK(items[i].revents == (i == 3 || i == 17 ? ZMQ_POLLIN : 0));
    expect_text(pulls[3], "three");
    expect_text(pulls[17], "seventeen");
    CHECK(zmq::poll(items, milliseconds(1)) == 0);
    items[0] = { pushes[0].handle(), 0, ZMQ_POLLOUT | ZMQ_POLLIN, 0 };
    CHECK(zmq::poll(items) == 1 && items[0].revents == ZMQ_POLLOUT);
    CHECK(pulls[0].get(zmq::sockopt::events) == 0);
}

static void
publish_until_heard(zmq::socket_t &pub, zmq::socket_t &sub)
{
    zmq::message_t got;

    do {
        send_text(pub, "a0");
    } while (!sub.recv(got, zmq::recv_flags::dontwait));
    while (sub.recv(got, zmq::recv_flags::dontwait))
        CHECK(got.to_string() == "a0");
}

void
part_topics()
{
    zmq::context_t context;
    auto pub = bound(context, zmq::socket_type::pub, "inproc://topics");
    auto sub = connected(context, zmq::socket_type::sub, "inproc://topics");

    sub.set(subscribe, "a");
    sub.set(subscribe, "abc");
    sub.set(subscribe, "a");
    publish_until_heard(pub, sub);
    send_text(pub, "b");
    send_text(pub, "ax", zmq::send_flags::sndmore);
    send_text(pub, "b");
    send_text(pub, "abcd");
    expect_text(sub, "ax");
    CHECK(sub.get(zmq::sockopt::rcvmore));
    expect_text(sub, "b");
    expect_text(sub, "abcd");
    expect_nothing(sub);

    /* Subscribed twice, so one of them stays. */
    sub.set(zmq::sockopt::unsubscribe, "a");
    send_text(pub, "ay");
    expect_text(sub, "ay");
    sub.set(zmq::sockopt::unsubscribe, "a");
    CHECK(pub.get(zmq::sockopt::events) & ZMQ_POLLOUT);
    send_text(pub, "az");
    send_text(pub, "abcz");
    expect_text(sub, "abcz");
    expect_nothing(sub);
}

namespace
{

class monitor : public zmq::monitor_t
{
  public:
    bool started = false;

  private:
    void
    on_monitor_started() override
    {
        started = true;
    }

    void
    on_event_unknown(const zmq_event_t &, const char *) override
    {
        client_wrong("an event that zmq.h does not know", __FILE__, __LINE__);
    }
};

} // namespace

/* libzmq reports nothing of inproc but the end, which must be the last. */
void
part_monitor()
{
    zmq::context_t context;
    zmq::socket_t pull(context, zmq::socket_type::pull);
    monitor watch;

    watch.init(pull, "inproc://monitor");
    CHECK(watch.started);
    pull.bind("inproc://monitored");
    auto push =
        connected(context, zmq::socket_type::push, "inproc://monitored");
    send_text(push, "seen");
    expect_text(pull, "seen");
    CHECK(error_of([&] {
              auto taken =
                  bound(context, zmq::socket_type::pair, "inproc://monitor");
          }) == EADDRINUSE);
    watch.abort();
    while (watch.check_event(-1)) {
    }
}

#endif
