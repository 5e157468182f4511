// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/state/map_look.h"

#include <QWidget>

namespace headwater {

/// The shades of losses, from "0" to "≥ 8 nat"; and the hatch of words whose loss is not known, where there
/// may be some.
class LossLegend : public QWidget {
    Q_OBJECT
public:
    explicit LossLegend(MapLook* look, QWidget* parent = nullptr);

    void setPartial(bool isPartial);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    MapLook* m_look;
    QString m_most;
    QString m_unknown;
    bool m_isPartial = false;
};

} // namespace headwater
