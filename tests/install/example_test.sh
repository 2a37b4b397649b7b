#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# README's example compiles without a warning, with the shared library and with
# the static one, and runs. The headers serve C11 and C++ too.
source tests/install/prefix.sh

readme=$PWD/README.md install=$PWD/tools/install
cd "$TEST_TMPDIR"
sed -n '/^```c$/,/^```$/ { /^```$/q; /^```c$/!p; }' "$readme" >example.c
[[ -s example.c ]] || fail "README.md has no example in C"

for flavour in shared static; do
    cc -Wall -Wextra -Werror -o "$flavour" example.c $(weir_flags "$flavour")
    "./$flavour" || fail "the $flavour example ends with $?"
done
[[ $(ldd shared) == *"$prefix/lib/libweir.so.0"* ]] ||
    fail "the shared example does not use the library that was installed"
[[ $(ldd static) != *libweir* ]] || fail "the static example needs libweir.so"

for header in "$prefix"/include/weir/*.h; do
    for language in 'c -std=c11' 'c++ -std=c++11'; do
        cc -fsyntax-only -Wall -Wextra -Wpedantic -Werror \
            -I "$prefix/include" -x $language "$header"
    done
done

# An error is told, and is the exit code.
touch file
if "$install" --prefix file/below >/dev/null 2>told; then
    fail "installing below a file went well"
fi
grep -q 'file/below' told || fail "the error does not name the folder"
"$install" --prefix /usr --destdir staged >/dev/null
[[ -f staged/usr/lib/pkgconfig/weir.pc ]] || fail "--destdir is not heeded"
