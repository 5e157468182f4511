// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/gguf/gguf_reader.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// Typed and bounded access to a file's metadata: a value of another type or outside [min, max] is an error
/// that names its byte and key, never a reinterpretation. Integers of any width and sign are taken when their
/// value fits, because converters differ there; floats are float32 or float64 and must be finite.
class GgufMetadata {
public:
    explicit GgufMetadata(const GgufFile& file)
        : m_file(file)
    {
    }

    /// The value of a key that may be missing.
    Result<std::optional<std::uint64_t>> findUnsigned(std::string_view key, std::uint64_t min,
                                                      std::uint64_t max) const;
    Result<std::optional<double>> findFloat(std::string_view key, double min, double max) const;
    Result<std::optional<bool>> findBool(std::string_view key) const;
    Result<std::optional<std::string_view>> findString(std::string_view key) const;
    /// Null when the key is missing.
    Result<const std::vector<std::string_view>*> findStrings(std::string_view key) const;
    /// The packed elements of an array of exactly this type; empty optional when the key is missing.
    Result<std::optional<std::span<const std::byte>>> findArray(std::string_view key,
                                                                GgufType elementType) const;

    /// The value of a key that must be there.
    Result<std::uint64_t> requireUnsigned(std::string_view key, std::uint64_t min, std::uint64_t max) const;
    Result<double> requireFloat(std::string_view key, double min, double max) const;
    Result<std::string_view> requireString(std::string_view key) const;

    /// One number for every layer, from a scalar or from an array of exactly `count` integers.
    Result<std::vector<std::uint64_t>> requirePerLayer(std::string_view key, std::size_t count,
                                                       std::uint64_t min, std::uint64_t max) const;

    /// A complaint about the value of `key`, at its byte (at the end of the metadata when it is missing).
    Error fail(std::string_view key, const std::string& found, const std::string& expected,
               ErrorCode code = ErrorCode::BadFormat) const;

    const GgufFile& file() const { return m_file; }

private:
    Error missing(std::string_view key, const std::string& expected) const;
    Result<std::uint64_t> toUnsigned(const GgufEntry& entry, GgufType type, std::span<const std::byte> bytes,
                                     std::uint64_t min, std::uint64_t max) const;

    const GgufFile& m_file;
};

} // namespace headwater
