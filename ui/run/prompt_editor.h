// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QPlainTextEdit;
class QPushButton;
class QStackedWidget;

namespace headwater {

class WrappedLabel;

/// The prompt: typed or pasted text, or a file that is passed to the engine by its path when it is too large
/// to edit.
class PromptEditor : public QWidget {
    Q_OBJECT
public:
    /// Above this a text stays a file: an editor of megabytes is of no use, and slow.
    static constexpr qint64 kEditableBytes = 256 * 1024;

    explicit PromptEditor(QWidget* parent = nullptr);

    QString text() const; ///< empty while a file is shown
    const QString& file() const { return m_file; }
    void setText(const QString& text);
    /// `bytes`: its size; negative where it could not be told.
    void setFile(const QString& path, qint64 bytes);

signals:
    void changed();

private:
    /// The page of what has the keyboard there.
    void showPage(QWidget* control);

    QStackedWidget* m_pages = nullptr;
    QPlainTextEdit* m_edit = nullptr;
    QPushButton* m_type = nullptr;
    WrappedLabel* m_fileText = nullptr;
    QString m_file;
};

} // namespace headwater
