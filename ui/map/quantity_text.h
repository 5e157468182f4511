// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/row_tokens.h"
#include "core/record/head_id.h"
#include "core/trace/trace_reader.h"

#include <QString>

namespace headwater {

/// "L14 · H3".
QString headLabel(HeadId head);
/// "p_model", "p_stream" or "p_masked": what a head's probabilities are (DESIGN §3).
QString quantityOf(const Trace& trace, const HeadInfo& info);
/// "p_model" or "p_stream": what the trace's token rows are. They are taken over the whole row, whatever the
/// head's normaliser (docs/trace_format.md §6).
QString tokenRowQuantityOf(const Trace& trace);
/// "p_model · selection exact", "p_masked · selection tree", "p_stream · window": a head's own numbers, and
/// how its kept blocks were chosen.
QString quantityAndSelection(const Trace& trace, const HeadInfo& info);
/// "p_model · exact", "p_stream · rounded keys": what a number is that a session has given.
QString exactQuantityText(bool isOfModel, bool isRounded);
/// What the numbers of a row are: a head's own quantity, that of the token rows, or a session's.
QString rowQuantityOf(const Trace& trace, const HeadInfo& info, RowSource source);
/// Three significant figures as people write them: 0.412, 1.2e-4.
QString probabilityText(double value);
/// The same of a row's number: two figures where no more are true.
QString probabilityText(double value, RowSource source);

} // namespace headwater
