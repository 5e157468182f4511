// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/trace/trace_reader.h"
#include "ui/map/cell_lookup.h"
#include "ui/state/map_look.h"

#include <QString>
#include <optional>

namespace headwater {

/// What the tooltip of a cell says.
struct TooltipContent {
    QString value; ///< large
    QString pill;
    QString aggregate; ///< "largest of 1 024 pairs in this cell · 17 edges"
    struct Line {
        QString label; ///< "query 7 941"
        QString before;
        QString word;
        QString after;
        bool isRightToLeft = false; ///< the paragraph of the word
        bool operator==(const Line&) const = default;
    };
    std::optional<Line> query;
    std::optional<Line> key; ///< none where the value is a row's
    QString
        rank; ///< "block 1 of 128 kept in this row"; empty without an edge, and where the value is a row's
    QString keeps; ///< "row keeps 98.9 %", or what is known instead
    bool operator==(const TooltipContent&) const = default;
};

/// Words for an answer. `pointed`: the pair under the cursor (or told); where the value is another pair's,
/// the words say so. Cost: O(1); reads only what an open trace holds in memory.
TooltipContent tooltipOf(const CellAnswer& answer, const Trace& trace, MapMode mode,
                         const TokenPair& pointed = {});

} // namespace headwater
