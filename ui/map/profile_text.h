// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/row_tokens.h"
#include "core/trace/trace_reader.h"
#include "ui/map/view_geometry.h"

#include <QString>

namespace headwater {

/// What a bar of a profile says under the hand: "key 4 005 “3”: 0.976" of one token, "queries 4 000–4 015:
/// 0.103" of several. `areKeys`: of a row's profile the tokens are keys, of a key's profile queries. The span
/// lies in the trace. `source`: of the values.
QString barText(const Trace& trace, bool areKeys, const TokenRange& tokens, float value, RowSource source);

} // namespace headwater
