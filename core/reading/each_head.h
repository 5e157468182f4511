// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <functional>
#include <stop_token>

namespace headwater {

/// Threads that decode heads for one question, at most: a trace keeps as many connections open between them.
inline constexpr std::size_t kMostReaders = 4;

/// Calls `body(i)` for every head in [0, count), side by side. Errors: Cancelled.
Result<void> eachHead(std::size_t count, const std::function<void(std::size_t)>& body,
                      const std::stop_token& stop);

} // namespace headwater
