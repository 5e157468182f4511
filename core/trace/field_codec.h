// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace headwater {

/// How a field's little-endian elements become a blob: each step named in the order of writing, all end in
/// one zstd frame that states its content size. `Delta`: differences of u32 neighbours modulo 2^32, the first
/// as it is. `Shuffle`: all first bytes, then all second bytes, ...
enum class FieldCodec { Zstd, ShuffleZstd2, ShuffleZstd4, DeltaShuffleZstd4 };

/// "zstd", "shuffle2+zstd", "shuffle4+zstd", "delta4+shuffle4+zstd".
const char* nameOf(FieldCodec codec);
std::optional<FieldCodec> fieldCodecOfName(std::string_view name);
/// Bytes of one element: 1, 2 or 4.
std::size_t elementBytesOf(FieldCodec codec);

/// Refuses, without decoding, a blob that is not exactly one zstd frame of exactly `rawBytes` of content.
Result<void> checkFrame(std::span<const std::byte> stored, std::uint64_t rawBytes);

/// Encodes and decodes fields; holds the scratch memory and zstd contexts. Not for two threads at once.
class FieldCoder {
public:
    FieldCoder();
    ~FieldCoder();
    FieldCoder(FieldCoder&&) noexcept;
    FieldCoder& operator=(FieldCoder&&) noexcept;

    /// Errors: Internal (zstd refused), OutOfMemory.
    Result<std::vector<std::byte>> encode(FieldCodec codec, std::span<const std::byte> raw);
    /// Fills `raw`, whose size is what the checked shape says. Errors: BadFormat.
    Result<void> decode(FieldCodec codec, std::span<const std::byte> stored, std::span<std::byte> raw);

    template <class T> Result<std::vector<std::byte>> encode(FieldCodec codec, const std::vector<T>& values)
    {
        static_assert(std::is_trivially_copyable_v<T>);
        return encode(codec, std::as_bytes(std::span<const T>(values)));
    }

    /// Appends `count` decoded elements to `values`; nothing is allocated before the frame's sizes agree with
    /// `count`.
    template <class T>
    Result<void> decodeAppend(FieldCodec codec, std::span<const std::byte> stored, std::size_t count,
                              std::vector<T>& values)
    {
        static_assert(std::is_trivially_copyable_v<T>);
        HEADWATER_TRY(checkFrame(stored, std::uint64_t{count} * sizeof(T)));
        const std::size_t before = values.size();
        values.resize(before + count);
        return decode(codec, stored, std::as_writable_bytes(std::span<T>(values).subspan(before)));
    }

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace headwater
