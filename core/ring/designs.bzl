# SPDX-License-Identifier: MPL-2.0
"""The queue designs of core/ring: what tests and benchmarks are made for."""

DESIGNS = [
    # One writer, one reader.
    "slot_queue",
    "packed_slot",
    "index_queue",
    "lazy_index",
    "fastforward",
    "lamport",
    "bbq_spsc",
    "chunked",
    "ypipe",
    # Several writers.
    "lanes",
    "ticket",
    "record",
    "exchange_list",
    "combining",
    # Several readers.
    "claim",
    "spmc_lanes",
    # Several readers that all see everything.
    "gated",
    "lossy",
    # Several of both.
    "spans",
    "bbq",
    "sequence",
    "scq",
    "lprq",
    "ticket_lock",
    "mutex",
]

def design_defines(name):
    """What makes code of queue_name.h that of the design."""
    return [
        "QUEUE=" + name,
        "QUEUE_HEADER=\\\"core/ring/%s.h\\\"" % name,
    ]
