// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/field_codec.h"
#include "core/trace/trace_format.h"
#include "core/trace/trace_types.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// Names of the arrays a reader needs.
inline constexpr const char* kArrayPrompt = "prompt"; ///< u8: the text, generated part included
inline constexpr const char* kArrayTokenIds = "token_ids"; ///< i32 [tokens]
inline constexpr const char* kArrayTokenBytes = "token_bytes"; ///< u32 [tokens + 1]: byte offsets
inline constexpr const char* kArraySentences = "sentences"; ///< u32 [sentences + 1]: byte offsets
inline constexpr const char* kArraySegments = "segments"; ///< JSON: [{"name","begin","end"}]
inline constexpr const char* kArrayHeadsPerLayer = "heads_per_layer"; ///< u32 [layers]
/// "probe_rows/3/5" u32 and "probe_kept_mass/3/5" f32: the probe rows of layer 3, head 5.
std::string probeRowsName(int layer, int head);
std::string probeKeptMassName(int layer, int head);
/// "content/3/5" u8 [side, side]: the content plane of the head's smallest overview; since 1.1.
std::string contentName(int layer, int head);

struct NamedArray {
    std::string dtype;
    std::vector<std::uint64_t> shape;
    std::vector<std::byte> data;
};

/// Bytes of one element of a dtype ("u8", "i32", "f64", "json", ...); 0 for unknown ones.
std::size_t elementBytesOfDtype(std::string_view dtype);

/// One row of the `array` table, ready to be inserted.
struct StoredArray {
    std::string name;
    std::string dtype;
    std::vector<std::uint64_t> shape;
    FieldCodec codec = FieldCodec::Zstd;
    std::vector<std::byte> data;
};

/// The data must have as many bytes as dtype and shape say. Errors: InvalidArgument.
Result<StoredArray> encodeArray(FieldCoder& coder, std::string_view name, std::string_view dtype,
                                std::span<const std::uint64_t> shape, std::span<const std::byte> data);
Result<void> insertArray(RowInserter& inserter, const StoredArray& array);
/// Both at once; adds to storedBytes what the array takes.
Result<void> insertArray(RowInserter& inserter, FieldCoder& coder, std::string_view name,
                         std::string_view dtype, std::span<const std::uint64_t> shape,
                         std::span<const std::byte> data, std::uint64_t& storedBytes);

/// Decodes and checks the statement's current row (SELECT * FROM array). Errors: BadFormat.
Result<NamedArray> readArrayRow(FieldCoder& coder, const SqliteStatement& row);
/// The array of that name; NotFound when it is absent.
Result<NamedArray> readArray(const SqliteDatabase& database, FieldCoder& coder, std::string_view name);

/// The texts and tokens of a trace, as one.
struct TokenTables {
    std::string text;
    std::vector<std::uint32_t> tokenOffsets;
    std::vector<std::int32_t> tokenIds;
    std::vector<Segment> segments;
    std::vector<std::uint32_t> sentenceOffsets;
    std::vector<std::uint32_t> headsPerLayer;
};
/// What is wrong with the tables, if anything: lengths, limits, offsets that fall or leave the text. Errors:
/// BadFormat.
Result<void> checkTokenTables(const TokenTables& tables);
Result<std::uint64_t> insertTokenTables(RowInserter& inserter, FieldCoder& coder, const TokenTables& tables);
Result<TokenTables> readTokenTables(const SqliteDatabase& database, FieldCoder& coder);

} // namespace headwater
