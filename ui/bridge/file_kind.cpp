// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/file_kind.h"

#include "core/base/text.h"

#include <array>
#include <cstring>
#include <fstream>
#include <string_view>

namespace headwater {

namespace {

constexpr std::string_view kSqliteMagic("SQLite format 3\0", 16);
constexpr std::string_view kGgufMagic("GGUF");

} // namespace

Result<FileGuess> classifyFile(const std::filesystem::path& path)
{
    std::error_code failed;
    const std::filesystem::file_status status = std::filesystem::status(path, failed);
    if (!std::filesystem::exists(status))
        return Error{ErrorCode::NotFound, "no such file", path.string()};
    if (std::filesystem::is_directory(status))
        return FileGuess{FileKind::Model, 0};
    if (!std::filesystem::is_regular_file(status))
        return Error{ErrorCode::InvalidArgument,
                     "this is neither a file nor a folder: give a trace (*.hwt), a model (GGUF) or a text",
                     path.string()};
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return Error{ErrorCode::NotFound, "cannot be opened for reading: check its permissions",
                     path.string()};
    std::array<char, 16> head{};
    file.read(head.data(), head.size());
    const std::string_view start(head.data(), static_cast<std::size_t>(file.gcount()));
    FileGuess guess;
    guess.bytes = std::filesystem::file_size(path, failed);
    if (start == kSqliteMagic)
        guess.kind = FileKind::Trace;
    else if (start.starts_with(kGgufMagic))
        guess.kind = FileKind::Model;
    else if (path.extension() == ".hwt") // cut or damaged: no text to be sent to a model
        guess.kind = FileKind::Trace;
    else if (path.extension() == ".gguf")
        guess.kind = FileKind::Model;
    return guess;
}

Result<std::string> readTextFile(const std::filesystem::path& path, std::uint64_t limit)
{
    HEADWATER_TRY_ASSIGN(const FileGuess guess, classifyFile(path));
    if (guess.kind != FileKind::Text)
        return Error{ErrorCode::InvalidArgument, "this is not a text", path.string()};
    if (guess.bytes == 0)
        return Error{ErrorCode::InvalidArgument, "the file is empty", path.string()};
    if (guess.bytes > limit)
        return Error{ErrorCode::InvalidArgument,
                     humanBytes(guess.bytes) + " of text, at most " + humanBytes(limit) + " are taken",
                     path.string()};
    std::ifstream file(path, std::ios::binary);
    std::string text(guess.bytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (static_cast<std::uint64_t>(file.gcount()) != guess.bytes)
        return Error{ErrorCode::Io, "the file became shorter while it was read", path.string()};
    return text;
}

} // namespace headwater
