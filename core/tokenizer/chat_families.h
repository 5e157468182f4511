// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace headwater {

/// What stands around the user's text, and what becomes of it.
struct ChatFrame {
    std::string before;
    std::string after;
    bool trims = false; ///< white space around the user's text is dropped
};

/// One way to write a conversation down.
struct ChatFamily {
    std::string_view name;
    std::array<std::string_view, 3> marks; ///< all of them stand in the family's templates
    /// The frame as one template of the family spells it; of an empty one, the family's plainest. Errors:
    /// Unsupported (a template whose text depends on more than the user's turn).
    Result<ChatFrame> (*frame)(std::string_view chatTemplate);
};

/// In the order in which a template is compared with them.
std::span<const ChatFamily> chatFamilies();

/// Whether a template is one of the family's.
bool recognises(const ChatFamily& family, std::string_view chatTemplate);

} // namespace headwater
