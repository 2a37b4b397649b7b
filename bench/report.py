#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Runs the main rows of the benchmark, and prints them and what they come to.

Flags of the benchmark program (--help lists them) may be given: they act on
the run. The rows are those below unless --benchmark_filter chooses others.
"""

import argparse
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

# Heads of the ratio table's columns, and what stands in the peer's row names.
PEERS = {
    "libzmq": ("libzmq", ""),
    "init_data": ("libzmq", "/api:init_data"),
    "nng": ("nng", ""),
    "nanomsg": ("nanomsg", ""),
}

# The main rows. {at} is the nearest distance that the machine has.
ROWS = (
    r"ceiling/.*",
    r"throughput/\w+/push_pull/\d+B/batch:\d+/at:{at}",
    r"throughput/weir/push_pull/(8|4096)B/batch:64/api:in_place/at:{at}",
    r"throughput/libzmq/push_pull/\d{{3,}}B/batch:1/api:init_data/at:{at}",
    r"throughput/\w+/pair/8B/batch:(1|64)/at:{at}",
    r"throughput/(weir|libzmq)/push_pull/8B/batch:(1|64)/at:.*",
    r"latency/\w+/pair/8B/wait:.*/at:{at}",
    r"latency/\w+/pair/(8|4096)B/wait:(adaptive|default)/at:{at}",
    r"latency/(weir|libzmq)/pair/8B/wait:(adaptive|default)/at:.*",
    r"latency/\w+/(req_rep|dealer_router)/8B/wait:(adaptive|default)/at:{at}",
    r"fan_in/\w+/senders:4/.*/at:{at}",
    r"oversubscribed/.*",
)

# What weir is to reach beside libzmq.
TARGETS = {
    "throughput/weir/push_pull/8B/batch:64/at:{at}": 20,
    "throughput/weir/push_pull/8B/batch:1/at:{at}": 8,
    "throughput/weir/push_pull/4096B/batch:64/at:{at}": 20,
    "latency/weir/pair/8B/wait:adaptive/at:{at}": 60,
    "fan_in/weir/senders:4/8B/batch:64/at:{at}": 8,
    "oversubscribed/weir/pairs:8/8B/batch:64": 4,
}
CEILING_TARGET = 2.5


def parse():
    parser = argparse.ArgumentParser(
        prog="tools/bazel run //bench --", description=__doc__
    )
    parser.add_argument("--benchmark_filter", metavar="REGEX")
    parser.add_argument(
        "--benchmark_repetitions", type=int, default=5, metavar="N"
    )
    parser.add_argument("--window_ms", type=int, default=100, metavar="N")
    return parser.parse_known_args()


def select(names, rows, at):
    """Those of the names that one of the patterns describes."""
    patterns = [re.compile(row.format(at=at)) for row in rows]
    return [n for n in names if any(p.fullmatch(n) for p in patterns)]


def nearest(names):
    """The distance of the first row: they come nearest first."""
    found = (re.search(r"/at:(\w+)$", name) for name in names)
    return next((match[1] for match in found if match), "none")


def output(command):
    """What a command prints, or the end of this program if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


class Progress:
    """One line on the terminal, rewritten as batches begin."""

    def __init__(self, total):
        self.total = total
        self.begun = 0
        self.shown = sys.stderr.isatty()

    def show(self, name):
        self.begun += 1
        if self.shown:
            share = min(100 * self.begun // self.total, 100)
            text = f"{share:3d} %  {name}"
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)

    def message(self, text):
        print(f"{self.clear()}{text}", end="", file=sys.stderr, flush=True)

    def clear(self):
        return "\r\x1b[K" if self.shown else ""

    def done(self):
        print(self.clear(), end="", file=sys.stderr, flush=True)


def run(command, names, repetitions):
    """Runs the rows; what the program reported, and its exit status."""
    progress = Progress(len(names) * repetitions)
    names = set(names)
    with tempfile.TemporaryFile("w+") as results:
        process = subprocess.Popen(
            command, stdout=results, stderr=subprocess.PIPE, text=True
        )
        for line in process.stderr:
            if line.strip() in names:
                progress.show(line.strip())
            elif "as DEBUG" not in line:
                progress.message(line)
        process.wait()
        progress.done()
        results.seek(0)
        return results.read(), process.returncode


def run_rows(command, names, repetitions, window_ms, chosen=None):
    """Runs the rows of these names, interleaved; see run. chosen: a regular
    expression for them, where there is one."""
    command = [
        command[0],
        # A window is long enough: one batch per repetition.
        f"--benchmark_min_time={window_ms / 2000}",
        "--benchmark_enable_random_interleaving=true",
        f"--benchmark_repetitions={repetitions}",
        *command[1:],
        f"--benchmark_filter={chosen or '^(' + '|'.join(names) + ')$'}",
        f"--window_ms={window_ms}",
        "--benchmark_format=json",
        "--progress",
    ]
    return run(command, names, repetitions)


def in_order(results, names):
    """Interleaved runs report rows in any order."""
    return {name: results[name] for name in names if name in results}


def collect(report):
    """name -> counter -> its values, one per repetition."""
    results = {}
    for entry in report["benchmarks"]:
        if entry["run_type"] != "iteration" or entry.get("error_occurred"):
            continue
        row = results.setdefault(entry["name"], {})
        for key, value in entry.items():
            if key.endswith(("_per_second", "_ns")):
                row.setdefault(key, []).append(value)
    return results


def amount(value):
    """1234567 as 1.23 M."""
    for unit in ("", " k", " M", " G", " T"):
        if value < 999.5:
            break
        value /= 1000
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f}{unit}"


