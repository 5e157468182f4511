// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QPalette>
#include <functional>

class QWidget;

namespace headwater {

class CommandTable;
class ThemedParts;

/// The theme of a window: dark, light, or as the desktop is, which it follows. Binds the commands
/// `view.theme…` and keeps their checks.
class WindowTheme : public QObject {
    Q_OBJECT
public:
    /// `desktopIsDark`: asked again when the desktop's theme changes.
    WindowTheme(QWidget& window, CommandTable& commands, ThemedParts& parts,
                std::function<bool()> desktopIsDark);

    /// "dark", "light" or "system".
    void set(const QString& theme);
    const QString& theme() const { return m_theme; }

signals:
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void bind(CommandTable& commands);
    void followDesktop();
    bool isDark() const;

    QWidget& m_window;
    CommandTable& m_commands;
    ThemedParts& m_parts;
    std::function<bool()> m_askDesktop;
    bool m_desktopIsDark;
    QPalette m_ownPalette; ///< that of the theme; another one comes from the desktop
    QString m_theme;
};

} // namespace headwater
