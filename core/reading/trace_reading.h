// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/exact_row.h"
#include "core/reading/exact_windows.h"
#include "core/reading/head_cache.h"
#include "core/trace/trace_reader.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>

namespace headwater {

/// Decoded heads of one window or one command, at most.
inline constexpr std::size_t kHeadBytes = std::size_t{320} << 20;

/// What questions about a trace are asked of: one snapshot of it, and the decoded heads that all who ask
/// share. A value: work in the background keeps its own copy. The heads follow the newest snapshot of a
/// growing trace.
struct TraceReading {
    std::shared_ptr<const Trace> trace;
    std::shared_ptr<HeadCache> heads;
    std::shared_ptr<ExactWindows> exact; ///< what sessions have given of it, shared by all who ask
    std::shared_ptr<ExactRowCache> exactRows; ///< the same, of all heads at once

    explicit operator bool() const { return trace != nullptr; }
};

/// Two openings of one run's trace, and not another run's at the same place: what is known of one holds for
/// the other. Cost: O(tokens).
inline bool isSameRun(const Trace& a, const Trace& b)
{
    const auto created = [](const Trace& trace) { return trace.meta().value("created", nlohmann::json()); };
    return a.path() == b.path() && created(a) == created(b) && std::ranges::equal(a.tokenIds(), b.tokenIds());
}

inline TraceReading readingOf(std::shared_ptr<const Trace> trace, std::size_t headBytes = kHeadBytes)
{
    auto heads = std::make_shared<HeadCache>(std::make_shared<const TraceHeadSource>(trace), headBytes);
    return {std::move(trace), std::move(heads), std::make_shared<ExactWindows>(),
            std::make_shared<ExactRowCache>()};
}

} // namespace headwater
