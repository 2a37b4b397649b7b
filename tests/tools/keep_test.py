#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""What is kept of result files: keep_test.py KEEP"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

KEEP = sys.argv[1]
CONTEXT = {
    "date": "2026-11-25",
    "host_name": "secret",
    "executable": "/home/someone/rings",
    "machine": "a machine",
    "caches": [],
}


def row(name, index, **counters):
    return {
        "name": name,
        "run_type": "iteration",
        "repetition_index": index,
        "real_time": 1.5,
        **counters,
    }


class Keep(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.kept = self.folder / "kept.json"

    def write(self, name, rows, **context):
        path = self.folder / name
        report = {"context": {**CONTEXT, **context}, "benchmarks": rows}
        path.write_text(json.dumps(report))
        return str(path)

    def keep(self, *arguments):
        return subprocess.run(
            [KEEP, *arguments, "--out", str(self.kept)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def test_repetitions_and_machine_stay_and_names_go(self):
        path = self.write(
            "a.json",
            [
                row("r", 0, items_per_second=1234567.89, bytes_per_queue=640.0),
                row("r", 1, items_per_second=2.0, bytes_per_queue=640.0),
                {"name": "r_mean", "run_type": "aggregate", "items_per_second": 1},
            ],
        )
        ran = self.keep(path, "--command", "as it was run")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        text = self.kept.read_text()
        report = json.loads(text)
        self.assertEqual(report["context"]["machine"], "a machine")
        self.assertEqual(report["context"]["command"], "as it was run")
        self.assertNotIn("secret", text)
        self.assertNotIn("someone", text)
        rows = report["benchmarks"]
        self.assertEqual([r["repetition_index"] for r in rows], [0, 1])
        self.assertEqual(rows[0]["items_per_second"], 1234600.0)
        self.assertEqual(rows[1]["bytes_per_queue"], 640)
        self.assertNotIn("real_time", rows[0])

    def test_rows_of_several_files_are_repetitions(self):
        one = self.write("a.json", [row("r", 0, x_ns=1.0)])
        two = self.write("b.json", [row("r", 0, x_ns=2.0), row("s", 0, x_ns=3.0)])
        self.assertEqual(self.keep(one, two).returncode, 0)
        rows = json.loads(self.kept.read_text())["benchmarks"]
        self.assertEqual(
            [(r["name"], r["repetition_index"], r["x_ns"]) for r in rows],
            [("r", 0, 1), ("r", 1, 2), ("s", 0, 3)],
        )

    def test_errors_are_told_and_nothing_is_written(self):
        good = self.write("a.json", [row("r", 0, x_ns=1.0)])
        other = self.write("b.json", [row("r", 0, x_ns=1.0)], machine="else")
        wrong = self.write(
            "c.json",
            [
                row("r", 0, x_ns=1.0),
                row("s", 0, error_occurred=True, error_message="lost"),
            ],
        )
        for files, text in (
            ([good, other], "another machine"),
            ([wrong], "lost"),
            ([str(self.folder / "none.json")], "No such file"),
        ):
            ran = self.keep(*files)
            self.assertNotEqual(ran.returncode, 0)
            self.assertIn(text, ran.stderr)
            self.assertFalse(self.kept.exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
