// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/trace/trace_reader.h"
#include "core/trace/trace_writer.h"
#include "made_predictions.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

/// Seeded small traces for the tests: random records that keep HeadRecord's promises, made without
/// core/trace.
namespace headwater::made {

struct Shape {
    std::uint32_t tokens = 600;
    std::vector<int> headsPerLayer = {2, 3};
    std::uint32_t blockQ = 8;
    std::uint32_t blockK = 16;
    std::uint32_t blocksPerRow = 6; ///< kept key blocks of a query block, at most
    std::uint32_t window = 64; ///< of the sliding heads
    std::uint32_t tailRow = 256;
    std::uint64_t seed = 7;
    bool predictions = false; ///< of all rows, the prompt's
};

inline TraceWriter::Begin begin(const Shape& shape)
{
    TraceWriter::Begin begin;
    begin.meta = {{"format", "1.0"},
                  {"model", {{"name", "made"}, {"layers", shape.headsPerLayer.size()}}},
                  {"notes", "a test"}};
    std::mt19937_64 random(shape.seed);
    for (std::uint32_t token = 0; token < shape.tokens; ++token) {
        begin.tokenOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
        begin.tokenIds.push_back(static_cast<std::int32_t>(random() % 50000));
        if (token > 0) // the first adds no text
            begin.text += "w" + std::to_string(random() % 1000) + (token % 12 == 11 ? ". " : " ");
        if (token % 12 == 0)
            begin.sentenceOffsets.push_back(begin.tokenOffsets.back());
    }
    begin.tokenOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
    begin.sentenceOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
    begin.segments = {{"prompt", 0, shape.tokens}};
    if (shape.predictions)
        begin.meta["model"]["vocab_size"] = kVocabulary;
    begin.headsPerLayer = shape.headsPerLayer;
    return begin;
}

/// A record of rows [firstRow, tokens). Head 1 of every layer is a sliding one; the last head's normaliser is
/// `kept`.
inline HeadRecord record(const Shape& shape, int layer, int head, std::uint32_t firstRow = 0)
{
    std::mt19937_64 random(shape.seed * 1000003 + static_cast<std::uint64_t>(layer) * 1009
                           + static_cast<std::uint64_t>(head) + firstRow);
    std::uniform_real_distribution<float> unit(0, 1);
    HeadRecord record;
    record.layer = layer;
    record.head = head;
    record.grid = {shape.tokens, shape.blockQ, shape.blockK};
    record.firstRow = firstRow;
    record.numRows = shape.tokens - firstRow;
    if (head == 1) {
        record.kind = HeadKind::Sliding;
        record.window = shape.window;
    }
    const bool isKept = head + 1 == shape.headsPerLayer[static_cast<std::size_t>(layer)];
    record.normaliser = isKept ? Normaliser::Kept : Normaliser::Exact;
    record.selection = isKept ? Selection::Tree : Selection::Exact;
    record.rowPtr.push_back(0);
    for (std::uint32_t block = firstRow / shape.blockQ; block < record.grid.numQueryBlocks(); ++block) {
        const std::uint32_t first = record.grid.firstRow(block);
        const std::uint32_t end = record.grid.numCausalKeyBlocks(block);
        std::uint32_t begin = 0;
        if (head == 1 && first + 1 > record.window)
            begin = (first + 1 - record.window) / shape.blockK;
        for (std::uint32_t key = begin; key < end; ++key) {
            const bool isAlways = key == begin || key + 1 == end;
            if (!isAlways && random() % (end - begin) >= shape.blocksPerRow)
                continue;
            record.keyBlock.push_back(key);
            record.mass.push_back(unit(random) / static_cast<float>(shape.blocksPerRow + 2));
            record.peak.push_back(std::min(1.0F, record.mass.back() * 3));
            // The last row of the block may read any of its keys up to itself.
            const std::uint32_t row = record.grid.endRow(block) - 1 - first;
            const std::uint32_t columns = std::min(shape.blockK, first + row - key * shape.blockK + 1);
            record.peakAt.push_back(static_cast<std::uint16_t>(row << 8 | random() % columns));
        }
        record.rowPtr.push_back(static_cast<std::uint32_t>(record.keyBlock.size()));
    }
    for (std::uint32_t row = firstRow; row < shape.tokens; ++row) {
        record.lse.push_back(10 * unit(random));
        record.missed.push_back(isKept ? std::numeric_limits<float>::quiet_NaN() : 0.2F * unit(random));
        record.missedPeak.push_back(isKept ? std::numeric_limits<float>::quiet_NaN()
                                           : record.missed.back() / 3);
    }
    for (std::uint32_t block = firstRow / shape.blockQ; block < record.grid.numQueryBlocks(); ++block)
        record.tokenZero.push_back(0.001F * unit(random));
    record.extras.resize((record.numRows + kTileRows - 1) / kTileRows);
    return record;
}

/// The eight heaviest keys, or all that the row may read.
inline TokenRow tokenRow(const Shape& shape, int layer, int head, std::uint32_t row)
{
    const std::uint32_t usable = head == 1 ? std::min(shape.window, row + 1) : row + 1;
    std::mt19937_64 random(shape.seed + row * 31 + static_cast<std::uint64_t>(layer * 7 + head));
    TokenRow made{layer, head, row, {}, {}};
    std::set<std::uint32_t> seen;
    for (std::uint32_t i = 0; i < std::min(8u, usable); ++i) {
        std::uint32_t key = 0;
        do
            key = row - static_cast<std::uint32_t>(random() % usable);
        while (!seen.insert(key).second);
        made.keys.push_back(key);
        made.probability.push_back(0.5F / static_cast<float>(i + 1));
    }
    // Equal probabilities stand by rising key.
    if (made.keys.size() == 8) {
        made.probability[7] = made.probability[6];
        std::sort(made.keys.end() - 2, made.keys.end());
    }
    return made;
}

inline TraceWriter::FinishedHead head(const Shape& shape, int layer, int index, std::uint32_t firstRow = 0)
{
    TraceWriter::FinishedHead made;
    made.record = record(shape, layer, index, firstRow);
    HeadSums sums(made.record.shape(), made.record.normaliser, shape.tokens);
    sums.add(made.record);
    made.takeSums(sums);
    made.statistics.keptMass = {0.9, 0.88, 0.92};
    made.statistics.keptMassP5 = 0.7;
    made.statistics.keptMassMin = 0.25;
    made.statistics.contentMass = std::numeric_limits<double>::quiet_NaN();
    made.statistics.entropy = 1.25 + layer;
    made.statistics.sinkShare = 0.1 * index;
    made.statistics.meanDistance = 123.456;
    made.statistics.density = 1.0 / 3;
    const std::uint64_t usable = std::uint64_t{shape.tokens} * (shape.tokens + 1) / 2;
    made.pairs = {usable, usable / 3, usable / 12, usable / 15, made.record.keyBlock.size() / 7};
    made.keepKeys = 96;
    made.sinks = {0, 5};
    for (std::uint32_t row = std::max(firstRow, shape.tokens - 3); row < shape.tokens; ++row)
        made.tokenRows.push_back(tokenRow(shape, layer, index, row));
    if (made.record.normaliser == Normaliser::Kept) {
        made.probeRow = {3, 99, 255};
        made.probeKeptMass = {0.5F, 0.75F, 0.875F};
        made.statistics.probeRows = 3;
    }
    return made;
}

inline std::vector<TraceWriter::FinishedHead> layer(const Shape& shape, int index)
{
    std::vector<TraceWriter::FinishedHead> heads;
    for (int head = 0; head < shape.headsPerLayer[static_cast<std::size_t>(index)]; ++head)
        heads.push_back(made::head(shape, index, head));
    return heads;
}

/// Creates a trace of `layers` layers (all: -1), sealed or not.
inline Result<void> write(const std::filesystem::path& path, const Shape& shape, bool seal = true,
                          int layers = -1)
{
    HEADWATER_TRY_ASSIGN(TraceWriter writer, TraceWriter::create(path, begin(shape), true));
    const int count = layers < 0 ? static_cast<int>(shape.headsPerLayer.size()) : layers;
    for (int layer = 0; layer < count; ++layer)
        HEADWATER_TRY(writer.writeLayer(layer, made::layer(shape, layer), shape.tailRow));
    if (shape.predictions)
        HEADWATER_TRY(writer.writePredictions(predictions(begin(shape).tokenIds, shape.tokens)));
    if (seal)
        HEADWATER_TRY(writer.seal());
    return {};
}

} // namespace headwater::made
