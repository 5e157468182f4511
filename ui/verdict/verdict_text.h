// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/verdict.h"
#include "ui/state/location.h"

#include <QString>
#include <optional>

namespace headwater {

/// How far a map can be trusted, in two lines, neither of which says "faithful" (DESIGN §3): what share of
/// attention it holds, and what behaviour survived the mask.
struct VerdictText : Verdict {
    bool isGood = false; ///< green rather than yellow: at least 95 % held, by all layers, no behaviour lost
    QString number; ///< "96.4 %", the mean as every line shows it; "unknown"
    QString held; ///< first line
    QString behaviour; ///< second line
    QString pill; ///< "map holds 96.4 % ± 0.2 of attention", "3 of 30 layers hold 73.1 %"
    QString shortPill; ///< "holds 96.4 %", "3 / 30 layers: 73.1 %", where there is little room
};

/// Nothing while no head is finished.
std::optional<VerdictText> verdictTextOf(const Trace& trace);

/// "SmolLM2 135M · 7 956 tokens · exact · observed": what is looked at.
QString subjectOf(const Trace& trace);

/// The head that read the generated answer with the row that did and the key it read, as the run's report
/// tells; nothing when it tells none. A read that copies the answer's own token comes before one that does
/// not.
std::optional<Location> answerPlaceOf(const Trace& trace);

/// "blocks 16 / 16 · 512 keys" of one head.
QString budgetOf(const HeadInfo& head);

} // namespace headwater
