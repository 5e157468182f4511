// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/engine/loaded_model.h"
#include "core/trace/trace_reader.h"

#include <string>

namespace headwater {

/// The name of the model that made a trace, as loadModel() takes it: the first whose header has the stored
/// hash among the path in the trace's command, the file beside the trace, the Hub's cache, fetched models and
/// the built-in one. Cost: reads the header of each that is there. Errors: NotFound naming the file to look
/// for, Unsupported where the trace does not say which model it was.
Result<std::string> findModelOf(const Trace& trace);

} // namespace headwater
