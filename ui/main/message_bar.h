// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>
#include <QString>
#include <functional>
#include <vector>

class QHBoxLayout;
class QLabel;

namespace headwater {

/// What a bar offers to do.
struct MessageAction {
    QString id; ///< object name of the button
    QString text;
    std::function<void()> run;
};

/// A line at the top of the view it concerns: what happened, and what to do about it as buttons. Never a
/// dialog. Hidden while there is nothing to say; a newer message replaces the older.
class MessageBar : public QFrame {
    Q_OBJECT
public:
    enum class Kind { Notice, Caution, Error };

    explicit MessageBar(QWidget* parent = nullptr);

    void say(Kind kind, const QString& text, std::vector<MessageAction> actions = {});
    void clear();
    Kind kind() const { return m_kind; }
    QString text() const;

private:
    QLabel* m_sign = nullptr;
    QLabel* m_text = nullptr;
    QHBoxLayout* m_buttons = nullptr;
    Kind m_kind = Kind::Notice;
};

} // namespace headwater
