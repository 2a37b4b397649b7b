# SPDX-License-Identifier: MPL-2.0
"""All figures as tables: by workload, then by setup, the best design first."""

from collections import defaultdict
from dataclasses import dataclass

import wording
from lab import size_in_bytes

# The first that is there is what a table is sorted by and shows the spread of.
_FIRST = (
    "latency_p50_ns",
    "rtt_p50_ns",
    "items_per_second",
    "calls_per_second",
    "msgs_per_second",
    "lines_per_second",
)
# A row of either unit has the other's counter as well.
_LEFT_OUT = {"bytes_per_second"}


@dataclass
class Table:
    title: str
    heads: list
    sections: list  # of a title, and of Entries


@dataclass
class Entry:
    label: str
    side: str  # ours, rival, or nothing
    cells: list


def of_kind(rows):
    """A Table per workload."""
    workloads = defaultdict(list)
    for row in rows:
        workloads[row.workload].append(row)
    for workload in sorted(workloads, key=_workload_place):
        rows = workloads[workload]
        columns = _columns(row.figures for row in rows)
        title = workload.replace("_", " ")
        yield Table(title, _heads(columns), _sections(rows, columns))


def of_others(others, title):
    """Rows of no ring, as name -> counter -> Figure: a table per unit."""
    units = defaultdict(dict)
    for name, figures in others.items():
        units[_columns([figures])[0]][name] = figures
    for first, named in units.items():
        columns = _columns(named.values())
        entries = [
            Entry(name, "", _cells(figures, columns))
            for name, figures in sorted(named.items())
        ]
        yield Table(
            f"{title}: {wording.UNITS.get(first, wording.head(first))}",
            _heads(columns),
            [("", entries)],
        )


def _workload_place(workload):
    order = ("pairwise", "ping_pong", "paced")
    place = order.index(workload) if workload in order else len(order)
    return place, workload


def _columns(all_figures):
    """The counters that any has: the first one, then as a reader wants them."""
    found = {key for figures in all_figures for key in figures}
    known = [c for c in (*_FIRST, *wording.COUNTERS) if c in found]
    shown = [*dict.fromkeys(known), *sorted(found - set(known))]
    rest = [key for key in shown[1:] if key not in _LEFT_OUT]
    return [shown[0], *rest]


def _heads(columns):
    return [
        wording.head(columns[0]),
        "least to most",
        *map(wording.head, columns[1:]),
        "n",
    ]


def _cells(figures, columns):
    first = figures.get(columns[0])
    cells = [_cell(figures, columns[0])]
    cells.append(_spread(columns[0], first) if first else "–")
    cells += [_cell(figures, column) for column in columns[1:]]
    count = max((figure.count for figure in figures.values()), default=0)
    return [*cells, str(count)]


def _cell(figures, counter):
    figure = figures.get(counter)
    return wording.written(counter, figure.middle) if figure else "–"


def _spread(counter, figure):
    least = wording.written(counter, figure.least)
    return f"{least} … {wording.written(counter, figure.most)}"


def _sections(rows, columns):
    setups = defaultdict(list)
    for row in sorted(rows, key=lambda row: _rank(row, columns[0])):
        setups[_setup_key(row)].append(row)
    return [
        (
            wording.setup(setups[key][0]),
            [_entry(row, columns) for row in setups[key]],
        )
        for key in sorted(setups)
    ]


def _entry(row, columns):
    side = "ours" if row.ours else "rival"
    return Entry(row.design, side, _cells(row.figures, columns))


def _setup_key(row):
    """In order of the figures in it: load 90 % is after load 10 %."""
    extras = tuple(
        (key, size_in_bytes(text) or len(text), text)
        for key, text in row.extras
    )
    return row.at, row.threads, row.item, row.batch, extras


def _rank(row, counter):
    figure = row.figures.get(counter)
    if not figure:
        return float("inf")
    return figure.middle if counter.endswith("_ns") else -figure.middle
