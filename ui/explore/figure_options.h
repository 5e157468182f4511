// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/figure/heatmap_figure.h"
#include "ui/main/command_line.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QSizeF>

namespace headwater {

/// The options that show what is on screen: head, tokens in view, mode, masks, colours. `mapSize`: of the
/// map's own area in device-independent pixels. Colours are those of a page (light to dark), whatever the
/// theme.
HeatmapFigureOptions figureOptionsOf(const Subject& subject, const MapLook& look, const QSizeF& mapSize);

/// What a command's arguments say of it: `title`, `with_title`, `with_caption`, `width`, `dpi`. Errors:
/// InvalidArgument, by the argument's name.
Result<void> setFigureOptions(HeatmapFigureOptions& options, const CommandArguments& arguments);

} // namespace headwater
