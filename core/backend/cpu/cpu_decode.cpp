// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_decode.h"

#include "core/backend/cpu/cpu_tensor.h"
#include "core/backend/cpu/decode_kernels.h"
#include "core/select/row_softmax.h"
#include "core/select/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace headwater {
namespace {

/// Keys that one task attends to: for a long row more, so that the parts stay few. It depends on the row
/// alone.
std::uint32_t keysOfAPart(std::uint32_t keys)
{
    constexpr std::uint32_t kLeast = 64;
    constexpr std::uint32_t kMostParts = 32;
    const std::uint32_t even = (keys + kMostParts - 1) / kMostParts;
    return std::max(kLeast, (even + 15) / 16 * 16);
}

const float* rowOf(const DeviceTensor& tensor, std::size_t row, float)
{
    return floatRow(tensor, row);
}
const std::uint16_t* rowOf(const DeviceTensor& tensor, std::size_t row, std::uint16_t)
{
    return halfRow(tensor, row);
}

KeyScores<float> scoresOf(const DecodeKernels& kernels, float)
{
    return kernels.scoresOfFloats;
}
KeyScores<std::uint16_t> scoresOf(const DecodeKernels& kernels, std::uint16_t)
{
    return kernels.scoresOfHalves;
}
ValueSums<float> sumsOf(const DecodeKernels& kernels, float)
{
    return kernels.sumsOfFloats;
}
ValueSums<std::uint16_t> sumsOf(const DecodeKernels& kernels, std::uint16_t)
{
    return kernels.sumsOfHalves;
}

/// Attention of one row after the other. Element: what keys and values are kept as.
template <class Element> class RowDecoding {
public:
    RowDecoding(const LayerConfig& config, const DeviceTensor& keys, const DeviceTensor& values)
        : m_keys(keys)
        , m_values(values)
        , m_heads(static_cast<std::size_t>(config.numHeads))
        , m_group(m_heads / static_cast<std::size_t>(config.numKvHeads))
        , m_dim(static_cast<std::size_t>(config.headDim))
        , m_scoreCap(config.scoreCap)
    {
    }

    /// One row over the keys [first, end). Shape: query, out [numHeads, headDim].
    void attend(const float* query, std::uint32_t first, std::uint32_t end, ThreadPool& pool, float* out)
    {
        const std::uint32_t partKeys = keysOfAPart(end - first);
        const std::size_t parts = (end - first + partKeys - 1) / partKeys;
        m_parts.resize(parts * m_heads);
        m_out.resize(parts * m_heads * m_dim);
        m_scores.resize(parts * m_heads * partKeys);
        m_weights.resize(parts);
        pool.parallelShares(parts, [&](std::size_t part, std::size_t) {
            const std::uint32_t begin = first + static_cast<std::uint32_t>(part) * partKeys;
            attendPart(query, part, begin, std::min(partKeys, end - begin),
                       m_scores.data() + part * m_heads * partKeys);
        });
        for (std::size_t head = 0; head < m_heads; ++head)
            join(head, parts, out + head * m_dim);
    }

private:
    /// Rows [first, first + count) pass by once, some of all KV heads at a time: as they lie.
    template <class Visit>
    void forRows(const DeviceTensor& tensor, std::uint32_t first, std::uint32_t count, Visit visit) const
    {
        constexpr std::uint32_t kRows = 32;
        for (std::uint32_t row = 0; row < count; row += kRows)
            for (std::size_t head = 0; head < m_heads; head += m_group)
                visit(head, row, std::min(kRows, count - row),
                      rowOf(tensor, first + row, Element{}) + head / m_group * m_dim);
    }

    void attendPart(const float* query, std::size_t part, std::uint32_t first, std::uint32_t count,
                    float* scores)
    {
        const DecodeKernels& kernels = decodeKernels();
        const SharedHeads shared{m_group, m_dim, m_keys.cols()};
        forRows(m_keys, first, count,
                [&](std::size_t head, std::uint32_t row, std::uint32_t rows, const Element* keys) {
                    scoresOf(kernels, Element{})(shared, query + head * m_dim, keys, rows,
                                                 scores + head * count + row, count);
                });
        if (m_scoreCap > 0)
            softCap(m_scoreCap, scores, m_heads * count);
        for (std::size_t head = 0; head < m_heads; ++head) {
            float* const row = scores + head * count;
            const float top = rowMax(row, count);
            // Without a finite score the part says so by its top, and reads nothing.
            m_parts[part * m_heads + head] = {top, rowExp(row, count, std::isfinite(top) ? top : 0.0f, row)};
        }
        float* const out = m_out.data() + part * m_heads * m_dim;
        std::fill_n(out, m_heads * m_dim, 0.0f);
        forRows(m_values, first, count,
                [&](std::size_t head, std::uint32_t row, std::uint32_t rows, const Element* values) {
                    sumsOf(kernels, Element{})(shared, scores + head * count + row, count, values, rows,
                                               out + head * m_dim);
                });
    }

    /// Every part weighs as much as its exponentials say. A row without a finite score reads nothing that is
    /// a number, as in the tiles.
    void join(std::size_t head, std::size_t parts, float* out)
    {
        double top = -std::numeric_limits<double>::infinity();
        for (std::size_t part = 0; part < parts; ++part)
            top = std::max(top, static_cast<double>(m_parts[part * m_heads + head].top));
        if (!std::isfinite(top)) {
            std::fill_n(out, m_dim, std::numeric_limits<float>::quiet_NaN());
            return;
        }
        double sum = 0;
        for (std::size_t part = 0; part < parts; ++part) {
            const PartSum& of = m_parts[part * m_heads + head];
            const double scale = std::exp(static_cast<double>(of.top) - top);
            sum += scale * static_cast<double>(of.sum);
            m_weights[part] = static_cast<float>(scale);
        }
        for (std::size_t part = 0; part < parts; ++part)
            m_weights[part] = static_cast<float>(static_cast<double>(m_weights[part]) / sum);
        std::fill_n(out, m_dim, 0.0f);
        decodeKernels().sumsOfFloats({1, m_dim, m_heads * m_dim}, m_weights.data(), parts,
                                     m_out.data() + head * m_dim, parts, out);
    }

    const DeviceTensor& m_keys;
    const DeviceTensor& m_values;
    std::size_t m_heads;
    std::size_t m_group;
    std::size_t m_dim;
    float m_scoreCap;
    /// What a part's exponentials are sums of: e^(score − top).
    struct PartSum {
        float top;
        float sum;
    };
    std::vector<PartSum> m_parts; ///< [parts, numHeads]
    std::vector<float> m_out; ///< [parts, numHeads, headDim], times the part's sum
    std::vector<float> m_scores; ///< [parts, numHeads, keys of the part]
    std::vector<float> m_weights; ///< [parts], of one head
};

} // namespace

Result<void> decodeRows(const LayerConfig& config, const AttentionRequest& request,
                        const DeviceTensor& queries, const DeviceTensor& keys, const DeviceTensor& values,
                        DeviceTensor& attended, ThreadPool& pool)
{
    const HeadShape shape{request.grid, config.kind, config.kind == HeadKind::Sliding ? config.window : 0};
    const auto decode = [&](auto decoding) {
        for (std::uint32_t i = 0; i < request.rows; ++i) {
            const std::uint32_t position = request.firstRow + i;
            decoding.attend(floatRow(queries, i), shape.firstKey(position), position + 1, pool,
                            floatRow(attended, i));
        }
    };
    if (keys.type() == ElementType::F16)
        decode(RowDecoding<std::uint16_t>(config, keys, values));
    else
        decode(RowDecoding<float>(config, keys, values));
    return {};
}

} // namespace headwater
