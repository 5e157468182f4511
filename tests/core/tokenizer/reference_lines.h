// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/byte_reader.h"
#include "core/tokenizer/tokenizer.h"
#include "support/packed_reference.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Lines and their ids, as python/reference/make_tokenizer_ids.py and make_family_ids.py pack them.
namespace headwater::test {

inline std::string unpacked(const std::string& name)
{
    return unpackedReference("tokenizer/" + name);
}

inline std::vector<std::string> readLines(const std::string& name)
{
    const std::string bytes = unpacked(name);
    ByteReader reader(std::as_bytes(std::span(bytes)));
    std::vector<std::string> lines;
    while (reader.remaining() > 0)
        lines.emplace_back(textOf(*reader.readBytes(*reader.read<std::uint32_t>())));
    return lines;
}

inline std::vector<std::int32_t> readRow(ByteReader& reader)
{
    const std::uint32_t count = *reader.read<std::uint32_t>();
    const std::span<const std::byte> packed = *reader.readBytes(count * sizeof(std::int32_t));
    std::vector<std::int32_t> ids(count);
    if (count > 0)
        std::memcpy(ids.data(), packed.data(), packed.size());
    return ids;
}

inline std::vector<std::vector<std::int32_t>> readIds(const std::string& name)
{
    const std::string bytes = unpacked(name);
    ByteReader reader(std::as_bytes(std::span(bytes)));
    std::vector<std::vector<std::int32_t>> all;
    while (reader.remaining() > 0)
        all.push_back(readRow(reader));
    return all;
}

/// Whether a text has these ids, and the ranges of its tokens are the text, in order and without a hole.
inline bool hasIds(const Tokenizer& tokenizer, std::string_view text, const std::vector<std::int32_t>& ids)
{
    const auto out = tokenizer.encode(text);
    return out.has_value() && out->ids == ids && out->offsets.size() == ids.size() + 1
        && std::ranges::is_sorted(out->offsets) && out->offsets.back() == text.size()
        && (ids.empty() || out->offsets.front() == 0);
}

} // namespace headwater::test
