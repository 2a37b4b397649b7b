# SPDX-License-Identifier: MPL-2.0
"""Threads and sockets of pyzmq, without devices."""

import errno
import os

import zmq
from pyzmq_expect import bound, check, connected, equal, expect_nothing
from pyzmq_expect import raises, start
from zmq.decorators import context as with_context
from zmq.decorators import socket as with_socket
from zmq.utils.monitor import recv_monitor_message


def part_pipeline():
    senders, count = 4, 2000
    with zmq.Context() as ctx, bound(ctx, zmq.PULL, "pipeline") as pull:

        def send(sender):
            with connected(ctx, zmq.PUSH, "pipeline") as push:
                for i in range(count):
                    push.send(b"%d %d" % (sender, i))

        threads = [start(send, sender) for sender in range(senders)]
        following = [0] * senders
        for _ in range(senders * count):
            sender, number = map(int, pull.recv().split())
            equal(number, following[sender])
            following[sender] += 1
        for thread in threads:
            thread.result()
        expect_nothing(pull)


def part_requests():
    with zmq.Context() as ctx, bound(ctx, zmq.REP, "requests") as rep:

        def ask(name):
            with connected(ctx, zmq.REQ, "requests") as req:
                for i in range(300):
                    req.send_string(f"{name} {i}")
                    with raises(zmq.ZMQError, zmq.EFSM):
                        req.send(b"again")
                    equal(req.recv_string(), f"{name} {i}!")

        threads = [start(ask, name) for name in "abc"]
        for _ in range(3 * 300):
            rep.send_string(rep.recv_string() + "!")
        for thread in threads:
            thread.result()


def part_publish():
    names, count = ["one", "two", "three"], 300
    with zmq.Context() as ctx, bound(ctx, zmq.XPUB, "news") as xpub:

        def listen(name):
            with ctx.socket(zmq.SUB) as sub:
                sub.subscribe(name)
                sub.connect("inproc://news")
                for i in range(count):
                    equal(sub.recv_multipart(), [name.encode(), b"%d" % i])

        threads = [start(listen, name) for name in names]
        heard = {xpub.recv() for _ in names}
        equal(heard, {b"\1" + name.encode() for name in names})
        for i in range(count):
            for name in [*names, "unread"]:
                xpub.send_multipart([name.encode(), b"%d" % i])
        for thread in threads:
            thread.result()


def part_publish_unseen():
    """A PUB cannot ask who listens: it repeats itself until it is heard."""
    with zmq.Context() as ctx, bound(ctx, zmq.PUB, "unseen") as pub:
        with connected(ctx, zmq.SUB, "unseen") as sub:
            sub.setsockopt(zmq.SUBSCRIBE, b"a")
            while not sub.poll(0):
                pub.send(b"a first")
            while sub.poll(0):
                equal(sub.recv(), b"a first")
            pub.send(b"b")
            pub.send(b"a second")
            equal(sub.recv(), b"a second")
            sub.unsubscribe("a")
            expect_nothing(sub)


def part_poller():
    with zmq.Context() as ctx:
        pulls = [bound(ctx, zmq.PULL, f"poll-{i}") for i in range(10)]
        pushes = [connected(ctx, zmq.PUSH, f"poll-{i}") for i in range(10)]
        poller = zmq.Poller()
        for pull in pulls:
            poller.register(pull, zmq.POLLIN)
        poller.register(pushes[0], zmq.POLLOUT)
        equal(dict(poller.poll()), {pushes[0]: zmq.POLLOUT})
        poller.unregister(pushes[0])
        equal(poller.poll(0), [])
        pushes[2].send(b"two")
        thread = start(pushes[7].send, b"seven")
        thread.result()
        equal(
            dict(poller.poll()),
            {pulls[2]: zmq.POLLIN, pulls[7]: zmq.POLLIN},
        )
        equal((pulls[2].recv(), pulls[7].recv()), (b"two", b"seven"))
        equal(poller.poll(1), [])
        check(pulls[0] not in zmq.select(pulls, pushes, [], 0)[0])
        equal(len(zmq.select(pulls, pushes, [], 0)[1]), 10)
        for socket in pulls + pushes:
            socket.close()


def part_poller_of_files():
    reader, writer = os.pipe()
    with zmq.Context() as ctx, bound(ctx, zmq.PULL, "file") as pull:
        poller = zmq.Poller()
        poller.register(pull)
        poller.register(reader, zmq.POLLIN)
        equal(poller.poll(0), [])
        thread = start(os.write, writer, b"x")
        equal(poller.poll(), [(reader, zmq.POLLIN)])
        equal(thread.result(), 1)
        os.read(reader, 1)
        with connected(ctx, zmq.PUSH, "file") as push:
            push.send(b"x")
            equal(dict(poller.poll()), {pull: zmq.POLLIN})
            equal(pull.recv(), b"x")
    os.close(reader)
    os.close(writer)


def part_router():
    with zmq.Context() as ctx, bound(ctx, zmq.ROUTER, "router") as router:
        router.router_mandatory = True
        dealers = []
        for name in (b"a", b"b", b"\0anon", b"long" * 50):
            dealer = ctx.socket(zmq.DEALER)
            dealer.routing_id = name
            dealer.connect("inproc://router")
            dealer.send_multipart([b"", name])
            equal(router.recv_multipart(), [name, b"", name])
            dealers.append(dealer)
        router.send_multipart([b"b", b"for b"])
        equal(dealers[1].recv(), b"for b")
        with raises(zmq.ZMQError, zmq.EHOSTUNREACH):
            router.send_multipart([b"nobody", b"x"])
        for dealer in dealers:
            expect_nothing(dealer)
            dealer.close()


