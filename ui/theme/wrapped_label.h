// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLabel>
#include <QTextLayout>

namespace headwater {

/// Words that wrap to the width they are given. A word that is longer than a line is broken, and there are
/// never more lines than agreed on (an ellipsis stands for the middle then): no text of anybody's takes room
/// from what stands beside or below. text() stays whole; the tooltip is the owner's.
class WrappedLabel : public QLabel {
public:
    explicit WrappedLabel(QWidget* parent = nullptr);

    /// Room for `least` lines is kept when there is less to say. At first 1 to 3.
    void setLines(int least, int most);
    /// Parts of the text in colours of their own.
    void setParts(const QList<QTextLayout::FormatRange>& parts);
    /// A part that is shortened at its beginning before anything else is left out. Characters of text().
    void setGivingWay(int begin, int length);

    /// What of text() there is room for.
    QString shownText() const { return shownIn(width() - chrome(Qt::Horizontal)).text; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Shown {
        QString text;
        QList<QTextLayout::FormatRange> parts;
    };
    int chrome(Qt::Orientation orientation) const;
    int layOut(QTextLayout& layout, int width) const;
    bool isTooLong(const QString& text, int width) const;
    Shown shortenedBy(int characters) const;
    Shown shownIn(int width) const;

    int m_least = 1;
    int m_most = 3;
    QList<QTextLayout::FormatRange> m_parts;
    int m_givingBegin = 0;
    int m_givingLength = 0;
};

} // namespace headwater
