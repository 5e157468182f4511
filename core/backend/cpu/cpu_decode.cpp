// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_decode.h"

#include "core/backend/cpu/cpu_tensor.h"
#include "core/backend/cpu/float_tiles.h"
#include "core/base/gemm.h"
#include "core/select/row_softmax.h"
#include "core/select/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace headwater {
namespace {

/// Keys of all KV heads in a part: as float32 they stay in a core's cache (512 KiB).
std::uint32_t keysOfAPart(const LayerConfig& config)
{
    constexpr int kFloats = 1 << 17;
    return static_cast<std::uint32_t>(std::max(64, kFloats / (config.numKvHeads * config.headDim)));
}

/// Memory of one worker.
struct PartScratch {
    FloatTiles::Scratch tile;
    std::vector<float> scores; ///< [numHeads, keys of the part]
};

/// What every head reads in every part of one row's keys.
struct Parts {
    std::vector<float> lse; ///< [parts, numHeads]
    std::vector<float> out; ///< [parts, numHeads, headDim]
};

class RowDecoding {
public:
    RowDecoding(const LayerConfig& config, const DeviceTensor& keys, const DeviceTensor& values)
        : m_keys(keys)
        , m_values(values)
        , m_heads(static_cast<std::size_t>(config.numHeads))
        , m_group(m_heads / static_cast<std::size_t>(config.numKvHeads))
        , m_partKeys(keysOfAPart(config))
        , m_dim(static_cast<std::size_t>(config.headDim))
        , m_scoreCap(config.scoreCap)
    {
    }

    /// One row over the keys [first, end). Shape: query, out [numHeads, headDim].
    void attend(const float* query, std::uint32_t first, std::uint32_t end, ThreadPool& pool,
                std::vector<PartScratch>& scratch, float* out)
    {
        const std::size_t parts = (end - first + m_partKeys - 1) / m_partKeys;
        m_parts.lse.resize(parts * m_heads);
        m_parts.out.resize(parts * m_heads * m_dim);
        pool.parallelFor(parts, [&](std::size_t part, std::size_t worker) {
            const std::uint32_t begin = first + static_cast<std::uint32_t>(part) * m_partKeys;
            attendPart(query, part, begin, std::min(m_partKeys, end - begin), scratch[worker]);
        });
        for (std::size_t head = 0; head < m_heads; ++head)
            join(head, parts, out + head * m_dim);
    }

private:
    /// The heads that share a KV head are the rows of one product.
    void attendPart(const float* query, std::size_t part, std::uint32_t first, std::uint32_t count,
                    PartScratch& scratch)
    {
        float* const out = m_parts.out.data() + part * m_heads * m_dim;
        scratch.scores.resize(m_heads * m_partKeys);
        const auto scoresOf = [&](std::size_t head) { return scratch.scores.data() + head * count; };
        const FloatTiles::Tile keys = FloatTiles(m_keys, 0, m_keys.cols()).at(first, count, scratch.tile);
        for (std::size_t head = 0; head < m_heads; head += m_group)
            scoreRowsOf({query + head * m_dim, m_dim, m_group},
                        {keys.rows + head / m_group * m_dim, keys.stride, count}, m_dim, m_scoreCap,
                        scoresOf(head), count);
        for (std::size_t head = 0; head < m_heads; ++head)
            m_parts.lse[part * m_heads + head] = rowSoftmax(scoresOf(head), count);
        const FloatTiles::Tile values =
            FloatTiles(m_values, 0, m_values.cols()).at(first, count, scratch.tile);
        for (std::size_t head = 0; head < m_heads; head += m_group)
            gemm(GemmRight::Plain, m_group, m_dim, count, scoresOf(head), count,
                 values.rows + head / m_group * m_dim, values.stride, out + head * m_dim, m_dim);
    }

    /// Every part weighs as much as its log-sum-exp says. A row without a finite score reads nothing that is
    /// a number, as in the tiles.
    void join(std::size_t head, std::size_t parts, float* out) const
    {
        float top = -std::numeric_limits<float>::infinity();
        for (std::size_t part = 0; part < parts; ++part)
            top = std::max(top, m_parts.lse[part * m_heads + head]);
        if (!std::isfinite(top)) {
            std::fill_n(out, m_dim, std::numeric_limits<float>::quiet_NaN());
            return;
        }
        const auto weightOf = [&](std::size_t part) {
            return std::exp(static_cast<double>(m_parts.lse[part * m_heads + head])
                            - static_cast<double>(top));
        };
        double sum = 0;
        for (std::size_t part = 0; part < parts; ++part)
            sum += weightOf(part);
        std::fill_n(out, m_dim, 0.0f);
        for (std::size_t part = 0; part < parts; ++part) {
            const auto weight = static_cast<float>(weightOf(part) / sum);
            const float* const read = m_parts.out.data() + (part * m_heads + head) * m_dim;
            for (std::size_t i = 0; i < m_dim; ++i)
                out[i] += weight * read[i];
        }
    }

    const DeviceTensor& m_keys;
    const DeviceTensor& m_values;
    std::size_t m_heads;
    std::size_t m_group;
    std::uint32_t m_partKeys;
    std::size_t m_dim;
    float m_scoreCap;
    Parts m_parts;
};

} // namespace

Result<void> decodeRows(const LayerConfig& config, const AttentionRequest& request,
                        const DeviceTensor& queries, const DeviceTensor& keys, const DeviceTensor& values,
                        DeviceTensor& attended, ThreadPool& pool)
{
    const HeadShape shape{request.grid, config.kind, config.kind == HeadKind::Sliding ? config.window : 0};
    RowDecoding decoding(config, keys, values);
    std::vector<PartScratch> scratch(pool.size());
    for (std::uint32_t i = 0; i < request.rows; ++i) {
        const std::uint32_t position = request.firstRow + i;
        decoding.attend(floatRow(queries, i), shape.firstKey(position), position + 1, pool, scratch,
                        floatRow(attended, i));
    }
    return {};
}

} // namespace headwater
