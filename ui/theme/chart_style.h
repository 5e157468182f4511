// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/theme/theme.h"

#include <QtCharts/QAbstractAxis>
#include <QtCharts/QChart>

namespace headwater {

/// A chart without decoration: no background, legend, margin or animation.
QChart* makePlainChart();

/// The theme's colours on an axis: thin grid, dim figures, no line of its own.
void styleAxis(QAbstractAxis& axis, const Theme& theme);

} // namespace headwater
