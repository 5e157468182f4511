// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/half.h"
#include "core/select/exact_tile.h"
#include "core/select/made_heads.h"
#include "core/select/sinks.h"
#include "core/select/sparse_tile.h"
#include "core/select/token_row.h"
#include "core/trace/trace_reader.h"
#include "core/trace/trace_writer.h"

#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>

namespace headwater::test {

/// A number below `end`.
inline std::uint32_t below(std::mt19937& random, std::uint32_t end)
{
    return static_cast<std::uint32_t>(random() % end);
}

/// A made head: all of its attention, and the trace that the product's own selection made of it. What the
/// trace holds is told from the dense matrix and from what was handed to the writer, by nothing that reads
/// traces.
class DenseTrace {
public:
    /// Sizes, blocks, budget, window, normaliser and recorded rows follow from the seed.
    static Result<DenseTrace> make(const std::filesystem::path& path, std::uint32_t seed);

    const std::shared_ptr<const Trace>& trace() const { return m_trace; }
    const HeadShape& shape() const { return m_shape; }
    const BlockGrid& grid() const { return m_shape.grid; }
    std::uint32_t seqLen() const { return m_shape.grid.seqLen; }
    Normaliser normaliser() const { return m_record.normaliser; }
    const std::vector<std::uint32_t>& sinks() const { return m_sinks; }

    bool isUsable(std::uint32_t row, std::uint32_t key) const
    {
        return key <= row && key >= m_shape.firstKey(row);
    }
    bool isKept(std::uint32_t row, std::uint32_t key) const
    {
        return test::isKept(m_record, row / grid().blockQ, key / grid().blockK);
    }
    bool isRecorded(std::uint32_t row) const { return m_tokenRows.contains(row); }
    bool isAmongRecorded(std::uint32_t row, std::uint32_t key) const
    {
        const auto found = m_tokenRows.find(row);
        return found != m_tokenRows.end() && std::ranges::find(found->second, key) != found->second.end();
    }
    /// Whether the pair is the one that its kept block's number belongs to.
    bool isPeak(std::uint32_t row, std::uint32_t key) const { return m_peaks.contains({row, key}); }

    /// The truth: of the whole row.
    double p(std::uint32_t row, std::uint32_t key) const { return m_p[at(row, key)]; }
    /// Shape: [row + 1].
    std::vector<double> wholeRow(std::uint32_t row) const { return denseRow(m_arrays, m_shape, row).p; }
    /// The same from keys that were rounded to binary16.
    std::vector<double> overRoundedKeys(std::uint32_t row) const
    {
        return denseRow(m_rounded, m_shape, row).p;
    }
    /// What the head's numbers are: of the kept keys alone where its normaliser is `kept`.
    double normalised(std::uint32_t row, std::uint32_t key) const
    {
        return normaliser() == Normaliser::Kept ? m_masked[at(row, key)] : p(row, key);
    }
    /// The number that the trace holds of this pair; none where it holds only a bound, or nothing.
    std::optional<double> numberOf(std::uint32_t row, std::uint32_t key) const
    {
        if (isAmongRecorded(row, key))
            return p(row, key);
        if (isPeak(row, key))
            return normalised(row, key);
        return std::nullopt;
    }
    /// What the rows of a row's query block give to keys on average, by the head's normaliser.
    double meanMass(std::uint32_t row, std::uint32_t firstKey, std::uint32_t endKey) const
    {
        const std::uint32_t first = grid().firstRow(row / grid().blockQ);
        const std::uint32_t end = grid().endRow(row / grid().blockQ);
        double sum = 0;
        for (std::uint32_t query = first; query < end; ++query) {
            for (std::uint32_t key = firstKey; key < std::min(endKey, query + 1); ++key)
                sum += normalised(query, key);
        }
        return sum / (end - first);
    }
    /// Its kept block's largest number.
    double peakOfBlock(std::uint32_t row, std::uint32_t key) const
    {
        return m_blockPeak.at({row / grid().blockQ, key / grid().blockK});
    }

private:
    std::size_t at(std::uint32_t row, std::uint32_t key) const { return std::size_t{row} * seqLen() + key; }
    void draw(std::mt19937& random, std::uint32_t seed);
    void record(std::mt19937& random);
    Result<void> findPeaks();
    Result<TraceWriter::FinishedHead> finished() const;
    static TraceWriter::Begin begin(std::uint32_t tokens, bool isPropagated);

