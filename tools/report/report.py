#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Makes one page with charts and tables of what the ring lab measured.

RESULT.json is what --benchmark_format=json prints or --benchmark_out=FILE of
//bench:rings keeps. Several of one machine count as more repetitions. The page
is DIR/index.html; it needs no network and nothing beside it.
"""

import argparse
import os
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE), str(_HERE.parent)]

from lab import Lab  # noqa: E402
from results import Unusable  # noqa: E402

PACKAGES = {"matplotlib": "python3-matplotlib", "jinja2": "python3-jinja2"}


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="tools/bazel run //tools:report --", description=__doc__
    )
    parser.add_argument("results", nargs="+", metavar="RESULT.json")
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="made if it is not there"
    )
    parser.add_argument(
        "--svg", action="store_true", help="write every chart to DIR, too"
    )
    return parser.parse_args(arguments)


def load_page():
    """The module that draws, or the end without the packages it needs."""
    try:
        import page
    except ImportError as error:
        package = PACKAGES.get(error.name, f"Python's {error.name}")
        sys.exit(
            f"report: {error.name} is missing: sudo apt-get install {package}"
        )
    return page


def write(folder, name, text):
    """All of a file or nothing: one that was there stays until then."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name
    fresh = folder / (name + ".new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(target)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    return target


def svg_name(number, title):
    """As 03-throughput-over-batch-items-of-8-b.svg."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return f"{number:02}-{'-'.join(words)}.svg"


def tell_errors(errors):
    for name, message in errors.items():
        print(f"report: {name} went wrong: {message}", file=sys.stderr)
    print(
        "report: the page lists these and shows the repetitions that went "
        "well; run them again with --benchmark_filter",
        file=sys.stderr,
    )


def main():
    options = parse(sys.argv[1:])
    # Relative paths count from where the user stands, not from Bazel's place.
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    try:
        lab = Lab(options.results)
        page = load_page()
        text, charts = page.build(lab)
        folder = Path(options.out).expanduser()
        target = write(folder, "index.html", text)
        for number, chart in enumerate(charts if options.svg else (), 1):
            write(folder, svg_name(number, chart.title), page.alone(chart))
    except Unusable as error:
        sys.exit(f"report: {error}")
    except OSError as error:
        sys.exit(
            f"report: {error.filename}: {error.strerror}: --out needs a folder "
            "that you may write to"
        )
    rows = len(lab.rows) + len(lab.others)
    print(f"{target}: {len(charts)} charts, {rows} rows")
    if not lab.rows:
        print("report: no rows of rings, so there are tables only: "
              "//bench:rings has them", file=sys.stderr)
    if lab.errors:
        tell_errors(lab.errors)
        sys.exit(1)


if __name__ == "__main__":
    main()
