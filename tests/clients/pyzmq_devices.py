# SPDX-License-Identifier: MPL-2.0
"""Devices: sockets that are joined on a thread of their own."""

import struct

import zmq
import zmq.devices
from pyzmq_expect import bound, check, connected, equal, expect_nothing
from pyzmq_expect import raises, start


def in_context(device, ctx):
    """Starts the device in a context that others know, too."""
    device.context_factory = lambda: ctx
    device.start()
    return device


def ended(device):
    device.join()
    return device.done


def ask_through(ctx, front, back):
    """Requests through a device; then ends the context, and so the device."""

    def answer():
        rep = connected(ctx, zmq.REP, back)
        with raises(zmq.ContextTerminated):
            while True:
                rep.send(rep.recv() + b"!")
        rep.close()

    def ask():
        with connected(ctx, zmq.REQ, front) as req:
            for i in range(100):
                req.send(b"%d" % i)
                equal(req.recv(), b"%d!" % i)

    answering = [start(answer) for _ in range(2)]
    asking = [start(ask) for _ in range(3)]
    for thread in asking:
        thread.result()
    ctx.term()
    for thread in answering:
        thread.result()


def part_proxy():
    ctx = zmq.Context()
    router = bound(ctx, zmq.ROUTER, "front")
    dealer = bound(ctx, zmq.DEALER, "back")

    def run():
        with raises(zmq.ContextTerminated):
            zmq.proxy(router, dealer)
        router.close()
        dealer.close()

    thread = start(run)
    ask_through(ctx, "front", "back")
    thread.result()


def part_thread_device():
    ctx = zmq.Context()
    device = zmq.devices.ThreadDevice(zmq.QUEUE, zmq.ROUTER, zmq.DEALER)
    device.bind_in("inproc://front")
    device.bind_out("inproc://back")
    in_context(device, ctx)
    ask_through(ctx, "front", "back")
    check(ended(device))


def part_thread_proxy():
    ctx = zmq.Context()
    device = zmq.devices.ThreadProxy(zmq.PULL, zmq.PUSH, zmq.PUSH)
    device.setsockopt_in(zmq.RCVHWM, 10)
    device.bind_in("inproc://in")
    device.bind_out("inproc://out")
    device.bind_mon("inproc://seen")
    in_context(device, ctx)
    push = connected(ctx, zmq.PUSH, "in")
    pull = connected(ctx, zmq.PULL, "out")
    seen = connected(ctx, zmq.PULL, "seen")
    for i in range(500):
        message = [b"%d" % i, b"x" * i]
        push.send_multipart(message)
        equal(pull.recv_multipart(), message)
        equal(seen.recv_multipart(), message)
    for socket in (push, pull, seen):
        socket.close()
    ctx.term()
    check(ended(device))


def part_thread_proxy_steered():
    ctx = zmq.Context()
    device = zmq.devices.ThreadProxySteerable(
        zmq.PULL, zmq.PUSH, zmq.PUB, zmq.PAIR
    )
    device.bind_in("inproc://in")
    device.bind_out("inproc://out")
    device.bind_mon("inproc://seen")
    device.bind_ctrl("inproc://control")
    in_context(device, ctx)
    push = connected(ctx, zmq.PUSH, "in")
    pull = connected(ctx, zmq.PULL, "out")
    control = connected(ctx, zmq.PAIR, "control")

    def count():
        """The messages that went in; commands before this have been heard."""
        control.send(b"STATISTICS")
        parts = control.recv_multipart()
        equal(len(parts), 8)
        return struct.unpack("=Q", parts[0])[0]

    push.send(b"one")
    equal(pull.recv(), b"one")
    equal(count(), 1)
    control.send(b"PAUSE")
    equal(count(), 1)
    push.send(b"two")
    equal(count(), 1)
    expect_nothing(pull)
    control.send(b"RESUME")
    equal(pull.recv(), b"two")
    control.send(b"TERMINATE")
    check(ended(device))
    for socket in (push, pull, control):
        socket.close()
    ctx.term()


def part_monitored_queue():
    """pyzmq's own loop over zmq_poll, which swaps the names of two ROUTERs."""
    ctx = zmq.Context()
    device = zmq.devices.ThreadMonitoredQueue(
        zmq.ROUTER, zmq.ROUTER, zmq.PUSH, b"in", b"out"
    )
    device.bind_in("inproc://in")
    device.bind_out("inproc://out")
    device.bind_mon("inproc://seen")
    in_context(device, ctx)
    seen = connected(ctx, zmq.PULL, "seen")
    alice, bob = ctx.socket(zmq.DEALER), ctx.socket(zmq.DEALER)
    alice.routing_id, bob.routing_id = b"alice", b"bob"
    alice.connect("inproc://in")
    bob.connect("inproc://out")
    # Its ROUTERs drop what is for those that they do not know yet.
    bob.send_multipart([b"nobody", b"here"])
    equal(seen.recv_multipart(), [b"out", b"nobody", b"bob", b"here"])
    for i in range(100):
        alice.send_multipart([b"bob", b"%d" % i])
        equal(bob.recv_multipart(), [b"alice", b"%d" % i])
        equal(seen.recv_multipart(), [b"in", b"bob", b"alice", b"%d" % i])
    for socket in (alice, bob, seen):
        socket.close()
    ctx.term()
    check(ended(device))
