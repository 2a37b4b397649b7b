#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# tools/bazel run //tools:zmq -- PROGRAM ARGUMENTS...: runs a program that uses
# libzmq on weir's libzmq.so.5. Preloaded, it comes before what the program
# itself says where to look; the search path is for what loads it by name later.
set -eu

if (($# == 0)); then
    echo "usage: tools/bazel run //tools:zmq -- PROGRAM ARGUMENTS..." >&2
    exit 2
fi
own=$0.runfiles/weir
# Among the runfiles of a test, ours are not in a folder of their own.
[[ -d $own ]] || own=$(dirname "$0")/..
folder=$(cd "$own/core/zmq" && pwd)
export LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_PRELOAD=$folder/libzmq.so.5${LD_PRELOAD:+:$LD_PRELOAD}
cd "${BUILD_WORKING_DIRECTORY:-.}"
exec "$@"
