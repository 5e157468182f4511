// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/record/head_record.h"
#include "core/trace/field_codec.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace headwater {

/// The fields of a chunk; one blob each.
enum class ChunkField { ColumnMass, KeyBlock, Lse, Mass, Missed, MissedPeak, Peak, PeakAt, RowPtr };
inline constexpr std::size_t kChunkFields = 9;
const char* nameOf(ChunkField field); ///< "row_ptr", "key_block", ...
std::optional<ChunkField> chunkFieldOfName(std::string_view name);
FieldCodec codecOf(ChunkField field); ///< the codec this version writes
std::size_t elementBytesOf(ChunkField field);

/// The rows of one chunk of a head and how many edges they hold.
struct ChunkRange {
    std::uint32_t firstRow = 0;
    std::uint32_t rows = 0;
    std::uint64_t edges = 0;
};

/// Elements of a field in a chunk of this range.
std::uint64_t elementsOf(ChunkField field, const BlockGrid& grid, const ChunkRange& range);

/// Tokens a column of the chunk's column marginals covers: the smallest power of two, at least blockK, that
/// cuts the chunk's past [0, end) into at most 1 024 columns. A rule of the chunk's own rows, so that a
/// longer sequence leaves it as it is.
std::uint32_t columnTokensOf(const BlockGrid& grid, const ChunkRange& range);

/// The fields of a chunk as stored. Shapes as in HeadRecord, of the chunk's rows alone; rowPtr begins at 0.
struct Chunk : BlockEdges<std::uint16_t> {
    BlockGrid grid;
    ChunkRange range;
    std::vector<float> lse;
    std::vector<std::uint16_t> missed;
    std::vector<std::uint16_t> missedPeak;
    std::vector<float> columnMass;
};

/// Refuses records whose shapes, key blocks or values are not what HeadRecord promises (InvalidArgument).
Result<void> checkRecord(const HeadRecord& record);

/// Cuts a record into chunks of about 1 MiB of raw fields, at multiples of 256 rows and at `tailRow` (0:
/// nowhere). Values are rounded to binary16; a positive one never becomes 0, and missed peaks are
/// rounded up.
std::vector<Chunk> chunksOf(const HeadRecord& record, std::uint32_t tailRow);

/// True when a chunk and the one that follows it are so small (64 KiB of raw fields together) that the nine
/// blobs of each cost more than writing the first one again does.
bool areSmall(const Chunk& first, const Chunk& next);
/// The two as one chunk.
Chunk joined(Chunk first, const Chunk& next);

/// The checks of meaning of decoded fields (BadFormat). Key blocks: ascending, causal, inside the window.
/// Cost: O(edges).
Result<void> checkRowPtr(std::span<const std::uint32_t> rowPtr, const ChunkRange& range);
Result<void> checkKeyBlocks(const HeadShape& shape, const ChunkRange& range,
                            std::span<const std::uint32_t> rowPtr, std::span<const std::uint32_t> keyBlock);
Result<void> checkPeaks(const HeadShape& shape, const ChunkRange& range,
                        std::span<const std::uint32_t> rowPtr, std::span<const std::uint32_t> keyBlock,
                        std::span<const std::uint16_t> peakAt);
/// Values are in [0, 1]; `allowUnknown`: or NaN.
Result<void> checkProbabilities(std::span<const std::uint16_t> halves, bool allowUnknown);

} // namespace headwater
