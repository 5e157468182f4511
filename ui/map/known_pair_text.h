// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/known_pair.h"

#include <QString>

namespace headwater {

/// In words what is known of a pair without a number: "only its block is known", "not in its row's 32", "not
/// kept", "outside the head's window". Of one with a number: the number.
QString knownPairText(const KnownPair& pair);

/// "p_model · exact": what a number is that a session has given.
QString exactQuantityOf(const KnownPair& pair);

/// "at most 0.137" (rounded up), or "not measured" where there is no bound.
QString atMostText(float bound);

} // namespace headwater
