// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>
#include <QString>
#include <functional>
#include <vector>

class QVBoxLayout;

namespace headwater {

/// What a bar offers to do.
struct MessageAction {
    QString id; ///< object name of the button
    QString text;
    std::function<void()> run;
};

/// Lines at the top of the view they concern: what happened, and what to do about it as buttons. Never a
/// dialog, and never in the way of what it lies over for longer than it is read. Hidden while there is
/// nothing to say. Every matter has one line: a newer message of the same topic replaces the older, and no
/// other does. A notice thus never hides an error.
class MessageBar : public QFrame {
    Q_OBJECT
public:
    enum class Kind { Notice, Caution, Error };
    /// More lines than this would push the view away: the oldest goes.
    static constexpr std::size_t kMostLines = 4;

    explicit MessageBar(QWidget* parent = nullptr);

    /// `topic`: what it is about; empty: all notices are one topic, and every error's text is its own.
    void say(Kind kind, const QString& text, std::vector<MessageAction> actions = {},
             const QString& topic = {});
    void clear();
    void clear(const QString& topic);

    /// The size it needs in a place of this width: no wider than its longest line.
    QSize sizeWithin(int width) const;

    /// The newest line's; Notice when there is none.
    Kind kind() const;
    /// All lines, the newest first; empty while hidden.
    QString text() const;

signals:
    void linesChanged(); ///< and with them sizeWithin()

private:
    struct Line {
        Kind kind = Kind::Notice;
        QString topic;
        QString text;
        QWidget* card = nullptr;
    };
    QWidget* makeCard(Kind kind, const QString& text, std::vector<MessageAction> actions,
                      const QString& topic);
    template <class Which> void remove(Which which);

    QVBoxLayout* m_cards = nullptr;
    std::vector<Line> m_lines; ///< newest first
};

} // namespace headwater
