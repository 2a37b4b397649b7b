#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""What is said of two made-up runs.

compare_test.py COMPARE
"""

import sys
import unittest

from made_up import NINE, RATE, Case, document, error, times

from comparison import Comparison


class Verdicts(Case):
    def of(self, counter, new, *options, old=None, status=0):
        old = old or NINE
        run = self.compare(
            document({"row": {counter: old}}),
            document({"row": {counter: new}}), *options, status=status,
        )
        return self.verdict(run.stdout, "row", counter)

    def test_a_rate_that_falls_is_worse(self):
        self.assertEqual(self.of(RATE, times(0.8), status=1), "worse")

    def test_a_rate_that_rises_is_better(self):
        self.assertEqual(self.of(RATE, times(1.25)), "better")

    def test_a_time_that_rises_is_worse(self):
        self.assertEqual(self.of("rtt_p50_ns", times(1.25), status=1), "worse")

    def test_a_time_that_falls_is_better(self):
        self.assertEqual(self.of("rtt_p50_ns", times(0.8)), "better")

    def test_the_same_noise_again_is_no_difference(self):
        again = times(1, NINE[::-1])
        self.assertEqual(self.of(RATE, again), "no difference")

    def test_a_file_does_not_differ_from_itself(self):
        self.assertEqual(self.of(RATE, NINE), "no difference")

    def test_within_the_threshold_worse_is_slight_and_no_failure(self):
        old = [value / 1000 + 100 for value in NINE]
        new = times(0.97, old)
        self.assertEqual(self.of(RATE, new, old=old), "slightly worse")
        self.assertEqual(
            self.of(RATE, new, "--threshold=2.5%", old=old, status=1), "worse"
        )

    def test_far_apart_medians_in_wide_noise_are_no_difference(self):
        old = [10, 900, 20, 800, 30, 700, 40, 600, 500]
        new = [11, 901, 21, 801, 31, 701, 41, 601, 51]
        self.assertEqual(self.of(RATE, new, old=old), "no difference")

    def test_alpha_decides(self):
        # p is 0.029.
        old, new = NINE[:4], times(0.8, NINE[:4])
        self.assertEqual(self.of(RATE, new, old=old, status=1), "worse")
        self.assertEqual(
            self.of(RATE, new, "--alpha=0.02", old=old, status=2), "too few"
        )

    def test_equal_throughout_is_no_difference(self):
        self.assertEqual(
            self.of("lost_share", [0] * 9, old=[0] * 9), "no difference"
        )

    def test_something_where_nothing_was(self):
        self.assertEqual(
            self.of("lost_share", [0.25] * 9, old=[0] * 9, status=1), "worse"
        )

    def test_medians_that_stay_or_contradict_only_differ(self):
        old = [*range(10, 22), 100, *range(110, 122)]
        for middle in 100, 99:
            new = [*range(80, 92), middle, *range(210, 222)]
            self.assertEqual(self.of(RATE, new, old=old), "differs")

    def test_a_counter_of_unknown_direction_only_differs(self):
        self.assertEqual(self.of("fullness", times(2)), "differs")


class Exact(Case):
    def of(self, old, new, status=0):
        run = self.compare(
            document({"row": {"bytes_per_queue": old}}),
            document({"row": {"bytes_per_queue": new}}), status=status,
        )
        return self.verdict(run.stdout, "row", "bytes_per_queue"), run.stdout

    def test_one_repetition_will_do(self):
        found, text = self.of([65536], [131072], status=1)
        self.assertEqual(found, "worse")
        self.assertIn("exact", text)
        self.assertEqual(self.of([65536], [32768])[0], "better")

    def test_the_same_is_no_difference(self):
        self.assertEqual(self.of([65536] * 3, [65536] * 5)[0], "no difference")

    def test_a_little_more_is_slightly_worse(self):
        found, _ = self.of([65536] * 3, [65600] * 3)
        self.assertEqual(found, "slightly worse")

    def test_times_that_happen_to_be_constant_are_tested(self):
        run = self.compare(
            document({"row": {"rtt_p50_ns": [100] * 3}}),
            document({"row": {"rtt_p50_ns": [200] * 3}}), status=2,
        )
        found = self.verdict(run.stdout, "row", "rtt_p50_ns")
        self.assertEqual(found, "too few")


class Directions(unittest.TestCase):
    def test_each_counter(self):
        for counter, verdict in {
            "items_per_second": "better",
            "msgs_per_second": "better",
            "bytes_per_second": "better",
            "lines_per_second": "better",
            "calls_per_second": "better",
            "adds_per_second": "better",
            "rtt_p50_ns": "worse",
            "rtt_p999_ns": "worse",
            "rtt_max_ns": "worse",
            "latency_p9999_ns": "worse",
            "bytes_per_queue": "worse",
            "lost_share": "worse",
            "fullness": "differs",
            "ns": "differs",
        }.items():
            with self.subTest(counter):
                more = Comparison("row", counter, [10], [20])
                self.assertEqual(more.describe_change(0.05), verdict)
                less = Comparison("row", counter, [20], [10])
                other = {"better": "worse", "worse": "better"}
                self.assertEqual(
                    less.describe_change(0.05), other.get(verdict, verdict)
                )


class TooFew(Case):
    def compare_sizes(self, old, new, **expected):
        return self.compare(
            document({"row": {RATE: NINE[:old]}}),
            document({"row": {RATE: times(0.5, NINE[:new])}}), **expected,
        )

    def test_three_against_three_can_tell_nothing(self):
        run = self.compare_sizes(3, 3, status=2)
        self.assertEqual(self.verdict(run.stdout, "row", RATE), "too few")
        self.assertIn("too few: 3 against 3 repetitions", run.stdout)
        self.assertIn("0.1 at least", run.stdout)
        self.assertIn("With 3 in OLD, NEW needs 5; 4 against 4", run.stdout)
        self.assertIn("--benchmark_repetitions=", run.stderr)

    def test_four_against_four_and_three_against_five_can(self):
        for sizes in (4, 4), (3, 5), (5, 3), (2, 8):
            run = self.compare_sizes(*sizes, status=1)
            self.assertEqual(self.verdict(run.stdout, "row", RATE), "worse")

    def test_what_can_be_tested_is_judged(self):
        old = document({"a": {RATE: NINE}, "b": {RATE: NINE[:3]}})
        run = self.compare(old, old)
        self.assertEqual(self.verdict(run.stdout, "a", RATE), "no difference")
        self.assertEqual(self.verdict(run.stdout, "b", RATE), "too few")
        self.assertTrue(run.stdout.endswith(": 1 no difference, 1 too few\n"))

    def test_it_says_when_one_row_among_many_cannot_stand_out(self):
        for count, is_told in (6, False), (7, True):  # the least p is 1/126
            rows = {f"row/{i}": {RATE: NINE[:5]} for i in range(count)}
            run = self.compare(document(rows), document(rows))
            told = f"alone among {count} comparisons would not be found"
            self.assertEqual(told in run.stdout, is_told)
            self.assertEqual("that takes 6 against 6" in run.stdout, is_told)


class OneSided(Case):
    BOTH = {"row": {RATE: NINE}}

    def test_rows_of_one_file_are_listed(self):
        run = self.compare(
            document({**self.BOTH, "gone": {RATE: NINE}}),
            document({**self.BOTH, "fresh": {RATE: NINE}}),
        )
        self.assertIn("\nIn OLD only:\n  gone\n", run.stdout)
        self.assertIn("\nIn NEW only:\n  fresh\n", run.stdout)
        self.assertTrue(
            run.stdout.endswith("1 in OLD only, 1 in NEW only\n")
        )

    def test_counters_of_one_file_are_listed(self):
        run = self.compare(
            document({"row": {RATE: NINE, "rtt_p50_ns": NINE}}),
            document({"row": {RATE: NINE, "lost_share": NINE}}),
        )
        self.assertIn("\nIn OLD only:\n  row  rtt_p50_ns\n", run.stdout)
        self.assertIn("\nIn NEW only:\n  row  lost_share\n", run.stdout)

    def test_strict_wants_all_of_old(self):
        more = {**self.BOTH, "other": {RATE: NINE}}
        self.compare(document(more), document(self.BOTH), "--strict", status=1)
        self.compare(document(self.BOTH), document(more), "--strict")
        self.compare(document(more), document(self.BOTH), "--strict",
                     "--filter=row")

    def test_a_row_that_fails_in_new_is_worse(self):
        rows = {"row": {RATE: NINE}, "broken": {RATE: NINE}}
        for kept in rows, self.BOTH:  # some repetitions fail, or all
            run = self.compare(
                document(rows), document(kept, [error("broken")]), status=1
            )
            self.assertIn("These rows ran in OLD and fail in NEW:\n  broken\n"
                          "    a checksum is wrong\n", run.stdout)
            self.assertIn("1 comparison: 1 failing, ", run.stdout)
            self.assertNotIn("OLD only", run.stdout)

    def test_other_errors_are_told(self):
        bad = [error("broken")]
        for old, new, text in (
            ([], bad, "fail in NEW, and did not run in OLD"),
            (bad, bad, "fail in NEW, and did not run in OLD"),
            (bad, [], "Rows that fail in OLD only"),
        ):
            run = self.compare(document(self.BOTH, old),
                               document(self.BOTH, new))
            self.assertIn(text, run.stdout)

    def test_nothing_in_common_is_wrong_use(self):
        run = self.compare(document({"a": {RATE: NINE}}),
                           document({"b": {RATE: NINE}}), status=2)
        self.assertIn("nothing to compare", run.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
