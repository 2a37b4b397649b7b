# SPDX-License-Identifier: MPL-2.0
"""with_libc_memory: a library over the C library's malloc, whatever the rest is
built with.

jemalloc has 2.6 kB of static thread-local storage: dlopen does not load what
needs so much of it.
"""

_FLAG = "//tools/build_defs:libc_memory"

def _memory_flag_impl(ctx):
    return []

memory_flag = rule(
    implementation = _memory_flag_impl,
    build_setting = config.bool(flag = False),
)

def _to_libc_impl(settings, attr):
    return {_FLAG: True}

_to_libc = transition(
    implementation = _to_libc_impl,
    inputs = [],
    outputs = [_FLAG],
)

def _with_libc_memory_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = out, target_file = ctx.file.library)
    return [DefaultInfo(
        files = depset([out]),
        runfiles = ctx.runfiles([out]),
    )]

with_libc_memory = rule(
    implementation = _with_libc_memory_impl,
    attrs = {
        "library": attr.label(
            doc = "One file, found again under the name of this rule.",
            allow_single_file = True,
            cfg = _to_libc,
            mandatory = True,
        ),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)
