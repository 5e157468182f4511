// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/message_frames.h"
#include "core/base/result.h"
#include "core/reading/exact_row.h"
#include "core/reading/exact_windows.h"
#include "core/reading/predicted_rows.h"

#include <memory>
#include <optional>

namespace headwater {

class Trace;

/// What a session's answers hold (docs/engine_protocol.md, Sessions). All errors: BadFormat, the answer has
/// another shape than the one that was asked for.

/// Of `session.window`: `asked` says which.
Result<std::shared_ptr<const ExactWindow>> windowOf(const FramedMessage& answer, ExactWindow asked);

/// Of `session.column` of one head: `asked` is the window of the key and the rows from it on.
Result<std::shared_ptr<const ExactWindow>> columnOf(const FramedMessage& answer, ExactWindow asked);

/// Of `session.row`, with at most `listed` keys a head, and what it gives to `key`.
Result<ExactRow> rowOf(const FramedMessage& answer, const Trace& trace, std::uint32_t row,
                       std::uint32_t listed, std::optional<std::uint32_t> key);

/// Of `session.predictions`, of `count` rows from `first` on.
Result<PredictedRows> predictionsOf(const FramedMessage& answer, std::uint32_t first, std::uint32_t count);

} // namespace headwater
