# SPDX-License-Identifier: MPL-2.0
"""The rules that BUILD files of this project use."""

load("//tools/build_defs:archive.bzl", _weir_static_archive = "weir_static_archive")

weir_static_archive = _weir_static_archive

# In C, -Wconversion covers signedness too. Left out on purpose: -Wpedantic (the
# code uses GNU C), -Wcast-align (silent on x86), -Wsign-conversion in C++ and
# -Wpadded (layout is asserted where it matters).
_WARNINGS = [
    "-Werror",
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-Wconversion",
    "-Wformat=2",
    "-Wpointer-arith",
    "-Wundef",
    "-Wvla",
    "-Wwrite-strings",
]

_C_WARNINGS = _WARNINGS + [
    "-Wmissing-prototypes",
    "-Wold-style-definition",
    "-Wstrict-prototypes",
]

def _copts(srcs, copts):
    is_cxx = any([src.endswith(".cc") for src in srcs])
    return ["-D_GNU_SOURCE"] + (_WARNINGS if is_cxx else _C_WARNINGS) + copts

def weir_cc_library(name, srcs = [], copts = [], **kwargs):
    """A library in C (or, all of it, in C++); warnings are errors."""
    native.cc_library(
        name = name,
        srcs = srcs,
        copts = _copts(srcs, ["-fvisibility=hidden"] + copts),
        linkstatic = True,
        # The shared library holds all of it, used within or not.
        alwayslink = True,
        **kwargs
    )

def weir_cc_binary(name, srcs = [], copts = [], linkopts = [], **kwargs):
    """A program in C (or, all of it, in C++); warnings are errors."""
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
        size = size,
        srcs = srcs,
        copts = _copts(srcs, copts),
        linkopts = ["-pthread"] + linkopts,
        linkstatic = True,
        deps = deps + ["@system//:cmocka"],
        **kwargs
    )

def weir_shared_library(name, version_script, deps, soname = None, **kwargs):
    """A shared object called name, with a SONAME, holding all of deps.

    Exports what the version script says; needs only what it uses.
    """
    native.cc_binary(
        name = name,
        additional_linker_inputs = [version_script],
        linkopts = [
            "-pthread",
            "-Wl,--as-needed",
            # Threads that ended later would run destructors of unloaded code.
            "-Wl,-z,nodelete",
            "-Wl,-soname," + (soname or name),
            "-Wl,--version-script,$(location %s)" % version_script,
        ] + select({
            # clang leaves the sanitizers' symbols to the program.
            "//:clang": [],
            "//conditions:default": ["-Wl,-z,defs"],
        }),
        linkshared = True,
        deps = deps,
        **kwargs
    )
