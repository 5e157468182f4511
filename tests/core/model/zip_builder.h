// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tests/core/model/gguf_builder.h"

#include <cstdint>
#include <optional>
#include <string>
#include <zlib.h>

namespace headwater::zip {

using gguf::raw;

inline std::string deflated(const std::string& content)
{
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string packed(content.size() + 100, '\0');
    std::string copy = content;
    stream.next_in = reinterpret_cast<Bytef*>(copy.data());
    stream.avail_in = static_cast<uInt>(copy.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    return packed;
}

/// An archive of one member, with lies where they are asked for.
struct Zip {
    std::string name = "pkg/model.bin";
    std::string content = "the weights of a model, the weights of a model";
    std::uint16_t method = 8;
    std::uint16_t flags = 0;
    std::optional<std::uint32_t> declaredBytes = std::nullopt;
    std::optional<std::uint32_t> declaredPacked = std::nullopt;
    std::optional<std::uint32_t> headerOffset = std::nullopt;
    std::string comment;

    std::string bytes() const
    {
        const std::string packed = method == 8 ? deflated(content) : content;
        const auto common = [&] {
            return raw(std::uint16_t{20}) + raw(flags) + raw(method) + raw(std::uint32_t{0})
                + raw(std::uint32_t{0})
                + raw(declaredPacked.value_or(static_cast<std::uint32_t>(packed.size())))
                + raw(declaredBytes.value_or(static_cast<std::uint32_t>(content.size())))
                + raw(static_cast<std::uint16_t>(name.size())) + raw(std::uint16_t{0});
        };
        const std::string local = raw(std::uint32_t{0x04034b50}) + common() + name + packed;
        const std::string entry = raw(std::uint32_t{0x02014b50}) + raw(std::uint16_t{20}) + common()
            + raw(std::uint16_t{0}) + raw(std::uint16_t{0}) + raw(std::uint16_t{0}) + raw(std::uint32_t{0})
            + raw(headerOffset.value_or(0)) + name;
        return local + entry + raw(std::uint32_t{0x06054b50}) + raw(std::uint32_t{0}) + raw(std::uint16_t{1})
            + raw(std::uint16_t{1}) + raw(static_cast<std::uint32_t>(entry.size()))
            + raw(static_cast<std::uint32_t>(local.size())) + raw(static_cast<std::uint16_t>(comment.size()))
            + comment;
    }
};

} // namespace headwater::zip
