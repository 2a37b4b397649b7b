#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Puts the libraries, the headers and weir.pc below a prefix."""

import argparse
import os
import re
import shutil
import sys
from pathlib import Path

PKG_CONFIG = """\
prefix=${{pcfiledir}}/../..
libdir=${{prefix}}/lib
includedir=${{prefix}}/include

Name: weir
Description: Messages between the threads of one process, in batches
Version: {version}
Cflags: -I${{includedir}}
Libs: -L${{libdir}} -lweir
Libs.private: -lhwloc -lpthread -lm -ldl
"""


def built(path):
    """Where Bazel put one of our files."""
    own = Path(sys.argv[0] + ".runfiles", "weir")
    # Among the runfiles of a test, ours are not in a folder of their own.
    return (own if own.is_dir() else Path(sys.argv[0]).parents[1]) / path


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="tools/bazel run //tools:install --", description=__doc__
    )
    parser.add_argument(
        "--prefix", required=True, metavar="DIR", help="for example /usr/local"
    )
    parser.add_argument(
        "--destdir",
        default="",
        metavar="DIR",
        help="put everything below this folder, as packagers do",
    )
    return parser.parse_args(arguments)


def target_folder(prefix, destdir):
    """Relative folders count from where the user stands, not from Bazel's."""
    here = Path(os.environ.get("BUILD_WORKING_DIRECTORY", os.getcwd()))
    prefix = here / Path(prefix).expanduser()
    if destdir:
        return here / Path(destdir).expanduser() / str(prefix).lstrip("/")
    return prefix


def version(header):
    """The version that weir.h states, as in 1.2.3."""
    parts = re.findall(r"define WEIR_VERSION_[A-Z]+ (\d+)", header.read_text())
    return ".".join(parts)


def copy(source, target, mode):
    target.parent.mkdir(parents=True, exist_ok=True)
    # A new file in place of the old one: programs that run keep theirs.
    fresh = target.with_name(target.name + ".new")
    shutil.copyfile(source, fresh)
    fresh.chmod(mode)
    fresh.replace(target)


def link(target, to):
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(to)
    fresh.replace(target)


def install(root):
    lib = root / "lib"
    copy(built("core/libweir.so.0"), lib / "libweir.so.0", 0o755)
    link(lib / "libweir.so", "libweir.so.0")
    copy(built("core/libweir.a"), lib / "libweir.a", 0o644)
    # Where no loader finds it by itself: it must not replace the system's.
    copy(built("core/zmq/libzmq.so.5"), lib / "weir-zmq/libzmq.so.5", 0o755)
    headers = built("core/include/weir")
    for header in sorted(headers.glob("*.h")):
        copy(header, root / "include/weir" / header.name, 0o644)
    pc = lib / "pkgconfig/weir.pc"
    pc.parent.mkdir(exist_ok=True)
    pc.write_text(PKG_CONFIG.format(version=version(headers / "weir.h")))
    pc.chmod(0o644)


def main():
    options = parse(sys.argv[1:])
    root = target_folder(options.prefix, options.destdir)
    try:
        install(root)
    except OSError as error:
        sys.exit(f"install: {error}")
    print(f"weir is installed in {root}")


main()
