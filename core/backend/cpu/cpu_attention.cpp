// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_attention.h"

#include "core/backend/cpu/cpu_tensor.h"
#include "core/base/gemm.h"
#include "core/select/exact_tile.h"
#include "core/select/row_softmax.h"

#include <algorithm>
#include <fmt/format.h>

namespace headwater {
namespace {

HeadShape shapeOf(const LayerConfig& config, const BlockGrid& grid)
{
    return {grid, config.kind, config.kind == HeadKind::Sliding ? config.window : 0};
}

KeyValues keyValuesOf(const LayerConfig& config, const DeviceTensor& keys, const DeviceTensor& values, int kvHead,
                      std::uint32_t length)
{
    const auto dim = static_cast<std::size_t>(config.headDim);
    const std::size_t offset = static_cast<std::size_t>(kvHead) * dim;
    return {floatRow(keys, 0) + offset, keys.cols(), floatRow(values, 0) + offset, values.cols(), length,
            static_cast<std::uint32_t>(config.headDim)};
}

/// One row of dense attention, for decoding. Cost: O(position · headDim).
void attendRow(const HeadShape& shape, const KeyValues& head, const float* query, std::uint32_t position,
               std::vector<float>& scores, float* out)
{
    const std::uint32_t first = shape.firstKey(position);
    const std::size_t count = position + 1 - first;
    scores.resize(count);
    gemm(GemmRight::Transposed, 1, count, head.headDim, query, head.headDim, head.keys + first * head.keyStride,
         head.keyStride, scores.data(), count);
    rowSoftmax(scores.data(), count);
    gemm(GemmRight::Plain, 1, head.headDim, count, scores.data(), count, head.values + first * head.valueStride,
         head.valueStride, out, head.headDim);
}

/// Memory one worker needs for any kind of tile.
struct TileScratch {
    ExactScratch exact;
    TileRecord unused;
    std::vector<float> row;
};

/// What one (tile, head) pair saw.
struct SeenTile {
    TileRecord record;
    std::vector<TokenRow> tokenRows;
};

/// One layer's attention over a row range: the tiles of all heads are independent tasks.
class LayerAttention {
public:
    LayerAttention(const LayerConfig& config, const AttentionRequest& request, const DeviceTensor& queries,
                   const DeviceTensor& keys, const DeviceTensor& values, const KeyIndex* index, DeviceTensor& attended)
        : m_config(config), m_request(request), m_queries(queries), m_keys(keys), m_values(values), m_index(index),
          m_attended(attended), m_shape(shapeOf(config, request.grid))
    {
    }

    void attendTile(int head, std::uint32_t tile, TileScratch& scratch, SeenTile& seen) const
    {
        const QueryTile query = queryTile(head, tile);
        const KeyValues kv = keyValues(head, query.firstRow + query.numRows);
        const TileOutput output = tileOutput(head, query);
        const KeepRule rule {m_request.select.keepKeys, m_request.select.keepPeak};
        exactTile(m_shape, kv, query, rule, scratch.exact, output, seen.record);
    }

    /// Decoding: rows one by one, nothing recorded.
    void attendRows(int head, TileScratch& scratch) const
    {
        for (std::uint32_t i = 0; i < m_request.rows; ++i) {
            const std::uint32_t position = m_request.firstRow + i;
            const auto offset = static_cast<std::size_t>(head) * static_cast<std::size_t>(m_config.headDim);
            attendRow(m_shape, keyValues(head, position + 1), floatRow(m_queries, i) + offset, position, scratch.row,
                      floatRow(m_attended, i) + offset);
        }
    }

    QueryTile queryTile(int head, std::uint32_t tile) const
    {
        const std::uint32_t first = m_request.firstRow + tile * kTileRows;
        const auto offset = static_cast<std::size_t>(head) * static_cast<std::size_t>(m_config.headDim);
        return {floatRow(m_queries, first - m_request.firstRow) + offset, m_queries.cols(), first,
                std::min(kTileRows, m_request.firstRow + m_request.rows - first)};
    }

    TileOutput tileOutput(int head, const QueryTile& query) const
    {
        const auto offset = static_cast<std::size_t>(head) * static_cast<std::size_t>(m_config.headDim);
        return {floatRow(m_attended, query.firstRow - m_request.firstRow) + offset, m_attended.cols()};
    }

    KeyValues keyValues(int head, std::uint32_t length) const
    {
        return keyValuesOf(m_config, m_keys, m_values, head / (m_config.numHeads / m_config.numKvHeads), length);
    }

private:
    const LayerConfig& m_config;
    const AttentionRequest& m_request;
    const DeviceTensor& m_queries;
    const DeviceTensor& m_keys;
    const DeviceTensor& m_values;
    const KeyIndex* m_index;
    DeviceTensor& m_attended;
    HeadShape m_shape;
};

} // namespace

Result<void> attendLayer(const LayerConfig& config, const AttentionRequest& request, const DeviceTensor& queries,
                         const DeviceTensor& keys, const DeviceTensor& values, const KeyIndex* index, DeviceTensor& attended,
                         std::span<HeadObservation> observations, ThreadPool& pool, std::stop_token stop)
{
    const LayerAttention attention(config, request, queries, keys, values, index, attended);
    const auto heads = static_cast<std::size_t>(config.numHeads);
    std::vector<TileScratch> scratch(pool.size());
    if (request.firstRow % kTileRows != 0) {
        pool.parallelFor(heads, [&](std::size_t head, std::size_t worker) {
            attention.attendRows(static_cast<int>(head), scratch[worker]);
        });
        return {};
    }
    const std::size_t tiles = (request.rows + kTileRows - 1) / kTileRows;
    std::vector<SeenTile> seen(tiles * heads);
    // The last tiles are the longest: they go first, so that no thread is left alone with one at the end.
    pool.parallelFor(
        tiles * heads,
        [&](std::size_t task, std::size_t worker) {
            const std::size_t tile = tiles - 1 - task / heads;
            const std::size_t head = task % heads;
            attention.attendTile(static_cast<int>(head), static_cast<std::uint32_t>(tile), scratch[worker],
                                 seen[tile * heads + head]);
        },
        stop);
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped", fmt::format("layer {}", request.layer)};
    if (request.mode == AttentionRequest::Mode::Dense)
        return {};
    for (std::size_t head = 0; head < heads; ++head) {
        for (std::size_t tile = 0; tile < tiles; ++tile)
            appendTile(observations[head].record, seen[tile * heads + head].record);
    }
    return {};
}

Result<std::shared_ptr<KeyIndex>> buildKeyIndex(const LayerConfig&, int, const DeviceTensor&, std::uint32_t,
                                                const SelectParams&, ThreadPool&, std::stop_token)
{
    return std::shared_ptr<KeyIndex>();
}

Result<void> extendKeyIndex(KeyIndex&, const LayerConfig&, const DeviceTensor&, std::uint32_t)
{
    return {};
}

} // namespace headwater
