#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Compares two result files of the benchmark, row by row, counter by counter.

Prints the medians of OLD and NEW, the least and the most, NEW / OLD, and
whether that is more than chance: Mann-Whitney's U test, two-sided, corrected
for the number of comparisons. Exit status: 0 no row is worse; 1 at least one
is, significantly and by more than the threshold, or ran in OLD and fails in
NEW; 2 wrong use, unreadable input, or too few repetitions to tell anything.
"""

import argparse
import os
import re
import signal
import sys
from collections import Counter
from math import isfinite
from pathlib import Path
from statistics import median


def fail(text):
    sys.stdout.flush()
    print(f"compare: {text}", file=sys.stderr)
    sys.exit(2)


try:
    from comparison import (
        BETTER, OTHER, SAME, SLIGHTLY, TOO_FEW, WORSE, Run, compare, only_in,
        settle,
    )
    from results import Unusable
    from significance import enough, least_p
except ImportError as missing:
    fail(f"{missing}: install it: apt-get install python3-scipy python3-numpy")

# In this order they are counted in the last line.
VERDICTS = (WORSE, SLIGHTLY + WORSE, BETTER, SLIGHTLY + BETTER, OTHER, SAME)

# What of the context tells one machine from another.
MACHINE = ("machine", "num_cpus", "caches", "placement")
# What of it is different in any two runs, or of no effect on weir's rows.
PASSING = {*MACHINE, "date", "executable", "host_name", "library_build_type"}

LINE = "  {:<{width}}  {:<21}  {:<21}  {:>6}  {:>6}  {}"
CEILING = "ceiling/"


def percentage(text):
    """'5%' as 0.05."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?%", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage like 5%")
    return float(match[1]) / 100


def probability(text):
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number between 0 and 1, like 0.05"
        )
    return value


def regex(text):
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="tools/bazel run //tools:compare --",
        description=__doc__,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("old", metavar="OLD.json", help="what --benchmark_out=FILE wrote")
    add("new", metavar="NEW.json", help="the same, of the run to judge")
    add("--filter", type=regex, default=regex(""), metavar="REGEX",
        help="only rows with this in their names")
    add("--counter", action="append", default=[], metavar="NAME",
        help="only this counter; can be given several times")
    add("--alpha", type=probability, default=0.05, metavar="P",
        help="how many of the differences found may be chance: %(default)s")
    add("--threshold", type=percentage, default=0.05, metavar="N%",
        help="up to this share of OLD's median, better or worse is only "
        "slightly so: 5%%")
    add("--changed", action="store_true",
        help="leave out what shows no difference")
    add("--strict", action="store_true",
        help="status 1 also for rows and counters that NEW lacks")
    return parser.parse_args(arguments)


def located(path):
    """Relative paths count from where the user stands, not from Bazel's."""
    here = os.environ.get("BUILD_WORKING_DIRECTORY", os.getcwd())
    return Path(here, Path(path).expanduser())


def load_runs(options):
    try:
        runs = [
            Run(located(path), options.filter.search)
            for path in (options.old, options.new)
        ]
    except Unusable as error:
        fail(error)
    if not any(run.names() for run in runs):
        fail(f"--filter={options.filter.pattern}: no row has such a name")
    known = {c for run in runs for row in run.rows.values() for c in row}
    for name in options.counter:
        if known and name not in known:
            fail(f"--counter={name}: no row has it; "
                 f"there are {', '.join(sorted(known))}")
    return runs


def amount(value):
    """1234567 as 1.23M."""
    if abs(value) < 1:
        return f"{value:{'.3f' if abs(value) >= 0.001 or not value else '.0e'}}"
    for unit in ("", "k", "M", "G", "T"):
        if abs(value) < 999.5:
            break
        value /= 1000
    digits = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
    text = f"{value:.{digits}f}"
    # Nanoseconds are whole.
    return text + unit if unit else text.removesuffix(".00").removesuffix(".0")


def figures(values):
    least, most = amount(min(values)), amount(max(values))
    return f"{amount(median(values)):>5}  {least} .. {most}"


def times(change):
    if not isfinite(change):
        return "-"
    value = 1 + change
    return f"{value:,.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}x"


def p_text(each):
    if each.p is None:
        return "exact" if each.is_exact else "-"
    return "<0.001" if each.p < 0.0005 else f"{each.p:.3f}"


def print_table(comparisons):
    if not comparisons:
        return
    width = max(len(each.counter) for each in comparisons)
    spread = "  least .. most"
    head = LINE.format("", "  OLD" + spread, "  NEW" + spread, "ratio", "p",
                       "", width=width)
    print(f"\n{head.rstrip()}")
    row = None
    for each in comparisons:
        if each.row != row:
            row = each.row
            print(row)
        print(LINE.format(
            each.counter, figures(each.old), figures(each.new),
            times(each.change), p_text(each), each.verdict, width=width,
        ))


