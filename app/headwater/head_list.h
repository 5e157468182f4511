// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/record/head_id.h"
#include "core/trace/trace_reader.h"

#include <string_view>
#include <vector>

namespace headwater {

/// The heads that --layer and --head name together, ascending, each once. Either is a
/// number, a list with ranges ("0,3,7-9"), or "all"; "all" stands for the finished heads that there are, a
/// number for one that must be there. Errors: InvalidArgument (no such form), NotFound (a head that is not in
/// the trace, or no head at all).
Result<std::vector<HeadId>> headsNamed(const Trace& trace, std::string_view layers, std::string_view heads);

} // namespace headwater
