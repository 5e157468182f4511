// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace headwater {

/// A cursor over bytes that came from outside. Little-endian, as every format read here. A read past the end
/// gives nothing and leaves the cursor where it was, so that offset() names the byte at fault.
class ByteReader {
public:
    explicit ByteReader(std::span<const std::byte> bytes)
        : m_bytes(bytes)
    {
    }

    std::uint64_t offset() const { return m_offset; }
    std::uint64_t remaining() const { return m_bytes.size() - m_offset; }

    template <class T>
    requires std::integral<T> || std::floating_point<T> std::optional<T> read()
    {
        if (remaining() < sizeof(T))
            return std::nullopt;
        T value;
        std::memcpy(&value, m_bytes.data() + m_offset, sizeof value);
        m_offset += sizeof value;
        return value;
    }

    /// The next `count` bytes, not copied.
    std::optional<std::span<const std::byte>> readBytes(std::uint64_t count)
    {
        if (remaining() < count)
            return std::nullopt;
        const auto bytes = m_bytes.subspan(m_offset, count);
        m_offset += count;
        return bytes;
    }

private:
    std::span<const std::byte> m_bytes;
    std::uint64_t m_offset = 0;
};

/// Bytes as text, not copied.
inline std::string_view textOf(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// "<file>: at byte <offset>: <field>: <found>, expected <expected>", the one form of every complaint about a
/// file.
Error formatError(const std::string& file, std::uint64_t offset, const std::string& field,
                  const std::string& found, const std::string& expected,
                  ErrorCode code = ErrorCode::BadFormat);

} // namespace headwater
