# SPDX-License-Identifier: MPL-2.0
"""conformance_test: one program, run on each libzmq.so.5."""

load("//tools/build_defs:weir.bzl", "weir_cc_binary")

def conformance_test(name):
    """The cases of NAME.c, and NAME_on_libzmq: a run of them on the system's.

    Args:
      name: of the source file, without .c
    """
    weir_cc_binary(
        name = name,
        testonly = True,
        srcs = [name + ".c"],
        deps = [
            ":support",
            "@system//:cmocka",
            "@system//:zmq",
        ],
    )
    native.sh_test(
        name = name + "_on_libzmq",
        srcs = ["run_on.sh"],
        args = ["$(location :%s)" % name],
        data = [
            "deviations.txt",
            ":" + name,
        ],
        size = "small",
        tags = ["conformance"],
    )
