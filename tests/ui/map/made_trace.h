// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/trace/trace_reader.h"
#include "core/trace/trace_writer.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace headwater::testing {

struct MadeTokens {
    std::string text;
    std::vector<std::uint32_t> offsets{0};
    std::vector<std::uint32_t> sentences{0};
};

/// What a made trace is like. Every head: a sink, a local band, some steady columns, seeded scatter, one
/// needle.
struct MadeTrace {
    std::uint32_t seqLen = 1000;
    std::uint32_t block = 16;
    int layers = 2;
    int heads = 2;
    std::uint64_t seed = 7;
    std::uint32_t needleQuery = 940;
    std::uint32_t needleKey = 212;
    float needlePeak = 0.412F;
    Normaliser normaliser = Normaliser::Exact;
    std::optional<MadeTokens> tokens = {}; ///< seqLen of them, 17 at least; none: makeTokens()
    std::vector<TokenRow> tokenRows = {}; ///< of every head; none: four keys of each of the last 16 rows
};

/// Prose of one token a word; sentences of 6 to 16 words.
inline MadeTokens makeTokens(const MadeTrace& made)
{
    static const char* const kWords[] = {
        "The",      "licence",   "covers",  "the",   "work",    "as",      "a",      "whole",
        "and",      "each",      "part",    "of",    "it",      "what",    "ever",   "reason",
        "for",      "packaging", "user",    "may",   "keep",    "one",     "copy",   "record",
        "ask",      "board",     "another", "in",    "writing", "special", "magic",  "number",
        "Helsinki", "nothing",   "clause",  "above", "limits",  "right",   "reader", "quote"};
    std::mt19937_64 random(made.seed);
    MadeTokens tokens;
    std::uint32_t left = 8;
    for (std::uint32_t i = 0; i < made.seqLen; ++i) {
        std::string word = " " + std::string(kWords[random() % std::size(kWords)]);
        if (left == 0)
            word = ".";
        if (i == made.needleKey)
            word = " 7421";
        if (i == made.needleQuery)
            word = " is";
        tokens.text += word;
        tokens.offsets.push_back(static_cast<std::uint32_t>(tokens.text.size()));
        if (left == 0) {
            left = 6 + static_cast<std::uint32_t>(random() % 11);
            if (i + 1 < made.seqLen)
                tokens.sentences.push_back(static_cast<std::uint32_t>(tokens.text.size()));
        } else {
            --left;
        }
    }
    tokens.sentences.push_back(static_cast<std::uint32_t>(tokens.text.size()));
    return tokens;
}

inline HeadRecord makeRecord(const MadeTrace& made, int layer, int head)
{
    std::mt19937_64 random(made.seed * 1000 + static_cast<std::uint64_t>(layer * 64 + head));
    std::uniform_real_distribution<float> uniform(0.0F, 1.0F);
    HeadRecord record;
    record.layer = layer;
    record.head = head;
    record.normaliser = made.normaliser;
    record.grid = {made.seqLen, made.block, made.block};
    record.numRows = made.seqLen;
    record.rowPtr.push_back(0);
    std::vector<std::uint32_t> columns;
    for (int i = 0; i < 5; ++i)
        columns.push_back(static_cast<std::uint32_t>(random() % std::max(1U, record.grid.numKeyBlocks())));
    for (std::uint32_t q = 0; q < record.grid.numQueryBlocks(); ++q) {
        const std::uint32_t causal = record.grid.numCausalKeyBlocks(q);
        const std::uint32_t rows = record.grid.endRow(q) - record.grid.firstRow(q);
        std::vector<float> peaks(causal, 0.0F);
        peaks[0] = 0.5F + 0.4F * uniform(random);
        for (std::uint32_t back = 0; back < 4 && back < causal; ++back)
            peaks[causal - 1 - back] = std::max(
                peaks[causal - 1 - back], (0.1F + 0.4F * uniform(random)) / static_cast<float>(1 << back));
        for (const std::uint32_t column : columns) {
            if (column < causal)
                peaks[column] = std::max(peaks[column], 0.02F + 0.1F * uniform(random));
        }
        for (std::uint32_t i = 0; i < std::min(causal, 12U); ++i)
            peaks[random() % causal] = std::max(0.001F, 0.03F * uniform(random) * uniform(random));
        if (made.needleQuery / made.block == q)
            peaks[made.needleKey / made.block] = made.needlePeak;
        for (std::uint32_t k = 0; k < causal; ++k) {
            if (peaks[k] <= 0)
                continue;
            const bool needle = made.needleQuery / made.block == q && made.needleKey / made.block == k;
            std::uint32_t row =
                needle ? made.needleQuery % made.block : static_cast<std::uint32_t>(random() % rows);
            std::uint32_t column =
                needle ? made.needleKey % made.block : static_cast<std::uint32_t>(random() % made.block);
            if (k * made.block + column > q * made.block + row)
                column = 0;
            record.keyBlock.push_back(k);
            record.peak.push_back(peaks[k]);
            record.mass.push_back(peaks[k] / 4);
            record.peakAt.push_back(static_cast<std::uint16_t>(row << 8 | column));
        }
        record.rowPtr.push_back(static_cast<std::uint32_t>(record.keyBlock.size()));
    }
    const float unknown = std::nanf("");
    for (std::uint32_t row = 0; row < made.seqLen; ++row) {
        record.lse.push_back(1.0F);
        record.missed.push_back(made.normaliser == Normaliser::Kept ? unknown
                                                                    : 0.01F + 0.1F * uniform(random));
        record.missedPeak.push_back(made.normaliser == Normaliser::Kept ? unknown : 0.002F);
    }
    record.tokenZero.assign(record.grid.numQueryBlocks(), 0.0F);
    record.extras.resize((made.seqLen + kTileRows - 1) / kTileRows);
    return record;
}

