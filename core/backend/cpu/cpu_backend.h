// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/backend/cpu/arena.h"
#include "core/parallel/thread_pool.h"

namespace headwater {

/// The CPU backend: float32, tiles of 256 rows spread over a thread pool, GEMM by core/base/gemm.h.
/// With Arena::Poison::On it is the test backend: freed memory, fresh memory and scratch between operations
/// hold NaN.
std::unique_ptr<Backend> makeCpuBackend(std::size_t threads, Arena::Poison poison = Arena::Poison::Off);

} // namespace headwater
