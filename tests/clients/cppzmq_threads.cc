/* SPDX-License-Identifier: MPL-2.0 */
/* Sockets of cppzmq on several threads. */
#include "cppzmq_parts.h"

#if WEIR_HAVE_CPPZMQ

#include "cppzmq_expect.h"

#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

using threads = std::vector<std::thread>;

static void
join_all(threads &all)
{
    for (auto &thread : all)
        thread.join();
}

/* Several that push, one that pulls: each one's numbers arrive in order. */
void
part_pipeline()
{
    const int senders = 4, count = 20000;
    zmq::context_t context;
    auto pull = bound(context, zmq::socket_type::pull, "inproc://pipeline");
    std::vector<int> next(senders);
    threads all;

    for (int sender = 0; sender < senders; sender++)
        all.emplace_back([&context, sender] {
            auto push =
                connected(context, zmq::socket_type::push, "inproc://pipeline");
            for (int i = 0; i < count; i++) {
                int message[2] = { sender, i };
                CHECK(push.send(zmq::buffer(message)) == sizeof(message));
            }
        });
    for (int i = 0; i < senders * count; i++) {
        int message[2];
        auto size = pull.recv(zmq::buffer(message));
        CHECK(size && size->size == sizeof(message));
        CHECK(next[static_cast<std::size_t>(message[0])]++ == message[1]);
    }
    join_all(all);
    expect_nothing(pull);
}

static void
answer(zmq::context_t &context, const std::string &name)
{
    auto rep = connected(context, zmq::socket_type::rep, name);

    CHECK(error_of([&] {
              for (;;) {
                  zmq::multipart_t request(rep);
                  request.addstr("answered");
                  request.send(rep);
              }
          }) == ETERM);
}

static void
ask(zmq::context_t &context, const std::string &name, int count)
{
    auto req = connected(context, zmq::socket_type::req, name);

    for (int i = 0; i < count; i++) {
        zmq::multipart_t request(std::to_string(i));
        request.send(req);
        zmq::multipart_t reply(req);
        CHECK(reply.popstr() == std::to_string(i));
        CHECK(reply.popstr() == "answered" && reply.empty());
    }
}

/* Those that answer wait for more until the context is shut down. */
static void
ask_through(zmq::context_t &context, const std::string &front,
            const std::string &back)
{
    threads asking, answering;

    for (int i = 0; i < 3; i++)
        answering.emplace_back([&] { answer(context, back); });
    for (int i = 0; i < 4; i++)
        asking.emplace_back([&] { ask(context, front, 500); });
    join_all(asking);
    context.shutdown();
    join_all(answering);
}

/* A load balancer by hand: every reply finds its way back by its envelope. */
void
part_requests()
{
    zmq::context_t context;
    auto front = bound(context, zmq::socket_type::router, "inproc://front");
    auto back = bound(context, zmq::socket_type::dealer, "inproc://back");
    std::thread middle([&] {
        std::vector<zmq::pollitem_t> items = {
            { front.handle(), 0, ZMQ_POLLIN, 0 },
            { back.handle(), 0, ZMQ_POLLIN, 0 },
        };
        CHECK(error_of([&] {
                  for (;;) {
                      zmq::poll(items);
                      if (items[0].revents)
                          zmq::multipart_t(front).send(back);
                      if (items[1].revents)
                          zmq::multipart_t(back).send(front);
                  }
              }) == ETERM);
    });

    ask_through(context, "inproc://front", "inproc://back");
    middle.join();
}

void
part_proxy()
{
    zmq::context_t context;
    auto front = bound(context, zmq::socket_type::router, "inproc://front");
    auto back = bound(context, zmq::socket_type::dealer, "inproc://back");
    std::thread proxy(
        [&] { CHECK(error_of([&] { zmq::proxy(front, back); }) == ETERM); });

    ask_through(context, "inproc://front", "inproc://back");
    proxy.join();
}

/* Eight numbers: messages and bytes, received and sent, at front and back. */
static void
expect_statistics(zmq::socket_t &control, uint64_t messages, uint64_t bytes)
{
    send_text(control, "STATISTICS");
    zmq::multipart_t got(control);
    CHECK(got.size() == 8);
    CHECK(got.poptyp<uint64_t>() == messages);
    CHECK(got.poptyp<uint64_t>() == bytes);
    CHECK(got.poptyp<uint64_t>() == 0 && got.poptyp<uint64_t>() == 0);
    CHECK(got.poptyp<uint64_t>() == 0 && got.poptyp<uint64_t>() == 0);
    CHECK(got.poptyp<uint64_t>() == messages);
    CHECK(got.poptyp<uint64_t>() == bytes);
}

