// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/trace/trace_reader.h"

namespace headwater {

/// Whether every layer of the run attended over its own mask, so that what the trace holds is of the sparse
/// forward. False where the trace does not say (`params.propagated`, docs/trace_format.md).
bool isPropagated(const Trace& trace);

/// "p_model" or "p_stream": what the trace's token rows are. They are taken over the whole row, whatever the
/// head's normaliser (docs/trace_format.md §6).
const char* tokenRowQuantity(const Trace& trace);
/// "p_model", "p_stream" or "p_masked": what a head's block masses and peaks are (DESIGN §3).
const char* blockQuantity(const Trace& trace, const HeadInfo& info);

} // namespace headwater
