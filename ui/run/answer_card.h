// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>

class QPlainTextEdit;

namespace headwater {

class AnswerSession;
class WrappedLabel;

/// What a model says to the form's prompt while nothing is recorded. Hidden until something was asked.
class AnswerCard : public QFrame {
    Q_OBJECT
public:
    explicit AnswerCard(AnswerSession& session, QWidget* parent = nullptr);

private:
    void update();

    AnswerSession& m_session;
    QPlainTextEdit* m_text = nullptr;
    WrappedLabel* m_state = nullptr;
};

} // namespace headwater
