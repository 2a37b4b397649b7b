# SPDX-License-Identifier: MPL-2.0
"""@system: one cc_library per library that the machine provides.

Each comes with the define WEIR_HAVE_<NAME>=1, or =0 when it is not installed:
an absent peer or client of libzmq is an empty library, an absent requirement
fails the build of whatever needs it and names its package.
"""

# name: header, link flags, Debian package, needed
_LIBRARIES = {
    "benchmark": ("benchmark/benchmark.h", ["-lbenchmark", "-lstdc++", "-lm"], "libbenchmark-dev", True),
    "cmocka": ("cmocka.h", ["-lcmocka"], "libcmocka-dev", True),
    "cppzmq": ("zmq_addon.hpp", ["-lzmq", "-lstdc++"], "cppzmq-dev", False),
    "czmq": ("czmq.h", ["-lczmq", "-lzmq"], "libczmq-dev", False),
    "hwloc": ("hwloc.h", ["-lhwloc"], "libhwloc-dev", True),
    "nanomsg": ("nanomsg/nn.h", ["-lnanomsg"], "libnanomsg-dev", False),
    "nng": ("nng/nng.h", ["-lnng"], "libnng-dev", False),
    "zmq": ("zmq.h", ["-lzmq"], "libzmq3-dev", True),
}

_FOUND = """
cc_library(
    name = "{name}",
    defines = ["WEIR_HAVE_{macro}=1"],
    linkopts = {linkopts},
)
"""

_ABSENT_PEER = """
cc_library(
    name = "{name}",
    defines = ["WEIR_HAVE_{macro}=0"],
)
"""

_ABSENT = """
genrule(
    name = "{name}_missing",
    outs = ["{name}_missing.h"],
    cmd = "echo >&2 '{name} is not installed: its Debian package is {package}'; exit 1",
)

cc_library(
    name = "{name}",
    hdrs = ["{name}_missing.h"],
)
"""

_JEMALLOC = """
cc_library(
    name = "jemalloc",
    srcs = ["libwr_je.a"],
    hdrs = ["wr_je.h"],
    includes = ["."],
    linkopts = ["-lm", "-ldl", "-lpthread"],
)
"""

def _compiler(ctx):
    cc = ctx.which(ctx.os.environ.get("CC", "gcc")) or ctx.which("cc")
    if not cc:
        fail("no C compiler found: install gcc")
    return cc

def _has_header(ctx, cc, header):
    probe = 'echo "#include <%s>" | "%s" -E -xc++ - >/dev/null 2>&1' % (header, cc)
    return ctx.execute(["sh", "-c", probe]).return_code == 0

def _library_path(ctx, cc, file):
    path = ctx.execute([cc, "-print-file-name=" + file]).stdout.strip()
    return path if path.startswith("/") else None

def _describe(ctx, cc, name):
    header, linkopts, package, needed = _LIBRARIES[name]
    lib = "lib%s.so" % linkopts[0][len("-l"):]
    found = _has_header(ctx, cc, header) and _library_path(ctx, cc, lib)
    template = _FOUND if found else _ABSENT if needed else _ABSENT_PEER
    return template.format(
        name = name,
        macro = name.upper(),
        linkopts = repr(linkopts),
        package = package,
    )

def _jemalloc(ctx, cc):
    archive = _library_path(ctx, cc, "libjemalloc_pic.a")
    if not (archive and _has_header(ctx, cc, "jemalloc/jemalloc.h")):
        return _ABSENT.format(name = "jemalloc", package = "libjemalloc-dev")
    renamed = ctx.execute(["sh", ctx.path(ctx.attr._rename), cc, archive, "."])
    if renamed.return_code != 0:
        fail("jemalloc could not be renamed: " + renamed.stderr)
    return _JEMALLOC

def _system_repository_impl(ctx):
    cc = _compiler(ctx)
    ctx.file("BUILD", "\n".join(
        ["# Written by //tools/build_defs:system.bzl"] +
        ['package(default_visibility = ["//visibility:public"])'] +
        [_describe(ctx, cc, name) for name in sorted(_LIBRARIES)] +
        [_jemalloc(ctx, cc)],
    ))

system_repository = repository_rule(
    implementation = _system_repository_impl,
    attrs = {
        "_rename": attr.label(
            default = "//tools/build_defs:rename_jemalloc.sh",
            allow_single_file = True,
        ),
    },
    # tools/bazel sets WEIR_PACKAGES to the installed versions, so that the
    # machine is looked at again when they change.
    environ = ["CC", "PATH", "WEIR_PACKAGES"],
    configure = True,
    local = True,
)
