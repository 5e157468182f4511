// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/made_trace.h"

#include <vector>

namespace headwater::testing {

/// One sliding and two global heads with the given kept masses; the report may hold a behaviour check.
inline Result<std::shared_ptr<const Trace>> writeHeads(const std::filesystem::path& path,
                                                       const std::vector<Interval>& kept,
                                                       Normaliser normaliser, const nlohmann::json& check,
                                                       const nlohmann::json& reads = {},
                                                       const nlohmann::json& more = nlohmann::json::object())
{
    MadeTrace made;
    made.seqLen = 128;
    made.normaliser = normaliser;
    const MadeTokens tokens = makeTokens(made);
    TraceWriter::Begin begin;
    begin.meta = {{"model", {{"name", "SmolLM2 135M"}}},
                  {"params", {{"propagated", false}}},
                  {"report", {{"check", check}, {"answer_reads", reads}}}};
    begin.meta.update(more);
    begin.text = tokens.text;
    begin.tokenOffsets = tokens.offsets;
    begin.sentenceOffsets = tokens.sentences;
    begin.tokenIds.resize(made.seqLen);
    begin.segments = {{"prompt", 0, made.seqLen}};
    begin.headsPerLayer = {static_cast<int>(kept.size())};
    HEADWATER_TRY_ASSIGN(TraceWriter writer, TraceWriter::create(path, begin, true));
    std::vector<TraceWriter::FinishedHead> heads(kept.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
        heads[i].record = makeRecord(made, 0, static_cast<int>(i));
        heads[i].statistics.keptMass = kept[i];
        heads[i].statistics.contentMass = 0.25;
    }
    HEADWATER_TRY(writer.writeLayer(0, heads, 0));
    HEADWATER_TRY(writer.seal());
    return Trace::open(path);
}

} // namespace headwater::testing
