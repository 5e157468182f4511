// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/cell_lookup.h"
#include "ui/state/view_state.h"

#include <QString>
#include <QWidget>
#include <vector>

namespace headwater {

/// "p_model", "p_stream" or "p_masked": what a head's probabilities are (DESIGN §3).
QString quantityOf(const Trace& trace, const HeadInfo& info);
/// "p_model · exact".
QString quantityAndSelection(const Trace& trace, const HeadInfo& info);
/// Three significant figures as people write them: 0.412, 1.2e-4.
QString probabilityText(double value);

/// What the tooltip of a cell says.
struct TooltipContent {
    QString value; ///< large
    QString pill;
    QString aggregate; ///< "largest of 1 024 pairs in this cell · 17 edges"
    struct Line {
        QString label; ///< "query 7 941"
        QString before;
        QString word;
        QString after;
    };
    std::optional<Line> query;
    std::optional<Line> key;
    QString rank;
    bool operator==(const TooltipContent&) const = default;
};
bool operator==(const TooltipContent::Line& a, const TooltipContent::Line& b);

/// Words for an answer. Cost: O(1); reads only what an open trace holds in memory.
TooltipContent tooltipOf(const CellAnswer& answer, const Trace& trace, MapMode mode);

/// The card that floats beside the cursor; transparent for the mouse.
class TooltipCard : public QWidget {
    Q_OBJECT
public:
    explicit TooltipCard(QWidget* parent);

    /// Shows `content` beside `cell` (in the parent's coordinates) without covering it.
    void showAt(const TooltipContent& content, const QRectF& cell);
    const TooltipContent& content() const { return m_content; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void placeBeside(const QRectF& cell);
    double paintTokenLine(QPainter& painter, double y, const TooltipContent::Line& line,
                          const QColor& colour) const;

    TooltipContent m_content;
};

} // namespace headwater
