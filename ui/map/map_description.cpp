// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_description.h"

#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/percent_text.h"

#include <QCoreApplication>

namespace headwater {

namespace {

QString words(const char* text)
{
    return QCoreApplication::translate("mapDescription", text);
}

QString named(const Trace& trace, const char* text, const std::optional<std::uint32_t>& token)
{
    if (!token || *token >= trace.seqLen())
        return {};
    return words(text).arg(*token).arg(tokenLabel(trace.tokenText(*token)));
}

} // namespace

QString mapDescription(const Trace& trace, HeadId head, MapMode mode, const TokenPair& pair,
                       const std::optional<CellAnswer>& answer)
{
    QString text = words("layer %1 head %2").arg(head.layer).arg(head.head);
    if (answer && answer->known && answer->head == head && mode == MapMode::Missed)
        return text + named(trace, ", query %1 '%2'", answer->missedRow)
            + words(", misses %1").arg(lostPercentText(static_cast<double>(answer->missedMost)));
    if (answer && answer->edge && answer->head == head) {
        const CellEdge& edge = *answer->edge;
        return text + named(trace, ", query %1 '%2'", edge.query) + named(trace, ", key %1 '%2'", edge.key)
            + words(", weight %1, block %2 of %3")
                  .arg(probabilityText(static_cast<double>(edge.peak)))
                  .arg(edge.rankInRow)
                  .arg(edge.edgesInRow);
    }
    text += named(trace, ", query %1 '%2'", pair.query) + named(trace, ", key %1 '%2'", pair.key);
    if (answer && answer->known && answer->head == head)
        text += words(", not kept");
    return text;
}

} // namespace headwater
