// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/fuzzy_match.h"

#include <algorithm>

namespace headwater {

namespace {

bool beginsWord(const QString& text, qsizetype at)
{
    return at == 0 || !text.at(at - 1).isLetterOrNumber();
}

/// One pass over the text; `preferWords` jumps ahead to the beginning of a word, which can miss a match that
/// a plain pass finds. -1: no match.
int scorePass(const QString& wanted, const QString& where, bool preferWords)
{
    int score = 0;
    qsizetype at = 0;
    qsizetype last = -2;
    for (const QChar character : wanted) {
        const qsizetype first = where.indexOf(character, at);
        if (first < 0)
            return -1;
        qsizetype found = first;
        if (preferWords && first != last + 1) {
            while (found >= 0 && !beginsWord(where, found))
                found = where.indexOf(character, found + 1);
            if (found < 0)
                found = first;
        }
        score += 1 + (found == last + 1 ? 4 : 0) + (beginsWord(where, found) ? 6 : 0);
        last = found;
        at = found + 1;
    }
    return score;
}

} // namespace

int fuzzyScore(const QString& pattern, const QString& text)
{
    const QString folded = pattern.toCaseFolded().trimmed();
    const QString wanted = QString(folded).remove(QLatin1Char(' '));
    const QString where = text.toCaseFolded();
    if (wanted.isEmpty())
        return 0;
    int score = std::max(scorePass(wanted, where, true), scorePass(wanted, where, false));
    if (score < 0)
        return -1;
    const qsizetype whole = where.indexOf(folded);
    if (whole >= 0)
        score += beginsWord(where, whole) ? 200 : 100;
    // Among equals the shorter text: it holds less that was not asked for.
    return score * 8 + 25 - static_cast<int>(std::min<qsizetype>(where.size(), 200)) / 8;
}

} // namespace headwater
