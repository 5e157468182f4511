// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include "ui/theme/fonts.h"
#include "ui/theme/style_sheet.h"

#include <QApplication>
#include <QStyleFactory>

namespace headwater {

namespace {

constexpr const char* kHasStyle = "headwaterStyle";

QColor rgb(unsigned int value)
{
    return QColor::fromRgb(value);
}

QColor mixed(const QColor& a, const QColor& b, double share)
{
    const auto part = [&](int x, int y) { return qRound(x + (y - x) * share); };
    return {part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())};
}

} // namespace

const Theme& darkTheme()
{
    static const Theme theme{true,          rgb(0x14161a), rgb(0x14161a), rgb(0x1b1e24), rgb(0x21252c),
                             rgb(0x2c313a), rgb(0xdde1e8), rgb(0x8d96a5), rgb(0x5d6675), rgb(0xf2a33a),
                             rgb(0x45c4d6), rgb(0x6f9bff), rgb(0x7bc47f), rgb(0xe0b14c)};
    return theme;
}

const Theme& lightTheme()
{
    static const Theme theme{false,         rgb(0xffffff), rgb(0xf3f4f6), rgb(0xffffff), rgb(0xf0f2f5),
                             rgb(0xd9dde3), rgb(0x1c2128), rgb(0x5c6675), rgb(0x98a1ae), rgb(0xb86a00),
                             rgb(0x00798c), rgb(0x2f5fd0), rgb(0x2e7d32), rgb(0x96690a)};
    return theme;
}

const Theme& themeOf(const QPalette& palette)
{
    return desktopIsDark(palette) ? darkTheme() : lightTheme();
}

bool desktopIsDark(const QPalette& desktopPalette)
{
    return desktopPalette.color(QPalette::Window).lightness()
        < desktopPalette.color(QPalette::WindowText).lightness();
}

QPalette paletteOf(const Theme& theme)
{
    QPalette palette;
    const auto set = [&palette](QPalette::ColorRole role, const QColor& colour) {
        palette.setColor(QPalette::All, role, colour);
    };
    set(QPalette::Window, theme.window);
    set(QPalette::WindowText, theme.text);
    set(QPalette::Base, theme.dock);
    set(QPalette::AlternateBase, theme.raised);
    set(QPalette::Text, theme.text);
    set(QPalette::PlaceholderText, theme.dim);
    set(QPalette::Button, theme.raised);
    set(QPalette::ButtonText, theme.text);
    set(QPalette::BrightText, theme.text);
    set(QPalette::ToolTipBase, theme.raised);
    set(QPalette::ToolTipText, theme.text);
    set(QPalette::Link, theme.selected);
    set(QPalette::LinkVisited, theme.selected);
    set(QPalette::Highlight, mixed(theme.dock, theme.selected, theme.dark ? 0.35 : 0.22));
    set(QPalette::HighlightedText, theme.text);
    set(QPalette::Light, mixed(theme.line, theme.text, 0.1));
    set(QPalette::Midlight, theme.line);
    set(QPalette::Mid, theme.line);
    set(QPalette::Dark, theme.line);
    set(QPalette::Shadow, theme.dark ? QColor(Qt::black) : theme.faint);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, theme.faint);
    return palette;
}

void applyColours(QApplication& application, const Theme& theme)
{
    loadBundledFonts();
    // The style stays: setting it again would polish every widget once more, a third of the time of a switch.
    if (!application.property(kHasStyle).toBool()) {
        application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
        application.setProperty(kHasStyle, true);
    }
    application.setPalette(paletteOf(theme));
    application.setFont(wordsFont(13));
}

void applyTheme(QApplication& application, const Theme& theme)
{
    applyColours(application, theme);
    application.setStyleSheet(styleSheetOf(theme));
}

} // namespace headwater
