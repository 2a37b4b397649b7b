# SPDX-License-Identifier: MPL-2.0
"""The rivals of the ring lab: libraries' queues behind core/ring/queue.h."""

# Of C or C++: the rivals' names, their header, and the library in @system.
_RIVALS = [
    ("c", "rte_ring", "rte_ring", [
        "rte_ring_spsc",
        "rte_ring_mpsc",
        "rte_ring_spmc",
        "rte_ring_mpmc",
        "rte_ring_hts",
        "rte_ring_hts_mpsc",
        "rte_ring_hts_spmc",
        "rte_ring_rts",
        "rte_ring_rts_mpsc",
        "rte_ring_rts_spmc",
    ]),
    ("c", "ck_ring", "ck", [
        "ck_ring_spsc",
        "ck_ring_mpsc",
        "ck_ring_spmc",
        "ck_ring_mpmc",
    ]),
    ("c", "wfcqueue", "urcu", ["wfcqueue"]),
    ("cc", "boost_lockfree", "boost", [
        "boost_spsc",
        "boost_queue",
    ]),
    ("cc", "readerwriterqueue", "readerwriterqueue", ["readerwriterqueue"]),
    ("cc", "concurrentqueue", "concurrentqueue", [
        "concurrentqueue_spsc",
        "concurrentqueue_mpsc",
        "concurrentqueue_spmc",
        "concurrentqueue_mpmc",
    ]),
    ("cc", "atomic_queue", "atomic_queue", [
        "atomic_queue_spsc",
        "atomic_queue_mpmc",
    ]),
    ("cc", "xenium", "xenium", [
        "xenium_vyukov",
        "xenium_ramalhete",
    ]),
    ("cc", "cds", "cds", [
        "cds_weak_ring",
        "cds_vyukov",
    ]),
    ("cc", "tbb_bounded", "tbb", ["tbb_bounded"]),
]

HEADERS = [header for _, header, _, _ in _RIVALS]

LIBRARIES = depset([library for _, _, library, _ in _RIVALS]).to_list()

# Each with name, language (c or cc), header and library.
RIVALS = [
    struct(name = name, language = language, header = header, library = library)
    for language, header, library, names in _RIVALS
    for name in names
]

def rival_defines(rival):
    """What makes code of queue_name.h that of the rival.

    RIVAL_IS_INSTALLED is 0 where there are only its traits.
    """
    return [
        "QUEUE=" + rival.name,
        "QUEUE_HEADER=\\\"bench/rivals/%s.h\\\"" % rival.header,
        "RIVAL_IS_INSTALLED=WEIR_HAVE_" + rival.library.upper(),
    ]

def rival_deps(rival):
    return [
        "//bench/rivals",
        "//core/ring:queue",
        "@system//:" + rival.library,
    ]
