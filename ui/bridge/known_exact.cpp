// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/known_exact.h"

namespace headwater {

bool isRowKnown(const TraceReading& reading, const TraceSession& session, const TokenPair& pair)
{
    const auto known = reading.exactRows->find(*pair.query);
    return known && session.isNoBetterThan(known->isExact) && (!pair.key || known->given.contains(*pair.key));
}

bool isWindowKnown(const TraceReading& reading, const TraceSession& session, HeadId head, TokenRange rows,
                   TokenRange keys)
{
    const auto known = reading.exact->holding(head.layer, head.head, rows, keys);
    return known && session.isNoBetterThan(known->isExact);
}

} // namespace headwater
