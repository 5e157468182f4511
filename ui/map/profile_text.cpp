// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/profile_text.h"

#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"

#include <QCoreApplication>

namespace headwater {

QString barText(const Trace& trace, bool areKeys, const TokenRange& tokens, float value, RowSource source)
{
    const auto text = [](const char* words) { return QCoreApplication::translate("profileText", words); };
    const QString mass = probabilityText(static_cast<double>(value), source);
    const QString first = thousandsOf(tokens.begin);
    if (tokens.end == tokens.begin + 1)
        return text(areKeys ? "key %1 “%2”: %3" : "query %1 “%2”: %3")
            .arg(first, isolated(tokenLabel(trace.tokenText(tokens.begin))), mass);
    return text(areKeys ? "keys %1–%2: %3" : "queries %1–%2: %3")
        .arg(first, thousandsOf(tokens.end - 1), mass);
}

} // namespace headwater
