// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace headwater {

/// "file:" and the path's bytes, all but letters, digits and "-._~/" as %HH: a file URI for an absolute path,
/// and what pathOfText takes back for every path.
std::string uriOfPath(const std::filesystem::path& path);

/// A path as text for where only UTF-8 can stand: JSON, settings, the window. It is the path itself, unless
/// that is no UTF-8 or begins with "file:", as its URI then does.
std::string textOfPath(const std::filesystem::path& path);

/// The path that a text names: one of textOfPath, or any file URI of this computer (file:///x,
/// file://localhost/x, file:/x). Errors: InvalidArgument (another computer's, a broken %HH, a NUL).
Result<std::filesystem::path> pathOfText(std::string_view text);

/// An error's context ("FILE: index 3") as text: itself, or, where a name in it is no UTF-8, as textOfPath
/// has it.
std::string textOfContext(const std::string& context);

/// The path that a command line's argument names: a file of exactly that name where there is one, else as
/// pathOfText. Errors: those of pathOfText, InvalidArgument (no name at all). Cost: one look at the file
/// system.
Result<std::filesystem::path> pathOfArgument(const std::string& argument);

} // namespace headwater
