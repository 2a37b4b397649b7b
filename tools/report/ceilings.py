# SPDX-License-Identifier: MPL-2.0
"""What the machine itself allows, beside which the rings are shown.

line_stream: cache lines a second that one core passes to another, times the
items that fit a line. fetch_add: positions a second that a locked add hands
out, which each ring that draws positions with one pays. line_pingpong: the
round trip of a bare line.
"""

import wording
from chart import Limit

LINE = 64
# Kinds with several threads on one end, which a locked add may order.
_SHARED = ("mpsc", "spmc", "mpmc")
ROUND_TRIP_SAID = "Ceiling: the round trip of a bare cache line."
ONE_WAY_SAID = "Ceiling: half the round trip of a bare cache line."


def _line_stream(lab, item):
    """Items a second, and how that was computed."""
    lines = lab.ceiling("line_stream", "lines_per_second")
    if not lines or not item:
        return None, ""
    fit = f"{LINE / item:.3g}"
    rate = wording.amount(lines)
    return lines * LINE / item, f"Line ceiling: {rate} lines/s × {fit} a line."


def _fetch_add(lab, kind, batch, threads=2):
    if kind not in _SHARED:
        return None
    name = f"fetch_add/add:{batch}/threads:{threads}"
    return lab.ceiling(name, "items_per_second")


def over_batch(lab, kind, item, threads, batches):
    limits = []
    rate, said = _line_stream(lab, item)
    if rate:
        limits.append(Limit("line ceiling", {b: rate for b in batches}))
    adders = min(2, max(threads)) or 2
    adds = {b: _fetch_add(lab, kind, b, adders) for b in batches}
    adds = {batch: rate for batch, rate in adds.items() if rate}
    if adds:
        limits.append(Limit("fetch_add", adds))
        said += f" fetch_add: {adders} thread{'s' * (adders > 1)}, adding n."
    return limits, said.strip()


def over_size(lab, kind, batch, threads, sizes):
    lines = lab.ceiling("line_stream", "lines_per_second")
    limits, said = [], ""
    if lines:
        points = {item: lines * LINE / item for item in sizes}
        limits.append(Limit("line ceiling", points))
        said = f"Line ceiling: {wording.amount(lines)} lines/s × 64 / size."
    adders = min(2, max(threads)) or 2
    adds = _fetch_add(lab, kind, batch, adders)
    if adds:
        limits.append(Limit("fetch_add", {item: adds for item in sizes}))
        said += f" fetch_add: {adders} thread{'s' * (adders > 1)}."
    return limits, said.strip()


def flat(lab, kind, item, batch, xs):
    """The same everywhere on x."""
    limits = []
    rate, said = _line_stream(lab, item)
    if rate:
        limits.append(Limit("line ceiling", {x: rate for x in xs}))
    adds = _fetch_add(lab, kind, batch)
    if adds:
        limits.append(Limit("fetch_add", {x: adds for x in xs}))
        said += " fetch_add: 2 threads."
    return limits, said.strip()


def round_trip(lab):
    bare = lab.ceiling("line_pingpong", "rtt_p50_ns")
    return ("a bare line", bare) if bare else None


def one_way(lab, xs):
    bare = lab.ceiling("line_pingpong", "rtt_p50_ns")
    if not bare:
        return []
    return [Limit("half a bare line", {x: bare / 2 for x in xs})]
