# SPDX-License-Identifier: MPL-2.0
"""zmq.asyncio: coroutines that wait for a socket's FD and read its EVENTS."""

import asyncio

import zmq
import zmq.asyncio
from pyzmq_expect import bound, connected, equal, raises, start


def run(coroutine):
    """Runs it with a context of its own."""

    async def within():
        ctx = zmq.asyncio.Context()
        try:
            await coroutine(ctx)
        finally:
            ctx.destroy(linger=0)

    asyncio.run(within())


def part_coroutines_pipeline():
    async def main(ctx):
        pull = bound(ctx, zmq.PULL, "pipeline")

        async def send(sender):
            with connected(ctx, zmq.PUSH, "pipeline") as push:
                for i in range(500):
                    await push.send_multipart([b"%d" % sender, b"%d" % i])

        async def receive():
            following = [0] * 3
            for _ in range(3 * 500):
                sender, number = map(int, await pull.recv_multipart())
                equal(number, following[sender])
                following[sender] += 1

        await asyncio.gather(receive(), *map(send, range(3)))
        pull.close()

    run(main)


def part_coroutines_high_water():
    """A sender that has to wait for room, again and again."""

    async def main(ctx):
        pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
        pull.rcvhwm = push.sndhwm = 2
        pull.bind("inproc://room")
        push.connect("inproc://room")

        async def send():
            for i in range(300):
                await push.send(b"%d" % i)

        async def receive():
            for i in range(300):
                equal(await pull.recv(), b"%d" % i)

        await asyncio.gather(send(), receive())
        push.close()
        pull.close()

    run(main)


def part_coroutines_requests():
    async def main(ctx):
        async def answer(rep):
            for _ in range(4 * 100):
                await rep.send(await rep.recv() + b"!")

        async def ask():
            with connected(ctx, zmq.REQ, "requests") as req:
                for i in range(100):
                    await req.send(b"%d" % i)
                    equal(await req.recv(), b"%d!" % i)

        with bound(ctx, zmq.REP, "requests") as rep:
            await asyncio.gather(answer(rep), *(ask() for _ in range(4)))

    run(main)


def part_coroutines_threads():
    """The other end is on a thread that knows nothing of coroutines."""

    async def main(ctx):
        plain = zmq.Context.shadow(ctx.underlying)
        pair = bound(ctx, zmq.PAIR, "thread")

        def echo():
            with connected(plain, zmq.PAIR, "thread") as peer:
                for _ in range(300):
                    peer.send(peer.recv())

        thread = start(echo)
        for i in range(300):
            await pair.send(b"%d" % i)
            equal(await pair.recv(), b"%d" % i)
        await asyncio.wrap_future(thread)
        pair.close()

    run(main)


def part_coroutines_poller():
    async def main(ctx):
        pulls = [bound(ctx, zmq.PULL, f"poll-{i}") for i in range(5)]
        pushes = [connected(ctx, zmq.PUSH, f"poll-{i}") for i in range(5)]
        poller = zmq.asyncio.Poller()
        for pull in pulls:
            poller.register(pull, zmq.POLLIN)
        equal(await poller.poll(0), [])
        waiting = asyncio.ensure_future(poller.poll())
        await asyncio.sleep(0)
        await pushes[3].send(b"three")
        equal(dict(await waiting), {pulls[3]: zmq.POLLIN})
        equal(await pulls[3].recv(), b"three")
        equal(await pulls[3].poll(0), 0)
        for socket in pulls + pushes:
            socket.close()

    run(main)


def part_coroutines_cancelled():
    """Who gives up loses nothing."""

    async def main(ctx):
        pull = bound(ctx, zmq.PULL, "cancel")
        push = connected(ctx, zmq.PUSH, "cancel")
        for i in range(20):
            waiting = asyncio.ensure_future(pull.recv())
            await asyncio.sleep(0)
            waiting.cancel()
            with raises(asyncio.CancelledError):
                await waiting
            await push.send(b"%d" % i)
            equal(await pull.recv(), b"%d" % i)
        pull.rcvtimeo = 1
        with raises(zmq.Again):
            await pull.recv()
        push.close()
        pull.close()

    run(main)
