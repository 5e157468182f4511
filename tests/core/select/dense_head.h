// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/lanes.h"
#include "head_arrays.h"

#include <limits>
#include <utility>

namespace headwater::test {

/// One query block of a head, dense, in float64. Shapes: scores, p [rows, stride], defined up to a row's own
/// key, p 0 outside its window; lse [rows]; output [rows, dim]; mass, peak [causal key blocks].
struct DenseBlock {
    std::uint32_t firstRow = 0;
    std::uint32_t numRows = 0;
    std::size_t stride = 0;
    std::vector<double> scores;
    std::vector<double> p;
    std::vector<double> lse;
    std::vector<double> output;
    std::vector<double> mass; ///< mean over the rows of the probability inside the block
    std::vector<double> peak; ///< the largest single one

    const double* scoresOf(std::uint32_t row) const { return scores.data() + (row - firstRow) * stride; }
    const double* rowOf(std::uint32_t row) const { return p.data() + (row - firstRow) * stride; }
};

/// The dense reference: plain sums of products in float64, in lanes because whole models are compared with
/// it. Nothing of the code under test takes part. Cost: 4 · pairs · dim FLOP in float64 and pairs
/// exponentials.
class DenseHead {
public:
    DenseHead(const HeadArrays& head, const HeadShape& shape)
        : m_head(head)
        , m_shape(shape)
        , m_lines((head.dim + kWidth - 1) / kWidth)
        , m_groups((head.tokens + kWidth - 1) / kWidth)
        , m_keys(std::size_t(m_groups) * head.dim * kWidth, 0.0)
        , m_values(std::size_t(head.tokens) * m_lines * kWidth, 0.0)
    {
        for (std::size_t key = 0; key < head.tokens; ++key)
            for (std::size_t i = 0; i < head.dim; ++i) {
                m_keys[(key / kWidth * head.dim + i) * kWidth + key % kWidth] =
                    double(head.keys[key * head.dim + i]);
                m_values[key * m_lines * kWidth + i] = double(head.values[key * head.dim + i]);
            }
    }

    /// Fills `block`; its memory is used again.
    void queryBlock(std::uint32_t index, DenseBlock& block) const
    {
        block.firstRow = m_shape.grid.firstRow(index);
        block.numRows = m_shape.grid.endRow(index) - block.firstRow;
        const std::uint32_t end = block.firstRow + block.numRows;
        block.stride = std::size_t((end + kWidth - 1) / kWidth) * kWidth;
        block.scores.assign(std::size_t(padded(block.numRows)) * block.stride, 0.0);
        block.lse.assign(block.numRows, 0.0);
        score(block);
        block.p = block.scores;
        for (std::uint32_t r = 0; r < block.numRows; ++r)
            block.lse[r] = softmax(block.firstRow + r, block.p.data() + r * block.stride, block.stride);
        std::fill(block.p.begin() + std::ptrdiff_t(block.numRows * block.stride), block.p.end(), 0.0);
        summarise(m_shape.grid, block);
        average(block);
    }

private:
    static constexpr std::uint32_t kWidth = 8;
    static constexpr std::uint32_t kRows = 4;
    typedef double D8 __attribute__((vector_size(64)));

    static std::uint32_t padded(std::uint32_t rows) { return (rows + kRows - 1) / kRows * kRows; }

    /// out[row, lane] = sum over i < count of left[row · leftStride + i] · right[i · rightStride + lane].
    HEADWATER_LANE_KERNEL
    static void products(const double* left, std::size_t leftStride, std::size_t count, const double* right,
                         std::size_t rightStride, double* out, std::size_t outStride)
    {
        D8 sum[kRows] = {};
        for (std::size_t i = 0; i < count; ++i) {
            D8 x;
            std::memcpy(&x, right + i * rightStride, sizeof x);
            for (std::uint32_t r = 0; r < kRows; ++r)
                sum[r] += x * left[r * leftStride + i];
        }
        for (std::uint32_t r = 0; r < kRows; ++r)
            std::memcpy(out + r * outStride, &sum[r], sizeof sum[r]);
    }

    /// Keys that no row of the block may read are left out; those that a row may not read are taken out
    /// later.
    void score(DenseBlock& block) const
    {
        const std::uint32_t dim = m_head.dim;
        std::vector<double> queries(std::size_t(padded(block.numRows)) * dim, 0.0);
        for (std::size_t i = 0; i < std::size_t(block.numRows) * dim; ++i)
            queries[i] = double(m_head.queries[std::size_t(block.firstRow) * dim + i]);
        const std::uint32_t firstGroup = m_shape.firstKey(block.firstRow) / kWidth;
        for (std::uint32_t row = 0; row < block.numRows; row += kRows)
            for (std::size_t group = firstGroup; group < block.stride / kWidth; ++group)
                products(queries.data() + std::size_t(row) * dim, dim, dim,
                         m_keys.data() + group * dim * kWidth, kWidth,
                         block.scores.data() + row * block.stride + group * kWidth, block.stride);
        if (m_head.scoreCap > 0)
            for (double& score : block.scores)
                score = m_head.capped(score);
    }

    double softmax(std::uint32_t row, double* p, std::size_t stride) const
    {
        const std::uint32_t first = m_shape.firstKey(row);
        const double top = *std::max_element(p + first, p + row + 1);
        double sum = 0;
        for (std::uint32_t key = first; key <= row; ++key)
            sum += p[key] = std::exp(p[key] - top);
        for (std::uint32_t key = first; key <= row; ++key)
            p[key] /= sum;
        std::fill(p, p + first, 0.0);
        std::fill(p + row + 1, p + stride, 0.0);
        return top + std::log(sum);
    }

    static void summarise(const BlockGrid& grid, DenseBlock& block)
    {
        const std::uint32_t end = block.firstRow + block.numRows;
        block.mass.assign((end - 1) / grid.blockK + 1, 0.0);
        block.peak = block.mass;
        for (std::uint32_t row = block.firstRow; row < end; ++row) {
            const double* const p = block.rowOf(row);
            for (std::uint32_t key = 0; key <= row; ++key) {
                block.mass[key / grid.blockK] += p[key] / block.numRows;
                block.peak[key / grid.blockK] = std::max(block.peak[key / grid.blockK], p[key]);
            }
        }
    }

    void average(DenseBlock& block) const
    {
        const std::uint32_t first = m_shape.firstKey(block.firstRow);
        const std::size_t keys = block.firstRow + block.numRows - first;
        const std::size_t line = std::size_t(m_lines) * kWidth;
        std::vector<double> padding(std::size_t(padded(block.numRows)) * line, 0.0);
        for (std::uint32_t row = 0; row < block.numRows; row += kRows)
            for (std::size_t i = 0; i < line; i += kWidth)
                products(block.p.data() + row * block.stride + first, block.stride, keys,
                         m_values.data() + first * line + i, line, padding.data() + row * line + i, line);
        block.output.resize(std::size_t(block.numRows) * m_head.dim);
        for (std::uint32_t row = 0; row < block.numRows; ++row)
            std::copy_n(padding.begin() + std::ptrdiff_t(row * line), m_head.dim,
                        block.output.begin() + std::ptrdiff_t(row) * m_head.dim);
    }

    const HeadArrays& m_head;
    HeadShape m_shape;
    std::uint32_t m_lines; ///< of kWidth dimensions
    std::uint32_t m_groups; ///< of kWidth keys
    std::vector<double> m_keys; ///< [groups, dim, kWidth]
    std::vector<double> m_values; ///< [tokens, lines · kWidth]
};

} // namespace headwater::test
