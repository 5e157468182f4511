// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/next_word.h"

#include "core/reading/predicted_rows.h"
#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"

#include <QCoreApplication>
#include <cmath>

namespace headwater {

namespace {

QString translated(const char* text)
{
    return QCoreApplication::translate("nextWord", text);
}

QString probabilityOf(float logprob)
{
    return probabilityText(std::exp(static_cast<double>(logprob)));
}

/// A likely token between quotation marks. Where its word is that of the token that follows, only the blanks
/// around it tell the two apart: they are shown.
QString quoted(const Predictions& predictions, std::int32_t id, const QString& following)
{
    const std::optional<std::string_view> bytes = predictions.wordOf(id);
    if (!bytes)
        return translated("token %1").arg(id);
    const QString word = wordOf(*bytes);
    if (word != following)
        return QStringLiteral("“%1”").arg(isolated(word));
    const QString whole = proseOf(*bytes).replace(QLatin1Char(' '), QChar(0x2423));
    return whole == word ? translated("“%1” without a blank").arg(isolated(word))
                         : QStringLiteral("“%1”").arg(isolated(whole));
}

} // namespace

QString predictorText(PredictedBy by)
{
    switch (by) {
    case PredictedBy::Model:
        return translated("the model");
    case PredictedBy::SparseForward:
        return translated("the sparse forward");
    case PredictedBy::Decoding:
        break;
    }
    return translated("the decoding");
}

QString wordOf(std::string_view bytes)
{
    const QString word = proseOf(bytes).trimmed();
    return word.isEmpty() ? tokenLabel(bytes) : word;
}

QString choiceText(const Trace& trace, const Predictions& predictions, std::uint32_t row)
{
    if (row >= trace.seqLen() || !isPredicted(predictions, row))
        return {};
    const RowPrediction& prediction = predictions.rows[row];
    const LikelyToken& first = prediction.likeliest.front();
    const QString whose = predictorText(predictions.by(row));
    if (row + 1 >= trace.seqLen())
        return translated("; %1's first choice after it is %2 (p %3)")
            .arg(whose, quoted(predictions, first.id, {}), probabilityOf(first.logprob));
    const std::int32_t next = trace.tokenIds()[row + 1];
    const QString following = wordOf(trace.tokenText(row + 1));
    const QString p = probabilityOf(prediction.following);
    QString text = first.id == next
        ? translated(" (p %1, %2's first choice").arg(p, whose)
        : translated(" (p %1; %2's first choice %3, %4")
              .arg(p, whose, quoted(predictions, first.id, following), probabilityOf(first.logprob));
    if (const LikelyToken* const traced = predictions.tracedOf(row); traced && traced->id != next)
        text += translated("; the traced row's %1, %2")
                    .arg(quoted(predictions, traced->id, following), probabilityOf(traced->logprob));
    return text + QLatin1Char(')');
}

} // namespace headwater
