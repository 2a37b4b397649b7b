#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Draws the main figures of a run: picture.py RESULT.json OUT.svg

RESULT.json is what --benchmark_out=FILE of //bench or //bench:inproc keeps.
Relative paths are seen from where the command was given.
"""

import json
import os
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
from report import collect, nearest  # noqa: E402

try:
    import matplotlib
except ImportError:
    sys.exit("picture.py needs matplotlib: apt-get install python3-matplotlib")
matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

SIZES = (8, 48, 256, 4096, 65536)
# Label, row, colour.
STREAMS = (
    ("weir, 64 a call", "weir/push_pull/{}B/batch:64", "#0b5fa5"),
    ("weir, one a call", "weir/push_pull/{}B/batch:1", "#5ba3dc"),
    ("libzmq", "libzmq/push_pull/{}B/batch:1", "#c8622c"),
    ("nanomsg", "nanomsg/push_pull/{}B/batch:1", "#9a9a9a"),
    ("nng", "nng/push_pull/{}B/batch:1", "#cfcfcf"),
)
ROUND_TRIPS = (
    ("a bare line", "ceiling/line_pingpong", "#444444"),
    ("weir", "latency/weir/pair/8B/wait:adaptive/at:{at}", "#0b5fa5"),
    ("libzmq", "latency/libzmq/pair/8B/wait:default/at:{at}", "#c8622c"),
    ("nanomsg", "latency/nanomsg/pair/8B/wait:default/at:{at}", "#9a9a9a"),
    ("nng", "latency/nng/pair/8B/wait:default/at:{at}", "#cfcfcf"),
)


def middle(results, row, counter):
    """The median, or None for a row that is not there."""
    values = results.get(row, {}).get(counter)
    return median(values) if values else None


def short(value):
    """1234567 as 1.2M."""
    for unit in ("", "k", "M", "G"):
        if value < 999.5:
            break
        value /= 1000
    return f"{value:.{0 if value >= 9.95 else 1}f}{unit}"


def draw_streams(axes, results, at):
    width = 1 / (len(STREAMS) + 1)
    for i, (label, row, colour) in enumerate(STREAMS):
        values = [
            middle(results, f"throughput/{row.format(size)}/at:{at}",
                   "msgs_per_second")
            for size in SIZES
        ]
        places = [x + i * width for x in range(len(SIZES))]
        shown = [(x, v) for x, v in zip(places, values) if v]
        if not shown:
            continue
        axes.bar(*zip(*shown), width, label=label, color=colour)
        for x, value in shown:
            axes.text(x, value * 1.1, short(value), ha="center", fontsize=6.5)
    axes.set_yscale("log")
    axes.set_ylim(1e4, 3e9)
    axes.set_xticks([x + 2 * width for x in range(len(SIZES))],
                    [f"{size:,} B" for size in SIZES])
    axes.set_title("PUSH to PULL, messages a second", fontsize=10, loc="left")
    axes.legend(fontsize=8, ncols=3, frameon=False, loc="upper left")


def draw_round_trips(axes, results, at):
    rows = [
        (label, middle(results, row.format(at=at), "rtt_p50_ns"), colour)
        for label, row, colour in ROUND_TRIPS
    ]
    rows = [row for row in rows if row[1]][::-1]
    labels, values, colours = zip(*rows)
    axes.barh(labels, values, color=colours)
    for i, value in enumerate(values):
        axes.text(value * 1.15, i, f"{value:,.0f} ns", va="center", fontsize=8)
    axes.set_xscale("log")
    axes.set_xlim(10, max(values) * 20)
    axes.set_title("PAIR, round trip of 8 B, median", fontsize=10, loc="left")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    with open(sys.argv[1]) as file:
        report = json.load(file)
    results = collect(report)
    at = nearest(results)
    plt.rcParams["svg.hashsalt"] = "weir"  # the same picture each time
    plt.rcParams["font.family"] = "sans-serif"
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11, 4.2), width_ratios=(2.4, 1), layout="constrained"
    )
    draw_streams(left, results, at)
    draw_round_trips(right, results, at)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        axes.minorticks_off()
    context = report["context"]
    figure.suptitle(
        f"{context['machine']}; threads at {at}; medians of one run",
        fontsize=9, color="#555555",
    )
    figure.savefig(sys.argv[2], metadata={"Date": None})


if __name__ == "__main__":
    main()
