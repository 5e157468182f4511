// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/record/overview_shape.h"
#include "core/trace/chunk.h"
#include "core/trace/field_codec.h"
#include "core/trace/sqlite_database.h"
#include "core/trace/trace_types.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// True when the shape is a power of two within the limits and covers the sequence.
bool isOverviewShape(const OverviewShape& shape, std::uint32_t seqLen);

/// Adds up a head's chunks, in any order, into its pictures: max and count of an edge go to the cell of its
/// peak, the largest missed mass of a cell row's rows to that row (NaN wins: unknown).
class OverviewBuilder {
public:
    explicit OverviewBuilder(std::span<const OverviewShape> shapes);
    void add(const Chunk& chunk);
    std::vector<Overview> finish() const;

private:
    struct Picture {
        OverviewShape shape;
        std::vector<std::uint16_t> max; ///< binary16; positive values order as their bits
        std::vector<std::uint32_t> count;
        std::vector<std::uint16_t> missed;
    };
    std::vector<Picture> m_pictures;
};

/// One blob: max, count (side² bytes each), missed (side bytes).
Result<std::vector<std::byte>> encodeOverview(FieldCoder& coder, const Overview& overview);
/// Decodes and checks the statement's current row (SELECT * FROM overview). Errors: BadFormat.
Result<Overview> readOverviewRow(FieldCoder& coder, const SqliteStatement& row, std::uint32_t seqLen);

} // namespace headwater
