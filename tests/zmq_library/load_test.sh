#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# A plain program loads the library late, and uses it.
exec tests/zmq_library/load core/zmq/libzmq.so.5