def part_options():
    with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as dealer:
        equal(dealer.type, zmq.DEALER)
        equal((dealer.sndhwm, dealer.rcvhwm), (1000, 1000))
        dealer.hwm = 7
        equal((dealer.sndhwm, dealer.rcvhwm), (7, 7))
        dealer.linger, dealer.rcvtimeo = 5, 1
        equal((dealer.linger, dealer.rcvtimeo), (5, 1))
        dealer.setsockopt(zmq.AFFINITY, 1 << 40)
        equal(dealer.getsockopt(zmq.AFFINITY), 1 << 40)
        dealer.setsockopt_string(zmq.ROUTING_ID, "me")
        equal(dealer.getsockopt(zmq.ROUTING_ID), b"me")
        with raises(zmq.Again):
            dealer.recv()
        dealer.bind("inproc://options")
        equal(dealer.getsockopt(zmq.LAST_ENDPOINT), b"inproc://options")
        equal(dealer.last_endpoint, b"inproc://options")
        check(dealer.fd >= 0)
        equal(dealer.events, 0)
        with raises(zmq.ZMQError, errno.EINVAL):
            dealer.sndhwm = -1
        with raises(zmq.ZMQError, errno.EINVAL):
            dealer.setsockopt(zmq.SUBSCRIBE, b"")
        ctx.max_sockets = 77
        equal((ctx.max_sockets, ctx.get(zmq.IO_THREADS)), (77, 1))


def part_high_water():
    with zmq.Context() as ctx:
        pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
        pull.rcvhwm, push.sndhwm = 3, 4
        pull.bind("inproc://high-water")
        push.connect("inproc://high-water")
        for i in range(7):
            push.send(b"%d" % i, zmq.DONTWAIT)
        with raises(zmq.Again):
            push.send(b"7", zmq.DONTWAIT)
        blocked = start(push.send, b"7")
        equal([pull.recv() for _ in range(8)], [b"%d" % i for i in range(8)])
        blocked.result()
        pull.close()
        push.close()


def part_errors():
    with zmq.Context() as ctx, bound(ctx, zmq.PULL, "taken") as pull:
        with ctx.socket(zmq.PULL) as other:
            with raises(zmq.ZMQError, zmq.EADDRINUSE):
                other.bind("inproc://taken")
            with raises(zmq.ZMQError, zmq.EPROTONOSUPPORT):
                other.connect("foo://a")
            with raises(zmq.ZMQError, errno.EINVAL):
                other.connect("nothing")
            with raises(zmq.ZMQError, errno.ENOENT):
                other.disconnect("inproc://nowhere")
            pull.unbind("inproc://taken")
            other.bind("inproc://taken")
        with raises(zmq.ZMQError, zmq.ENOTSUP):
            pull.send(b"")
        pull.close()
        with raises(zmq.ZMQError, zmq.ENOTSOCK):
            pull.recv()
        with raises(zmq.ZMQError, errno.EINVAL):
            ctx.socket(99)
    with raises(zmq.ZMQError):
        ctx.socket(zmq.PULL)


def part_monitor():
    """libzmq reports nothing of inproc but the end, which must be the last."""
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull:
        monitor = pull.get_monitor_socket()
        pull.bind("inproc://monitored")
        pull.disable_monitor()
        event = None
        while event != zmq.EVENT_MONITOR_STOPPED:
            event = recv_monitor_message(monitor)["event"]
        expect_nothing(monitor)
        monitor.close()


def part_decorators():
    @with_context()
    @with_socket(zmq.PAIR)
    @with_socket(zmq.PAIR)
    def talk(_, one, other):
        one.bind("inproc://decorated")
        other.connect("inproc://decorated")
        one.send(b"hello")
        return other.recv()

    equal(talk(), b"hello")


def part_term_wakes():
    """term() wakes all that are blocked, and waits for their sockets."""
    ctx = zmq.Context()
    closed = []

    def block(socket, call):
        with raises(zmq.ContextTerminated, zmq.ETERM):
            call(socket)
        closed.append(socket)
        socket.close(linger=0)

    calls = {
        zmq.PULL: lambda socket: socket.recv(),
        zmq.PUSH: lambda socket: socket.send(b"to nobody"),
        zmq.DEALER: lambda socket: socket.poll(),
        zmq.SUB: lambda socket: socket.recv_multipart(),
        zmq.REP: lambda socket: socket.recv(copy=False),
    }
    threads = [
        start(block, ctx.socket(kind), call) for kind, call in calls.items()
    ]
    ctx.term()
    equal(len(closed), len(calls))
    for thread in threads:
        thread.result()


def part_term_linger():
    """What waits for a name that nobody binds does not hold up term()."""
    ctx = zmq.Context()
    push = ctx.socket(zmq.PUSH)
    push.linger = 0
    push.connect("inproc://never-bound")
    push.send(b"lost")
    push.close()
    ctx.term()
    check(ctx.closed)

    ctx = zmq.Context()
    pushes = [connected(ctx, zmq.PUSH, name) for name in "ab"]
    for push in pushes:
        push.send(b"lost")
    ctx.destroy(linger=0)
    check(ctx.closed)


def part_close_delivers():
    """What was sent before close() arrives, whatever LINGER says."""
    with zmq.Context() as ctx, bound(ctx, zmq.PULL, "close") as pull:
        with connected(ctx, zmq.PUSH, "close") as push:
            for i in range(100):
                push.send(b"%d" % i)
            push.close(linger=0)
        for i in range(100):
            equal(pull.recv(), b"%d" % i)
