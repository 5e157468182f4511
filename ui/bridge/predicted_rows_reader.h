// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/trace_session.h"
#include "ui/state/subject.h"
#include "ui/state/text_look.h"

#include <QElapsedTimer>
#include <QObject>
#include <optional>
#include <set>
#include <vector>

namespace headwater {

/// Of a trace that holds no predictions, while its session is open: what the locked row gives to the token
/// after it, and where the text is shaded by loss the same of the words on screen; in parts that take less
/// than a second, one at a time. A part that nobody sees any more is given up. What came stays as long as the
/// trace is open. Lives in the UI thread; nothing waits.
class PredictedRowsReader : public QObject {
    Q_OBJECT
public:
    PredictedRowsReader(Subject& subject, const TextLook& look, TraceSession& session,
                        QObject* parent = nullptr);

    /// True while predictions that are wanted are on their way.
    bool isBusy() const { return m_reading.has_value(); }
    /// Why predictions that are wanted could not be computed; others may be there all the same.
    const std::optional<Error>& failure() const { return m_failure; }
    /// Asks again for what could not be computed.
    void tryAgain();

signals:
    void busyChanged();
    void failureChanged();

private:
    void follow();
    /// Of which something is wanted, the first first. Empty: nothing to be had.
    std::vector<TokenRange> wantedRows() const;
    /// The next part of them that is not known.
    std::optional<TokenRange> nextPart(const std::vector<TokenRange>& wanted) const;
    void read(TokenRange rows);
    void take(const Result<PredictedRows>& predicted);
    void setReading(std::optional<TokenRange> rows);
    /// Nothing has been asked of this session.
    void forget();

    Subject& m_subject;
    const TextLook& m_look;
    TraceSession& m_session;
    std::optional<TokenRange> m_reading;
    qint64 m_request = 0;
    bool m_isRefused = false; ///< by this session, whatever the rows
    std::set<std::uint32_t> m_unanswered; ///< rows it was asked for and did not tell: not asked again
    std::optional<Error> m_failure;
    std::uint32_t m_rowsAtOnce;
    QElapsedTimer m_sinceAsked;
};

} // namespace headwater
