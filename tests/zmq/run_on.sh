#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# run_on.sh PROGRAM [LIBRARY]: runs the cases of PROGRAM on the system's libzmq,
# or on weir's when its libzmq.so.5 is given. WEIR_ZMQ_CASES picks some by name.
program=$1 library=${2-}
WEIR_ZMQ_DEVIATIONS=$(dirname "$0")/deviations.txt
export WEIR_ZMQ_DEVIATIONS

if [ -n "$library" ]; then
    folder=$(cd "$(dirname "$library")" && pwd) || exit 1
    LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    WEIR_ZMQ=1
    export LD_LIBRARY_PATH WEIR_ZMQ
    if ! LD_TRACE_LOADED_OBJECTS=1 "$program" |
        grep -qF "libzmq.so.5 => $folder/"; then
        echo "$program does not load $library" >&2
        exit 1
    fi
fi
exec "$program" ${WEIR_ZMQ_CASES:+"$WEIR_ZMQ_CASES"}
