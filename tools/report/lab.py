# SPDX-License-Identifier: MPL-2.0
"""The rows of the ring lab: what their names say, and runs put together."""

import re
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from results import Unusable, load

KINDS = {
    "spsc": "one producer, one consumer",
    "mpsc": "several producers, one consumer",
    "spmc": "one producer, several consumers",
    "mpmc": "several producers, several consumers",
    "broadcast": "each consumer gets every item",
}
PLACEMENTS = ("same_cpu", "smt", "same_l3", "other_l3", "other_node")
UNPINNED = "kernel"
PLACES = (*PLACEMENTS, UNPINNED)

_NAME = re.compile(r"(ring|rival)/(\w+)/([^/]+)/([^/]+)/(.+)")
_THREADS = re.compile(r"(\d+)p(\d+)c")
_SIZE = re.compile(r"(\d+)(|Ki|Mi|Gi)B")
_UNITS = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


@dataclass(frozen=True)
class Figure:
    """What the repetitions of one counter come to."""

    middle: float
    least: float
    most: float
    count: int

    @classmethod
    def of(cls, values):
        return cls(median(values), min(values), max(values), len(values))


@dataclass(frozen=True)
class Row:
    """ring/KIND/DESIGN/... or rival/KIND/LIBRARY/...; 0 is "not said"."""

    name: str
    ours: bool
    kind: str
    design: str
    workload: str
    item: int
    batch: int
    threads: tuple  # producers, consumers
    at: str
    extras: tuple  # pairs of key and text, as they come
    figures: dict  # counter -> Figure

    def extra(self, key):
        return dict(self.extras).get(key)

    def middle(self, counter):
        """The median, or 0 where it was not measured."""
        figure = self.figures.get(counter)
        return figure.middle if figure else 0


def size_in_bytes(text):
    """64KiB as 65536, or None for what is no size."""
    match = _SIZE.fullmatch(text)
    return int(match[1]) * _UNITS[match[2]] if match else None


def parse(name, counters):
    """The Row of a name, or None for another kind of name."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    item, batch, threads, at, extras = 0, 0, (0, 0), "", []
    for part in match[5].split("/"):
        key, _, text = part.partition(":")
        pair = _THREADS.fullmatch(part)
        if pair:
            threads = int(pair[1]), int(pair[2])
        elif key == "item" and size_in_bytes(text):
            item = size_in_bytes(text)
        elif key == "batch" and text.isdecimal() and int(text):
            batch = int(text)
        elif key == "at":
            at = text
        else:
            extras.append((key, text))
    return Row(
        name=name,
        ours=match[1] == "ring",
        kind=match[2],
        design=match[3],
        workload=match[4],
        item=item,
        batch=batch,
        threads=threads,
        at=at,
        extras=tuple(extras),
        figures={key: Figure.of(v) for key, v in counters.items()},
    )


class Lab:
    """All that the files have, of one machine.

    context: key -> its texts, several where the files differ.
    rows: of rings; others: name -> counter -> Figure of all other rows.
    errors: name -> message.
    """

    def __init__(self, paths):
        self.paths = paths
        self.context = {}
        self.errors = {}
        counters = {}
        _refuse_doubles(paths)
        for path in paths:
            context, rows = load(path)
            self._add_context(path, context)
            self.errors.update(rows.errors)
            for name, row in rows.items():
                for key, values in row.items():
                    whole = counters.setdefault(name, {})
                    whole.setdefault(key, []).extend(values)
        parsed = {name: parse(name, row) for name, row in counters.items()}
        self.rows = [row for row in parsed.values() if row]
        self.others = {
            name: {key: Figure.of(v) for key, v in counters[name].items()}
            for name, row in parsed.items()
            if not row
        }

    def _add_context(self, path, context):
        # Two models of a maker may have one name, but have not all sizes.
        for key in "machine", "num_cpus", "caches":
            known = self.context.get(key)
            if known and context.get(key) not in known:
                raise Unusable(
                    f"{path}: another machine than in {self.paths[0]}, by "
                    f"its {key}: figures of two do not compare: make a page "
                    "of each"
                )
        for key, value in context.items():
            texts = self.context.setdefault(key, [])
            if value not in texts:
                texts.append(value)

    def kinds(self):
        found = {row.kind for row in self.rows}
        known = [kind for kind in KINDS if kind in found]
        return known + sorted(found - set(known))

    def of_kind(self, kind):
        return [row for row in self.rows if row.kind == kind]

    def ceiling(self, name, counter):
        """The median of a ceiling, or None if it was not measured."""
        figure = self.others.get(f"ceiling/{name}", {}).get(counter)
        return figure.middle if figure else None


def _refuse_doubles(paths):
    seen = {}
    for path in paths:
        real = Path(path).resolve()
        if real in seen:
            raise Unusable(
                f"{path}: given twice: each run counts once, leave one out"
            )
        seen[real] = path
