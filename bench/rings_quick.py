#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Runs the rows of the ring lab that people ask for first, in two minutes, and
prints what they come to: every design and library at every batch size, the
hardware's limits, and our best beside the best library.

Flags of //bench:rings may be given: they act on the run, and
--benchmark_out=FILE keeps all figures, for tools/bazel run //tools:report.
"""

import argparse
import json
import signal
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
import report  # noqa: E402

BATCHES = (1, 8, 32, 128, 512)
FLAGSHIP = "ring/spsc/slot"
ROWS = (
    r"ceiling/.*",
    r"(ring|rival)/spsc/\w+/pairwise/item:8B/batch:(1|8|32|128|512)/1p1c/at:{at}",
    FLAGSHIP + r"/pairwise/item:8B/batch:16/1p1c/at:{at}",
    r"(ring|rival)/spsc/\w+/ping_pong/item:8B/batch:1/1p1c/at:{at}",
    r"(ring|rival)/mpsc/\w+/pairwise/item:8B/batch:32/4p1c/at:{at}",
    r"(ring|rival)/mpmc/\w+/pairwise/item:8B/batch:32/2p2c/at:{at}",
    r"(ring|rival)/(spmc|broadcast)/\w+/pairwise/item:8B/batch:32/1p2c/at:{at}",
)
# Kinds, their sides, and what our best is to be beside the best library.
CROWDS = {
    ("mpsc", "4p1c"): 1.3,
    ("spmc", "1p2c"): None,
    ("broadcast", "1p2c"): None,
    ("mpmc", "2p2c"): 1.0,
}
SPSC_TARGETS = {1: 1.5, 8: 1.5, 32: 1.3, 128: 1.2, 512: 1.2}
SECONDS = 100
REPETITIONS = 5


def parse():
    parser = argparse.ArgumentParser(
        prog="tools/bazel run //bench:rings_quick --", description=__doc__
    )
    parser.add_argument("--benchmark_filter", metavar="REGEX")
    parser.add_argument(
        "--benchmark_repetitions", type=int, default=REPETITIONS, metavar="N"
    )
    parser.add_argument("--window_ms", type=int, metavar="N")
    return parser.parse_known_args()


def window(rows, repetitions):
    """Milliseconds a row, for all to end in time: a batch begins with a warm-up
    and ends with threads that end."""
    each = SECONDS * 1000 / max(rows * repetitions, 1)
    return max(5, min(100, int((each - 3) / 1.2)))


class Table:
    """The results, by what the names of rows say."""

    def __init__(self, results, at):
        self.results = results
        self.at = at

    def row(self, design, workload, batch, sides):
        return self.results.get(
            f"{design}/{workload}/item:8B/batch:{batch}/{sides}/at:{self.at}", {}
        )

    def rates(self, design, batch, sides):
        row = self.row(design, "pairwise", batch, sides)
        return row.get("items_per_second")

    def round_trips(self, design):
        return self.row(design, "ping_pong", 1, "1p1c").get("rtt_p50_ns")

    def designs(self, whose, kind):
        """In the order of the rows, each once."""
        heads = ("/".join(name.split("/")[:3]) for name in self.results)
        start = f"{whose}/{kind}/"
        return list(dict.fromkeys(h for h in heads if h.startswith(start)))

    def best(self, whose, kind, batch, sides):
        """Its name, and its rates."""
        found = [
            (design, self.rates(design, batch, sides))
            for design in self.designs(whose, kind)
        ]
        found = [(d, rates) for d, rates in found if rates]
        return max(found, key=lambda f: median(f[1]), default=(None, None))


def millions(rates):
    if not rates:
        return "-"
    value = median(rates) / 1e6
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.1f}"


def print_spsc(table):
    designs = table.designs("ring", "spsc") + table.designs("rival", "spsc")
    if not designs:
        return
    width = max(map(len, designs))
    head = "".join(f"{batch:>9}" for batch in BATCHES)
    print(f"\n{'M items/s of 8 B, by batch':<{width}}{head}   round trip, ns")
    for design in designs:
        cells = "".join(
            f"{millions(table.rates(design, batch, '1p1c')):>9}"
            for batch in BATCHES
        )
        trips = table.round_trips(design)
        trip = f"{median(trips):,.0f}" if trips else "-"
        print(f"{design:<{width}}{cells}{trip:>13}")


def print_crowds(table):
    for kind, sides in CROWDS:
        designs = table.designs("ring", kind) + table.designs("rival", kind)
        found = [(d, table.rates(d, 32, sides)) for d in designs]
        found = [(d, rates) for d, rates in found if rates]
        if not found:
            continue
        width = max(len(d) for d, _ in found)
        print(f"\n{kind}, {sides}, batches of 32: items of 8 B")
        for design, rates in sorted(found, key=lambda f: -median(f[1])):
            value = report.amount(median(rates))
            print(f"{design:<{width}}{value:>9}/s  {report.spread(rates)}")


def print_ceilings(table):
    lines = [n for n in table.results if n.startswith("ceiling/")]
    if not lines:
        return
    width = max(map(len, lines))
    print(f"\n{'the hardware':<{width}}")
    for name in lines:
        row = table.results[name]
        if "rtt_p50_ns" in row:
            print(f"{name:<{width}}  {median(row['rtt_p50_ns']):,.0f} ns")
            continue
        rates = row.get("lines_per_second") or row["items_per_second"]
        unit = "lines" if "lines_per_second" in row else "positions"
        print(f"{name:<{width}}  {millions(rates)} M {unit}/s")


def comparisons(table):
    """What is compared: text, figures to divide, target, and which way."""
    for batch, target in SPSC_TARGETS.items():
        ours, our_rates = table.best("ring", "spsc", batch, "1p1c")
        theirs, their_rates = table.best("rival", "spsc", batch, "1p1c")
        text = f"spsc, batch {batch}: {ours} / {theirs}"
        yield text, our_rates, their_rates, target, True
    line = table.results.get("ceiling/line_stream", {}).get("lines_per_second")
    for batch in (16, *BATCHES[2:]):
        text = f"slot, batch {batch} / line_stream"
        yield text, table.rates(FLAGSHIP, batch, "1p1c"), line, 0.8, True
    bare = table.results.get("ceiling/line_pingpong", {}).get("rtt_p50_ns")
    yield "slot, round trip / line_pingpong", table.round_trips(
        FLAGSHIP
    ), bare, 1.5, False
    for (kind, sides), target in CROWDS.items():
        ours, our_rates = table.best("ring", kind, 32, sides)
        theirs, their_rates = table.best("rival", kind, 32, sides)
        text = f"{kind} {sides}, batch 32: {ours} / {theirs}"
        yield text, our_rates, their_rates, target, True


def print_comparisons(table):
    lines = []
    for text, above, below, target, more in comparisons(table):
        value, least, most = report.ratio(above, below)
        if value is None:
            continue
        reach = ""
        if target is not None:
            reached = value >= target if more else value <= target
            sign = ">=" if more else "<="
            reach = report.verdict(reached, f"{sign} {target}")
        whole = f"({report.times(least)} .. {report.times(most)})"
        lines.append((text, report.times(value), whole, reach))
    if not lines:
        return
    width = max(len(line[0]) for line in lines)
    print(f"\n{'ours / the best library':<{width}}    ratio  least .. most")
    for text, value, whole, reach in lines:
        print(f"{text:<{width}}  {value:>7}  {whole:<17}  {reach}".rstrip())


def print_machine(description):
    """Without our designs, whose rows tell enough."""
    libraries = {}
    for line in description.splitlines():
        key, value = line.split(": ", 1)
        if key.startswith("rival/"):
            version = value.split(":")[0]
            libraries.setdefault(version, []).append(key.split("/")[2])
        elif not key.startswith("ring/"):
            print(f"{key:<10} {value}")
    for version, names in libraries.items():
        print(f"{'library':<10} {', '.join(dict.fromkeys(names))}: {version}")


def main():
    program = str(Path(sys.argv[0]).absolute().with_name("rings"))
    options, others = parse()
    command = [program, *others]
    listing = list(command)
    if options.benchmark_filter is not None:
        listing.append(f"--benchmark_filter={options.benchmark_filter}")
    names = report.output([*listing, "--benchmark_list_tests"]).split()
    at = report.nearest(names)
    if options.benchmark_filter is None:
        names = report.select(names, ROWS, at)
    if not names:
        sys.exit("no row has such a name")
    repetitions = options.benchmark_repetitions
    window_ms = options.window_ms
    if window_ms is None:
        window_ms = window(len(names), repetitions)
    print_machine(report.output([program, "--describe"]))
    print(
        f"{'method':<10} medians of {repetitions} interleaved repetitions of "
        f"{window_ms} ms; every item written, read and checked; threads at "
        f"{at}",
        flush=True,
    )
    text, status = report.run_rows(
        command, names, repetitions, window_ms, options.benchmark_filter
    )
    try:
        results = report.collect(json.loads(text))
    except ValueError:
        sys.exit(status or "the benchmark program ended early")
    table = Table(report.in_order(results, names), at)
    print_spsc(table)
    print_crowds(table)
    print_ceilings(table)
    print_comparisons(table)
    sys.exit(status)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