/* libzmq also gives the commands to the capturing socket, which its manual does
 * not say. */
static void
expect_among_commands(zmq::socket_t &heard, const std::string &want)
{
    zmq::message_t got;

    do {
        CHECK(heard.recv(got).has_value());
    } while (got.to_string_view() == "PAUSE" ||
             got.to_string_view() == "STATISTICS" ||
             got.to_string_view() == "RESUME");
    CHECK(got.to_string() == want);
}

/* Commands have been heard when the statistics are answered. */
void
part_proxy_steered()
{
    zmq::context_t context;
    auto front = bound(context, zmq::socket_type::pull, "inproc://front");
    auto back = bound(context, zmq::socket_type::push, "inproc://back");
    auto capture = bound(context, zmq::socket_type::push, "inproc://capture");
    auto command = bound(context, zmq::socket_type::pair, "inproc://command");
    auto heard = connected(context, zmq::socket_type::pull, "inproc://capture");
    auto control =
        connected(context, zmq::socket_type::pair, "inproc://command");
    auto push = connected(context, zmq::socket_type::push, "inproc://front");
    auto pull = connected(context, zmq::socket_type::pull, "inproc://back");
    std::thread proxy([&] {
        zmq::proxy_steerable(zmq::socket_ref(front), zmq::socket_ref(back),
                             zmq::socket_ref(capture),
                             zmq::socket_ref(command));
    });

    for (int i = 0; i < 10; i++) {
        send_text(push, "through");
        expect_text(pull, "through");
        expect_text(heard, "through");
    }
    send_text(control, "PAUSE");
    expect_statistics(control, 10, 70);
    send_text(push, "held back");
    expect_statistics(control, 10, 70);
    expect_nothing(pull);
    send_text(control, "RESUME");
    expect_text(pull, "held back");
    expect_among_commands(heard, "held back");
    expect_statistics(control, 11, 79);
    send_text(control, "TERMINATE");
    proxy.join();
}

static void
block(zmq::socket_t &socket, bool sends)
{
    zmq::message_t message;

    if (sends)
        send_text(socket, "to nobody");
    else
        (void)socket.recv(message);
}

/* Blocked in every way that there is; all wake up with ETERM. */
void
part_shutdown()
{
    zmq::context_t context;
    std::vector<zmq::socket_t> sockets;
    threads all;

    for (auto type : { zmq::socket_type::pull, zmq::socket_type::sub,
                       zmq::socket_type::rep, zmq::socket_type::router,
                       zmq::socket_type::push, zmq::socket_type::req,
                       zmq::socket_type::dealer, zmq::socket_type::pair })
        sockets.emplace_back(context, type);
    for (std::size_t i = 0; i < sockets.size(); i++)
        all.emplace_back([&socket = sockets[i], sends = i >= 4] {
            for (int again = 0; again < 2; again++)
                CHECK(error_of([&] { block(socket, sends); }) == ETERM);
        });
    zmq::socket_t polled(context, zmq::socket_type::pull);
    all.emplace_back([&polled] {
        std::vector<zmq::pollitem_t> items = { { polled.handle(), 0, ZMQ_POLLIN,
                                                 0 } };
        CHECK(error_of([&] { zmq::poll(items); }) == ETERM);
    });
    context.shutdown();
    join_all(all);
    CHECK(error_of([&] { zmq::socket_t(context, ZMQ_PULL); }) == ETERM);
}

/* The end of a context waits for the last of its sockets. */
void
part_termination()
{
    for (int round = 0; round < 20; round++) {
        zmq::context_t context;
        threads all;
        std::atomic<int> open{ 0 };

        for (int i = 0; i < 4; i++) {
            zmq::socket_t socket(context, zmq::socket_type::pull);
            open++;
            all.emplace_back([&open, own = std::move(socket)]() mutable {
                zmq::message_t message;
                CHECK(error_of([&] { (void)own.recv(message); }) == ETERM);
                open--;
                own.close();
            });
        }
        context.close();
        CHECK(open == 0);
        join_all(all);
    }
}

#endif
