// SPDX-License-Identifier: MPL-2.0
// A queue in C++.
#include "bench/lab/unit.h"
