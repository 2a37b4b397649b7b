#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# run_on.sh LIBRARY CLIENT [ARGUMENT...]: runs CLIENT with the file LIBRARY,
# whose name is libzmq.so.5, in place of the system's; or with that one if
# LIBRARY is "system". Fails also when the client has loaded any other.
set -euo pipefail

library=$1 client=$2
trace=${TEST_TMPDIR:-$(mktemp -d)}/loaded

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

find_system_library() {
    ldconfig=$(PATH=$PATH:/sbin:/usr/sbin type -P ldconfig)
    "$ldconfig" -p | sed -n '/libzmq\.so\.5 /{s/.* => //p;q}'
}

# The dynamic linker tells what it loads, at start or later, into trace.PID.
run_client() {
    if [[ $library == system ]]; then
        unset LD_LIBRARY_PATH
        library=$(find_system_library)
    else
        export LD_LIBRARY_PATH=$PWD/${library%/*}
    fi
    LD_DEBUG=libs LD_DEBUG_OUTPUT=$trace "$client" "${@:3}"
}

list_loaded() {
    sed -n 's/.*calling init: \(.*libzmq\.so.*\)/\1/p' "$trace".* | sort -u
}

[[ -x $client ]] || fail "there is no program $client"
result=0
run_client "$@" || result=$?
if ((result == 77)); then
    echo "skipped"
    exit
fi
((result == 0)) || exit "$result"

loaded=$(list_loaded)
[[ -n $loaded ]] || fail "the client has not loaded a libzmq"
[[ $loaded -ef $library ]] || fail "the client has loaded $loaded"
echo "all of it on $loaded"