    HeadArrays m_arrays;
    HeadArrays m_rounded; ///< the same with keys of binary16
    HeadShape m_shape;
    KeepRule m_rule;
    std::vector<double> m_p;
    std::vector<double> m_masked;
    HeadRecord m_record;
    std::vector<std::uint32_t> m_sinks;
    std::map<std::uint32_t, std::vector<std::uint32_t>> m_tokenRows; ///< row → recorded keys
    std::vector<TokenRow> m_rows;
    std::map<std::pair<std::uint32_t, std::uint32_t>, bool> m_peaks;
    std::map<std::pair<std::uint32_t, std::uint32_t>, double> m_blockPeak;
    std::shared_ptr<const Trace> m_trace;
};

inline void DenseTrace::draw(std::mt19937& random, std::uint32_t seed)
{
    static constexpr std::array<const char*, 4> kKinds{"random", "topics", "needles", "local"};
    static constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 7> kBlocks{
        {{4, 4}, {8, 8}, {16, 16}, {32, 32}, {16, 4}, {64, 32}, {4, 32}}};
    const std::uint32_t tokens = 24 + below(random, 400);
    const auto [blockQ, blockK] = kBlocks[below(random, kBlocks.size())];
    m_arrays = makeHead(kKinds[below(random, kKinds.size())], tokens, 8, seed);
    m_rounded = m_arrays;
    for (float& key : m_rounded.keys)
        key = floatFromHalf(halfFromFloat(key));
    m_shape.grid = {tokens, blockQ, blockK};
    if (below(random, 6) == 0) {
        m_shape.kind = HeadKind::Sliding;
        m_shape.window = 2 + below(random, tokens);
    }
    m_rule = {8 + below(random, tokens / 2), below(random, 3) == 0 ? 0.0F : 0.1F, nullptr};
    const bool isMasked = m_shape.kind == HeadKind::Global && below(random, 4) == 0;
    m_record.grid = m_shape.grid;
    m_record.kind = m_shape.kind;
    m_record.window = m_shape.window;
    m_record.normaliser = isMasked ? Normaliser::Kept : Normaliser::Exact;
    m_record.selection = isMasked ? Selection::Tree : Selection::Exact;
    m_p.assign(std::size_t{tokens} * tokens, 0.0);
    for (std::uint32_t row = 0; row < tokens; ++row)
        std::ranges::copy(denseRow(m_arrays, m_shape, row).p,
                          m_p.begin() + static_cast<std::ptrdiff_t>(at(row, 0)));
}

/// As the backend does: the rule's blocks, or (normaliser `kept`) what the rows read of those alone; the last
/// rows and some others token by token.
inline void DenseTrace::record(std::mt19937& random)
{
    ExactScratch exactScratch;
    SparseScratch sparseScratch;
    IncomingMass incoming(seqLen());
    for (std::uint32_t tile = 0; tile < m_arrays.numTiles(); ++tile) {
        const QueryTile queries = m_arrays.tile(tile * kTileRows);
        TileRecord made;
        exactTile(m_shape, m_arrays.keyValues(), queries, m_rule, exactScratch, {}, made);
        incoming.add(made);
        if (normaliser() == Normaliser::Kept) {
            const BlockMask mask = made.mask;
            std::vector<float> output(std::size_t{queries.numRows} * m_arrays.dim);
            sparseTile(m_shape, m_arrays.keyValues(), queries, mask, sparseScratch,
                       {output.data(), m_arrays.dim}, &made);
        }
        appendTile(m_record, made);
    }
    if (m_shape.kind == HeadKind::Global)
        m_sinks = incoming.sinks();
    const std::uint32_t mostKeys = below(random, 2) == 0 ? 32 : 3;
    for (std::uint32_t row = 0; row < seqLen(); ++row) {
        if (row + 16 < seqLen() && below(random, 40) != 0)
            continue;
        m_rows.push_back(tokenRow(0, 0, m_shape, m_arrays.keyValues(),
                                  m_arrays.queries.data() + std::size_t{row} * m_arrays.dim, row, mostKeys));
        m_tokenRows[row] = m_rows.back().keys;
    }
}

/// Where each kept block's number belongs, and that it is the largest there. Errors: Internal where it is
/// not.
inline Result<void> DenseTrace::findPeaks()
{
    const std::uint32_t tokens = seqLen();
    m_masked = m_p;
    for (std::uint32_t row = 0; row < tokens; ++row) {
        double kept = 0;
        for (std::uint32_t key = 0; key <= row; ++key) {
            if (!isKept(row, key))
                m_masked[at(row, key)] = 0;
            kept += m_masked[at(row, key)];
        }
        for (std::uint32_t key = 0; key <= row; ++key)
            m_masked[at(row, key)] /= kept;
    }
    for (std::uint32_t block = 0; block + 1 < m_record.rowPtr.size(); ++block) {
        for (std::uint32_t edge = m_record.rowPtr[block]; edge < m_record.rowPtr[block + 1]; ++edge) {
            const std::uint32_t peakRow = block * grid().blockQ + (m_record.peakAt[edge] >> 8);
            const std::uint32_t firstKey = m_record.keyBlock[edge] * grid().blockK;
            const std::uint32_t peakKey = firstKey + (m_record.peakAt[edge] & 0xFF);
            double largest = 0;
            for (std::uint32_t row = grid().firstRow(block); row < grid().endRow(block); ++row)
                for (std::uint32_t key = firstKey; key < std::min(firstKey + grid().blockK, row + 1); ++key)
                    largest = std::max(largest, normalised(row, key));
            const double found = isUsable(peakRow, peakKey) ? normalised(peakRow, peakKey) : -1;
            if (!(found >= largest * (1 - 1e-4)))
                return Error{ErrorCode::Internal, "a peak is not the largest of its block", {}};
            m_peaks[{peakRow, peakKey}] = true;
            m_blockPeak[{block, m_record.keyBlock[edge]}] = largest;
        }
    }
    return {};
}

inline Result<TraceWriter::FinishedHead> DenseTrace::finished() const
{
    TraceWriter::FinishedHead head;
    head.record = m_record;
    HeadSums sums(m_shape, normaliser(), seqLen());
    sums.add(m_record);
    head.takeSums(sums);
    head.keepKeys = m_rule.keepKeys;
    head.sinks = m_sinks;
    head.tokenRows = m_rows;
    return head;
}

inline TraceWriter::Begin DenseTrace::begin(std::uint32_t tokens, bool isPropagated)
{
    TraceWriter::Begin begin;
    begin.meta = {{"params", {{"propagated", isPropagated}}}};
    begin.tokenOffsets = {0};
    for (std::uint32_t token = 0; token < tokens; ++token) {
        begin.text += " w" + std::string(1, static_cast<char>('a' + token % 26));
        begin.tokenOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
        begin.tokenIds.push_back(static_cast<std::int32_t>(token % 26));
    }
    begin.sentenceOffsets = {0, static_cast<std::uint32_t>(begin.text.size())};
    begin.segments = {{"prompt", 0, tokens}};
    begin.headsPerLayer = {1};
    return begin;
}

inline Result<DenseTrace> DenseTrace::make(const std::filesystem::path& path, std::uint32_t seed)
{
    std::mt19937 random(seed);
    DenseTrace made;
    made.draw(random, seed);
    made.record(random);
    HEADWATER_TRY(made.findPeaks());
    HEADWATER_TRY_ASSIGN(
        TraceWriter writer,
        TraceWriter::create(path, begin(made.seqLen(), made.normaliser() == Normaliser::Kept), true));
    HEADWATER_TRY_ASSIGN(const TraceWriter::FinishedHead head, made.finished());
    HEADWATER_TRY(writer.writeLayer(0, {&head, 1}, 0));
    HEADWATER_TRY(writer.seal());
    HEADWATER_TRY_ASSIGN(made.m_trace, Trace::open(path));
    return made;
}

} // namespace headwater::test
