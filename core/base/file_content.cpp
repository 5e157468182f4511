// SPDX-License-Identifier: Apache-2.0
#include "core/base/file_content.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace headwater {
namespace {

using namespace std::string_view_literals;

struct Sign {
    std::size_t at;
    std::string_view bytes;
    FileContent content;
};

constexpr std::string_view kUnpack = "unpack it and give the GGUF file inside";
constexpr std::string_view kConvert =
    "llama.cpp's convert_hf_to_gguf.py makes a GGUF file of the folder that it came in";

// Longer and rarer signs first: the first one that fits is taken.
constexpr Sign kSigns[] = {
    {0, "SQLite format 3\0"sv, {"an SQLite database, as traces are", false, {}}},
    {0, "GGUF", {"a GGUF model", false, {}}},
    {0,
     "version https://git-lfs.github.com/spec/v1",
     {"a Git LFS pointer, which stands for the file", true,
      "`git lfs pull` in its repository brings the file itself", true}},
    {0, "\x89PNG\r\n\x1A\n", {"a PNG image", false, {}}},
    {0, "\xFF\xD8\xFF", {"a JPEG image", false, {}}},
    {0, "GIF8", {"a GIF image", false, {}}},
    {8, "WEBP", {"a WebP image", false, {}}},
    {0, "II*\0"sv, {"a TIFF image", false, {}}},
    {0, "MM\0*"sv, {"a TIFF image", false, {}}},
    {0, "%PDF-", {"a PDF document", false, {}}},
    {0, "{\\rtf", {"an RTF document", true, {}}},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", {"an old Office document", false, {}}},
    {0, "PK\x03\x04", {"a zip archive, as PyTorch checkpoints and Office documents are", false, kConvert}},
    {0, "PK\x05\x06", {"an empty zip archive", false, {}}},
    {0, "\x1F\x8B", {"gzip data", false, kUnpack}},
    {0, "BZh", {"bzip2 data", false, kUnpack}},
    {0,
     "\xFD"
     "7zXZ\0"sv,
     {"xz data", false, kUnpack}},
    {0, "\x28\xB5\x2F\xFD", {"zstd data", false, kUnpack}},
    {0, "\x04\x22\x4D\x18", {"lz4 data", false, kUnpack}},
    {0, "7z\xBC\xAF\x27\x1C", {"a 7-Zip archive", false, kUnpack}},
    {0, "Rar!\x1A\x07", {"a RAR archive", false, kUnpack}},
    {257, "ustar", {"a tar archive", false, kUnpack}},
    {0,
     "\x7F"
     "ELF",
     {"a program", false, {}}},
    {0, "MZ\x90\0"sv, {"a Windows program", false, {}}},
    {0, "\x93NUMPY", {"a NumPy array", false, {}}},
    {0, "\x89HDF\r\n\x1A\n", {"an HDF5 file", false, kConvert}},
    {0, "PAR1", {"a Parquet table", false, {}}},
    {0, "ARROW1", {"an Arrow table", false, {}}},
    {0, "\x80\x02", {"a Python pickle, as old PyTorch checkpoints are", false, kConvert}},
    {0, "\x80\x03", {"a Python pickle", false, kConvert}},
    {0, "\x80\x04", {"a Python pickle", false, kConvert}},
    {0, "\x80\x05", {"a Python pickle", false, kConvert}},
    // ggml's magic numbers before GGUF, as they lie in the file.
    {0, "lmgg", {"a GGML model of the time before GGUF", false, "fetch the model again, as GGUF"}},
    {0, "fmgg", {"a GGML model of the time before GGUF", false, "fetch the model again, as GGUF"}},
    {0, "tjgg", {"a GGML model of the time before GGUF", false, "fetch the model again, as GGUF"}},
    {0, "algg", {"a GGML adapter of the time before GGUF", false, "give the whole model, as GGUF"}},
    {0, "OggS", {"an Ogg recording", false, {}}},
    {0, "fLaC", {"a FLAC recording", false, {}}},
    {0, "ID3", {"an MP3 recording", false, {}}},
    {8, "WAVE", {"a WAV recording", false, {}}},
    {4, "ftyp", {"an MP4 film", false, {}}},
};

constexpr std::string_view kFetchAgain =
    "the address led to it instead of the file; download the file itself";

/// Eight bytes of a header's length, and the header, which is JSON
/// (https://github.com/huggingface/safetensors).
bool isSafetensors(std::string_view head, std::uint64_t fileBytes)
{
    if (head.size() < 9 || head[8] != '{')
        return false;
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;)
        length = length << 8 | static_cast<unsigned char>(head[i]);
    return length > 1 && length < (std::uint64_t{100} << 20) && length <= fileBytes;
}

bool startsWithAnyCase(std::string_view text, std::string_view lower)
{
    return text.size() >= lower.size()
        && std::ranges::equal(text.substr(0, lower.size()), lower, {},
                              [](unsigned char c) { return std::tolower(c); });
}

std::optional<FileContent> markupOf(std::string_view head)
{
    if (head.starts_with("\xEF\xBB\xBF"))
        head.remove_prefix(3);
    head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
    if (startsWithAnyCase(head, "<!doctype html") || startsWithAnyCase(head, "<html"))
        return FileContent{"an HTML page", true, kFetchAgain};
    if (head.starts_with("<?xml"))
        return FileContent{"an XML document", true, kFetchAgain};
    if (head.starts_with('{') && head.find('"') != std::string_view::npos
        && head.find('\0') == std::string_view::npos)
        return FileContent{"a JSON document", true, kFetchAgain};
    return std::nullopt;
}

} // namespace

std::optional<FileContent> contentOf(std::string_view head, std::uint64_t fileBytes)
{
    if (fileBytes == 0)
        return FileContent{"empty", true, "its download never began; download it again"};
    for (const Sign& sign : kSigns) {
        if (head.size() >= sign.at + sign.bytes.size()
            && head.substr(sign.at, sign.bytes.size()) == sign.bytes)
            return sign.content;
    }
    if (isSafetensors(head, fileBytes))
        return FileContent{"a safetensors file", false, "give the folder that it lies in, with its config.json"};
    if (head.size() >= 16 && head.find_first_not_of('\0') == std::string_view::npos)
        return FileContent{"a file of zero bytes at its beginning", false,
                           "its download did not end; download it again"};
    return markupOf(head);
}

std::string foundContent(const std::optional<FileContent>& content, std::string_view expected)
{
    return content ? fmt::format("is {}, expected {}", content->what, expected)
                   : fmt::format("is no {}", expected.substr(expected.find(' ') + 1));
}

} // namespace headwater
