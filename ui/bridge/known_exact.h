// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"
#include "core/record/token_pair.h"
#include "ui/bridge/trace_session.h"

namespace headwater {

/// What sessions have given of the pair's row is as good as what this one would give: of every head the
/// heaviest keys, and what the row gives to the pair's key, if there is one. `pair.query` must be set.
bool isRowKnown(const TraceReading& reading, const TraceSession& session, const TokenPair& pair);

/// The same of all pairs of these rows and keys in one head.
bool isWindowKnown(const TraceReading& reading, const TraceSession& session, HeadId head, TokenRange rows,
                   TokenRange keys);

} // namespace headwater
