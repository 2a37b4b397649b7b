#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# fixed_addresses PROGRAM...: runs it without address randomisation where that
# is allowed. ThreadSanitizer refuses the layouts that newer kernels choose.
if setarch -R true 2>/dev/null; then
    exec setarch -R "$@"
fi
exec "$@"
