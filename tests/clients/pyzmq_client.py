#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A client of pyzmq, over inproc alone: pyzmq_client.py [PART...]

Runs its parts one after another, says "name ok" of each, and ends the process
at the first wrong result, or when one hangs. Its exit code is 77 if pyzmq is
not installed.
"""

import faulthandler
import importlib.util
import os
import sys
import traceback

# For all parts together, which take a few seconds: only a hang gets there.
WATCHDOG_S = 50
ABSENT = 77

if importlib.util.find_spec("zmq") is None:
    print("pyzmq is not installed: nothing to test")
    sys.exit(ABSENT)

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
MODULES = (
    "pyzmq_sockets",
    "pyzmq_messages",
    "pyzmq_devices",
    "pyzmq_coroutines",
)


def parts_of(module):
    """Its functions part_NAME, as they are written down."""
    for key, function in list(vars(module).items()):
        if key.startswith("part_"):
            yield key[len("part_"):], function


def run_part(name, function):
    print(name, end=" ", flush=True)
    try:
        function()
    except BaseException:  # pylint: disable=broad-except
        print("FAILED", flush=True)
        traceback.print_exc()
        # Other threads may be blocked for ever.
        os._exit(1)
    print("ok", flush=True)


def main(wanted):
    ran = 0
    for module in map(importlib.import_module, MODULES):
        for name, function in parts_of(module):
            if wanted and name not in wanted:
                continue
            run_part(name, function)
            ran += 1
    return 0 if ran else 1


if __name__ == "__main__":
    # Shows where all threads are, and exits with 1.
    faulthandler.dump_traceback_later(WATCHDOG_S, exit=True)
    sys.exit(main(sys.argv[1:]))
