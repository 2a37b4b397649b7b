# SPDX-License-Identifier: MPL-2.0
"""The queue designs of core/ring: what tests and benchmarks are made for."""

DESIGNS = [
    "slot_queue",
    "packed_slot",
    "index_queue",
    "lazy_index",
    "fastforward",
    "lamport",
    "ypipe",
    "chunked",
    "lanes",
    "exchange_list",
    "record",
    "bbq_spsc",
    "bbq",
    "sequence",
    "spans",
    "ticket_lock",
    "mutex",
    "gated",
    "lossy",
    "ticket",
    "combining",
    "claim",
    "spmc_lanes",
]

def design_defines(name):
    """What makes code of queue_name.h that of the design."""
    return [
        "QUEUE=" + name,
        "QUEUE_HEADER=\\\"core/ring/%s.h\\\"" % name,
    ]
