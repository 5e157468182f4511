// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace headwater {

/// How well `pattern` fits `text`: -1 when its characters do not all occur in this order (case and spaces of
/// the pattern aside), higher is better. Whole words, word beginnings and runs count most; shorter texts win
/// ties.
int fuzzyScore(const QString& pattern, const QString& text);

} // namespace headwater