def spread(values, text=amount):
    return f"({text(min(values))} .. {text(max(values))})"


def print_machine(description):
    for line in description.splitlines():
        key, value = line.split(": ", 1)
        print(f"{key:<10} {value}")


def print_rates(results):
    rates = {n: r for n, r in results.items() if "rtt_p50_ns" not in r}
    width = max(map(len, results))
    print(f"\n{'row':<{width}}  {'each second':>11}  {'min .. max':<22}  payload")
    for name, row in rates.items():
        values = row.get("msgs_per_second") or row["lines_per_second"]
        unit = amount(median(row["bytes_per_second"])) + "B/s"
        print(
            f"{name:<{width}}  {amount(median(values)):>11}  "
            f"{spread(values):<22}  {unit}"
        )


def print_latencies(results):
    width = max(map(len, results))
    heads = ("p50", "p99", "p99.9", "max")
    keys = ("rtt_p50_ns", "rtt_p99_ns", "rtt_p999_ns", "rtt_max_ns")
    print(f"\n{'round trip, in ns':<{width}}", end="")
    print("".join(f"  {head:>11}" for head in heads), " min .. max of p50")
    for name, row in results.items():
        if "rtt_p50_ns" not in row:
            continue
        cells = (f"  {median(row[key]):>11,.0f}" for key in keys)
        whole = spread(row["rtt_p50_ns"], "{:,.0f}".format)
        print(f"{name:<{width}}{''.join(cells)}  {whole}")


def ratio(above, below):
    """The ratio of the medians; of each repetition's, the least and most."""
    if not above or not below:
        return None, None, None
    each = [a / b for a, b in zip(above, below)]
    return median(above) / median(below), min(each), max(each)


def times(value):
    """A factor, as in 23.1x."""
    if value is None:
        return ""
    return f"{value:,.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}x"


def peer_row(name, column):
    """The peer's row for the same work, one message per call."""
    peer, api = PEERS[column]
    name = name.replace("/weir/", f"/{peer}/")
    name = re.sub(r"/batch:\d+(/api:\w+)?", f"/batch:1{api}", name)
    return re.sub(r"/wait:\w+", f"/wait:default{api}", name)


def compare(results, name, column):
    """The figures to divide: the result is above 1 where weir is better."""
    ours, theirs = results[name], results.get(peer_row(name, column), {})
    if "rtt_p50_ns" in ours:
        return theirs.get("rtt_p50_ns"), ours["rtt_p50_ns"]
    return ours["msgs_per_second"], theirs.get("msgs_per_second")


def verdict(reached, wanted):
    return f"{wanted}  {'reached' if reached else 'NOT REACHED'}"


def label(name, at):
    """The name without what all of them have."""
    name = name.replace("throughput/weir/", "").replace("/weir/", "/")
    return name.removesuffix(f"/at:{at}")


def print_ratios(results, at):
    targets = {name.format(at=at): t for name, t in TARGETS.items()}
    ours = [name for name in results if "/weir/" in name]
    if not ours:
        return
    width = max(len(label(name, at)) for name in ours)
    first, *others = PEERS
    print(f"\n{'weir / peer':<{width}}  {first:>7}  {'least .. most':<17}", end="")
    print(f"  {'target':<17}" + "".join(f"{peer:>11}" for peer in others))
    for name in ours:
        value, least, most = ratio(*compare(results, name, first))
        reach = ""
        if name in targets and value is not None:
            goal = targets[name]
            reach = verdict(value >= goal, f">= {goal}")
        whole = f"({times(least)} .. {times(most)})" if value else ""
        line = f"{label(name, at):<{width}}  {times(value):>7}  {whole:<17}"
        line += f"  {reach:<17}"
        for peer in others:
            line += f"{times(ratio(*compare(results, name, peer))[0]):>11}"
        print(line.rstrip())


def print_ceiling(results, at):
    ours = results.get(f"latency/weir/pair/8B/wait:adaptive/at:{at}")
    bare = results.get("ceiling/line_pingpong")
    if not ours or not bare:
        return
    value, least, most = ratio(ours["rtt_p50_ns"], bare["rtt_p50_ns"])
    reach = verdict(value <= CEILING_TARGET, f"<= {CEILING_TARGET}")
    print(
        f"\nround trip of 8 B, weir / a bare cache line: {times(value)} "
        f"({times(least)} .. {times(most)})  {reach}"
    )


def main():
    program = str(Path(sys.argv[0]).absolute().with_name("inproc"))
    options, others = parse()
    command = [program, *others]
    if options.benchmark_filter is not None:
        command.append(f"--benchmark_filter={options.benchmark_filter}")
    listed = output([*command, "--benchmark_list_tests"]).split()
    names = listed
    if options.benchmark_filter is None:
        names = select(listed, ROWS, nearest(listed))
    if not names:
        sys.exit("no row has such a name")
    print_machine(output([program, "--describe"]))
    repetitions = options.benchmark_repetitions
    print(
        f"{'method':<10} medians of {repetitions} interleaved repetitions of "
        f"{options.window_ms} ms; every message counted and checked"
    )
    sys.stdout.flush()
    text, status = run_rows(
        [program, *others],
        names,
        repetitions,
        options.window_ms,
        options.benchmark_filter,
    )
    try:
        results = collect(json.loads(text))
    except ValueError:
        sys.exit(status or "the benchmark program ended early")
    at = nearest(listed)
    results = in_order(results, names)
    if results:
        print_rates(results)
        print_latencies(results)
        print_ratios(results, at)
        print_ceiling(results, at)
    sys.exit(status)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
