#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# A program that is linked with the system's libzmq runs on weir's, by
# //tools:zmq and from the folder where //tools:install puts it, and not without.
set -euo pipefail
program=$PWD/tests/zmq_library/which

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

[[ $("$program") != *weir* ]] || fail "the program runs on weir by itself"
[[ $(tools/zmq "$program") == *core/zmq/libzmq.so.5 ]] || fail "//tools:zmq"
if tools/zmq 2>/dev/null; then
    fail "no program, and no error"
fi
tools/zmq sh -c 'exit 7' && fail "the exit code is lost"
(($? == 7)) || fail "the exit code is another"

tools/install --prefix "$TEST_TMPDIR/weir" >/dev/null
folder=$TEST_TMPDIR/weir/lib/weir-zmq
[[ $(LD_LIBRARY_PATH=$TEST_TMPDIR/weir/lib "$program") != *weir* ]] ||
    fail "the library is found in lib"
[[ $(LD_LIBRARY_PATH=$folder "$program") == "$folder/libzmq.so.5" ]] ||
    fail "the library is not found in $folder"
