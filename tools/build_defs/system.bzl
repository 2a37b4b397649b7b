# SPDX-License-Identifier: MPL-2.0
"""@system: one cc_library per library that the machine provides.

Each comes with the defines WEIR_HAVE_<NAME>=1, or =0 when it is not installed,
and WEIR_VERSION_<NAME>, a string, or 0: an absent peer, rival or client of
libzmq is an empty library, an absent requirement fails the build of whatever
needs it and names its package. @system//:installed.bzl has the names of those
that are there, in INSTALLED.
"""

# name: header, link flags, Debian package, needed
_LIBRARIES = {
    "atomic_queue": ("atomic_queue/atomic_queue.h", ["-lstdc++"], "libatomic-queue-dev", False),
    "benchmark": ("benchmark/benchmark.h", ["-lbenchmark", "-lstdc++", "-lm"], "libbenchmark-dev", True),
    "boost": ("boost/lockfree/queue.hpp", ["-lstdc++"], "libboost-dev", False),
    "cds": ("cds/container/weak_ringbuffer.h", ["-lstdc++"], "libcds-dev", False),
    "ck": ("ck_ring.h", [], "libck-dev", False),
    "cmocka": ("cmocka.h", ["-lcmocka"], "libcmocka-dev", True),
    "concurrentqueue": ("concurrentqueue/concurrentqueue.h", ["-lstdc++"], "libconcurrentqueue-dev", False),
    "cppzmq": ("zmq_addon.hpp", ["-lzmq", "-lstdc++"], "cppzmq-dev", False),
    "czmq": ("czmq.h", ["-lczmq", "-lzmq"], "libczmq-dev", False),
    "hwloc": ("hwloc.h", ["-lhwloc"], "libhwloc-dev", True),
    "nanomsg": ("nanomsg/nn.h", ["-lnanomsg"], "libnanomsg-dev", False),
    "nng": ("nng/nng.h", ["-lnng"], "libnng-dev", False),
    "readerwriterqueue": ("readerwriterqueue/readerwriterqueue.h", ["-lstdc++"], "libreaderwriterqueue-dev", False),
    "rte_ring": ("rte_ring.h", ["-lrte_ring"], "libdpdk-dev", False),
    "tbb": ("oneapi/tbb/concurrent_queue.h", ["-ltbb", "-lstdc++"], "libtbb-dev", False),
    "urcu": ("urcu/wfcqueue.h", [], "liburcu-dev", False),
    "xenium": ("xenium/ramalhete_queue.hpp", ["-lstdc++"], "libxenium-dev", False),
    "zmq": ("zmq.h", ["-lzmq"], "libzmq3-dev", True),
}

# Those whose headers are not where the compiler looks: what pkg-config calls
# them, and how their folders are called.
_ELSEWHERE = {"rte_ring": ("libdpdk", "dpdk")}

_FOUND = """
cc_library(
    name = "{name}",
    hdrs = glob(["{name}_*/**/*.h"]),
    defines = [
        "WEIR_HAVE_{macro}=1",
        {version},
    ],
    includes = {includes},
    linkopts = {linkopts},
)
"""

_ABSENT_PEER = """
cc_library(
    name = "{name}",
    defines = [
        "WEIR_HAVE_{macro}=0",
        "WEIR_VERSION_{macro}=0",
    ],
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

def _has_header(ctx, cc, header, folders = []):
    flags = " ".join(["-I" + folder for folder in folders])
    probe = 'echo "#include <%s>" | "%s" %s -E -xc++ - >/dev/null 2>&1' % (header, cc, flags)
    return ctx.execute(["sh", "-c", probe]).return_code == 0

def _library_path(ctx, cc, file):
    path = ctx.execute([cc, "-print-file-name=" + file]).stdout.strip()
    return path if path.startswith("/") else None

def _folders(ctx, name):
    """Where else than in the compiler's own folders the headers are."""
    if name not in _ELSEWHERE:
        return []
    module, folder = _ELSEWHERE[name]
    ask = "pkg-config --cflags-only-I %s 2>/dev/null" % module
    flags = ctx.execute(["sh", "-c", ask]).stdout.strip().split(" ")
    return [flag[len("-I"):] for flag in flags if flag.endswith("/" + folder)]

def _version(ctx, package):
    for entry in ctx.os.environ.get("WEIR_PACKAGES", "").split(" "):
        if entry.startswith(package + "="):
            return entry[len(package) + 1:]
    return "unknown"

def _is_found(ctx, cc, name):
    header, linkopts, _, _ = _LIBRARIES[name]
    if not _has_header(ctx, cc, header, _folders(ctx, name)):
        return False
    return not linkopts or _library_path(ctx, cc, "lib%s.so" % linkopts[0][len("-l"):]) != None

def _describe(ctx, name, found):
    _, linkopts, package, needed = _LIBRARIES[name]
    folders = _folders(ctx, name) if found else []
    for i, folder in enumerate(folders):
        ctx.symlink(folder, "%s_%d" % (name, i))
    template = _FOUND if found else _ABSENT if needed else _ABSENT_PEER
    return template.format(
        name = name,
        macro = name.upper(),
        version = repr("WEIR_VERSION_%s=\\\"%s\\\"" % (name.upper(), _version(ctx, package))),
        includes = repr(["%s_%d" % (name, i) for i in range(len(folders))]),
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
    installed = [name for name in sorted(_LIBRARIES) if _is_found(ctx, cc, name)]
    ctx.file("installed.bzl", "INSTALLED = %r\n" % installed)
    ctx.file("BUILD", "\n".join(
        ["# Written by //tools/build_defs:system.bzl"] +
        ['package(default_visibility = ["//visibility:public"])'] +
        [_describe(ctx, name, name in installed) for name in sorted(_LIBRARIES)] +
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
