// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/session/lse_check.h"
#include "core/session/trace_masks.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <vector>

namespace headwater {

/// A trace that a run began and did not finish, for a run that goes on with it: that one forwards everything
/// again, over the stored masks where their search can be saved, and what the trace holds is compared with
/// instead of written.
class BegunTrace {
public:
    /// Errors: those of Trace::open; InvalidArgument (it is sealed); Unsupported (overviews alone); BadFormat
    /// (its layers are not the first ones).
    static Result<std::unique_ptr<BegunTrace>> open(const std::filesystem::path& path,
                                                    std::stop_token stop = {});

    /// Errors: those of WarmSession::checkModel; InvalidArgument (another class of processor began it, whose
    /// numbers would not be those of one run).
    Result<void> checkModel(const Model& model) const;

    /// Errors: BadFormat naming a head whose blocks are not those that the run says of itself.
    Result<void> checkBlocks(const BlockGrid& grid) const;

    const Trace& trace() const { return *m_trace; }
    std::uint32_t promptTokens() const { return m_promptTokens; }
    int finishedLayers() const { return m_finishedLayers; }
    /// All layers are there, and the rows that were forwarded again with the generated ones.
    bool hasTail() const { return m_trace->seqLen() > m_promptTokens; }

    /// Of the finished layers, for ForwardOptions::masks: where the prompt's own rows are all there and not
    /// every key was looked at; else, and of other layers, none. Errors: those of TraceMasks.
    bool hasMasks() const { return m_hasMasks; }
    Result<std::vector<GivenMask>> masksOf(int layer);

    /// Every row that the trace holds as the prompt's forward made it: the same bits. Errors: those of
    /// LseCheck::compare.
    Result<void> compareLayer(int layer, std::span<const HeadObservation> heads);
    /// The same of the rows that were forwarded again with the generated ones.
    Result<void> compareTail(int layer, std::span<const HeadObservation> heads);

    /// What the masks and sums of one layer take in memory, at most.
    std::uint64_t layerBytes() const;

private:
    BegunTrace(std::shared_ptr<const Trace> trace, int finishedLayers, std::stop_token stop);

    std::shared_ptr<const Trace> m_trace;
    std::uint32_t m_promptTokens;
    int m_finishedLayers;
    bool m_hasMasks;
    TraceMasks m_masks;
    LseCheck m_check;
};

} // namespace headwater
