// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTextEdit>

namespace headwater {

/// The words of a message, to be read and to be copied with the mouse. A word longer than a line is broken;
/// beyond kMostLines they scroll, so that no file's name or error pushes anything away. It keeps its
/// order whatever it quotes, and copies are clean of the marks that see to that.
class MessageText : public QTextEdit {
public:
    static constexpr int kMostLines = 8;

    explicit MessageText(const QString& text, QWidget* parent = nullptr);

    QString text() const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    int heightForWidth(int width) const override;

protected:
    QMimeData* createMimeDataFromSelection() const override;
    void resizeEvent(QResizeEvent* event) override;

private:
    int wholeHeight(int width) const;
    int mostHeight() const;
};

} // namespace headwater
