#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Runs one program on <zmq.h> on libzmq and on weir in turn, and compares.

The program is //bench/drop_in; each repetition runs its rows once on either
library. Beside them stand round trips of weir's own REQ and REP, DEALER and
ROUTER, and PAIR. Other flags than these go to the programs.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
from report import amount, collect, ratio, spread, times  # noqa: E402
from report import print_machine, verdict  # noqa: E402

LIBRARIES = ("libzmq", "weir")

# Row after zmq/<library>/, counter, and what weir / libzmq is to reach (of
# times, libzmq / weir).
TARGETS = (
    ("push_pull/8B", "msgs_per_second", 4),
    ("push_pull/256B", "msgs_per_second", 5),
    ("push_pull/4096B", "msgs_per_second", 8),
    ("pair_round_trip/8B", "rtt_p50_ns", 40),
    ("poll_1000/8B", "calls_per_second", 20),
    ("pub_8_subs/64B", "msgs_per_second", 4),
    ("pub_8_subs_pinned/64B", "msgs_per_second", None),
    ("bind_connect_close/0B", "calls_per_second", 3),
)
NATIVE_ROW = r"latency/weir/(\w+)/8B/wait:adaptive/at:\w+"
NATIVE = r"^latency/weir/(pair|req_rep|dealer_router)/8B/wait:adaptive/"
NATIVE_TARGET = 1.5


def parse():
    parser = argparse.ArgumentParser(
        prog="tools/bazel run //bench:zmq --", description=__doc__
    )
    parser.add_argument("--benchmark_filter", metavar="REGEX", default=".")
    parser.add_argument(
        "--benchmark_repetitions", type=int, default=5, metavar="N"
    )
    parser.add_argument(
        "--benchmark_format", choices=("console", "json"), default="console"
    )
    parser.add_argument("--window_ms", type=int, default=100, metavar="N")
    options, others = parser.parse_known_args()
    if options.benchmark_repetitions < 1:
        parser.error("--benchmark_repetitions: at least 1")
    try:
        re.compile(options.benchmark_filter)
    except re.error as error:
        parser.error(f"--benchmark_filter: {error}")
    return options, others


class Program:
    """A benchmark program, and the library that it is to run on."""

    def __init__(self, path, library=None, folder=None):
        self.path = path
        self.env = dict(os.environ)
        self.env.pop("LD_LIBRARY_PATH", None)
        if library:
            self.env["WEIR_ZMQ_LIBRARY"] = library
        if folder:
            self.env["LD_LIBRARY_PATH"] = folder

    def output(self, *flags):
        done = subprocess.run(
            [self.path, *flags],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wrong = [
            line
            for line in done.stderr.splitlines()
            if "as DEBUG" not in line and "did not match" not in line
        ]
        for line in wrong:
            print(line, file=sys.stderr)
        return done.stdout, done.returncode

    def rows(self, pattern):
        """The names of its rows that the pattern finds."""
        names, _ = self.output("--benchmark_list_tests")
        return [n for n in names.split() if re.search(pattern, n)]


def exactly(names):
    return f"--benchmark_filter=^({'|'.join(names)})$"


def run(parts, options, others):
    """One report of all repetitions, and the exit status."""
    merged, status = None, 0
    for repetition in range(options.benchmark_repetitions):
        for program, names in parts:
            text, code = program.output(
                f"--benchmark_min_time={options.window_ms / 2000}",
                *others,
                exactly(names),
                f"--window_ms={options.window_ms}",
                "--benchmark_format=json",
            )
            status = status or code
            try:
                report = json.loads(text)
            except ValueError:
                sys.exit(code or "the benchmark program ended early")
            for entry in report["benchmarks"]:
                entry["repetition_index"] = repetition
                entry["repetitions"] = options.benchmark_repetitions
            if merged is None:
                merged = report
            else:
                merged["benchmarks"] += report["benchmarks"]
    return merged, status


def print_libraries(results):
    width = max(len(row) for row, _, _ in TARGETS)
    print(f"{'':<{width}}  {'libzmq':>10}  {'weir':>10}  ratio")
    for row, counter, goal in TARGETS:
        theirs, ours = (
            results.get(f"zmq/{library}/{row}", {}).get(counter)
            for library in LIBRARIES
        )
        if not theirs and not ours:
            continue
        cells = [amount(median(v)) if v else "-" for v in (theirs, ours)]
        if counter.endswith("_ns"):
            ours, theirs = theirs, ours
        value, least, most = ratio(ours, theirs)
        line = f"{row:<{width}}  {cells[0]:>10}  {cells[1]:>10}"
        if value is not None:
            whole = f"({times(least)} .. {times(most)})"
            line += f"  {times(value):>6}  {whole:<18}  "
            if goal is not None:
                line += verdict(value >= goal, f">= {goal}")
        print(line.rstrip())


def print_native(results):
    found = {
        match[1]: row["rtt_p50_ns"]
        for name, row in results.items()
        if (match := re.fullmatch(NATIVE_ROW, name))
    }
    if not found:
        return
    print("\nweir's own sockets, round trip of 8 B in ns, and over PAIR's")
    for pattern, values in found.items():
        line = f"{pattern:<15}  {median(values):>6.0f}  "
        line += f"{spread(values, '{:.0f}'.format):<14}"
        if pattern != "pair" and "pair" in found:
            value, least, most = ratio(values, found["pair"])
            line += f"  {times(value)}  ({times(least)} .. {times(most)})  "
            line += verdict(value <= NATIVE_TARGET, f"<= {NATIVE_TARGET}")
        print(line.rstrip())


def main():
    here = Path(sys.argv[0]).absolute().parent
    drop_in = str(here / "drop_in" / "drop_in")
    folder = str(here.parent / "core" / "zmq")
    options, others = parse()
    programs = (
        (Program(drop_in, "libzmq"), "^zmq/"),
        (Program(drop_in, "weir", folder), "^zmq/"),
        (Program(str(here / "inproc")), NATIVE),
    )
    parts = [
        (
            program,
            [
                name
                for name in program.rows(pattern)
                if re.search(options.benchmark_filter, name)
            ],
        )
        for program, pattern in programs
    ]
    parts = [part for part in parts if part[1]]
    if not parts:
        sys.exit("no row has such a name")
    as_json = options.benchmark_format == "json"
    if not as_json:
        print_machine(programs[0][0].output("--describe")[0])
        print(
            f"{'method':<10} medians of {options.benchmark_repetitions} "
            "repetitions, one library after the other in each, of "
            f"{options.window_ms} ms\n"
        )
        sys.stdout.flush()
    report, status = run(parts, options, others)
    if as_json:
        print(json.dumps(report, indent=1))
    else:
        results = collect(report)
        print_libraries(results)
        print_native(results)
    sys.exit(status)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
