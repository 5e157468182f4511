// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/engine/run_report.h"
#include "core/trace/trace_reader.h"

#include <optional>

namespace headwater {

/// What the run that made a trace had found, as far as foundText() tells it: from the trace's `meta.report`,
/// and what all heads keep together from the heads themselves. Nothing when the trace has no report (its run
/// did not end). What is missing in the report, or of another type, counts as unknown: any program may have
/// written it.
std::optional<RunReport> reportOf(const Trace& trace);

} // namespace headwater
