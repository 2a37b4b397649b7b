#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A made-up result of the ring lab: all kinds, and gaps. No figure is real.

sample.py OUT.json
"""

import json
import random
import sys

OURS = {
    "spsc": ("slot", "index", "lamport", "fast_forward", "mcring", "in_place"),
    "mpsc": ("slot_lanes", "slot_faa", "vyukov", "linked"),
    "spmc": ("slot_claim", "index_claim", "ticket"),
    "mpmc": ("slot_faa", "vyukov", "scq", "lanes"),
    "broadcast": ("gated", "lossy_slot", "seqlock"),
}
RIVALS = {
    "spsc": ("boost_spsc", "rte_spsc", "ck_spsc", "moodycamel_rwq"),
    "mpsc": ("urcu_wfcq", "rte_mpsc", "ck_mpsc"),
    "spmc": ("rte_spmc", "ck_spmc"),
    "mpmc": ("boost_queue", "moodycamel", "tbb_bounded", "atomic_queue"),
    "broadcast": ("aeron_like",),
}
THREADS = {
    "spsc": ("1p1c",),
    "mpsc": ("1p1c", "2p1c", "4p1c"),
    "spmc": ("1p1c", "1p2c", "1p4c"),
    "mpmc": ("1p1c", "2p2c", "4p4c"),
    "broadcast": ("1p1c", "1p2c", "1p4c"),
}
ITEMS = (8, 16, 64)
BATCHES = (1, 8, 32, 128, 512)
LOADS = (10, 30, 50, 70, 90)
RINGS = ("4KiB", "64KiB", "1MiB")
PERCENTILES = ("p50", "p90", "p99", "p999", "p9999", "max")
NOT_INSTALLED = "rival/mpmc/xenium_ramalhete"


class Sample:
    """Rows with noise around a smooth surface; the same for the same seed."""

    def __init__(self, repetitions=5, seed=1):
        self.random = random.Random(seed)
        self.repetitions = repetitions
        self.entries = []

    def add(self, name, **counters):
        for index in range(self.repetitions):
            noise = self.random.lognormvariate(0, 0.04)
            self.entries.append(
                {
                    "name": name,
                    "run_type": "iteration",
                    "repetition_index": index,
                    "iterations": 1,
                    "real_time": 100.1,
                    "time_unit": "ms",
                    **{k: round(v * noise, 1) for k, v in counters.items()},
                }
            )

    def add_ceilings(self):
        self.add(
            "ceiling/line_stream", lines_per_second=2.9e8,
            bytes_per_second=2.9e8 * 64,
        )
        self.add("ceiling/line_pingpong", rtt_p50_ns=118, rtt_p99_ns=160,
                 rtt_p999_ns=410, rtt_max_ns=61000)
        for add in 1, 32:
            for threads, rate in ((1, 2.1e8), (2, 2.6e7)):
                self.add(
                    f"ceiling/fetch_add/add:{add}/threads:{threads}",
                    items_per_second=rate * add, adds_per_second=rate,
                )

    def add_design(self, head, kind, speed):
        """speed: about 1."""
        for threads in THREADS[kind]:
            count = int(threads[0]) + int(threads[2])
            at = "same_l3" if count == 2 else "kernel"
            for item in ITEMS:
                for batch in BATCHES:
                    if self.random.random() < 0.03:
                        continue
                    rate = self.rate(kind, speed, count, item, batch)
                    more = {}
                    if "lossy" in head:
                        more["lost_share"] = 0.02 * count
                    self.add(
                        f"{head}/pairwise/item:{item}B/batch:{batch}"
                        f"/{threads}/at:{at}",
                        items_per_second=rate, bytes_per_second=rate * item,
                        bytes_per_queue=65536 + 512, **more,
                    )
        self.add_latency(head, speed)
        self.add_others(head, speed)

    def rate(self, kind, speed, count, item, batch):
        shared = 1 if kind == "spsc" else 0.35
        rate = 9e7 * speed * shared * batch ** (0.42 * min(speed, 1.1))
        return rate * (8 / item) ** 0.6 / (1 + 0.25 * (count - 2))

    def add_latency(self, head, speed):
        base = 150 / speed
        self.add(
            f"{head}/ping_pong/item:8B/batch:1/1p1c/at:same_l3",
            rtt_p50_ns=base, rtt_p99_ns=base * 1.5,
            rtt_p999_ns=base * 4 / speed, rtt_max_ns=base * 900,
        )
        for load in LOADS:
            queue = 1 / (1 - load / 100)
            tail = [1, 1.4, 3, 14, 90, 700]
            self.add(
                f"{head}/paced/item:8B/batch:1/1p1c/at:same_l3/load:{load}%",
                items_per_second=8e7 * speed * load / 100,
                **{
                    f"latency_{p}_ns": base * queue * t ** (1.1 / speed**0.3)
                    for p, t in zip(PERCENTILES, tail)
                },
            )

    def add_others(self, head, speed):
        tail = "1p1c/at:same_l3"
        for workload, rate in (("burst", 6e7), ("slow_consumer", 9e6),
                               ("pipeline", 4e7)):
            self.add(f"{head}/{workload}/item:8B/batch:32/{tail}",
                     items_per_second=rate * speed)
        self.add(f"{head}/oversubscribed/item:8B/batch:32/4p4c/at:kernel",
                 items_per_second=3e7 * speed)
        for workload in "empty_poll", "full":
            self.add(f"{head}/{workload}/item:8B/batch:1/{tail}",
                     calls_per_second=8e8 * speed)

    def add_ring_sizes(self, head, speed):
        for i, ring in enumerate(RINGS):
            self.add(
                f"{head}/pairwise/item:8B/batch:32/1p1c/at:same_l3/ring:{ring}",
                items_per_second=3e8 * speed * (1, 1.4, 0.9)[i],
            )


def context():
    keys = {
        "date": "2026-11-25T00:00:00+00:00",
        "host_name": "secret_host",
        "executable": "/secret_folder/bench/rings",
        "num_cpus": 2,
        "mhz_per_cpu": 2596,
        "cpu_scaling_enabled": False,
        "caches": [
            {"type": "Data", "level": 1, "size": 32768, "num_sharing": 1},
            {"type": "Unified", "level": 2, "size": 1048576, "num_sharing": 1},
            {"type": "Unified", "level": 3, "size": 33554432, "num_sharing": 2},
        ],
        "load_avg": [0.5, 0.4, 0.4],
        "library_build_type": "debug",
        "machine": "Made-up CPU, 1 package, 1 node, 1 L3, 2 cores, 2 threads",
        "placement": "same_l3: receiver on CPU 0, senders from CPU 1 on; "
        "absent here: smt, other_l3, other_node",
        NOT_INSTALLED: "not installed",
    }
    for side, kinds in (("ring", OURS), ("rival", RIVALS)):
        for kind, names in kinds.items():
            for name in names:
                version = "made-up 1.2.3, " if side == "rival" else ""
                keys[f"{side}/{kind}/{name}"] = (
                    f"{version}one sentence about {name}: what it is, who owns "
                    "which line, and what a full batch of items costs"
                )
    return keys


def report(repetitions=5, seed=1, only=tuple(THREADS)):
    """What json.dump makes a result file of; only: which kinds."""
    sample = Sample(repetitions, seed)
    sample.add_ceilings()
    for side, kinds in (("ring", OURS), ("rival", RIVALS)):
        for kind in only:
            for i, name in enumerate(kinds[kind]):
                speed = (1.25 if side == "ring" else 1.0) * 0.84**i
                head = f"{side}/{kind}/{name}"
                sample.add_design(head, kind, speed)
                if kind == "spsc":
                    sample.add_ring_sizes(head, speed)
    return {"context": context(), "benchmarks": sample.entries}


if __name__ == "__main__":
    with open(sys.argv[1], "w") as out:
        json.dump(report(), out)
