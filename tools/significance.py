# SPDX-License-Identifier: MPL-2.0
"""Whether two samples of a measurement differ by more than chance.

The test is Mann-Whitney's, two-sided: repetitions are few and their noise is
anything but normal (a machine with two states gives values of two kinds), so
only their order is looked at. Nothing pairs a repetition of one run with one of
another.

p_value is exact up to EXACT_MAX values on a side. scipy's exact table is for
values that all differ; a clock that ticks in 10 ns gives equal ones, and for
them scipy falls back to a normal curve, which at 3 against 3 may say 0.047
where 0.1 is the least there can be. With ties all arrangements are counted
here.
"""

from math import comb

import numpy
from scipy.stats import mannwhitneyu, rankdata

# Beyond it the normal curve is as good, and the table takes long.
EXACT_MAX = 50


def p_value(old, new):
    """How often chance alone puts two such samples so far apart."""
    ranks = rankdata([*old, *new])
    if max(len(old), len(new)) > EXACT_MAX:
        return float(mannwhitneyu(old, new, method="asymptotic").pvalue)
    if len(set(ranks)) == len(ranks):
        return float(mannwhitneyu(old, new, method="exact").pvalue)
    return _p_value_of_ties(ranks, len(old))


def _p_value_of_ties(ranks, size):
    """Twice the lesser tail of the rank sum of the first size values."""
    # Equal values share the mean of their ranks: doubled, all are whole.
    ranks = numpy.rint(2 * ranks).astype(int)
    # ways[k, s]: how many choices of k values have the rank sum s.
    ways = numpy.zeros((size + 1, ranks.sum() + 1))
    ways[0, 0] = 1
    for rank in ranks:
        ways[1:, rank:] += ways[:-1, :-rank]
    shares = ways[size] / ways[size].sum()
    seen = ranks[:size].sum()
    tail = min(shares[: seen + 1].sum(), shares[seen:].sum())
    return min(1.0, float(2 * tail))


def least_p(old_size, new_size):
    """The p of samples that do not overlap at all: none can be less."""
    if not old_size or not new_size:
        return 1.0
    return 2 / comb(old_size + new_size, old_size)


def enough(alpha, old_size=None):
    """How many values NEW needs, or each side, for any p of alpha at most."""
    size = 1
    while least_p(old_size or size, size) > alpha:
        size += 1
    return size


def shift(old, new):
    """Above 0 if new's values rank higher than old's, below 0 if lower."""
    ranks = rankdata([*old, *new])
    return ranks[len(old) :].mean() - ranks[: len(old)].mean()


def adjusted(p_values, count):
    """Benjamini and Hochberg's correction for count tests, in the same order.

    Calling a difference all that is at most alpha here, no more than alpha of
    the calls are expected to be wrong; where nothing differs, the risk of even
    one is alpha. Holm's bound on a single wrong call costs too much with
    hundreds of rows: 9 against 9 repetitions could never reach it. The counters
    of a row rise and fall together, which this correction bears.

    p_values may be a part of the tests, those that point in one direction: two
    sides of alpha / 2 each, which is what the p of a two-sided test stands for.
    """
    result = [1.0] * len(p_values)
    least = 1.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank, index in reversed(list(enumerate(order, 1))):
        least = min(least, p_values[index] * count / rank)
        result[index] = least
    return result
