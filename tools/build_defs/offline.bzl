# SPDX-License-Identifier: MPL-2.0
"""Stand-ins for repositories that Bazel would otherwise download."""

def _offline_repository_impl(ctx):
    ctx.file("BUILD", "".join([
        'filegroup(name = "%s", visibility = ["//visibility:public"])\n' % name
        for name in ctx.attr.filegroups
    ]))
    if ctx.attr.load_path:
        folder = ctx.attr.load_path.rpartition("/")[0]
        ctx.file(folder + "/BUILD", 'exports_files(["defs.bzl"])\n')
        ctx.file(ctx.attr.load_path, "".join([
            "%s = native.%s\n" % (rule, rule)
            for rule in ctx.attr.rules
        ]))

offline_repository = repository_rule(
    implementation = _offline_repository_impl,
    attrs = {
        "filegroups": attr.string_list(doc = "empty public filegroups"),
        "load_path": attr.string(doc = "the .bzl file that others load"),
        "rules": attr.string_list(doc = "native rules that it re-exports"),
    },
)
