#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""What is chance, in one row and in hundreds.

significance_test.py COMPARE
"""

import itertools
import json
import random
import sys
import unittest

from scipy.stats import mannwhitneyu, permutation_test, rankdata

from made_up import RATE, Case, document

from significance import adjusted, enough, least_p, p_value


class Significance(unittest.TestCase):
    def test_without_ties_it_is_scipys_exact_test(self):
        generator = random.Random(1)
        for sizes in itertools.product((2, 5, 9), (3, 9)):
            old, new = ([generator.random() for _ in range(n)] for n in sizes)
            wanted = mannwhitneyu(old, new, method="exact").pvalue
            self.assertAlmostEqual(p_value(old, new), wanted)

    def test_with_ties_it_is_the_share_of_all_arrangements(self):
        generator = random.Random(2)
        for sizes in itertools.product((2, 4, 6), (3, 5)):
            old, new = ([generator.randrange(4) for _ in range(n)]
                        for n in sizes)
            ranks = rankdata([*old, *new])
            test = permutation_test(
                (ranks[: sizes[0]], ranks[sizes[0] :]),
                lambda x, y, axis: x.sum(axis), vectorized=True,
                n_resamples=float("inf"),
            )
            self.assertAlmostEqual(p_value(old, new), test.pvalue)

    def test_no_p_is_less_than_the_least(self):
        for old, new in itertools.product(range(1, 8), repeat=2):
            for samples in (
                ([1] * old, [2] * new),
                (range(old), range(100, 100 + new)),
            ):
                self.assertAlmostEqual(p_value(*samples), least_p(old, new))

    def test_long_runs_are_tested_too(self):
        generator = random.Random(3)
        old, new = ([generator.random() for _ in range(80)] for _ in range(2))
        self.assertGreater(p_value(old, new), 0.05)
        self.assertLess(p_value(old, [x + 1 for x in new]), 1e-9)

    def test_how_many_are_enough(self):
        self.assertEqual(enough(0.05), 4)
        self.assertEqual(enough(0.05, 3), 5)
        self.assertEqual(enough(0.05, 2), 8)
        self.assertEqual(enough(0.05, 1), 39)
        self.assertEqual(enough(0.01), 5)

    def test_the_correction(self):
        # The example of Benjamini and Hochberg's paper: four of 15 at 0.05.
        p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
             0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
        found = adjusted(p, 15)
        self.assertEqual([x <= 0.05 for x in found], [True] * 4 + [False] * 11)
        self.assertAlmostEqual(found[3], 0.0095 * 15 / 4)
        self.assertEqual(adjusted(p[::-1], 15), found[::-1])
        self.assertEqual(found, sorted(found))
        self.assertEqual(adjusted([], 3), [])
        self.assertEqual(adjusted([0.01], 3), [0.03])


class ManyRows(Case):
    """500 rows of noise, in some of which something changed."""

    def noise(self, seed, changed=0):
        generator = random.Random(seed)
        return document({
            f"row/{i}": {RATE: [
                generator.gauss(100, 5) * (0.5 if i < changed else 1)
                for _ in range(9)
            ]}
            for i in range(500)
        })

    def test_noise_alone_is_no_difference(self):
        run = self.compare(self.noise(1), self.noise(2))
        self.assertIn("500 no difference", run.stdout)
        # Without the correction some 25 of them would be taken for one.
        rows = [json.loads(self.noise(seed))["benchmarks"] for seed in (1, 2)]
        values = [[e[RATE] for e in row] for row in rows]
        alone = sum(
            p_value(*(v[9 * i : 9 * i + 9] for v in values)) <= 0.05
            for i in range(500)
        )
        self.assertGreater(alone, 10)

    def test_what_changed_is_found_among_it(self):
        run = self.compare(self.noise(1), self.noise(2, 20), "--changed",
                           status=1)
        worse = {
            f"row/{i}": self.verdict(run.stdout, f"row/{i}", RATE)
            for i in range(20)
        }
        self.assertEqual(set(worse.values()), {"worse"})
        self.assertNotIn("  no difference\n", run.stdout)
        self.assertRegex(run.stdout, r"\n500 rows, 500 comparisons: 2[012] ")

    def test_much_that_is_better_makes_nothing_worse(self):
        run = self.compare(self.noise(1, 250), self.noise(2))
        self.assertRegex(run.stdout, r"comparisons: 25\d better, ")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
