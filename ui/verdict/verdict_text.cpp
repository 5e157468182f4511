// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/verdict/verdict_text.h"

#include "core/base/text.h"
#include "core/record/kind_names.h"
#include "core/trace/model_title.h"
#include "core/trace/run_findings.h"
#include "ui/bridge/json_access.h"
#include "ui/theme/fonts.h"
#include "ui/theme/percent_text.h"
#include "ui/theme/quoted_text.h"

#include <QStringList>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr double kGoodShare = 0.95;

/// What `--check` found.
QString behaviourOf(const BehaviourCheck& check)
{
    const QString dense = isolated(QString::fromStdString(check.dense).trimmed());
    const QString masked = isolated(QString::fromStdString(check.masked).trimmed());
    QStringList parts;
    parts.append(check.kept ? QStringLiteral("dense and masked both say “%1”").arg(masked)
                            : QStringLiteral("dense says “%1”, masked “%2”").arg(dense, masked));
    if (check.top1Agreement >= 0)
        parts.append(QStringLiteral("same next token in %1 of %2 probe rows")
                         .arg(nearestPercentText(check.top1Agreement))
                         .arg(check.rows));
    if (check.klMean >= 0)
        parts.append(QStringLiteral("mean KL over them %1 nat").arg(check.klMean, 0, 'g', 2));
    return QStringLiteral("Behaviour: ") + parts.join(QStringLiteral("; ")) + QLatin1Char('.');
}

/// The share of attention in content; of probe rows it is an estimate that has no interval.
QString contentOf(const Verdict& verdict)
{
    const QString share = nearestPercentText(verdict.content);
    return verdict.isExact
        ? QStringLiteral("; %1 lies in content (without token 0, the diagonal and the recent blocks)")
              .arg(share)
        : QStringLiteral("; about %1 lies in content (without token 0, the diagonal and the recent blocks; "
                         "estimated from the same rows)")
              .arg(share);
}

/// The two lines and the pill, from the numbers.
void putIntoWords(VerdictText& verdict, std::uint32_t seqLen)
{
    if (verdict.unknownHeads > 0) {
        verdict.number = percentText(verdict.kept.mean);
        verdict.pill = QStringLiteral("what the map holds is unknown");
        verdict.shortPill = QStringLiteral("holds unknown");
        verdict.held =
            QStringLiteral("What the map holds is unknown: %1 of %2 global heads have no measured kept mass.")
                .arg(verdict.unknownHeads)
                .arg(verdict.heads);
        return;
    }
    const Interval& kept = verdict.kept;
    verdict.number =
        verdict.isExact ? percentText(kept.mean) : meanOfIntervalText(kept.mean, kept.lo, kept.hi);
    const QString held = verdict.isExact ? verdict.number : plusMinusText(kept.mean, kept.lo, kept.hi);
    if (verdict.isComplete()) {
        verdict.pill = QStringLiteral("map holds %1 of attention").arg(held);
        verdict.shortPill = QStringLiteral("holds %1").arg(verdict.number);
        verdict.held = QStringLiteral("The map holds %1 of the attention of %2 global heads")
                           .arg(held)
                           .arg(verdict.heads);
    } else { // of the rest nothing is known yet
        verdict.pill = QStringLiteral("%1 of %2 layers hold %3")
                           .arg(verdict.finishedLayers)
                           .arg(verdict.layers)
                           .arg(held);
        verdict.shortPill = QStringLiteral("%1 / %2 layers: %3")
                                .arg(verdict.finishedLayers)
                                .arg(verdict.layers)
                                .arg(verdict.number);
        verdict.held =
            QStringLiteral("%1 of %2 layers are recorded; they hold %3 of the attention of their %4 "
                           "global heads")
                .arg(verdict.finishedLayers)
                .arg(verdict.layers)
                .arg(held)
                .arg(verdict.heads);
    }
    if (std::isfinite(verdict.content))
        verdict.held += contentOf(verdict);
    verdict.held += verdict.isExact && verdict.probeRows < seqLen
        ? QStringLiteral(". Every row of the prompt was measured, none of the answer.")
        : verdict.isExact ? QStringLiteral(". Every row was measured.")
                          : QStringLiteral(". Measured on probe rows (%1 a head at least), 95 % interval.")
                                .arg(thousandsOf(verdict.probeRows));
}

} // namespace

std::optional<VerdictText> verdictTextOf(const Trace& trace)
{
    const std::optional<Verdict> numbers = verdictOf(trace);
    if (!numbers)
        return std::nullopt;
    VerdictText verdict;
    static_cast<Verdict&>(verdict) = *numbers;
    putIntoWords(verdict, trace.seqLen());
    const std::optional<BehaviourCheck> check = behaviourCheckOf(trace.meta());
    verdict.behaviour = check
        ? behaviourOf(*check)
        : QStringLiteral(
            "Behaviour: not checked; a run with the check compares the dense model with the masked one.");
    // An unknown share is not good, nor is one of some layers.
    verdict.isGood = verdict.kept.mean >= kGoodShare && (!check || check->kept) && verdict.isComplete();
    return verdict;
}

QString subjectOf(const Trace& trace)
{
    QStringList parts;
    const nlohmann::json& meta = trace.meta();
    if (const QString name = QString::fromStdString(modelTitleOf(meta)); !name.isEmpty())
        parts.append(name);
    parts.append(QString::fromStdString(withThousands(trace.seqLen())) + QStringLiteral(" tokens"));
    // Heads of sliding layers keep their window whole, whatever the run selects.
    const auto selects = std::find_if(trace.heads().begin(), trace.heads().end(),
                                      [](const HeadInfo& head) { return head.kind == HeadKind::Global; });
    if (selects != trace.heads().end())
        parts.append(QString::fromLatin1(nameOf(selects->selection)));
    if (const nlohmann::json& propagated = jsonMember(jsonMember(meta, "params"), "propagated");
        propagated.is_boolean())
        parts.append(propagated.get<bool>() ? QStringLiteral("propagated") : QStringLiteral("observed"));
    const std::size_t finished = trace.heads().size();
    int all = 0;
    for (int layer = 0; layer < trace.numLayers(); ++layer)
        all += trace.numHeads(layer);
    if (!trace.isSealed()) // first: the end is what a narrow bar leaves out
        parts.prepend(QStringLiteral("%1 of %2 heads").arg(finished).arg(all));
    return parts.join(QStringLiteral(" · "));
}

std::optional<Location> answerPlaceOf(const Trace& trace)
{
    std::optional<Location> place;
    for (const AnswerRead& read : answerReadsOf(trace.meta())) {
        if (read.row >= trace.seqLen() || read.key > read.row || read.layer >= trace.numLayers()
            || read.head >= trace.numHeads(read.layer))
            continue;
        if (place && !read.copies)
            continue;
        place = Location{HeadId{read.layer, read.head}, read.row, read.key};
        if (read.copies)
            break;
    }
    return place;
}

QString budgetOf(const HeadInfo& head)
{
    return QStringLiteral("blocks %1 / %2 · %3 keys").arg(head.blockQ).arg(head.blockK).arg(head.keepKeys);
}

} // namespace headwater
