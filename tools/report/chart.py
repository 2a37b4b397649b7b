# SPDX-License-Identifier: MPL-2.0
"""Charts as data: what is shown, and in words, before anything is drawn."""

from dataclasses import dataclass, field
from math import log2

import wording


@dataclass
class Line:
    """A design over x: x -> Figure."""

    label: str
    ours: bool
    points: dict
    strong: bool = False  # one of ours and one rival are to stand out
    mark: int = 0  # the same marker in all charts of a kind

    def end(self):
        """The last x, and y there."""
        x = max(self.points)
        return x, self.points[x].middle


@dataclass
class Limit:
    """A ceiling: x -> y."""

    label: str
    points: dict

    def end(self):
        return max(self.points.items())


@dataclass
class Lines:
    title: str
    note: str
    x_title: str
    unit: str
    counter: str
    ticks: dict  # x -> its text
    lines: list
    limits: list = field(default_factory=list)
    logarithmic: bool = True  # x; else as far apart as they are

    def place(self, x):
        return log2(x) if self.logarithmic else x

    def alt(self):
        lowest, highest = min(self.ticks), max(self.ticks)
        said = [
            f"{line.label} {wording.written(self.counter, line.end()[1])}"
            for line in self.lines
            if line.strong
        ]
        limits = "".join(f"; {limit.label} as a line" for limit in self.limits)
        return (
            f"Lines: {self.title}, {self.unit}, over {self.x_title}, "
            f"{self.ticks[lowest]} to {self.ticks[highest]}. "
            f"{len(self.lines)} designs; at the right end: "
            f"{', '.join(said)}{limits}. The table below has all figures."
        )


@dataclass
class Dot:
    """A design by itself: the value, what it reaches to, what it is near."""

    design: str
    label: str
    ours: bool
    values: tuple  # in the order of the axis: the first is the dot
    low: float  # where the line begins
    strong: bool = False
    mark: int = 0


@dataclass
class Dots:
    title: str
    note: str
    unit: str
    counter: str
    dots: list
    limit: tuple = None  # label, value

    def alt(self):
        said = [
            f"{dot.label} {wording.written(self.counter, dot.values[0])}"
            for dot in self.dots
        ]
        limit = ""
        if self.limit:
            value = wording.written(self.counter, self.limit[1])
            limit = f"; {self.limit[0]} {value}"
        return (
            f"Dots: {self.title}, {self.unit}, best first: "
            f"{', '.join(said)}{limit}."
        )


@dataclass
class Heat:
    """Ratios: cells[row, column]; a pair that has none is not there."""

    title: str
    note: str
    rows: list
    columns: list
    cells: dict
    row_is_ours: bool = True
    plain: bool = False  # heads that are neither ours nor a rival's

    def alt(self):
        said = [
            f"{row} / {column} {wording.times(ratio)}"
            for (row, column), ratio in self.cells.items()
        ]
        return f"Heat map: {self.title}: {', '.join(said)}."
