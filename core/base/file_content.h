// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headwater {

/// How many of a file's first bytes tell what it is.
inline constexpr std::size_t kContentBytes = 512;

/// What a file is by its first bytes, in words for messages: "a PNG image".
struct FileContent {
    std::string_view what;
    bool isText = false; ///< it can be read as a text, whatever it is meant for
    /// What to do where it was given as a model, and, of a text, in place of any other file; may be empty.
    std::string_view asModel;
    bool isStandIn = false; ///< it stands for another file, and asModel says how that is got
};

/// Nothing for what has no sign of its own: a text, or unknown bytes. `fileBytes`: of the whole file.
std::optional<FileContent> contentOf(std::string_view head, std::uint64_t fileBytes);

/// "is a PNG image, expected `expected`", or, without a sign, "is no `expected`".
std::string foundContent(const std::optional<FileContent>& content, std::string_view expected);

} // namespace headwater
