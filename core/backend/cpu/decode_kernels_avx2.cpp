// SPDX-License-Identifier: Apache-2.0
// Compiled for its instruction set: CMakeLists.txt.
#include "core/backend/cpu/decode_kernel_set.h"
