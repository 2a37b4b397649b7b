# SPDX-License-Identifier: MPL-2.0
"""weir_static_archive: a static library that stands alone."""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

# One relocatable object of all that is ours and what it uses of others, with
# every name local but those that match.
_COMMAND = """
object=${{OUT%.a}}.o
"$LD" -r -o "$object" --whole-archive {ours} --no-whole-archive {others} &&
"$OBJCOPY" --wildcard --keep-global-symbol="$EXPORTS" "$object" &&
"$AR" rcsD "$OUT" "$object" && rm "$object"
"""

def _archives(dep):
    return [
        (input.owner.workspace_name == "", lib.pic_static_library or lib.static_library)
        for input in dep[CcInfo].linking_context.linker_inputs.to_list()
        for lib in input.libraries
    ]

def _weir_static_archive_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    archives = _archives(ctx.attr.dep)
    out = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.run_shell(
        outputs = [out],
        inputs = depset(
            [archive for _, archive in archives],
            transitive = [toolchain.all_files],
        ),
        command = _COMMAND.format(
            ours = " ".join([a.path for own, a in archives if own]),
            others = " ".join([a.path for own, a in archives if not own]),
        ),
        env = {
            "AR": toolchain.ar_executable,
            "EXPORTS": ctx.attr.exports,
            "LD": toolchain.ld_executable,
            "OBJCOPY": toolchain.objcopy_executable,
            "OUT": out.path,
        },
        mnemonic = "StaticArchive",
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

weir_static_archive = rule(
    implementation = _weir_static_archive_impl,
    attrs = {
        "dep": attr.label(mandatory = True, providers = [CcInfo]),
        "exports": attr.string(mandatory = True, doc = "wildcard of names"),
        "_cc_toolchain": attr.label(
            default = "@bazel_tools//tools/cpp:current_cc_toolchain",
        ),
    },
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
