// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/made_trace.h"

#include <cmath>
#include <vector>

namespace headwater::testing {

/// A trace whose layers have different numbers of heads, to be written layer by layer.
inline Result<TraceWriter> beginRaggedTrace(const std::filesystem::path& path,
                                            const std::vector<int>& headsPerLayer,
                                            std::uint32_t seqLen = 1000)
{
    MadeTrace made;
    made.seqLen = seqLen;
    const MadeTokens tokens = makeTokens(made);
    TraceWriter::Begin begin;
    begin.meta = {{"params", {{"propagated", false}}}};
    begin.text = tokens.text;
    begin.tokenOffsets = tokens.offsets;
    begin.sentenceOffsets = tokens.sentences;
    begin.tokenIds.resize(seqLen);
    begin.segments = {{"prompt", 0, seqLen}};
    begin.headsPerLayer = headsPerLayer;
    return TraceWriter::create(path, begin, true);
}

/// Every head with statistics of its own (seeded). The last 16 rows have token rows: the sink 0, the row
/// itself, and a key that differs by head.
inline Result<void> writeRaggedLayer(TraceWriter& writer, int layer, int numHeads,
                                     std::uint32_t seqLen = 1000, Normaliser normaliser = Normaliser::Exact,
                                     int headsWithContent = 1 << 20)
{
    MadeTrace made;
    made.seqLen = seqLen;
    made.normaliser = normaliser;
    std::mt19937_64 random(11 + static_cast<std::uint64_t>(layer));
    std::uniform_real_distribution<double> uniform(0.1, 0.9);
    std::vector<TraceWriter::FinishedHead> heads(static_cast<std::size_t>(numHeads));
    for (int head = 0; head < numHeads; ++head) {
        TraceWriter::FinishedHead& finished = heads[static_cast<std::size_t>(head)];
        finished.record = makeRecord(made, layer, head);
        HeadSums sums(finished.record.shape(), normaliser, seqLen);
        sums.add(finished.record);
        finished.takeSums(sums);
        if (head >= headsWithContent)
            finished.contentCodes.clear();
        finished.statistics = {};
        HeadStatistics& statistics = finished.statistics;
        const double kept = uniform(random);
        statistics.keptMass = {kept, kept - 0.01, kept + 0.02};
        statistics.entropy = 5 * uniform(random);
        statistics.sinkShare = uniform(random);
        statistics.meanDistance = 500 * uniform(random);
        statistics.density = uniform(random);
        finished.sinks = {0};
        const auto far = static_cast<std::uint32_t>(100 + 7 * layer + head);
        for (std::uint32_t row = seqLen - 16; row < seqLen; ++row) {
            const auto p = static_cast<float>(uniform(random)) * 0.3F;
            finished.tokenRows.push_back({layer, head, row, {0, far, row}, {0.5F, p, p / 2}});
        }
    }
    return writer.writeLayer(layer, heads, 0);
}

/// The whole trace. Layers from `keptFrom` on are normalised over what they keep.
inline Result<std::shared_ptr<const Trace>> writeRaggedTrace(const std::filesystem::path& path,
                                                             const std::vector<int>& headsPerLayer,
                                                             std::uint32_t seqLen = 1000,
                                                             int keptFrom = 1 << 20)
{
    HEADWATER_TRY_ASSIGN(TraceWriter writer, beginRaggedTrace(path, headsPerLayer, seqLen));
    for (int layer = 0; layer < static_cast<int>(headsPerLayer.size()); ++layer) {
        HEADWATER_TRY(writeRaggedLayer(writer, layer, headsPerLayer[static_cast<std::size_t>(layer)], seqLen,
                                       layer >= keptFrom ? Normaliser::Kept : Normaliser::Exact));
    }
    HEADWATER_TRY(writer.seal());
    return Trace::open(path);
}

} // namespace headwater::testing
