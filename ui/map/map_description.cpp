// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_description.h"

#include "ui/map/known_pair_text.h"
#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/percent_text.h"

#include <QCoreApplication>

namespace headwater {

namespace {

QString spoken(const char* text)
{
    return QCoreApplication::translate("mapDescription", text);
}

QString named(const Trace& trace, const char* text, const std::optional<std::uint32_t>& token)
{
    if (!token || *token >= trace.seqLen())
        return {};
    return spoken(text).arg(*token).arg(tokenLabel(trace.tokenText(*token)));
}

} // namespace

QString mapDescription(const Trace& trace, HeadId head, MapMode mode, const TokenPair& pair,
                       const std::optional<CellAnswer>& answer)
{
    QString text = spoken("layer %1 head %2").arg(head.layer).arg(head.head);
    if (answer && answer->known && answer->head == head && mode == MapMode::Missed)
        return text + named(trace, ", query %1 '%2'", answer->missedRow)
            + spoken(", misses %1").arg(lostPercentText(static_cast<double>(answer->missedMost)));
    const bool isOfHead = answer && answer->head == head;
    const KnownPair* const known = isOfHead && answer->pair ? &*answer->pair : nullptr;
    const CellEdge* const edge = isOfHead && answer->edge ? &*answer->edge : nullptr;
    if (known ? known->hasValue() : edge != nullptr) {
        text += named(trace, ", query %1 '%2'", known ? known->row : edge->query);
        text += named(trace, ", key %1 '%2'", known ? known->key : edge->key);
        text += spoken(", weight %1")
                    .arg(known ? knownPairText(*known) : probabilityText(static_cast<double>(edge->peak)));
        return edge ? text + spoken(", block %1 of %2").arg(edge->rankInRow).arg(edge->edgesInRow) : text;
    }
    text += named(trace, ", query %1 '%2'", pair.query) + named(trace, ", key %1 '%2'", pair.key);
    if (known) {
        text += QStringLiteral(", ") + knownPairText(*known);
        if (known->state != KnownPair::State::None)
            text += QStringLiteral(", ") + atMostText(known->bound);
        if (known->state == KnownPair::State::InBlock)
            text += spoken(", its largest at query %1, key %2")
                        .arg(known->block->peakRow)
                        .arg(known->block->peakKey);
    } else if (isOfHead && answer->known) {
        text += spoken(", not kept, %1").arg(atMostText(answer->notKept));
    }
    return text;
}

} // namespace headwater
