#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# rename_jemalloc.sh CC ARCHIVE DIR: makes DIR/libwr_je.a and DIR/wr_je.h, a
# jemalloc whose every global symbol begins with wr_je_. Linked in anywhere,
# it leaves malloc, free and operator new to whoever provided them before.
set -eu

cc=$1 archive=$2 dir=$3
work=$dir/objects
mkdir -p "$work"

# The C++ operators new and delete are the one part that needs libstdc++.
objcopy -w "$archive" "$work/all.a"
ar t "$work/all.a" | grep '_cpp' | xargs -r ar d "$work/all.a"

nm -g --defined-only "$work/all.a" 2>/dev/null |
    awk 'NF == 3 { print $3 }' | sort -u |
    awk '{ new = $1; sub(/^je_/, "", new); print $1, "wr_je_" new }' \
    >"$work/names"
if [ -n "$(awk '{ print $2 }' "$work/names" | sort | uniq -d)" ]; then
    echo "two symbols would get one name" >&2
    exit 1
fi
objcopy --redefine-syms="$work/names" "$work/all.a" "$dir/libwr_je.a"

# The installed header, told not to strip the prefix that we then replace.
installed=$(echo '#include <jemalloc/jemalloc.h>' | "$cc" -E -xc - |
    sed -n 's/^# [0-9]* "\(.*\/jemalloc\.h\)".*/\1/p' | head -n 1)
{
    echo '#define JEMALLOC_NO_RENAME'
    sed 's/\bje_/wr_je_/g' "$installed"
} >"$dir/wr_je.h"
rm -r "$work"
