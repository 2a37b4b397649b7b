# SPDX-License-Identifier: MPL-2.0
"""Charts of round trips, and of latency at a load."""

from collections import defaultdict

import ceilings
import wording
from chart import Dots, Lines
from kind import dots_of, lines_of, nearness, place_text, where

ROUND_TRIP = ("rtt_p50_ns", "rtt_p99_ns", "rtt_p999_ns")
PERCENTILES = {
    "latency_p50_ns": "50",
    "latency_p90_ns": "90",
    "latency_p99_ns": "99",
    "latency_p999_ns": "99.9",
    "latency_p9999_ns": "99.99",
    "latency_max_ns": "max",
}
_OVER_LOAD = ("latency_p50_ns", "latency_p99_ns")
_HOW = "Dot: median; tick: 99 %; end of the line: 99.9 %."


def round_trips(kind):
    """A chart per setup, that with the most designs first."""
    setups = defaultdict(list)
    for row in where(kind.rows, workload="ping_pong"):
        if row.middle(ROUND_TRIP[0]) > 0:
            key = row.at, row.threads, row.item, row.batch
            setups[key].append(row)
    order = sorted(setups, key=lambda s: (-len(setups[s]), nearness(s[0]), s))
    limit = ceilings.round_trip(kind.lab)
    said = f" {ceilings.ROUND_TRIP_SAID}" if limit else ""
    for at, threads, item, batch in order:
        yield Dots(
            title=f"Round trip of {item} B",
            note=f"{place_text(threads, at)}. {_HOW}{said}",
            unit="round trip",
            counter=ROUND_TRIP[0],
            dots=dots_of(kind, setups[at, threads, item, batch], ROUND_TRIP),
            limit=limit,
        )


def _load(row):
    """The share of the full rate, in per cent, or None."""
    text = (row.extra("load") or "").removesuffix("%")
    return int(text) if text.isdecimal() else None


def paced(kind):
    """Of each setup: percentiles over load, and all of them at one load."""
    setups = defaultdict(list)
    for row in where(kind.rows, workload="paced"):
        if _load(row) is not None:
            others = tuple(e for e in row.extras if e[0] != "load")
            key = row.item, row.batch, row.threads, row.at, others
            setups[key].append(row)
    order = sorted(setups, key=lambda k: (-len(setups[k]), nearness(k[3]), k))
    for key in order:
        rows = setups[key]
        place = _setup_text(key)
        for counter in _OVER_LOAD:
            yield from _over_load(kind, rows, counter, key[0], place)
        yield from _curve(kind, rows, key[0], place)


def _setup_text(key):
    _, batch, threads, at, others = key
    more = f", {wording.extras_text(others)}" if others else ""
    return f"{place_text(threads, at)}, batch {batch}{more}"


def _over_load(kind, rows, counter, item, place):
    lines = lines_of(kind, rows, _load, counter)
    loads = sorted({x for line in lines for x in line.points})
    if len(loads) < 2:
        return
    limits = ceilings.one_way(kind.lab, loads)
    yield Lines(
        title=f"Latency over load, {item} B: {PERCENTILES[counter]} %",
        note=f"{place}. From the time at which an item was to be sent."
        + _said(limits),
        x_title="load, %",
        unit="latency",
        counter=counter,
        ticks={load: str(load) for load in loads},
        lines=lines,
        limits=limits,
        logarithmic=False,
    )


def _curve(kind, rows, item, place):
    """All percentiles at the highest load that the most designs have."""
    designs = defaultdict(set)
    for row in rows:
        designs[_load(row)].add((row.ours, row.design))
    load = max(designs, key=lambda load: (len(designs[load]), load))
    rows = [row for row in rows if _load(row) == load]
    by_x = {}
    for x, counter in enumerate(PERCENTILES):
        for line in lines_of(kind, rows, lambda row: x, counter):
            whole = by_x.setdefault((line.ours, line.label), line)
            whole.points.update(line.points)
    xs = sorted({x for line in by_x.values() for x in line.points})
    if len(xs) < 2:
        return
    texts = list(PERCENTILES.values())
    limits = ceilings.one_way(kind.lab, xs)
    yield Lines(
        title=f"Latency percentiles, {item} B, at {load} % load",
        note=f"{place}. From the time at which an item was to be sent."
        + _said(limits),
        x_title="per cent of the items that took no longer",
        unit="latency",
        counter="latency_p50_ns",
        ticks={x: texts[x] for x in xs},
        lines=list(by_x.values()),
        limits=limits,
        logarithmic=False,
    )


def _said(limits):
    return f" {ceilings.ONE_WAY_SAID}" if limits else ""
