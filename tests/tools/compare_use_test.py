#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Arguments, contexts, and input that is none.

compare_use_test.py COMPARE
"""

import subprocess
import sys
import unittest

from made_up import COMPARE, NINE, RATE, Case, document, error, times

from comparison import natural


class Choices(Case):
    OLD = document({
        "ring/a/batch:8": {RATE: NINE, "rtt_p50_ns": NINE},
        "ring/b/batch:64": {RATE: NINE, "bytes_per_second": NINE},
    })

    def test_a_filter(self):
        run = self.compare(self.OLD, self.OLD, "--filter=/b/.*:64$")
        self.assertIn("ring/b", run.stdout)
        self.assertNotIn("ring/a", run.stdout)

    def test_counters(self):
        run = self.compare(self.OLD, self.OLD, "--counter=rtt_p50_ns")
        self.assertIn("1 row, 1 comparison:", run.stdout)
        run = self.compare(self.OLD, self.OLD, "--counter=rtt_p50_ns",
                           "--counter", RATE)
        self.assertIn("2 rows, 3 comparisons:", run.stdout)

    def test_bytes_beside_another_rate_are_for_those_who_ask(self):
        run = self.compare(self.OLD, self.OLD)
        self.assertNotIn("bytes_per_second", run.stdout)
        run = self.compare(self.OLD, self.OLD, "--counter=bytes_per_second")
        self.assertIn("bytes_per_second", run.stdout)

    def test_batch_8_is_above_batch_64(self):
        names = ["x/batch:64/1p1c", "x/batch:8/1p1c", "8", "x"]
        self.assertEqual(
            sorted(names, key=natural),
            ["8", "x", "x/batch:8/1p1c", "x/batch:64/1p1c"],
        )


class Context(Case):
    ROWS = {"row": {RATE: NINE}}

    def test_one_machine_is_no_warning(self):
        run = self.compare(document(self.ROWS),
                           document(self.ROWS, date="2027", mhz_per_cpu=1))
        self.assertNotRegex(run.stdout, "WARNING|NOTE")

    def test_other_machines_are(self):
        for changed in {"machine": "B"}, {"num_cpus": 3}, {"caches": []}:
            run = self.compare(document(self.ROWS),
                               document(self.ROWS, **changed))
            self.assertIn(f"WARNING: the machines differ: {[*changed][0]}",
                          run.stdout)

    def test_another_version_of_a_rival_is_told(self):
        other = document(self.ROWS, **{"rival/spsc/other": "Other 2.0"})
        run = self.compare(document(self.ROWS), other)
        self.assertIn("rival/spsc/other\n  OLD  Other 1.0\n  NEW  Other 2.0",
                      run.stdout)

    def test_ceilings_that_moved_are_told_whatever_the_filter(self):
        old = {**self.ROWS, "ceiling/line_pingpong": {"rtt_p50_ns": NINE}}
        new = {**self.ROWS,
               "ceiling/line_pingpong": {"rtt_p50_ns": times(3)}}
        for options, status in ((), 1), (("--filter=row",), 0):
            run = self.compare(document(old), document(new), *options,
                               status=status)
            self.assertIn("WARNING: the machine itself", run.stdout)
            self.assertIn("ceiling/line_pingpong  rtt_p50_ns 3.00x",
                          run.stdout)

    def test_lines_fit_a_terminal(self):
        rows = {}
        for power in range(-6, 15):
            values = [value * 10.0**power for value in NINE]
            keys = RATE, "latency_p9999_ns", "lost_share"
            rows[f"row/{power}"] = dict.fromkeys(keys, values)
        slower = {
            name: {key: [1.1 * value for value in values]
                   for key, values in row.items()}
            for name, row in rows.items()
        }
        for new in rows, slower:
            run = self.compare(document(rows), document(new),
                               "--threshold=50%")
            for line in run.stdout.splitlines():
                self.assertLessEqual(len(line), 100, line)
        self.assertIn("slightly better", run.stdout)


class WrongUse(Case):
    GOOD = document({"row": {RATE: NINE}})

    def test_files_that_are_none(self):
        (self.folder / "good.json").write_text(self.GOOD)
        (self.folder / "folder.json").mkdir()
        names = {"absent.json": "No such file", "folder.json": "directory"}
        for number, (text, message) in enumerate((
            ("", "not JSON"),
            (self.GOOD[:-40], "not JSON"),
            ("\x00\xff", "not JSON"),
            ("name,items_per_second\n", "not JSON"),
            ("[]", "not of a benchmark"),
            ('{"context": {}}', "not of a benchmark"),
            ('{"context": {}, "benchmarks": [1]}', "not of a benchmark"),
            (document({}), "no rows"),
            (document({}, [{"name": "x", "run_type": "aggregate"}]),
             "aggregates only"),
            (document({}, [error("x")]), "all rows are errors"),
            (document({"x": {"real_time": [1]}}), "no counters"),
        )):
            name = f"bad{number}.json"
            (self.folder / name).write_text(text, encoding="latin-1")
            names[name] = message
        for name, message in names.items():
            for pair in (name, "good.json"), ("good.json", name):
                with self.subTest(pair):
                    run = self.call(*pair)
                    self.assertEqual(run.returncode, 2)
                    self.assertIn(message, run.stderr)
                    self.assertIn(name, run.stderr)
                    self.assertEqual(run.stdout, "")
                    self.assertNotIn("Traceback", run.stderr)

    def test_wrong_arguments(self):
        (self.folder / "a.json").write_text(self.GOOD)
        for arguments, message in (
            ((), "OLD.json, NEW.json"),
            (("a.json",), "NEW.json"),
            (("a.json",) * 3, "unrecognized"),
            (("--nonsense",), "--nonsense"),
            (("--filter=(",), "--filter"),
            (("--filter=no_such_row",), "no row has such a name"),
            (("--counter=nonsense",), f"there are {RATE}"),
            (("--counter=real_time",), f"there are {RATE}"),
            (("--alpha=0",), "between 0 and 1"),
            (("--alpha=1",), "between 0 and 1"),
            (("--alpha=nan",), "between 0 and 1"),
            (("--alpha=much",), "between 0 and 1"),
            (("--threshold=5",), "percentage like 5%"),
            (("--threshold=-5%",), "percentage like 5%"),
            (("--threshold=%",), "percentage like 5%"),
        ):
            if arguments and arguments[0].startswith("-"):
                arguments = ("a.json", "a.json", *arguments)
            with self.subTest(arguments):
                run = self.call(*arguments)
                self.assertEqual(run.returncode, 2, run.stdout)
                self.assertIn(message, run.stderr)
                self.assertNotIn("Traceback", run.stderr)

    def test_help(self):
        run = self.call("--help")
        self.assertEqual(run.returncode, 0)
        self.assertIn("--threshold", run.stdout)

    def test_without_scipy_it_says_what_to_install(self):
        (self.folder / "a.json").write_text(self.GOOD)
        (self.folder / "scipy").mkdir()
        (self.folder / "scipy/__init__.py").write_text(
            'raise ModuleNotFoundError("No module named \'scipy\'")'
        )
        run = self.call("a.json", "a.json", PYTHONPATH=str(self.folder))
        self.assertEqual(run.returncode, 2)
        self.assertIn("apt-get install python3-scipy", run.stderr)
        self.assertNotIn("Traceback", run.stderr)

    def test_a_reader_that_leaves_early_is_no_error(self):
        rows = {f"row/{i}": {RATE: NINE} for i in range(2000)}
        (self.folder / "a.json").write_text(document(rows))
        run = subprocess.run(
            f"{COMPARE} {self.folder}/a.json {self.folder}/a.json | head -1",
            shell=True, capture_output=True, text=True, timeout=100,
            check=False,
        )
        self.assertEqual(run.stderr, "")
        self.assertTrue(run.stdout.startswith("OLD "))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
