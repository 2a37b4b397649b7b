# SPDX-License-Identifier: MPL-2.0
"""Made-up result files, and the program that compares them."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

COMPARE = sys.argv[1]
# Its parts are in its folder.
sys.path.insert(0, str(Path(COMPARE).resolve().parent))

CONTEXT = {
    "date": "2026-01-02T03:04:05+00:00",
    "machine": "A CPU, 2 cores",
    "num_cpus": 2,
    "caches": [{"type": "Data", "level": 1, "size": 32768}],
    "placement": "same_l3: 0 and 1",
    "rival/spsc/other": "Other 1.0",
}
RATE = "items_per_second"
# Nine repetitions, all different, 5 % apart at most.
NINE = [100.0, 101.5, 99.2, 102.1, 98.7, 100.4, 103.3, 99.9, 97.8]


def times(factor, values=NINE):
    # Moved a little, so that no value is in both.
    return [round(factor * value + 0.013, 4) for value in values]


def entries(name, counters):
    """One entry for each repetition, as Google Benchmark writes them."""
    count = len(next(iter(counters.values())))
    for i in range(count):
        figures = {key: values[i] for key, values in counters.items()}
        yield {
            "name": name,
            "run_type": "iteration",
            "repetition_index": i,
            "repetitions": count,
            "threads": 1,
            "iterations": 7,
            "real_time": 1.0,
            "cpu_time": 1.0,
            "time_unit": "ms",
            **figures,
        }


def error(name, message="a checksum is wrong"):
    return {
        "name": name,
        "run_type": "iteration",
        "repetition_index": 0,
        "error_occurred": True,
        "error_message": message,
    }


def document(rows, more=(), **context):
    """A result file's text: of row -> counter -> values."""
    found = [e for name, row in rows.items() for e in entries(name, row)]
    return json.dumps(
        {"context": {**CONTEXT, **context}, "benchmarks": [*found, *more]}
    )


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def call(self, *arguments, **env):
        """Runs it from our folder, as Bazel does: elsewhere, and told so."""
        return subprocess.run(
            [COMPARE, *arguments],
            env={**os.environ, "BUILD_WORKING_DIRECTORY": self.folder, **env},
            capture_output=True, text=True, timeout=100, check=False,
        )

    def compare(self, old, new, *options, status=0):
        """What it prints about two documents."""
        (self.folder / "old.json").write_text(old)
        (self.folder / "new.json").write_text(new)
        run = self.call("old.json", "new.json", *options)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run

    def verdict(self, text, row, counter):
        """The verdict of a line of the table."""
        lines = text.splitlines()
        for line in lines[lines.index(row) + 1 :]:
            if not line.startswith("  "):
                break
            if line.split()[0] == counter:
                return re.search(r"  (?:[\d.]+|<0.001|-|exact)  ([a-z ]+)$",
                                 line)[1]
        return self.fail(f"no {counter} of {row} in {text}")
