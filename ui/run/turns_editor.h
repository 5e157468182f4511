// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/chat_turns.h"

#include <QString>
#include <QWidget>
#include <span>
#include <vector>

class QComboBox;
class QHBoxLayout;
class QMimeData;
class QPlainTextEdit;
class QToolButton;
class QVBoxLayout;

namespace headwater {

class WrappedLabel;

/// What was said before the prompt, a row a turn: who speaks, and the words. A whole conversation comes from
/// a JSON file, chosen or dropped, as `--turns` takes it; what is wrong with one stands below the rows.
class TurnsEditor : public QWidget {
    Q_OBJECT
public:
    static constexpr int kMostTurns = 100; ///< each is a row; longer conversations are the command line's
    static constexpr qint64 kLargestFile = 256 * 1024;

    /// Its buttons stand in `head`.
    TurnsEditor(QHBoxLayout& head, QWidget* parent);

    std::vector<ChatTurn> turns() const;
    void setTurns(std::span<const ChatTurn> turns);

    /// Reads a conversation from a file, or says what is wrong with it.
    void openFile(const QString& path);
    /// Whether what is dragged is one file that holds a conversation; other files are for the window.
    static bool isConversation(const QMimeData& dragged);
    void openDropped(const QMimeData& dropped);

    /// What the engine has against the conversation; empty: nothing. That a file could not be read is said
    /// before it, until the form changes.
    void setError(const QString& error);

signals:
    void changed();
    /// A file was read: its system's turn, if there is one, is the first, the last is the user's.
    void opened(const std::vector<ChatTurn>& conversation);

private:
    struct Row {
        QWidget* box = nullptr;
        QComboBox* role = nullptr;
        QPlainTextEdit* text = nullptr;
        QToolButton* remove = nullptr;
    };

    void choose();
    Row& append(const ChatTurn& turn);
    void removeRow(const QWidget* box);
    void nameRows();
    void showError();

    std::vector<Row> m_rows;
    QVBoxLayout* m_layout = nullptr;
    QToolButton* m_add = nullptr;
    QToolButton* m_open = nullptr;
    WrappedLabel* m_error = nullptr;
    QString m_ofFile;
    QString m_ofEngine;
};

} // namespace headwater
