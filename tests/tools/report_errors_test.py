#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""What //tools:report says to what it cannot use, and that it leaves no page.

report_errors_test.py REPORT
"""

import os
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from report_case import SLOT, InFolder, Page  # noqa: E402
from report_case import call, document, row  # noqa: E402


class Errors(InFolder):
    GOOD = document(row(SLOT, items_per_second=1e6))

    def test_files_that_are_no_results(self):
        for content, said in {
            "": "not JSON",
            "{\"context\": {": "not JSON",
            "console output\n": "not JSON",
            "[1, 2]": "not of a benchmark program",
            "{}": "not of a benchmark program",
            '{"context": 1, "benchmarks": []}': "not of a benchmark program",
            '{"context": {}, "benchmarks": [3]}': "not of a benchmark program",
            '{"context": {}, "benchmarks": [{}]}': "not of a benchmark program",
            '{"context": {}, "benchmarks": []}': "has no rows",
        }.items():
            with self.subTest(content):
                self.put("good.json", self.GOOD)
                self.put("bad.json", content)
                told = self.refused("good.json", "bad.json")
                self.assertIn("bad.json: ", told)
                self.assertIn(said, told)

    def test_bytes_that_are_no_text(self):
        (self.folder / "bad.json").write_bytes(b"\xff\xfe\x00{")
        self.assertIn("bad.json: not JSON", self.refused("bad.json"))

    def test_a_file_that_is_not_there(self):
        told = self.refused("nowhere.json")
        self.assertIn("nowhere.json: No such file or directory", told)

    def test_aggregates_only(self):
        mean = {**row(SLOT, items_per_second=9e9), "run_type": "aggregate"}
        self.put("means.json", document(mean))
        told = self.refused("means.json")
        self.assertIn("means.json: it has aggregates only", told)
        self.assertIn("--benchmark_report_aggregates_only", told)

    def test_all_rows_are_errors(self):
        self.put("bad.json", document(
            row(SLOT, error_occurred=True, error_message="item 3 is wrong")))
        told = self.refused("bad.json")
        self.assertIn(f"{SLOT}: item 3 is wrong", told)

    def test_some_rows_are_errors(self):
        bad = SLOT.replace("slot", "bad")
        self.put("some.json", document(
            row(SLOT, items_per_second=1e6),
            row(bad, error_occurred=True, error_message="item 3 is <wrong>")))
        run = call(self.folder, "some.json", "--out", "page")
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"{bad} went wrong: item 3 is <wrong>", run.stderr)
        page = Page((self.folder / "page/index.html").read_text())
        self.assertIn(bad, page.texts("dt"))
        self.assertIn("item 3 is <wrong>", page.texts("dd"))
        self.assertIn("slot", page.texts("th"))

    def test_rows_without_counters(self):
        self.put("bare.json", document(row(SLOT)))
        self.assertIn("no counters", self.refused("bare.json"))

    def test_two_machines(self):
        self.put("a.json", self.GOOD)
        for other in {"machine": "N"}, {"num_cpus": 4}, {"caches": [1]}:
            self.put("b.json", document(row(SLOT, items_per_second=1), **other))
            told = self.refused("a.json", "b.json")
            self.assertIn("b.json: another machine than in a.json", told)
            self.assertIn(f"by its {list(other)[0]}", told)

    def test_a_file_given_twice(self):
        self.put("a.json", self.GOOD)
        self.assertIn("given twice", self.refused("a.json", "./a.json"))

    def test_a_folder_that_cannot_be_made(self):
        self.put("a.json", self.GOOD)
        self.put("file", "")
        for out in "file", "file/page":
            with self.subTest(out):
                run = call(self.folder, "a.json", "--out", out)
                self.assertEqual(run.returncode, 1)
                self.assertRegex(run.stderr, "^report: file.*--out needs")
                self.assertEqual((self.folder / "file").read_text(), "")

    def test_a_page_that_cannot_be_replaced_stays(self):
        self.put("a.json", self.GOOD)
        (self.folder / "page/index.html").mkdir(parents=True)
        run = call(self.folder, "a.json", "--out", "page")
        self.assertEqual(run.returncode, 1)
        self.assertIn("--out needs", run.stderr)
        self.assertEqual(os.listdir(self.folder / "page"), ["index.html"])

    def test_packages_that_are_missing(self):
        self.put("a.json", self.GOOD)
        for module in "matplotlib", "jinja2":
            path = self.folder / module / "path"
            path.mkdir(parents=True)
            (path / f"{module}.py").write_text(
                f"raise ModuleNotFoundError('none', name={module!r})")
            told = self.refused("a.json", PYTHONPATH=str(path))
            self.assertIn(f"apt-get install python3-{module}", told)

    def test_wrong_arguments(self):
        self.put("a.json", self.GOOD)
        for arguments in ((), ("a.json",), ("--out", "page"),
                          ("a.json", "--out", "page", "--nonsense")):
            run = call(self.folder, *arguments)
            self.assertEqual(run.returncode, 2, arguments)
            self.assertIn("usage: tools/bazel run //tools:report", run.stderr)
            self.assertFalse((self.folder / "page").exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
