#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# libzmq.so.5 has libzmq's SONAME, offers the functions of exports.txt and
# nothing else, without symbol versions, and needs neither C++ nor libzmq.
set -euo pipefail
library=core/zmq/libzmq.so.5

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

nm -D -g --defined-only "$library" >"$TEST_TMPDIR/symbols"
awk '{ print $3 }' "$TEST_TMPDIR/symbols" | LC_ALL=C sort |
    diff tests/zmq_library/exports.txt - || fail "other names than libzmq's"
[[ $(awk '{ print $2 }' "$TEST_TMPDIR/symbols" | sort -u) == T ]] ||
    fail "something is exported that is no function"
[[ $(wc -l <tests/zmq_library/exports.txt) == 70 ]] ||
    fail "libzmq 4.3.4 exports 70 functions"

readelf -d "$library" >"$TEST_TMPDIR/dynamic"
grep -q 'SONAME.*\[libzmq\.so\.5\]' "$TEST_TMPDIR/dynamic" || fail "SONAME"
if grep -E 'NEEDED.*(stdc\+\+|jemalloc|zmq|weir)' "$TEST_TMPDIR/dynamic"; then
    fail "the library needs these"
fi
