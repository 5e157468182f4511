// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <string>

namespace headwater {

/// The exception being handled as an Error: OutOfMemory, Unavailable (no more threads), or Internal. To be
/// called in a `catch (...)` only.
Error caughtError(std::string context);

} // namespace headwater
