// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/trace/trace_reader.h"

#include <memory>
#include <vector>

namespace headwater {

/// Tokens of the prompt: all, or those before the generated ones.
std::uint32_t promptTokensOf(const Trace& trace);

/// Where the rows begin that were forwarded again with the generated ones; the number of tokens: nowhere.
std::uint32_t tailRowOf(const Trace& trace);

/// The kept blocks of a trace as masks to forward over, one layer at a time.
class TraceMasks {
public:
    TraceMasks(std::shared_ptr<const Trace> trace, std::stop_token stop);

    /// What the trace must hold for a forward over its masks: every global head's blocks, all of one shape.
    /// Shape: the grid of the whole sequence. Errors: Unsupported naming the first head that lacks them.
    static Result<BlockGrid> gridOf(const Trace& trace);

    /// One mask a head; those of sliding heads are empty. Valid until the next call. Cost: decodes the
    /// layer's chunks. Errors: those of Trace::loadEdges.
    Result<std::vector<GivenMask>> ofLayer(int layer);

private:
    std::shared_ptr<const Trace> m_trace;
    std::stop_token m_stop;
    std::vector<std::shared_ptr<const HeadEdges>> m_edges; ///< of the layer asked for last
};

} // namespace headwater
