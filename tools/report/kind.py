# SPDX-License-Identifier: MPL-2.0
"""The rows of a kind, and what is chosen from them.

The main setup is the threads and the placement with the most rows of the plain
stream; among about as many, the nearest, pinned before not, with most threads.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import log

import wording
from chart import Dot, Line
from lab import PLACES

FLAGSHIP = "slot"
MAIN_ITEM = 8
MAIN_BATCH = 32
STREAM = "pairwise"
RATE = "items_per_second"


@dataclass
class Kind:
    """The rows of a kind, and what was chosen for its charts."""

    lab: object
    name: str
    rows: list
    marks: dict = field(default_factory=dict)
    flagship: str = ""
    streamed: set = field(default_factory=set)  # names of self.stream

    def __post_init__(self):
        for ours in True, False:
            names = sorted({r.design for r in self.rows if r.ours == ours})
            self.marks.update({(ours, n): i for i, n in enumerate(names)})
        self.flagship = FLAGSHIP if (True, FLAGSHIP) in self.marks else ""
        whole = where(self.rows, workload=STREAM)
        self.stream = plain(r for r in whole if r.item and r.batch)
        self.streamed = {row.name for row in self.stream}
        self.threads, self.at = main_setup(self.stream or self.rows)
        self.item = chosen((r.item for r in self.stream), MAIN_ITEM, min)
        self.batch = chosen((r.batch for r in self.stream), MAIN_BATCH, max)


def plain(rows):
    """Those with the extras that most have: the others are variants."""
    rows = list(rows)
    if not rows:
        return []
    most = Counter(row.extras for row in rows).most_common(1)[0][0]
    # A ring of its usual size is named by no extra, or by the one it has.
    usual = () if any(not row.extras for row in rows) else most
    return [row for row in rows if row.extras == usual]


def nearness(at):
    return PLACES.index(at) if at in PLACES else len(PLACES)


def main_setup(rows):
    """Threads and placement. Some gaps in the rows of a setup do not matter."""
    count = Counter((row.threads, row.at) for row in rows)
    enough = 0.8 * max(count.values())
    full = [setup for setup in count if count[setup] >= enough]
    return min(full, key=lambda s: (nearness(s[1]), -sum(s[0]), s[0]))


def chosen(values, wanted, otherwise):
    values = set(values)
    if not values or wanted in values:
        return wanted
    return otherwise(values)


def where(rows, **fields):
    return [
        row
        for row in rows
        if all(getattr(row, key) == value for key, value in fields.items())
    ]


def lines_of(kind, rows, x_of, counter):
    """A Line for each design that has the counter, those that stand out."""
    points = defaultdict(dict)
    for row in rows:
        if row.middle(counter) > 0:
            points[row.ours, row.design][x_of(row)] = row.figures[counter]
    lines = [
        Line(design, ours, xs, mark=kind.marks[ours, design])
        for (ours, design), xs in points.items()
    ]
    emphasise(kind, lines, counter)
    return lines


def emphasise(kind, lines, counter):
    sign = -1 if counter.endswith("_ns") else 1

    def strength(line):
        leads, total = 0, 0
        for x, figure in line.points.items():
            side = [o for o in lines if o.ours == line.ours and x in o.points]
            best = max(sign * log(o.points[x].middle) for o in side)
            total += sign * log(figure.middle) - best
            leads += total == 0
        return leads, len(line.points), total

    for ours in True, False:
        side = [line for line in lines if line.ours == ours]
        named = [o for o in side if ours and o.label == kind.flagship]
        for line in named or sorted(side, key=strength)[-1:]:
            line.strong = True


def lossy(rows):
    """A sentence about designs that drop items, or nothing."""
    lost = defaultdict(float)
    for row in rows:
        if "lost_share" in row.figures:
            figure = row.figures["lost_share"]
            lost[row.design] = max(lost[row.design], figure.middle)
    said = [f"{n} up to {wording.share(v)}" for n, v in lost.items() if v > 0]
    return f" Drops items: {', '.join(sorted(said))}." if said else ""


def place_text(threads, at):
    return f"{wording.threads(threads)}, at {at}"


def varied(rows):
    """The keys of the extras that the rows differ in."""
    shared = set(rows[0].extras).intersection(*(r.extras for r in rows))
    extras = (extra for row in rows for extra in row.extras)
    return list(dict.fromkeys(e[0] for e in extras if e not in shared))


def dots_of(kind, rows, counters):
    """Best first. What the extras of the rows differ in is in the label."""
    first = counters[0]
    rows = [row for row in rows if row.middle(first) > 0]
    down = first.endswith("_ns")
    rows.sort(key=lambda row: row.middle(first), reverse=not down)
    keys = varied(rows) if rows else []
    dots = [_dot(kind, row, keys, counters) for row in rows]
    emphasise_dots(kind, dots)
    return dots


def _dot(kind, row, keys, counters):
    figures = [row.figures[c] for c in counters if c in row.figures]
    values = tuple(figure.middle for figure in figures)
    low = values[0]
    # A rate by itself reaches from the least to the most repetition.
    if len(counters) == 1:
        values = low, figures[0].most
        low = figures[0].least if figures[0].least > 0 else low
    texts = [text for key, text in row.extras if key in keys]
    label = ", ".join([row.design, *texts])
    mark = kind.marks[row.ours, row.design]
    return Dot(row.design, label, row.ours, values, low, mark=mark)


def emphasise_dots(kind, dots):
    for ours in True, False:
        side = [dot for dot in dots if dot.ours == ours]
        named = [d for d in side if ours and d.design == kind.flagship]
        for dot in (named or side)[:1]:
            dot.strong = True
