// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/profile_text.h"

#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"

#include <QCoreApplication>

namespace headwater {

QString barText(const Trace& trace, bool areKeys, const TokenSpan& tokens, float value)
{
    const auto text = [](const char* source) { return QCoreApplication::translate("profileText", source); };
    const QString mass = probabilityText(static_cast<double>(value));
    const QString first = thousandsOf(tokens.begin);
    if (tokens.end == tokens.begin + 1)
        return text(areKeys ? "key %1 “%2”: %3" : "query %1 “%2”: %3")
            .arg(first, isolated(tokenLabel(trace.tokenText(tokens.begin))), mass);
    return text(areKeys ? "keys %1–%2: %3" : "queries %1–%2: %3")
        .arg(first, thousandsOf(tokens.end - 1), mass);
}

} // namespace headwater
