// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/file_kind.h"

#include "core/base/file_content.h"
#include "core/base/mapped_file.h"
#include "core/base/text.h"

#include <cstring>
#include <fstream>
#include <string_view>

namespace headwater {

namespace {

constexpr std::string_view kSqliteMagic("SQLite format 3\0", 16);
constexpr std::string_view kGgufMagic("GGUF");
constexpr std::string_view kKinds = "a trace (*.hwt), a model (a GGUF file or a folder) or a text";

/// Whether a text may well begin as the file does: no zero byte, and UTF-8 but for a character that the end
/// cuts.
bool isPlainText(std::string_view head)
{
    constexpr std::size_t kLongestCharacter = 4;
    while (!head.empty() && head.size() >= kLongestCharacter) {
        const CodePoint point = codePointAt(head);
        if (!point.isValid || point.character == 0)
            return false;
        head.remove_prefix(point.bytes);
    }
    return true;
}

} // namespace

Result<FileGuess> classifyFile(const std::filesystem::path& path)
{
    std::error_code failed;
    const std::filesystem::file_status status = std::filesystem::status(path, failed);
    if (!std::filesystem::exists(status))
        return Error{ErrorCode::NotFound, "no such file: check its name", path.string()};
    if (std::filesystem::is_directory(status))
        return FileGuess{FileKind::Model, 0, {}};
    if (!std::filesystem::is_regular_file(status))
        return Error{
            ErrorCode::InvalidArgument,
            "this is neither a file nor a folder: give a trace (*.hwt), a model (a GGUF file or a folder) "
            "or a text",
            path.string()};
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return Error{ErrorCode::NotFound, "cannot be opened for reading: check its permissions",
                     path.string()};
    constexpr std::size_t kHeadBytes = std::size_t{64} << 10;
    FileGuess guess;
    guess.head.resize(kHeadBytes);
    file.read(guess.head.data(), kHeadBytes);
    guess.head.resize(static_cast<std::size_t>(file.gcount()));
    guess.bytes = std::filesystem::file_size(path, failed);
    const std::string_view start = std::string_view(guess.head).substr(0, kContentBytes);
    if (start.starts_with(kSqliteMagic))
        guess.kind = FileKind::Trace;
    else if (start.starts_with(kGgufMagic))
        guess.kind = FileKind::Model;
    else if (path.extension() == ".hwt") // cut or damaged: no text to be sent to a model
        guess.kind = FileKind::Trace;
    else if (path.extension() == ".gguf" || path.extension() == ".safetensors")
        guess.kind = FileKind::Model;
    const auto content = contentOf(start, guess.bytes);
    if (guess.kind == FileKind::Text && content && !content->isText && !isPlainText(guess.head))
        return Error{ErrorCode::BadFormat, foundContent(content, kKinds), path.string()};
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
    return readFile(path, limit);
}

} // namespace headwater
