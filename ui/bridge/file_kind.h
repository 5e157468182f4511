// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace headwater {

/// What a file dropped on the window is, told by its first bytes. Only where they tell nothing does the name
/// count: a damaged *.hwt, *.gguf or *.safetensors is refused as what it should be, never taken for a text.
enum class FileKind { Trace, Model, Text };

struct FileGuess {
    FileKind kind = FileKind::Text;
    std::uint64_t bytes = 0;
    std::string head; ///< of a file: its first bytes, an even number of them where there are more
};

/// Reads 64 KiB. A folder is a model, and so is a safetensors file: that of the folder it lies in. Errors:
/// NotFound (missing, unreadable), InvalidArgument (a FIFO, a device: reading one could wait for ever),
/// BadFormat (an image or another file that is known to be none of the three).
Result<FileGuess> classifyFile(const std::filesystem::path& path);

/// A text file's bytes. Errors: those of classifyFile, InvalidArgument (empty, or above `limit` bytes), Io.
Result<std::string> readTextFile(const std::filesystem::path& path, std::uint64_t limit);

} // namespace headwater
