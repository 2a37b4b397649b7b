# SPDX-License-Identifier: MPL-2.0
"""The rules that BUILD files of this project use."""

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-Wconversion",
    "-Wformat=2",
    "-Wundef",
    "-Wvla",
    "-Wpointer-arith",
    "-Wwrite-strings",
    "-Werror",
]

_C_WARNINGS = _WARNINGS + [
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Wold-style-definition",
]

def _copts(srcs, copts):
    is_cxx = any([s.endswith(".cc") or s.endswith(".cpp") for s in srcs])
    return (_WARNINGS if is_cxx else _C_WARNINGS) + ["-D_GNU_SOURCE"] + copts

def weir_cc_library(name, srcs = [], copts = [], **kwargs):
    """A cc_library with warnings as errors; C and C++ apart."""
    native.cc_library(
        name = name,
        srcs = srcs,
        copts = _copts(srcs, copts),
        **kwargs
    )

def weir_cc_binary(name, srcs = [], copts = [], linkopts = [], **kwargs):
    """A cc_binary with warnings as errors; C and C++ apart."""
    native.cc_binary(
        name = name,
        srcs = srcs,
        copts = _copts(srcs, copts),
        linkopts = ["-pthread"] + linkopts,
        **kwargs
    )

def weir_test(name, srcs, copts = [], deps = [], linkopts = [], size = "small", **kwargs):
    """A test program in C over cmocka."""
    native.cc_test(
        name = name,
        srcs = srcs,
        size = size,
        copts = _copts(srcs, copts),
        deps = deps + ["@system//:cmocka"],
        linkopts = ["-pthread"] + linkopts,
        linkstatic = True,
        **kwargs
    )
