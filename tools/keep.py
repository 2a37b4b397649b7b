#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Writes what is worth keeping of result files to one: the machine, and every
repetition of every row, one a line; not who ran it and where.

Rows that are in several files are repetitions of the same. Other tools read the
result as they read the files.
"""

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import results  # noqa: E402

# Of no use to anyone else, or of the library that counts.
PRIVATE = {"executable", "host_name", "library_build_type", "load_avg"}


def parse():
    parser = argparse.ArgumentParser(
        prog="tools/bazel run //tools:keep --", description=__doc__
    )
    parser.add_argument("files", nargs="+", metavar="RESULT.json")
    parser.add_argument("--out", required=True, metavar="FILE")
    parser.add_argument(
        "--command", help="that the files come from, to be told with them"
    )
    return parser.parse_args()


def short(value):
    """With five digits: no repetition has more to say."""
    return value if value == int(value) else float(f"{value:.5g}")


def entries(rows):
    for name, counters in rows.items():
        for i in range(max(map(len, counters.values()))):
            yield {
                "name": name,
                "run_type": "iteration",
                "repetition_index": i,
                **{k: short(v[i]) for k, v in counters.items() if i < len(v)},
            }


def merge(files):
    """One context, and all rows."""
    context, rows = results.load(files[0])
    for path in files[1:]:
        other, more = results.load(path)
        if other.get("machine") != context.get("machine") or other.get(
            "caches"
        ) != context.get("caches"):
            raise results.Unusable(f"{path}: of another machine than {files[0]}")
        for name, counters in more.items():
            row = rows.setdefault(name, {})
            for key, values in counters.items():
                row.setdefault(key, []).extend(values)
        rows.errors.update(more.errors)
    return context, rows


def main():
    options = parse()
    here = Path(os.environ.get("BUILD_WORKING_DIRECTORY", os.getcwd()))
    try:
        context, rows = merge([here / path for path in options.files])
        if rows.errors:
            name, why = next(iter(rows.errors.items()))
            raise results.Unusable(f"a row went wrong, {name}: {why}")
        context = {k: v for k, v in context.items() if k not in PRIVATE}
        if options.command:
            context["command"] = options.command
        lines = ",\n".join(map(json.dumps, entries(rows)))
        text = json.dumps(context, indent=1)
        fresh = here / (options.out + ".new")
        fresh.write_text(f'{{"context": {text},\n"benchmarks": [\n{lines}\n]}}\n')
        fresh.replace(here / options.out)
    except results.Unusable as error:
        sys.exit(f"keep: {error}")
    except OSError as error:
        sys.exit(f"keep: {error}")


main()
