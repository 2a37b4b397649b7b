# SPDX-License-Identifier: MPL-2.0
"""Messages of pyzmq: copied or not, in parts, or made of objects."""

import errno
import gc
import time
import weakref

import zmq
from pyzmq_expect import bound, check, connected, equal, expect_nothing
from pyzmq_expect import raises, start

SIZES = (0, 1, 29, 33, 34, 100, 4096, 1 << 20)


class Blob(bytearray):
    """Memory that can be watched."""


def part_copies():
    with zmq.Context() as ctx, bound(ctx, zmq.PAIR, "copies") as one:
        with connected(ctx, zmq.PAIR, "copies") as other:
            for size in SIZES:
                data = bytes(i * 7 % 256 for i in range(size))
                for sent_copied in (True, False):
                    for got_copied in (True, False):
                        one.send(data, copy=sent_copied)
                        got = other.recv(copy=got_copied)
                        equal(bytes(got), data)
            expect_nothing(other)


def part_frames():
    with zmq.Context() as ctx, bound(ctx, zmq.PAIR, "frames") as one:
        with connected(ctx, zmq.PAIR, "frames") as other:
            one.send(zmq.Frame(b"head" * 100), zmq.SNDMORE)
            one.send(zmq.Frame(b"tail"))
            head, tail = other.recv_multipart(copy=False)
            check(head.more and not tail.more)
            equal((head.get(zmq.MORE), tail.get(zmq.MORE)), (1, 0))
            equal(bytes(head.buffer), b"head" * 100)
            equal((len(tail), str(tail)), (4, "tail"))
            with raises(zmq.ZMQError, errno.EINVAL):
                head.get("Socket-Type")
            # A frame that was received can be sent, more than once.
            other.send(head, copy=False)
            other.send(head, copy=False)
            equal([one.recv(), one.recv()], [b"head" * 100] * 2)
            equal(head.bytes, b"head" * 100)


def wait_until_gone(reference):
    """A thread of pyzmq's drops what libzmq has freed."""
    while reference() is not None:
        gc.collect()
        time.sleep(0)


def part_zero_copy():
    with zmq.Context() as ctx, bound(ctx, zmq.PULL, "zero-copy") as pull:
        with connected(ctx, zmq.PUSH, "zero-copy") as push:
            push.copy_threshold = 0
            blob = Blob(b"z" * 100000)
            reference = weakref.ref(blob)
            tracker = push.send(blob, copy=False, track=True)
            frame = pull.recv(copy=False)
            check(not tracker.done)
            # One memory: what is written here is seen there.
            blob[5] = ord("!")
            equal(bytes(frame.buffer[:7]), b"zzzzz!z")
            del blob
            gc.collect()
            check(reference() is not None)
            del frame
            tracker.wait()
            check(tracker.done)
            wait_until_gone(reference)


def part_zero_copy_garbage():
    """Many at once, dropped by another thread; some never received."""
    references = []
    with zmq.Context() as ctx, bound(ctx, zmq.PULL, "garbage") as pull:
        with connected(ctx, zmq.PUSH, "garbage") as push:
            push.copy_threshold = 0
            push.linger = 0

            def receive():
                for i in range(400):
                    frames = pull.recv_multipart(copy=False)
                    equal([len(frame) for frame in frames], [i, 2 * i])

            thread = start(receive)
            for i in range(500):
                blobs = [Blob(i), Blob(2 * i)]
                references += map(weakref.ref, blobs)
                push.send_multipart(blobs, copy=False)
            thread.result()
            del blobs
    for reference in references:
        wait_until_gone(reference)


def part_zero_copy_fan_out():
    with zmq.Context() as ctx, bound(ctx, zmq.XPUB, "fan-out") as xpub:
        xpub.copy_threshold = 0
        xpub.xpub_verbose = True
        subs = [connected(ctx, zmq.SUB, "fan-out") for _ in range(4)]
        for sub in subs:
            sub.subscribe("")
            equal(xpub.recv(), b"\1")
        blob = Blob(b"all" * 1000)
        reference = weakref.ref(blob)
        tracker = xpub.send(blob, copy=False, track=True)
        del blob
        frames = [sub.recv(copy=False) for sub in subs]
        for sub in subs:
            sub.close()
        while frames:
            check(not tracker.done)
            equal(frames.pop().bytes, b"all" * 1000)
        tracker.wait()
        wait_until_gone(reference)


def part_multipart():
    with zmq.Context() as ctx, bound(ctx, zmq.PAIR, "parts") as one:
        with connected(ctx, zmq.PAIR, "parts") as other:
            parts = [b"%d" % i * i for i in range(300)]
            for copied in (True, False):
                one.send_multipart(parts, copy=copied)
                equal(other.recv_multipart(), parts)
            one.send(b"a", zmq.SNDMORE)
            one.send(b"b")
            equal((other.recv(), other.rcvmore), (b"a", 1))
            equal((other.recv(), other.rcvmore), (b"b", 0))
            expect_nothing(other)


def part_objects():
    things = [None, 1 << 100, {"a": [1.5, "b"]}, ("x",) * 5000]
    with zmq.Context() as ctx, bound(ctx, zmq.PAIR, "objects") as one:
        with connected(ctx, zmq.PAIR, "objects") as other:
            for thing in things:
                one.send_pyobj(thing)
                equal(other.recv_pyobj(), thing)
            one.send_json({"list": [1, 2, None]})
            equal(other.recv_json(), {"list": [1, 2, None]})
            one.send_string("gr\u00fc\u00dfe")
            equal(other.recv_string(), "gr\u00fc\u00dfe")
            one.send_serialized(things, lambda all: [repr(all).encode()])
            equal(other.recv_serialized(lambda parts: len(parts)), 1)
