# SPDX-License-Identifier: MPL-2.0
"""Charts of the plain stream: over what is varied, and beside the rivals."""

from collections import defaultdict
from itertools import product
from math import log
from statistics import mean

import ceilings
import wording
from chart import Heat, Lines
from kind import RATE, STREAM, lines_of, lossy, nearness, place_text, where
from lab import UNPINNED, size_in_bytes


def over_batch(kind, item, threads, at):
    rows = where(kind.stream, item=item, threads=threads, at=at)
    lines = lines_of(kind, rows, lambda row: row.batch, RATE)
    batches = sorted({x for line in lines for x in line.points})
    if len(batches) < 2:
        return None
    limits, said = ceilings.over_batch(
        kind.lab, kind.name, item, threads, batches
    )
    return Lines(
        title=f"Throughput over batch, items of {item} B",
        note=f"{place_text(threads, at)}. {said}{lossy(rows)}",
        x_title="items a call (batch)",
        unit="items a second",
        counter=RATE,
        ticks={batch: str(batch) for batch in batches},
        lines=lines,
        limits=limits,
    )


def over_size(kind, batch):
    rows = where(kind.stream, batch=batch, threads=kind.threads, at=kind.at)
    lines = lines_of(kind, rows, lambda row: row.item, RATE)
    sizes = sorted({x for line in lines for x in line.points})
    if len(sizes) < 2:
        return None
    limits, said = ceilings.over_size(
        kind.lab, kind.name, batch, kind.threads, sizes
    )
    return Lines(
        title=f"Throughput over item size, batch {batch}",
        note=f"{place_text(kind.threads, kind.at)}. {said}{lossy(rows)}",
        x_title="bytes of an item",
        unit="items a second",
        counter=RATE,
        ticks={item: str(item) for item in sizes},
        lines=lines,
        limits=limits,
    )


def over_threads(kind, batch):
    """Each p:c at the main placement, or unpinned if it does not fit there."""
    rows = where(kind.stream, item=kind.item, batch=batch)
    at = _places(kind, rows)
    order = sorted(at, key=lambda pair: (sum(pair), pair))
    rows = [row for row in rows if row.at == at[row.threads]]
    lines = lines_of(kind, rows, lambda row: order.index(row.threads), RATE)
    if len(order) < 2 or not lines:
        return None
    limits, said = ceilings.flat(
        kind.lab, kind.name, kind.item, batch, range(len(order))
    )
    found = sorted(set(at.values()), key=nearness)
    star = {UNPINNED: "*"} if len(found) > 1 else {}
    told = "; ".join(f"{star.get(a, '')} at {a}".strip() for a in found)
    return Lines(
        title=f"Throughput over threads, {kind.item} B, batch {batch}",
        note=f"{told}. {said}{lossy(rows)}",
        x_title="producers : consumers",
        unit="items a second",
        counter=RATE,
        ticks={
            i: f"{pair[0]}:{pair[1]}{star.get(at[pair], '')}"
            for i, pair in enumerate(order)
        },
        lines=lines,
        limits=limits,
        logarithmic=False,
    )


def _places(kind, rows):
    """p:c -> the placement that stands for it."""
    places = defaultdict(set)
    for row in rows:
        places[row.threads].add(row.at)
    return {
        pair: kind.at if kind.at in found else min(found, key=nearness)
        for pair, found in places.items()
    }


def over_placement(kind):
    rows = where(
        kind.stream, item=kind.item, batch=kind.batch, threads=kind.threads
    )
    order = sorted({row.at for row in rows}, key=nearness)
    lines = lines_of(kind, rows, lambda row: order.index(row.at), RATE)
    if len(order) < 2 or not lines:
        return None
    limits, said = ceilings.flat(
        kind.lab, kind.name, kind.item, kind.batch, range(len(order))
    )
    return Lines(
        title=f"Throughput over placement, {kind.item} B, batch {kind.batch}",
        note=f"{wording.threads(kind.threads)}. {said}{lossy(rows)}",
        x_title="where the threads run",
        unit="items a second",
        counter=RATE,
        ticks={i: at.replace("_", " ") for i, at in enumerate(order)},
        lines=lines,
        limits=limits,
        logarithmic=False,
    )


def over_ring(kind):
    """A sweep of ring sizes, for each setup that has one."""
    sweeps = defaultdict(list)
    for row in where(kind.rows, workload=STREAM):
        size = size_in_bytes(row.extra("ring") or "")
        others = tuple(e for e in row.extras if e[0] != "ring")
        if size and row.item and row.batch:
            key = row.item, row.batch, row.threads, row.at, others
            sweeps[key].append((size, row))
    order = sorted(sweeps, key=lambda s: (nearness(s[3]), s))
    for item, batch, threads, at, others in order:
        found = sweeps[item, batch, threads, at, others]
        sizes = {row.name: size for size, row in found}
        lines = lines_of(
            kind, [row for _, row in found], lambda r: sizes[r.name], RATE
        )
        ticks = sorted({x for line in lines for x in line.points})
        if len(ticks) < 2:
            continue
        limits, said = ceilings.flat(kind.lab, kind.name, item, batch, ticks)
        more = f", {wording.extras_text(others)}" if others else ""
        yield Lines(
            title=f"Throughput over ring size, {item} B, batch {batch}",
            note=f"{place_text(threads, at)}{more}. {said}",
            x_title="bytes of the ring",
            unit="items a second",
            counter=RATE,
            ticks={size: wording.size(size) for size in ticks},
            lines=lines,
            limits=limits,
        )


def against_rivals(kind):
    """Ours over each rival, a chart per batch; each has its place in all."""
    rows = where(kind.stream, item=kind.item, threads=kind.threads, at=kind.at)
    rates = {
        (row.batch, row.ours, row.design): row.middle(RATE)
        for row in rows
        if row.middle(RATE) > 0
    }
    ours, rivals = _ranked(rates, True), _ranked(rates, False)
    turned = len(rivals) > max(len(ours), 7)
    for batch in sorted({batch for batch, _, _ in rates}):
        cells = {}
        for own, rival in product(ours, rivals):
            keys = (batch, True, own), (batch, False, rival)
            if all(key in rates for key in keys):
                place = (rival, own) if turned else (own, rival)
                cells[place] = rates[keys[0]] / rates[keys[1]]
        if not cells:
            continue
        yield Heat(
            title=f"Ours / rival, {kind.item} B, batch {batch}",
            note=f"{place_text(kind.threads, kind.at)}, medians of "
            "items a second.",
            rows=rivals if turned else ours,
            columns=ours if turned else rivals,
            cells=cells,
            row_is_ours=not turned,
        )


def _ranked(rates, ours):
    """Those with the best rates over all batches first."""
    logs = defaultdict(list)
    for (_, side, design), rate in rates.items():
        if side == ours:
            logs[design].append(log(rate))
    return sorted(logs, key=lambda design: -mean(logs[design]))


def elsewhere(kind, most):
    """Over batch in other setups than the main one."""
    setups = {(row.threads, row.at) for row in kind.stream}
    setups.discard((kind.threads, kind.at))
    order = sorted(setups, key=lambda s: (nearness(s[1]), s[0]))
    charts = (over_batch(kind, kind.item, *setup) for setup in order)
    return [chart for chart in charts if chart][:most]