def print_context(old, new):
    for name, run in ("OLD", old), ("NEW", new):
        print(f"{name}  {run.path}  {run.context.get('date', '')}".rstrip())
    keys = sorted({*old.context, *new.context} - PASSING)
    for key in (*MACHINE, *keys):
        ours, theirs = (run.context.get(key) for run in (old, new))
        if ours == theirs:
            continue
        if key in MACHINE:
            print(f"WARNING: the machines differ: {key}")
        elif isinstance(ours or theirs, str):
            print(f"NOTE: what was measured differs: {key}")
        else:
            continue
        if key != "caches":
            print(f"  OLD  {ours or 'not told'}\n  NEW  {theirs or 'not told'}")


def print_drift(old, new, options):
    """The ceilings run no code of ours: where they move, the machine did."""
    ceilings = [
        {n: r for n, r in run.all.items() if n.startswith(CEILING)}
        for run in (old, new)
    ]
    found = compare(*ceilings, [])
    settle(found, options.alpha, options.threshold)
    moved = [each for each in found if each.verdict in (WORSE, BETTER)]
    if moved:
        print("WARNING: the machine itself ran otherwise, judge by that:")
    for each in moved:
        print(f"  {each.row}  {each.counter} {times(each.change)}")


def print_list(title, lines):
    if lines:
        print(f"\n{title}:")
        print("\n".join(f"  {line}" for line in lines))


def print_errors(old, new):
    """Rows that went wrong; the names of those that ran in OLD."""
    failing = [name for name in new.errors if name in old.rows]
    for title, names, errors in (
        ("These rows ran in OLD and fail in NEW", failing, new.errors),
        (
            "Rows that fail in NEW, and did not run in OLD either",
            [name for name in new.errors if name not in old.rows],
            new.errors,
        ),
        (
            "Rows that fail in OLD only: not compared",
            [name for name in old.errors if name not in new.errors],
            old.errors,
        ),
    ):
        print_list(title, [f"{name}\n    {errors[name]}" for name in names])
    return failing


def counted(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


def explain_too_few(comparisons, alpha):
    """Which numbers of repetitions can tell nothing, and which can."""
    sizes = {
        (len(e.old), len(e.new)) for e in comparisons if e.verdict == TOO_FEW
    }
    for old, new in sorted(sizes):
        print(
            f"too few: {old} against {new} repetitions cannot reach "
            f"{alpha:g}, whatever they say: p is\n"
            f"  {least_p(old, new):.2g} at least. With {old} in OLD, NEW needs "
            f"{enough(alpha, old)}; {enough(alpha)} against {enough(alpha)} "
            "can, 9 against 9 do well"
        )


def explain_power(tested, alpha):
    """Where one row among so many could not stand out."""
    sizes = [(len(e.old), len(e.new)) for e in tested]
    least = min((least_p(*size) for size in sizes), default=0)
    if least * len(tested) > alpha:
        need = enough(alpha / len(tested))
        print(
            f"one difference alone among {len(tested)} comparisons would not "
            f"be found: that takes {need} against {need}\n"
            "  repetitions, or fewer comparisons (--filter, --counter)"
        )


def print_method(tested, options):
    if tested:
        print(
            "p: Mann-Whitney's U test, two-sided, by Benjamini and Hochberg "
            f"for {counted(len(tested), 'comparison')};\n"
            f"  a difference is p <= {options.alpha:g}, slight up to "
            f"{100 * options.threshold:g}% of OLD's median; "
            "the ratio is NEW / OLD"
        )


def print_summary(comparisons, counts):
    rows = counted(len({each.row for each in comparisons}), "row")
    number = counted(len(comparisons), "comparison")
    parts = [f"{count} {what}" for what, count in counts.items() if count]
    print(f"\n{rows}, {number}: {', '.join(parts)}")


def report(old, new, options):
    """Prints all; the exit status."""
    comparisons = compare(old.rows, new.rows, options.counter)
    tested = settle(comparisons, options.alpha, options.threshold)
    print_context(old, new)
    print_drift(old, new, options)
    print_table([
        each
        for each in comparisons
        if not options.changed or each.verdict not in (SAME, TOO_FEW)
    ])
    failing = print_errors(old, new)
    gone = only_in(old, new, options.counter)
    added = only_in(new, old, options.counter)
    print_list("In OLD only", gone)
    print_list("In NEW only", added)
    if not comparisons and not failing:
        fail("nothing to compare: no row and counter is in both files")
    print()
    print_method(tested, options)
    explain_power(tested, options.alpha)
    explain_too_few(comparisons, options.alpha)
    found = Counter(each.verdict for each in comparisons)
    print_summary(comparisons, {
        "failing": len(failing),
        **{verdict: found[verdict] for verdict in VERDICTS},
        "too few": found[TOO_FEW],
        "in OLD only": len(gone),
        "in NEW only": len(added),
    })
    if failing or found[WORSE] or (gone and options.strict):
        return 1
    if found[TOO_FEW] and not tested:
        fail("too few repetitions to test anything: run both again with "
             "--benchmark_repetitions=9")
    return 0


def main():
    options = parse(sys.argv[1:])
    old, new = load_runs(options)
    sys.exit(report(old, new, options))


if __name__ == "__main__":
    # An end of the reader, as in "| head", is no error of ours.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
