// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/trace_session.h"
#include "ui/bridge/view_reader.h"
#include "ui/state/subject.h"

#include <QObject>
#include <optional>

namespace headwater {

/// While the trace's session is open, has the locked place computed: of its row all keys in the shown head
/// (where the map's numbers are of whole rows too), and of all heads the heaviest keys and what they give to
/// the locked key; of its key all readers in the shown head (where the trace holds the sums of whole rows).
/// What comes goes to the view's reader. One question at a time, the newest next: what is no part of the
/// newest is given up. Lives in the UI thread; nothing waits.
class LockedPlaceReader : public QObject {
    Q_OBJECT
public:
    LockedPlaceReader(Subject& subject, ViewReader& reader, TraceSession& session, QObject* parent = nullptr);

    /// True while numbers of the locked place are on their way, the session's opening included.
    bool isBusy() const;
    /// Why a part of the locked place could not be computed; the other parts are there all the same.
    const std::optional<Error>& failure() const { return m_failure; }
    /// Asks again for what could not be computed.
    void tryAgain();

signals:
    void busyChanged();
    void failureChanged();

private:
    /// Of which place, in which head's map.
    struct Question {
        HeadId head;
        TokenPair pair;
        bool operator==(const Question&) const = default;
    };
    /// The parts of an answer, in the order in which they are asked for, each once.
    enum class Part { Row, AllHeads, Column, None };
    /// What is being read.
    struct Reading {
        Part part = Part::None;
        Question question;
        qint64 number = 0; ///< the session's; 0: given up
    };
    void follow();
    /// Gives up what is being read, unless it is a part of this question's answer too.
    void giveUpUnlessOf(const Question& question);
    bool isMissing(Part part, const Question& question) const;
    void read(Part part, const Question& question);
    template <class Given> void take(const Question& question, Result<Given> given);
    void setFailure(std::optional<Error> failure);
    void setReading(std::optional<Reading> reading);
    void tellBusy();

    Subject& m_subject;
    ViewReader& m_reader;
    TraceSession& m_session;
    std::optional<Reading> m_reading;
    bool m_wasBusy = false;
    std::optional<Question> m_question; ///< that is being answered, or has been
    Part m_next = Part::Row; ///< of it
    std::optional<Error> m_failure; ///< of its last part that failed
};

} // namespace headwater
