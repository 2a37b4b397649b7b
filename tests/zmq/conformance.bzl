# SPDX-License-Identifier: MPL-2.0
"""conformance_test: one program, run on each libzmq.so.5."""

load("//tools/build_defs:weir.bzl", "weir_cc_binary")

def conformance_test(name, weir = None):
    """The cases of NAME.c as a program, and tests that run it.

    NAME_on_libzmq runs it on the system's library, NAME_on_weir on weir's.

    Args:
      name: of the source file, without .c
      weir: the label of weir's libzmq.so.5, if it is to be tested
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
    for library, label in [("libzmq", None), ("weir", weir)]:
        if library == "weir" and not weir:
            continue
        libraries = [label] if label else []
        native.sh_test(
            name = name + "_on_" + library,
            size = "small",
            srcs = ["run_on.sh"],
            args = ["$(location %s)" % file for file in [":" + name] + libraries],
            data = [
                "deviations.txt",
                ":" + name,
            ] + libraries,
            tags = ["conformance"],
        )
