// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QWidget>

namespace headwater {

/// A figure's page as it will be, one pixel of it a pixel of the screen.
class FigurePreview : public QWidget {
    Q_OBJECT
public:
    explicit FigurePreview(QWidget* parent = nullptr);

    /// `page`: made for this screen; its device pixel ratio counts.
    void show(const QImage& page);
    const QImage& page() const { return m_page; }

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QImage m_page;
};

} // namespace headwater
