// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/parallel/progress.h"
#include "core/reading/place.h"
#include "core/reading/trace_reading.h"
#include "core/session/warm_session.h"

#include <stop_token>

namespace headwater {

/// Asks a session for every pair of a place in every head, so that `reading` has them. Over rounded keys
/// nothing is taken: what the trace bounds stays bounded. Errors: InvalidArgument (checkPlace; more than
/// kMostExactPairs over all heads), those of WarmSession::window, columns, row. Cost: of a few rows one
/// reading of the keys a layer; of a key alone the queries of all rows from it on, a layer.
inline constexpr std::uint64_t kMostExactPairs = std::uint64_t{1} << 26;
Result<void> takeExactPlace(WarmSession& session, const Place& place, TraceReading& reading,
                            const ProgressSink& progress, const std::stop_token& stop);

} // namespace headwater
