# SPDX-License-Identifier: MPL-2.0
"""Reads what the benchmark programs wrote with --benchmark_format=json.

load(PATH) is all: the context, and the figures of each row. It raises Unusable,
whose text is for the user, where there is nothing to be had from the file.
"""

import json

# What Google Benchmark says of every row: no counter of ours.
_STANDARD = {
    "cpu_time",
    "family_index",
    "iterations",
    "per_family_instance_index",
    "real_time",
    "repetition_index",
    "repetitions",
    "threads",
}


class Unusable(Exception):
    """A file is not what it should be: which one, why, and what to do."""


class Rows(dict):
    """name -> counter -> its values, one per repetition and in their order.

    errors: name -> message of a repetition that went wrong. Repetitions that
    went well stay in the rows.
    """

    def __init__(self):
        super().__init__()
        self.errors = {}


def load(path):
    """The context of a result file, and its Rows; at least one."""
    report = _parse(path)
    entries = report["benchmarks"]
    if not entries:
        raise Unusable(f"{path}: it has no rows: what ran, a filter left out")
    measured = [e for e in entries if e.get("run_type") == "iteration"]
    if not measured:
        raise Unusable(
            f"{path}: it has aggregates only, no repetitions: run again "
            "without --benchmark_report_aggregates_only"
        )
    rows = _collect(measured)
    if not rows and rows.errors:
        name, message = next(iter(rows.errors.items()))
        raise Unusable(f"{path}: all rows are errors, as {name}: {message}")
    if not rows:
        raise Unusable(f"{path}: its rows have no counters, nothing to show")
    return report["context"], rows


def _parse(path):
    try:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise Unusable(
            f"{path}: not JSON ({error}): it should be what a benchmark "
            "program wrote with --benchmark_format=json, and nothing else"
        ) from None
    if not _is_report(report):
        raise Unusable(
            f"{path}: JSON, but not of a benchmark program: no context and "
            "no benchmarks with names in it"
        )
    return report


def _is_report(report):
    if not isinstance(report, dict):
        return False
    entries = report.get("benchmarks")
    return (
        isinstance(report.get("context"), dict)
        and isinstance(entries, list)
        and all(isinstance(entry, dict) for entry in entries)
        and all(isinstance(entry.get("name"), str) for entry in entries)
    )


def _collect(entries):
    rows = Rows()
    for entry in sorted(entries, key=_repetition):
        if entry.get("error_occurred"):
            message = str(entry.get("error_message", "no message"))
            rows.errors.setdefault(entry["name"], message)
            continue
        counters = {k: v for k, v in entry.items() if _is_counter(k, v)}
        for key, value in counters.items():
            row = rows.setdefault(entry["name"], {})
            row.setdefault(key, []).append(value)
    return rows


def _repetition(entry):
    index = entry.get("repetition_index")
    return index if isinstance(index, int) else 0


def _is_counter(key, value):
    if key in _STANDARD or key.endswith("_index"):
        return False
    # A bool is an int to Python; NaN and Infinity are JSON to it.
    return type(value) in (int, float) and abs(value) < 1e300
