# SPDX-License-Identifier: MPL-2.0
#
# Read by the tests of this folder: installs weir below $prefix, which is not
# where it was told to go, since a prefix can be moved.
set -euo pipefail

prefix=$TEST_TMPDIR/moved
tools/install --prefix "$TEST_TMPDIR/first"
mv "$TEST_TMPDIR/first" "$prefix"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export LD_LIBRARY_PATH=$prefix/lib

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# weir_flags shared|static: what pkg-config gives for a program.
weir_flags() {
    case $1 in
    shared) pkg-config --cflags --libs weir ;;
    static) pkg-config --static --cflags --libs weir |
        sed 's/-lweir/-l:libweir.a/' ;;
    esac
}
