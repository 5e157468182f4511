// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf/gguf_parts.h"

#include "core/base/file_content.h"
#include "core/base/file_name.h"
#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/model/byte_reader.h"
#include "core/model/gguf/gguf_metadata.h"
#include "core/model/limits.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace headwater {
namespace {

constexpr const char* kNumber = "split.no";
constexpr const char* kCount = "split.count";
constexpr const char* kTensors = "split.tensors.count";
constexpr std::uint64_t kMostParts = 99'999; // five digits in a name

struct OpenedPart {
    GgufFile file;
    std::shared_ptr<const MappedFile> mapping;
};

/// What a part says of itself.
struct Place {
    std::uint64_t number = 0; ///< from 0
    std::uint64_t count = 1; ///< 1: a whole model
    std::uint64_t tensors = 0; ///< of all parts
};

/// What was given in place of a model, where that can be told: a page, a pointer, weights of another format.
Result<void> refuseForeign(const std::filesystem::path& path, std::span<const std::byte> bytes)
{
    const std::string_view head = textOf(bytes.first(std::min(bytes.size(), kContentBytes)));
    const auto content = contentOf(head, bytes.size());
    if (head.empty() || head.starts_with("GGUF") || !content) // of an empty file the reader says enough
        return {};
    const std::string advice =
        content->asModel.empty() ? "give a file that llama.cpp would read" : std::string(content->asModel);
    return Error{ErrorCode::BadFormat, fmt::format("is {}, expected a GGUF model: {}", content->what, advice),
                 path.string()};
}

Result<OpenedPart> openPart(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(MappedFile mapped, MappedFile::open(path));
    OpenedPart part;
    part.mapping = std::make_shared<const MappedFile>(std::move(mapped));
    HEADWATER_TRY(refuseForeign(path, part.mapping->bytes()));
    HEADWATER_TRY_ASSIGN(part.file, readGguf(part.mapping->bytes(), path.string()));
    return part;
}

Result<Place> placeOf(const GgufFile& file)
{
    const GgufMetadata metadata(file);
    Place place;
    HEADWATER_TRY_ASSIGN(const auto count, metadata.findUnsigned(kCount, 0, kMostParts));
    if (count.value_or(0) <= 1)
        return place;
    place.count = *count;
    HEADWATER_TRY_ASSIGN(place.number, metadata.requireUnsigned(kNumber, 0, place.count - 1));
    HEADWATER_TRY_ASSIGN(place.tensors, metadata.requireUnsigned(kTensors, 0, limits::kTensors));
    return place;
}

/// "-00002-of-00003.gguf"
std::string endingOf(std::uint64_t number, std::uint64_t count)
{
    return fmt::format("-{:05}-of-{:05}.gguf", number + 1, count);
}

/// The file's name before its ending, which must be the one that the part says.
Result<std::string> nameBefore(const std::filesystem::path& path, const GgufFile& file, const Place& place)
{
    const std::string name = path.filename().string();
    const std::string ending = endingOf(place.number, place.count);
    if (name.size() > ending.size() && name.ends_with(ending))
        return name.substr(0, name.size() - ending.size());
    return GgufMetadata(file).fail(
        kNumber, fmt::format("part {} of {} in a file of this name", place.number + 1, place.count),
        fmt::format("the name its splitter gave it, \"NAME{}\", with the other parts beside it", ending));
}

/// A part found by its name says that it is that part.
Result<void> checkPlace(const GgufFile& file, const Place& found, const Place& expected,
                        const std::string& first)
{
    const GgufMetadata metadata(file);
    if (found.count != expected.count)
        return metadata.fail(kCount,
                             found.count == 1 ? "a whole model" : fmt::format("{} parts", found.count),
                             fmt::format("{}, as {} says", expected.count, first));
    if (found.number != expected.number)
        return metadata.fail(kNumber, fmt::format("part {}", found.number + 1),
                             fmt::format("part {}, as its name says", expected.number + 1));
    if (found.tensors != expected.tensors)
        return metadata.fail(kTensors, std::to_string(found.tensors),
                             fmt::format("{}, as {} says", expected.tensors, first));
    return {};
}

bool isEqual(const GgufEntry& a, const GgufEntry& b)
{
    return a.type == b.type && a.elementType == b.elementType && a.text == b.text && a.strings == b.strings
        && std::ranges::equal(a.scalar, b.scalar) && std::ranges::equal(a.elements, b.elements);
}

/// A part may repeat what the first says of the model, and must say the same; alignment and place are its
/// own.
Result<void> checkMetadata(const GgufFile& part, const GgufFile& first, std::vector<std::string>& warnings)
{
    std::size_t alone = 0;
    for (const GgufEntry& entry : part.entries) {
        if (entry.key.starts_with("split.") || entry.key == "general.alignment")
            continue;
        const GgufEntry* const known = first.find(entry.key);
        if (known && !isEqual(entry, *known))
            return formatError(part.path, entry.valueOffset, printable(entry.key), "another value",
                               fmt::format("the one in {}: parts of one model", first.path));
        alone += known ? 0 : 1;
    }
    if (alone > 0)
        warnings.push_back(
            fmt::format("{}: {} metadata entries that the first part lacks are ignored", part.path, alone));
    return {};
}

/// Moves the part's tensors to those of the first part.
Result<void> takeTensors(GgufFile& part, GgufFile& all)
{
    all.parts.push_back(part.path);
    for (GgufTensor& tensor : part.tensors) {
        if (const GgufTensor* const first = all.findTensor(tensor.name))
            return formatError(part.path, tensor.infoOffset, printable(tensor.name),
                               fmt::format("the tensor again (first in {} at byte {})", all.pathOf(*first),
                                           first->infoOffset),
                               "every tensor in one part");
        tensor.part = static_cast<std::uint32_t>(all.parts.size() - 1);
        all.tensors.push_back(std::move(tensor));
        all.tensorByName.emplace(all.tensors.back().name, &all.tensors.back());
    }
    all.warnings.insert(all.warnings.end(), part.warnings.begin(), part.warnings.end());
    return {};
}

Result<std::vector<OpenedPart>> openParts(const std::filesystem::path& named, OpenedPart&& known,
                                          const Place& place, const std::string& name)
{
    std::vector<OpenedPart> parts;
    for (std::uint64_t number = 0; number < place.count; ++number) {
        if (number == place.number) {
            parts.push_back(std::move(known));
            continue;
        }
        const std::filesystem::path path = named.parent_path() / (name + endingOf(number, place.count));
        std::error_code failed;
        if (!std::filesystem::exists(path, failed))
            return Error{
                ErrorCode::NotFound,
                fmt::format("is missing, expected part {} of {} beside {}: download it into that folder",
                            number + 1, place.count, named.filename().string()),
                path.string()};
        HEADWATER_TRY_ASSIGN(OpenedPart part, openPart(path));
        HEADWATER_TRY_ASSIGN(const Place found, placeOf(part.file));
        HEADWATER_TRY(
            checkPlace(part.file, found, {number, place.count, place.tensors}, named.filename().string()));
        parts.push_back(std::move(part));
    }
    return parts;
}

std::span<const std::byte> headerOf(const OpenedPart& part)
{
    const std::span<const std::byte> bytes = part.mapping->bytes();
    return bytes.first(std::min<std::size_t>(part.file.dataOffset, bytes.size()));
}

GgufParts whole(OpenedPart&& part, const std::filesystem::path& path)
{
    GgufParts all;
    all.name = textOfPath(path.stem());
    all.headerSha256 = sha256(headerOf(part));
    all.bytes = part.mapping->bytes().size();
    all.mappings = {part.mapping};
    all.file = std::move(part.file);
    return all;
}

Result<GgufParts> joined(std::vector<OpenedPart>&& parts, std::uint64_t tensors)
{
    GgufParts all;
    std::string headers;
    for (OpenedPart& part : parts) {
        headers += textOf(headerOf(part));
        all.bytes += part.mapping->bytes().size();
        all.mappings.push_back(part.mapping);
        if (&part == &parts.front()) {
            all.file = std::move(part.file);
            all.file.parts = {all.file.path};
            continue;
        }
        HEADWATER_TRY(checkMetadata(part.file, all.file, all.file.warnings));
        HEADWATER_TRY(takeTensors(part.file, all.file));
    }
    if (all.file.tensors.size() != tensors)
        return GgufMetadata(all.file).fail(
            kTensors, fmt::format("{} tensors in {} parts", all.file.tensors.size(), parts.size()),
            std::to_string(tensors));
    all.headerSha256 = sha256(std::as_bytes(std::span(headers)));
    return all;
}

} // namespace

Result<GgufParts> openGguf(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(OpenedPart named, openPart(path));
    HEADWATER_TRY_ASSIGN(const Place place, placeOf(named.file));
    if (place.count == 1)
        return whole(std::move(named), path);
    HEADWATER_TRY_ASSIGN(const std::string name, nameBefore(path, named.file, place));
    HEADWATER_TRY_ASSIGN(std::vector<OpenedPart> parts, openParts(path, std::move(named), place, name));
    HEADWATER_TRY_ASSIGN(GgufParts all, joined(std::move(parts), place.tensors));
    all.name = textOfPath(std::filesystem::path(name));
    return all;
}

} // namespace headwater