/// A trace of no layer yet.
inline Result<TraceWriter> createMadeTrace(const std::filesystem::path& path, const MadeTrace& made)
{
    const MadeTokens tokens = made.tokens ? *made.tokens : makeTokens(made);
    TraceWriter::Begin begin;
    begin.meta = {{"propagated", false}};
    begin.text = tokens.text;
    begin.tokenOffsets = tokens.offsets;
    begin.sentenceOffsets = tokens.sentences;
    begin.tokenIds.resize(made.seqLen);
    for (std::uint32_t i = 0; i < made.seqLen; ++i)
        begin.tokenIds[i] = static_cast<std::int32_t>(i % 1000);
    begin.segments = {{"prompt", 0, made.seqLen}};
    begin.headsPerLayer.assign(static_cast<std::size_t>(made.layers), made.heads);
    return TraceWriter::create(path, begin, true);
}

/// Heads differ by layer and number; the last 16 rows have token rows.
inline Result<void> writeMadeLayer(TraceWriter& writer, const MadeTrace& made, int layer)
{
    std::vector<TraceWriter::FinishedHead> heads(static_cast<std::size_t>(made.heads));
    for (int head = 0; head < made.heads; ++head) {
        TraceWriter::FinishedHead& finished = heads[static_cast<std::size_t>(head)];
        finished.record = makeRecord(made, layer, head);
        HeadSums sums(finished.record.shape(), made.normaliser, made.seqLen);
        sums.add(finished.record);
        finished.takeSums(sums);
        finished.statistics = {};
        finished.statistics.keptMass = {0.964, 0.962, 0.966};
        finished.sinks = {0};
        for (TokenRow row : made.tokenRows) {
            row.layer = layer;
            row.head = head;
            finished.tokenRows.push_back(std::move(row));
        }
        for (std::uint32_t row = made.seqLen - 16; made.tokenRows.empty() && row < made.seqLen; ++row)
            finished.tokenRows.push_back(
                {layer, head, row, {0, row, row - 1, row / 2}, {0.5F, 0.2F, 0.1F, 0.05F}});
    }
    return writer.writeLayer(layer, heads, 0);
}

/// Writes the trace and opens it.
inline Result<std::shared_ptr<const Trace>> writeMadeTrace(const std::filesystem::path& path,
                                                           const MadeTrace& made)
{
    HEADWATER_TRY_ASSIGN(TraceWriter writer, createMadeTrace(path, made));
    for (int layer = 0; layer < made.layers; ++layer)
        HEADWATER_TRY(writeMadeLayer(writer, made, layer));
    HEADWATER_TRY(writer.seal());
    return Trace::open(path);
}

} // namespace headwater::testing
