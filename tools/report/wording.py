# SPDX-License-Identifier: MPL-2.0
"""Figures and names as a reader sees them."""


def _short(value):
    """Three digits, or none behind the point if it is whole."""
    if value >= 1e6:
        return f"{value:.3g}"
    if value >= 99.95 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.{2 if value < 9.995 else 1}f}"


def amount(value):
    """1234567 as 1.23 M."""
    for unit in ("", " k", " M", " G", " T"):
        if value < 999.5:
            break
        value /= 1000
    return _short(value) + unit


def duration(nanoseconds):
    """1234567 as 1.23 ms."""
    value = nanoseconds
    for unit in ("ns", "µs", "ms", "s"):
        if value < 999.5 or unit == "s":
            break
        value /= 1000
    return f"{_short(value)} {unit}"


def size(count):
    """65536 as 64 KiB."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            break
        count /= 1024
    return f"{_short(count)} {unit}"


def share(value):
    """0.125 as 12.5 %."""
    return f"{_short(100 * value)} %"


def times(value):
    """A ratio, as in 1.24×, 3.1×, 23× or 867k×."""
    if value >= 999.5:
        return amount(value).replace(" ", "") + "×"
    if value < 1.995:
        return f"{value:.2f}×"
    return f"{value:.1f}×" if value < 9.95 else f"{_short(value)}×"


# Counter -> its head in a table, and how its values are written.
COUNTERS = {
    "items_per_second": ("items a second", amount),
    "calls_per_second": ("calls a second", amount),
    "msgs_per_second": ("messages a second", amount),
    "lines_per_second": ("lines a second", amount),
    "adds_per_second": ("adds a second", amount),
    "bytes_per_second": ("bytes a second", amount),
    "bytes_per_queue": ("bytes a queue", size),
    "lost_share": ("lost", share),
    "rtt_p50_ns": ("p50", duration),
    "rtt_p99_ns": ("p99", duration),
    "rtt_p999_ns": ("p99.9", duration),
    "rtt_max_ns": ("max", duration),
    "latency_p50_ns": ("p50", duration),
    "latency_p90_ns": ("p90", duration),
    "latency_p99_ns": ("p99", duration),
    "latency_p999_ns": ("p99.9", duration),
    "latency_p9999_ns": ("p99.99", duration),
    "latency_max_ns": ("max", duration),
}
# What rows that have one of these are called together.
UNITS = {"rtt_p50_ns": "round trips", "latency_p50_ns": "latencies"}


def head(counter):
    return COUNTERS.get(counter, (counter, amount))[0]


def written(counter, value):
    return COUNTERS.get(counter, (counter, amount))[1](value)


def threads(pair):
    return f"{pair[0]}p{pair[1]}c"


def extras_text(extras):
    return ", ".join(f"{key} {text}".strip() for key, text in extras)


def setup(row):
    """What a row did, without who did it."""
    parts = [row.workload]
    if row.item:
        parts.append(f"{row.item} B")
    if row.batch:
        parts.append(f"batch {row.batch}")
    if any(row.threads):
        parts.append(threads(row.threads))
    if row.at:
        parts.append(f"at {row.at}")
    if row.extras:
        parts.append(extras_text(row.extras))
    return ", ".join(parts)
