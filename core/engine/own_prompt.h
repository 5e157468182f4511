// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <string>

namespace headwater {

/// What a model runs when no prompt is given: builtin:needle a text of 6 000 tokens with one needle in it,
/// always the same; every other model nothing (an empty text).
Result<std::string> ownPromptOf(const std::string& model);

} // namespace headwater
