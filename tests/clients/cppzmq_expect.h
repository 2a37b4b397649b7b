/* SPDX-License-Identifier: MPL-2.0 */
/* Checks that several files of the client of cppzmq make. */
#ifndef WEIR_TESTS_CLIENTS_CPPZMQ_EXPECT_H
#define WEIR_TESTS_CLIENTS_CPPZMQ_EXPECT_H

#include "client.h"

#include <string>
#include <utility>
#include <zmq_addon.hpp>

/* A socket that is bound or connected to a name. */
inline zmq::socket_t
bound(zmq::context_t &context, zmq::socket_type type, const std::string &name)
{
    zmq::socket_t socket(context, type);

    socket.bind(name);
    return socket;
}

inline zmq::socket_t
connected(zmq::context_t &context, zmq::socket_type type,
          const std::string &name)
{
    zmq::socket_t socket(context, type);

    socket.connect(name);
    return socket;
}

inline void
send_text(zmq::socket_ref socket, const std::string &text,
          zmq::send_flags flags = zmq::send_flags::none)
{
    CHECK(socket.send(zmq::buffer(text), flags) == text.size());
}

inline void
expect_text(zmq::socket_ref socket, const std::string &want)
{
    zmq::message_t got;

    CHECK(socket.recv(got) == want.size());
    CHECK(got.to_string() == want);
}

inline void
expect_nothing(zmq::socket_ref socket)
{
    zmq::message_t got;

    CHECK(!socket.recv(got, zmq::recv_flags::dontwait));
}

/* What call() throws, or 0. */
template <typename Call>
int
error_of(Call call)
{
    try {
        call();
    } catch (const zmq::error_t &error) {
        CHECK(std::string(error.what()) == zmq_strerror(error.num()));
        return error.num();
    }
    return 0;
}

#endif
