#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# A program that is linked with weir keeps the malloc that it had.
source tests/install/prefix.sh

for flavour in shared static; do
    cc -D_GNU_SOURCE -Wall -Wextra -Werror -o "$TEST_TMPDIR/$flavour" \
        tests/install/malloc_source.c $(weir_flags "$flavour") -ldl
    "$TEST_TMPDIR/$flavour" || fail "with the $flavour library"
done
