// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/record/head_id.h"
#include "core/record/token_pair.h"
#include "core/trace/trace_reader.h"

#include <QObject>
#include <memory>
#include <optional>

namespace headwater {

/// What is looked at: a trace, and in it a head and a pair of tokens. The one source of truth of a window:
/// all views observe it, none keeps its own copy; how they show it is each one's own (MapLook, TextLook).
/// Lives in the UI thread. Setters do nothing when the value does not change.
class Subject : public QObject {
    Q_OBJECT
public:
    explicit Subject(QObject* parent = nullptr);

    std::shared_ptr<const Trace> trace() const { return m_trace; }
    HeadId head() const { return m_head; } ///< the locked head
    HeadId shownHead() const { return m_preview.value_or(m_head); } ///< the hovered head while there is one
    TokenPair hovered() const { return m_hovered; } ///< under the cursor
    TokenPair locked() const { return m_locked; } ///< by a click
    /// What the rows of the trace gave to the tokens after them; null while that is read, and where the trace
    /// does not hold it. Of a trace without them a session may have given some rows: isPredicted().
    std::shared_ptr<const Predictions> predictions() const { return m_predictions; }
    /// Why they cannot be had, though the trace has them; empty otherwise.
    const std::optional<Error>& predictionsFailure() const { return m_predictionsFailure; }

    /// A new trace (or a newer snapshot of the growing one: `keepView`). Null closes.
    void setTrace(std::shared_ptr<const Trace> trace, bool keepView = false);
    void setHead(HeadId head);
    void previewHead(std::optional<HeadId> head);
    void setHovered(const TokenPair& pair);
    void setLocked(const TokenPair& pair);
    void setPredictions(std::shared_ptr<const Predictions> predictions); ///< of the trace
    void failPredictions(Error failure);

signals:
    void traceChanged();
    void headChanged(); ///< locked head
    void shownHeadChanged(); ///< locked or previewed head
    void hoveredChanged();
    void lockedChanged();
    void predictionsChanged(); ///< here, more of them, or failed; a new trace begins without them:
                               ///< traceChanged says that

private:
    std::shared_ptr<const Trace> m_trace;
    HeadId m_head;
    std::optional<HeadId> m_preview;
    TokenPair m_hovered;
    TokenPair m_locked;
    std::shared_ptr<const Predictions> m_predictions;
    std::optional<Error> m_predictionsFailure;
};

} // namespace headwater
