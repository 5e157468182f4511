// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/view_reader.h"
#include "ui/map/session_offer.h"
#include "ui/state/subject.h"

namespace headwater {

class WhenSeen;

/// In the locked row's card: the row of every head, exact, where a session could be opened for it. A lock
/// starts no engine: while there is none the button asks what a session costs first, and says it where that
/// is more than a second. Once a session is open, rows come by themselves (LockedPlaceReader).
class RowOffer : public SessionOffer {
    Q_OBJECT
public:
    RowOffer(Subject* subject, ViewReader* reader, QWidget* card);

    void setSession(TraceSession* session);
    /// Why the open session could not compute something of what is locked or seen; none: it could.
    void setFailure(const std::optional<Error>& failure);

signals:
    /// Once more, what could not be computed.
    void retried();

private:
    bool isWanted() const;
    void follow();
    void press();

    Subject* m_subject;
    ViewReader* m_reader;
    WhenSeen* m_seen;
    std::optional<Error> m_failure;
    bool m_isAsked = false; ///< by hand: what goes wrong is said
};

} // namespace headwater
