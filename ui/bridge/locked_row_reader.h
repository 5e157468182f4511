// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/trace_session.h"
#include "ui/bridge/view_reader.h"
#include "ui/state/view_state.h"

#include <QObject>
#include <optional>

namespace headwater {

/// While the trace's session is open, has the locked row computed: of the shown head every key (where the
/// map's numbers are of whole rows too), of all heads the heaviest and what they give to the locked key. What
/// comes goes to the view's reader. One question at a time, the newest next. Lives in the UI thread; nothing
/// waits.
class LockedRowReader : public QObject {
    Q_OBJECT
public:
    LockedRowReader(ViewState& view, ViewReader& reader, TraceSession& session, QObject* parent = nullptr);

    /// True while numbers of the locked row are on their way.
    bool isBusy() const { return m_isReading; }

signals:
    void busyChanged();

private:
    /// Of which row, in which head's map.
    struct Question {
        HeadId head;
        TokenPair pair;
        bool operator==(const Question&) const = default;
    };
    void follow();
    bool isRowKnown(const TokenPair& pair) const;
    void readShownHead(const Question& question);
    void readAllHeads(const Question& question);
    template <class Given> void take(const Question& question, Result<Given> given);
    void setReading(bool isReading);

    ViewState& m_view;
    ViewReader& m_reader;
    TraceSession& m_session;
    bool m_isReading = false;
    std::optional<Question> m_refused; ///< not asked again by itself
};

} // namespace headwater
