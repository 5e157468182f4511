// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/trace_session.h"

#include <QBoxLayout>
#include <QFrame>

class QLabel;
class QPushButton;

namespace headwater {

/// What the trace's session offers to one who wants numbers of it: what it costs, its progress, why it cannot
/// be had, and one button for what can be done. Hidden where there is nothing to say.
class SessionOffer : public QFrame {
    Q_OBJECT
public:
    /// `id`: of the object names of frame, text ("…Text") and button ("…Button"). `subject` begins what goes
    /// wrong: "Exact pairs". `text` may be laid out elsewhere.
    SessionOffer(const QString& id, const QString& subject, QBoxLayout::Direction direction, QLabel* text,
                 QWidget* parent);

    /// A session that is open within so many seconds need not be offered: it is opened.
    static constexpr double kBySelfSeconds = 1;

    TraceSession* session() const { return m_session; }
    void setSession(TraceSession* session);

    /// By the session's state, to one who wants `what` ("Compute exactly"); nothing where that is
    /// empty, nobody knows yet, or the session is open.
    void offer(const QString& what);
    void showText(const QString& text, const QString& button);
    /// What stands beside the button.
    QLabel* words() const { return m_text; }

signals:
    /// The button: to be computed, or tried again.
    void asked();
    /// It appeared, vanished or changed its size.
    void placeChanged();
    /// The model that made the trace was not found: which file is it?
    void modelWanted();
    /// The trace itself is not where it was: where is it?
    void traceWanted();

private:
    void press();
    QString costText() const;
    QString progressText() const;
    QString failureText() const;
    QString remedyText() const;

    QString m_subject;
    TraceSession* m_session = nullptr;
    QLabel* m_text;
    QPushButton* m_button;
};

} // namespace headwater
