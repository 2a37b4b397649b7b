# SPDX-License-Identifier: MPL-2.0
"""What the parts of the client of pyzmq share."""

import contextlib
import threading
from concurrent.futures import Future

import zmq


def check(good, *what):
    """As assert, which python -O leaves out."""
    if not good:
        raise AssertionError(*what)


def equal(got, want):
    check(got == want, f"{got!r} instead of {want!r}")


def start(function, *args):
    """Calls it on a thread; result() waits for it and raises what it did."""
    future = Future()

    def run():
        try:
            future.set_result(function(*args))
        except BaseException as error:  # pylint: disable=broad-except
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


@contextlib.contextmanager
def raises(kind, errno=None):
    try:
        yield
    except kind as error:
        if errno is not None:
            equal(error.errno, errno)
        return
    raise AssertionError(f"no {kind.__name__}")


def bound(ctx, kind, name):
    socket = ctx.socket(kind)
    socket.bind(f"inproc://{name}")
    return socket


def connected(ctx, kind, name):
    socket = ctx.socket(kind)
    socket.connect(f"inproc://{name}")
    return socket


def expect_nothing(socket):
    with raises(zmq.Again, zmq.EAGAIN):
        socket.recv(zmq.DONTWAIT)
