# SPDX-License-Identifier: MPL-2.0
"""Which charts a page has: groups of small multiples, the main ones first."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain

import latency
import streams
import wording
from chart import Dots, Heat
from kind import RATE, STREAM, Kind, dots_of, lossy, nearness
from kind import place_text, varied, where

_RATES = (RATE, "calls_per_second")
# Of other setups than the main one: what a page can hold.
_MOST_FOLDED = 6


@dataclass
class Group:
    """Charts under one head; folded ones open when asked for."""

    title: str
    charts: list
    folded: bool = False


def groups(lab, name):
    """All charts of a kind."""
    kind = Kind(lab, name, lab.of_kind(name))
    trips = list(latency.round_trips(kind))
    paced = list(latency.paced(kind))
    dots = list(workloads(kind))
    sweeps = list(streams.over_ring(kind))
    found = [
        Group("Throughput", list(throughput(kind))),
        Group("Beside the rivals", list(streams.against_rivals(kind))),
        Group("Round trips", trips[:2]),
        Group("Latency at a load", paced[:3]),
        Group("Ring size", sweeps[:2]),
        Group("Other workloads", dots[:6]),
        Group(
            "Other placements, threads and setups",
            [*streams.elsewhere(kind, _MOST_FOLDED), *trips[2:5]]
            + [*paced[3:6], *sweeps[2:4], *dots[6:10]],
            folded=True,
        ),
    ]
    return [group for group in found if group.charts]


def throughput(kind):
    items = sorted({row.item for row in kind.stream})
    batches = [b for b in (1, kind.batch) if where(kind.stream, batch=b)]
    found = chain(
        (streams.over_batch(kind, i, kind.threads, kind.at) for i in items),
        (streams.over_size(kind, b) for b in dict.fromkeys(batches)),
        (streams.over_threads(kind, b) for b in dict.fromkeys(batches)),
        (streams.over_placement(kind),),
    )
    return (chart for chart in found if chart)


def workloads(kind):
    """A chart per workload, in the setup of the most designs; then the rest."""
    setups = defaultdict(list)
    for row in kind.rows:
        if not _is_plotted(kind, row) and any(c in row.figures for c in _RATES):
            key = row.workload, row.item, row.batch, row.threads, row.at
            setups[key].append(row)
    order = sorted(
        setups,
        key=lambda s: (-_designs(setups[s]), nearness(s[4]), s[1:4]),
    )
    first = {}
    for key in order:
        first.setdefault(key[0], key)
    chosen = [first[workload] for workload in sorted(first)]
    for key in chosen + [key for key in order if key not in chosen]:
        yield from _workload(kind, key, setups[key])


def _is_plotted(kind, row):
    """Does a chart of its own show it? All others are dots."""
    if row.workload == STREAM:
        return bool(row.extra("ring")) or row.name in kind.streamed
    return row.workload in ("ping_pong", "paced")


def _designs(rows):
    return len({(row.ours, row.design) for row in rows})


def _workload(kind, key, rows):
    workload, item, batch, threads, at = key
    counter = next(c for c in _RATES if any(c in r.figures for r in rows))
    dots = dots_of(kind, rows, (counter,))
    if not dots:
        return
    what = [workload.replace("_", " ").capitalize()]
    what += [f"{item} B"] if item else []
    what += [f"batch {batch}"] if batch else []
    keys = varied(rows)
    after = f" After the name: {', '.join(keys)}." if keys else ""
    yield Dots(
        title=", ".join(what),
        note=f"{place_text(threads, at)}. Dot: median; line: least to most."
        f"{after}{lossy(rows)}",
        unit=wording.head(counter),
        counter=counter,
        dots=dots,
    )


def summary(lab):
    """The best of ours over the best rival: kinds by batch."""
    cells, batches, said = {}, set(), []
    for name in lab.kinds():
        kind = Kind(lab, name, lab.of_kind(name))
        ratios = _best_ratios(kind)
        if not ratios:
            continue
        cells.update({(name, batch): r for batch, r in ratios.items()})
        batches.update(ratios)
        place = place_text(kind.threads, kind.at)
        said.append(f"{name}: {kind.item} B, {place}")
    if not cells:
        return None
    heads = {batch: f"batch {batch}" for batch in sorted(batches)}
    return Heat(
        title="Our best design / the best rival",
        note=f"Medians of items a second. {'; '.join(said)}.",
        rows=list(dict.fromkeys(name for name, _ in cells)),
        columns=list(heads.values()),
        cells={(row, heads[batch]): r for (row, batch), r in cells.items()},
        plain=True,
    )


def _best_ratios(kind):
    rows = where(kind.stream, item=kind.item, threads=kind.threads, at=kind.at)
    best = defaultdict(float)
    for row in rows:
        key = row.batch, row.ours
        best[key] = max(best[key], row.middle(RATE))
    return {
        batch: best[batch, True] / best[batch, False]
        for batch in sorted({row.batch for row in rows})
        if best[batch, True] > 0 and best[batch, False] > 0
    }
