// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/window_theme.h"

#include "ui/main/command_table.h"
#include "ui/theme/theme.h"
#include "ui/theme/themed_parts.h"

#include <QAction>
#include <QApplication>
#include <QEvent>
#include <QTimer>
#include <QWidget>
#include <utility>

namespace headwater {

namespace {

constexpr const char* kThemes[] = {"dark", "light", "system"};

QString themeCommand(const char* theme)
{
    return QStringLiteral("view.theme.") + QLatin1String(theme);
}

} // namespace

WindowTheme::WindowTheme(QWidget& window, CommandTable& commands, ThemedParts& parts,
                         std::function<bool()> desktopIsDark)
    : QObject(&window)
    , m_window(window)
    , m_commands(commands)
    , m_parts(parts)
    , m_askDesktop(std::move(desktopIsDark))
    , m_desktopIsDark(m_askDesktop())
{
    window.installEventFilter(this);
    bind(commands);
}

void WindowTheme::bind(CommandTable& commands)
{
    for (const char* const theme : kThemes)
        commands.bind(themeCommand(theme), [this, theme](const CommandArguments&) -> Result<void> {
            set(QLatin1String(theme));
            return {};
        });
    commands.bind(QStringLiteral("view.theme"), [this](const CommandArguments& arguments) -> Result<void> {
        for (const char* const theme : kThemes) {
            if (arguments.text("theme") == QLatin1String(theme)) {
                set(QLatin1String(theme));
                return {};
            }
        }
        return Error{
            ErrorCode::InvalidArgument,
            tr("theme=%1: expected dark, light or system").arg(arguments.text("theme")).toStdString(),
            {}};
    });
    commands.bind(QStringLiteral("view.theme.toggle"), [this](const CommandArguments&) -> Result<void> {
        set(isDark() ? QStringLiteral("light") : QStringLiteral("dark"));
        return {};
    });
}

bool WindowTheme::eventFilter(QObject* watched, QEvent* event)
{
    // A change of the desktop's theme comes as the first; some platforms say it by the palette alone, as the
    // window itself does (and later, when it is set already).
    const bool isDesktop = event->type() == QEvent::ThemeChange
        || (event->type() == QEvent::ApplicationPaletteChange && qApp->palette() != m_ownPalette);
    if (isDesktop && m_theme == QLatin1String("system"))
        QTimer::singleShot(0, this, &WindowTheme::followDesktop);
    return QObject::eventFilter(watched, event);
}

void WindowTheme::followDesktop()
{
    if (m_theme != QLatin1String("system"))
        return;
    m_desktopIsDark = m_askDesktop();
    set(m_theme);
}

bool WindowTheme::isDark() const
{
    return m_theme == QLatin1String("dark") || (m_theme != QLatin1String("light") && m_desktopIsDark);
}

void WindowTheme::set(const QString& theme)
{
    m_theme = theme;
    const Theme& colours = isDark() ? darkTheme() : lightTheme();
    m_ownPalette = paletteOf(colours);
    applyColours(*qApp, colours);
    m_ownPalette = qApp->palette(); // as the application completed it
    if (m_window.isVisible())
        m_parts.styleSoon(colours);
    else
        m_parts.styleNow(colours);
    emit changed();
    for (const char* const name : kThemes)
        m_commands.action(themeCommand(name))->setChecked(theme == QLatin1String(name));
}

} // namespace headwater
