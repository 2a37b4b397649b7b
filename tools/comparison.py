# SPDX-License-Identifier: MPL-2.0
"""Two runs of the benchmark: what is in both, and what became of it."""

import re
from statistics import median

from results import load
from significance import adjusted, least_p, p_value, shift

BETTER, WORSE, SLIGHTLY = "better", "worse", "slightly "
OTHER, SAME, TOO_FEW = "differs", "no difference", "too few"

# Counters of which more is better, and of which less is. Of all others nobody
# knows: they only differ.
MORE = re.compile(r"\w+_per_second")
LESS = re.compile(r"\w+_ns|\w+_share|bytes_per_(?!second)\w+")
# These are no measurements: they are the same in every repetition.
EXACT = re.compile(r"bytes_per_(?!second)\w+")


class Run:
    """A result file, and the rows of it that are wanted."""

    def __init__(self, path, wanted):
        self.path = path
        self.context, self.all = load(path)
        self.errors = {n: e for n, e in self.all.errors.items() if wanted(n)}
        # A row with an error has no figures to rely on.
        self.rows = {
            name: row
            for name, row in self.all.items()
            if wanted(name) and name not in self.all.errors
        }

    def names(self):
        return {*self.rows, *self.errors}


class Comparison:
    """A counter of a row that is in both. p is None if there was no test."""

    def __init__(self, row, counter, old, new):
        self.row, self.counter = row, counter
        self.old, self.new = old, new
        self.medians = median(old), median(new)
        self.is_exact = bool(EXACT.fullmatch(counter)) and (
            len(set(old)) == len(set(new)) == 1
        )
        self.p = self.verdict = None

    @property
    def change(self):
        """How far NEW's median is above OLD's, as a share of OLD's."""
        old, new = self.medians
        if old == new:
            return 0
        return (new - old) / abs(old) if old else float("inf")

    def describe_change(self, threshold):
        """The verdict on a difference that is there."""
        more = MORE.fullmatch(self.counter)
        # Medians may stay, or go against all other values: nobody can tell.
        goes = self.change * shift(self.old, self.new) > 0
        if not goes or not (more or LESS.fullmatch(self.counter)):
            return OTHER
        side = BETTER if self.is_good() else WORSE
        return side if abs(self.change) > threshold else SLIGHTLY + side

    def is_good(self):
        """Whether NEW's values are on the better side, if only by chance."""
        higher = bool(shift(self.old, self.new) > 0)
        return higher == bool(MORE.fullmatch(self.counter))


def chosen_counters(row, chosen):
    """Those of a row to compare; all if none is chosen."""
    if chosen:
        return [name for name in row if name in chosen]
    rates = [name for name in row if MORE.fullmatch(name)]
    # Bytes are the other rate once more: a second test of it tells nothing.
    redundant = "bytes_per_second" if len(rates) > 1 else None
    return [name for name in row if name != redundant]


def natural(name):
    """A key that sorts batch:8 before batch:64."""
    parts = re.split(r"(\d+)", name)
    return [int(p) if i % 2 else p for i, p in enumerate(parts)]


def compare(old, new, chosen):
    """Comparisons of what is in both, by name: the runs shuffled the rows."""
    return [
        Comparison(name, counter, old[name][counter], new[name][counter])
        for name in sorted(old.keys() & new.keys(), key=natural)
        for counter in chosen_counters(old[name], chosen)
        if counter in new[name]
    ]


def settle(comparisons, alpha, threshold):
    """Gives each its verdict, and its p if tested, corrected for how many."""
    tested = []
    for each in comparisons:
        if each.is_exact:
            each.verdict = SAME
            if each.change:
                each.verdict = each.describe_change(threshold)
        elif least_p(len(each.old), len(each.new)) > alpha:
            each.verdict = TOO_FEW
        elif len({*each.old, *each.new}) == 1:
            # In any order p would be 1. It is none of those to correct for.
            each.p, each.verdict = 1.0, SAME
        else:
            tested.append(each)
    # Corrected together, many rows that are better would make it easier for
    # noise to pass for one that is worse.
    for side in True, False:
        part = [each for each in tested if each.is_good() == side]
        found = [p_value(each.old, each.new) for each in part]
        for each, p in zip(part, adjusted(found, len(tested))):
            each.p, each.verdict = p, SAME
            if p <= alpha:
                each.verdict = each.describe_change(threshold)
    return tested


def only_in(one, other, chosen):
    """What one run has and the other has not: rows, and counters of rows."""
    result = []
    for name in sorted(one.rows, key=natural):
        counters = chosen_counters(one.rows[name], chosen)
        if counters and name not in other.names():
            result.append(name)
        for counter in counters:
            if counter not in other.rows.get(name, {counter}):
                result.append(f"{name}  {counter}")
    return result
