// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QPalette>

class QApplication;

namespace headwater {

/// The colours of the whole window, by what they mean. Query is amber and key is cyan in every view; blue is
/// what is selected or pressed; green and yellow are verdicts. Nothing else is coloured but the data.
struct Theme {
    bool dark = true;
    QColor ground; ///< what pictures of data stand on, and where they have none; the low end of a light scale
    QColor window;
    QColor dock;
    QColor raised; ///< what floats or can be pressed
    QColor line;
    QColor text;
    QColor dim; ///< text of second rank, still 4.5 : 1 on window, dock and raised
    QColor faint; ///< decoration only, never text that must be read
    QColor query;
    QColor key;
    QColor selected;
    QColor good;
    QColor caution;
};

const Theme& darkTheme();
const Theme& lightTheme();

/// The theme a widget is shown in, told from its palette: follows palette changes at run time without any
/// global.
const Theme& themeOf(const QPalette& palette);

/// A complete palette of the theme (all groups, tooltips, links, placeholder text).
QPalette paletteOf(const Theme& theme);

/// Style, palette and base font of the program, for a window whose parts have style sheets of their own
/// (ThemedParts). Call again to switch between dark and light.
void applyColours(QApplication& application, const Theme& theme);

/// The same with a style sheet for all widgets there are. Cost: polishes every one of them.
void applyTheme(QApplication& application, const Theme& theme);

/// Whether the desktop asks for a dark window (judged by the palette Qt started with: call before
/// applyTheme).
bool desktopIsDark(const QPalette& desktopPalette);

} // namespace headwater
