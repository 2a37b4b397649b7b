#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The benchmark programs, run for moments: every row, every error.

bench_test.py INPROC RINGS BENCH FAULTY ZMQ RINGS_QUICK
"""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

INPROC, RINGS, BENCH, FAULTY, ZMQ, RINGS_QUICK = sys.argv[1:7]
SHORT = ("--window_ms=2", "--benchmark_min_time=0.001")

SIZES = (8, 48, 256, 4096, 65536)
AT = r"at:(same_cpu|smt|same_l3|other_l3|other_node)"
STREAM = {"msgs_per_second", "bytes_per_second"}
ROUND_TRIP = {"rtt_p50_ns", "rtt_p99_ns", "rtt_p999_ns", "rtt_max_ns"}

# Names that must be there, and their counters.
REQUIRED = {
    "ceiling/line_pingpong": {"rtt_p50_ns"},
    "ceiling/line_stream": {"lines_per_second"},
    "oversubscribed/weir/pairs:8/8B/batch:64": STREAM,
    "oversubscribed/libzmq/pairs:8/8B/batch:1": STREAM,
    f"fan_in/weir/senders:4/8B/batch:64/{AT}": STREAM,
    f"fan_in/libzmq/senders:4/8B/batch:1/{AT}": STREAM,
    f"latency/libzmq/pair/8B/wait:default/{AT}": ROUND_TRIP,
}
for wait in ("adaptive", "spin", "yield", "park"):
    REQUIRED[f"latency/weir/pair/8B/wait:{wait}/{AT}"] = ROUND_TRIP
for size in SIZES:
    for pattern in ("push_pull", "pair"):
        head = f"throughput/libzmq/{pattern}/{size}B"
        REQUIRED[f"{head}/batch:1/{AT}"] = STREAM
        for batch in (1, 8, 64):
            head = f"throughput/weir/{pattern}/{size}B"
            REQUIRED[f"{head}/batch:{batch}/{AT}"] = STREAM


def call(*command):
    return subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False
    )


# Designs of the ring lab that are always there, their sides and counters.
DESIGNS = {
    "ring/spsc/slot": "1p1c",
    "ring/spsc/lamport": "1p1c",
    "ring/mpsc/lanes": "4p1c",
    "ring/spmc/claim": "1p4c",
    "ring/broadcast/gated": "1p4c",
    "ring/mpmc/bbq": "2p2c",
    "ring/mpmc/mutex": "4p4c",
}
ITEMS = {"items_per_second", "bytes_per_second", "bytes_per_queue"}
LATE = {
    f"latency_{share}_ns"
    for share in ("p50", "p90", "p99", "p999", "p9999", "max")
}
RINGS_REQUIRED = {
    "ceiling/line_pingpong": {"rtt_p50_ns"},
    "ceiling/line_stream": {"lines_per_second"},
    "ceiling/fetch_add/add:1/threads:1": {"items_per_second"},
    "ceiling/fetch_add/add:32/threads:2": {"adds_per_second"},
}
for design, sides in DESIGNS.items():
    tail = f"{sides}/{AT}"
    for size in (8, 16, 64):
        for batch in (1, 8, 16, 32, 128, 512):
            name = f"{design}/pairwise/item:{size}B/batch:{batch}/{tail}"
            RINGS_REQUIRED[name] = ITEMS
        name = f"{design}/ping_pong/item:{size}B/batch:1/1p1c/{AT}"
        RINGS_REQUIRED[name] = ROUND_TRIP | ITEMS
    for workload in ("burst", "slow_consumer"):
        name = f"{design}/{workload}/item:8B/batch:32/1p1c/{AT}"
        RINGS_REQUIRED[name] = ITEMS
    for workload in ("empty_poll", "full"):
        name = f"{design}/{workload}/item:8B/batch:1/1p1c/{AT}"
        RINGS_REQUIRED[name] = {"calls_per_second", "bytes_per_queue"}
    for ring in ("4KiB", "64KiB", "1MiB", "16MiB"):
        name = f"{design}/pairwise/item:8B/batch:32/1p1c/{AT}/ring:{ring}"
        RINGS_REQUIRED[name] = ITEMS
    for wait in ("spin", "backoff", "yield"):
        name = f"{design}/pairwise/item:8B/batch:32/{tail}/wait:{wait}"
        RINGS_REQUIRED[name] = ITEMS
    for load in (10, 50, 90):
        name = f"{design}/paced/item:8B/batch:32/1p1c/{AT}/load:{load}%"
        RINGS_REQUIRED[name] = ITEMS | LATE
    name = f"{design}/pipeline/item:8B/batch:32/1p1c/at:[a-z0-9_]+"
    RINGS_REQUIRED[name] = ITEMS
    name = rf"{design}/oversubscribed/item:8B/batch:32/\d+p\d+c/at:kernel"
    RINGS_REQUIRED[name] = ITEMS
    name = f"{design}/ping_pong/item:8B/batch:1/1p1c/{AT}/outstanding:16"
    RINGS_REQUIRED[name] = ROUND_TRIP


class EveryRow:
    """One run of all rows of a program."""

    @classmethod
    def setUpClass(cls):
        cls.ran = call(cls.program, *SHORT, "--benchmark_format=json")

    def test_it_passes(self):
        self.assertEqual(self.ran.returncode, 0, self.ran.stderr)

    def test_stdout_is_json_and_has_the_names_and_counters(self):
        report = json.loads(self.ran.stdout)
        rows = {row["name"]: row for row in report["benchmarks"]}
        for name, counters in self.required.items():
            found = [row for key, row in rows.items() if re.fullmatch(name, key)]
            self.assertTrue(found, f"no {name}")
            for row in found:
                for counter in counters:
                    self.assertGreater(row[counter], 0, f"{counter} of {name}")

    def test_every_row_counts_something(self):
        for row in json.loads(self.ran.stdout)["benchmarks"]:
            self.assertNotIn("error_occurred", row, row["name"])
            self.assertTrue(
                any(key.endswith(("_per_second", "_ns")) for key in row)
            )


class EveryRowOfInproc(EveryRow, unittest.TestCase):
    program, required = INPROC, REQUIRED

    def test_peers_without_batches_have_batch_1_only(self):
        for row in json.loads(self.ran.stdout)["benchmarks"]:
            if not re.search("/weir/|ceiling/", row["name"]):
                self.assertNotRegex(row["name"], "batch:(8|64)")

    def test_the_context_tells_machine_and_peers(self):
        context = json.loads(self.ran.stdout)["context"]
        for key in "machine", "placement", "weir", "libzmq", "nng", "nanomsg":
            self.assertTrue(context[key])


class EveryRowOfRings(EveryRow, unittest.TestCase):
    program, required = RINGS, RINGS_REQUIRED

    def test_every_design_is_described_and_has_rows(self):
        report = json.loads(self.ran.stdout)
        rows = [row["name"] for row in report["benchmarks"]]
        for key, value in report["context"].items():
            if key.startswith(("ring/", "rival/")):
                self.assertTrue(value)
                found = any(name.startswith(key + "/") for name in rows)
                self.assertEqual(found, value != "not installed", key)


class CommandLine(unittest.TestCase):
    def test_a_filter_sees_the_names_as_they_are(self):
        run = call(INPROC, "--benchmark_filter=^ceiling/line_stream$",
                   "--benchmark_list_tests")
        self.assertEqual(run.stdout, "ceiling/line_stream\n")

    def test_wrong_arguments_are_errors(self):
        for argument in (
            "--nonsense",
            "--window_ms=0",
            "--window_ms=1s",
            "--window_ms=",
            "--window_ms=999999",
            "stray",
            "--benchmark_filter=no_row_has_this_name",
            "--benchmark_repetitions=many",
        ):
            for program in INPROC, BENCH, RINGS_QUICK:
                run = call(program, argument)
                self.assertNotEqual(run.returncode, 0, argument)
                self.assertTrue(run.stderr, argument)
                self.assertNotIn("throughput/", run.stdout)

    def test_help_names_both_kinds_of_flags(self):
        run = call(INPROC, "--help")
        self.assertEqual(run.returncode, 0)
        self.assertIn("--window_ms", run.stdout)
        self.assertIn("--benchmark_filter", run.stdout)


class Faults(unittest.TestCase):
    """A receiver that is sent something wrong makes the row an error."""

    def run_fault(self, name):
        return call(FAULTY, f"--benchmark_filter=^fault/{name}$",
                    "--benchmark_min_time=0.001", "--benchmark_format=json")

    def test_without_a_fault_all_is_well(self):
        run = self.run_fault("none")
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_faults_are_found(self):
        for name, text in {
            "flip": "checksum of message 50 of sender 0 is wrong",
            "lose": "came where 0x32 was due",
            "repeat": "came where 0x33 was due",
            "swap": "came where 0x32 was due",
            "shorten": "a message of 248 bytes came where 256 were due",
            "refuse": "a call failed: refused",
            "never": "cannot open a socket: never opens",
        }.items():
            with self.subTest(name):
                run = self.run_fault(name)
                self.assertEqual(run.returncode, 1)
                self.assertIn(text, run.stderr)
                row = json.loads(run.stdout)["benchmarks"][0]
                self.assertTrue(row["error_occurred"])
                self.assertIn(text, row["error_message"])
                self.assertNotIn("msgs_per_second", row)


class Report(unittest.TestCase):
    def test_it_prints_rows_and_ratios(self):
        run = call(
            BENCH,
            "--window_ms=5",
            "--benchmark_repetitions=2",
            "--benchmark_filter=^(ceiling/.*|throughput/(weir|libzmq)/push_pull"
            "/8B/batch:.*|latency/(weir|libzmq)/pair/8B/wait:(adaptive|default)"
            "/.*)$",
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        lines = run.stdout.splitlines()
        self.assertRegex(lines[0], "^machine +")
        self.assertRegex(lines[1], "^placement +")
        factor = r"\d[\d,.]*x"
        self.assertRegex(
            run.stdout,
            rf"\npush_pull/8B/batch:64 +{factor} +\({factor} \.\. {factor}\)",
        )
        self.assertRegex(run.stdout, r">= 20  (reached|NOT REACHED)")
        self.assertRegex(run.stdout, r"<= 2\.5  (reached|NOT REACHED)")
        self.assertNotIn("DEBUG", run.stderr)


class RingsQuick(unittest.TestCase):
    def test_it_prints_the_table_and_keeps_the_figures(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder, "kept.json")
            run = call(
                RINGS_QUICK,
                "--window_ms=2",
                "--benchmark_repetitions=2",
                f"--benchmark_out={kept}",
            )
            self.assertEqual(run.returncode, 0, run.stderr)
            report = json.loads(kept.read_text())
        self.assertRegex(run.stdout, "^machine +")
        self.assertRegex(
            run.stdout, r"\nring/spsc/lamport( +\d[\d,.]*){6}\n"
        )
        self.assertRegex(run.stdout, r"\nceiling/line_stream +\d")
        self.assertNotIn("DEBUG", run.stderr)
        self.assertTrue(report["benchmarks"])


class Zmq(unittest.TestCase):
    """One program on two libraries."""

    FAST = ("--window_ms=5", "--benchmark_repetitions=2")

    def test_both_libraries_have_all_cases(self):
        run = call(ZMQ, *self.FAST, "--benchmark_format=json")
        self.assertEqual(run.returncode, 0, run.stderr)
        rows = {}
        for row in json.loads(run.stdout)["benchmarks"]:
            self.assertNotIn("error_occurred", row, row["name"])
            rows.setdefault(row["name"], []).append(row)
        for library in "libzmq", "weir":
            for case, counter in {
                "push_pull/8B": "msgs_per_second",
                "push_pull/256B": "msgs_per_second",
                "push_pull/4096B": "msgs_per_second",
                "pair_round_trip/8B": "rtt_p50_ns",
                "poll_1000/8B": "calls_per_second",
                "pub_8_subs/64B": "msgs_per_second",
                "pub_8_subs_pinned/64B": "msgs_per_second",
                "bind_connect_close/0B": "calls_per_second",
            }.items():
                found = rows[f"zmq/{library}/{case}"]
                self.assertEqual(len(found), 2)
                for row in found:
                    self.assertGreater(row[counter], 0)

    def test_it_prints_ratios(self):
        run = call(ZMQ, *self.FAST, "--benchmark_filter=push_pull/8B|req_rep")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(
            run.stdout, r"\npush_pull/8B .*x\).* >= 4  (reached|NOT REACHED)"
        )
        self.assertRegex(run.stdout, r"\nreq_rep +\d+")
        self.assertNotIn("poll_1000", run.stdout)

    def test_wrong_arguments_are_errors(self):
        for argument in (
            "--benchmark_filter=no_row_has_this_name",
            "--benchmark_filter=(",
            "--benchmark_repetitions=0",
            "--benchmark_format=xml",
            "--window_ms=0",
            "--nonsense",
        ):
            run = call(ZMQ, argument)
            self.assertNotEqual(run.returncode, 0, argument)
            self.assertTrue(run.stderr, argument)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
