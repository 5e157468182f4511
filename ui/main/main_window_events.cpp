// SPDX-License-Identifier: GPL-3.0-or-later
// What comes to the window from outside: the desktop's theme, files dropped on it, its end.
#include "ui/bridge/path_text.h"
#include "ui/main/main_window.h"
#include "ui/main/welcome_page.h"
#include "ui/run/run_page.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QMimeData>
#include <QTimer>
#include <QUrl>

namespace headwater {

bool MainWindow::event(QEvent* event)
{
    // A change of the desktop's theme comes as the first; some platforms say it by the palette alone, as the
    // window itself does (and later, when it is set already).
    const bool isDesktop = event->type() == QEvent::ThemeChange
        || (event->type() == QEvent::ApplicationPaletteChange && qApp->palette() != m_ownPalette);
    if (isDesktop && m_theme == QLatin1String("system"))
        QTimer::singleShot(0, this, &MainWindow::followDesktop);
    return QMainWindow::event(event);
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_pages && (event->type() == QEvent::Resize || event->type() == QEvent::Move))
        placeMessages();
    return QMainWindow::eventFilter(watched, event);
}

void MainWindow::followDesktop()
{
    if (m_theme != QLatin1String("system"))
        return;
    m_desktopIsDark = m_askDesktop();
    setTheme(m_theme);
}

void MainWindow::setTheme(const QString& theme)
{
    m_theme = theme;
    const bool dark = theme == QLatin1String("dark") || (theme != QLatin1String("light") && m_desktopIsDark);
    m_ownPalette = paletteOf(dark ? darkTheme() : lightTheme());
    applyColours(*qApp, dark ? darkTheme() : lightTheme());
    m_ownPalette = qApp->palette(); // as the application completed it
    if (isVisible())
        m_parts->styleSoon(dark ? darkTheme() : lightTheme());
    else
        m_parts->styleNow(dark ? darkTheme() : lightTheme());
    emit activityChanged();
    for (const char* name : {"dark", "light", "system"})
        m_commands->action(QStringLiteral("view.theme.") + QLatin1String(name))
            ->setChecked(theme == QLatin1String(name));
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    saveView();
    if (m_restore)
        WindowSettings{saveGeometry(), m_docks.state(), m_files.recent(), m_runPage->recentModels(), m_theme}
            .save();
    m_run.cancel();
    QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (!event->mimeData()->hasUrls() && !event->mimeData()->hasText())
        return;
    event->acceptProposedAction();
    m_welcome->setDropWelcome(true);
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent* event)
{
    QMainWindow::dragLeaveEvent(event);
    m_welcome->setDropWelcome(false);
}

void MainWindow::dropEvent(QDropEvent* event)
{
    m_welcome->setDropWelcome(false);
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile()) {
            // Its bytes: a name that is no UTF-8 has no other way through.
            m_files.open(pathText(pathOf(QString::fromLatin1(url.toEncoded()))));
            event->acceptProposedAction();
            return;
        }
    }
    if (event->mimeData()->hasText()) {
        m_runPage->setPromptText(event->mimeData()->text());
        showPage(Page::Run);
        event->acceptProposedAction();
    }
}

} // namespace headwater
