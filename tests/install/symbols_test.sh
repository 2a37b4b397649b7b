#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Both libraries offer the names weir_* and no others; the shared one has its
# SONAME and needs no C++.
source tests/install/prefix.sh

shared=$prefix/lib/libweir.so.0
static=$prefix/lib/libweir.a

# Function and data symbols; the version node itself is absolute (A).
names() {
    nm -g --defined-only "$@" | awk 'NF == 3 && $2 ~ /[TBDRVW]/ { print $3 }' |
        sed 's/@.*//' | sort
}

names -D "$shared" >"$TEST_TMPDIR/shared"
names "$static" >"$TEST_TMPDIR/static"
grep -qx weir_context_new "$TEST_TMPDIR/shared" || fail "nothing is exported"
if grep -v '^weir_' "$TEST_TMPDIR/shared"; then
    fail "the shared library exports these"
fi
cmp "$TEST_TMPDIR/shared" "$TEST_TMPDIR/static" ||
    fail "the two libraries do not offer the same names"

readelf -d "$shared" >"$TEST_TMPDIR/dynamic"
grep -q 'SONAME.*\[libweir\.so\.0\]' "$TEST_TMPDIR/dynamic" || fail "SONAME"
if grep -E 'NEEDED.*(stdc\+\+|jemalloc)' "$TEST_TMPDIR/dynamic"; then
    fail "the shared library needs these"
fi
[[ $(readlink "$prefix/lib/libweir.so") == libweir.so.0 ]] ||
    fail "libweir.so does not lead to libweir.so.0"
