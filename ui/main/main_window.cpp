// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/main_window.h"

#include "ui/bridge/path_text.h"
#include "ui/main/command_box.h"
#include "ui/main/command_states.h"
#include "ui/main/error_reports.h"
#include "ui/main/figure_commands.h"
#include "ui/main/file_commands.h"
#include "ui/main/find_commands.h"
#include "ui/main/focused_wheel.h"
#include "ui/main/message_place.h"
#include "ui/main/pages.h"
#include "ui/main/place_commands.h"
#include "ui/main/run_commands.h"
#include "ui/main/status_strip.h"
#include "ui/main/top_bar.h"
#include "ui/main/typed_keys.h"
#include "ui/main/welcome_page.h"
#include "ui/main/window_commands.h"
#include "ui/main/window_theme.h"
#include "ui/main/workspaces.h"
#include "ui/run/run_bar.h"
#include "ui/run/run_page.h"
#include "ui/theme/quoted_text.h"
#include "ui/theme/style_sheet.h"
#include "ui/theme/themed_parts.h"
#include "ui/verdict/verdict_card.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QMimeData>
#include <QScreen>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <initializer_list>

namespace headwater {

namespace {

constexpr QSize kDefaultSize(1600, 1000);
constexpr QSize kFrame(16, 48); ///< pixels that a desktop's frame around a window takes

} // namespace

MainWindow::MainWindow(const WindowOptions& options)
    : m_restore(options.restore)
    , m_engine(options.engineProgram, options.engineArguments)
    , m_run(m_engine)
    , m_session(m_engine)
    , m_files(m_subject)
{
    setObjectName(QStringLiteral("main_window"));
    setAccessibleName(QStringLiteral("Headwater"));
    setWindowTitle(QStringLiteral("Headwater"));
    setAcceptDrops(true);
    fitScreen();
    m_commands = new CommandTable(commandsWith(options.workspaces), this);
    new TypedKeys(this);
    new FocusedWheel(this);
    setStyleSheet(windowSheet());
    m_parts = new ThemedParts(*this);
    const WindowSettings settings = m_restore ? WindowSettings::load() : WindowSettings{};
    m_theme = new WindowTheme(*this, *m_commands, *m_parts, options.desktopIsDark);
    m_theme->set(!options.theme.isEmpty()       ? options.theme
                     : settings.theme.isEmpty() ? QStringLiteral("system")
                                                : settings.theme);
    makeParts(options);
    styleParts();
    wireFiles();
    wireWorkspaces();
    watchJobs();
    restoreSettings(settings);
    m_pages->show(Pages::Page::Welcome);
    showStatus();
}

MainWindow::~MainWindow()
{
    // The views go before the state they look at, and what the parts still say while they end finds nobody.
    for (QObject* const part : std::initializer_list<QObject*>{&m_subject, &m_reader, &m_engine, &m_run,
                                                               &m_session, &m_files, &m_find})
        part->disconnect();
    disconnect(m_workspaces, nullptr, nullptr, nullptr);
    disconnect(qApp, nullptr, m_pages, nullptr); // the keyboard goes to no page that ends
    qDeleteAll(findChildren<QDockWidget*>(QString(), Qt::FindDirectChildrenOnly));
    delete takeCentralWidget();
    delete m_workspaces;
    delete m_status;
}

/// A first start is wholly on its screen, whatever its scale; what a script draws is of one size everywhere.
void MainWindow::fitScreen()
{
    const QSize room = m_restore && screen() ? screen()->availableGeometry().size() - kFrame : kDefaultSize;
    resize(kDefaultSize.boundedTo(room));
}

void MainWindow::makeParts(const WindowOptions& options)
{
    m_top = new TopBar(*m_commands, options.workspaces, this);
    setMenuWidget(m_top);
    auto* const centre = new QWidget(this);
    centre->setObjectName(QStringLiteral("centre"));
    auto* const layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_messages = new MessageBar(centre);
    m_pages = new Pages(m_subject, centre);
    layout->addWidget(new RunBar(m_run, centre));
    layout->addWidget(m_pages, 1);
    m_errors = new ErrorReports(*m_commands, m_files, *m_messages, this);
    m_welcome = new WelcomePage(*m_commands, m_pages);
    m_runPage = new RunPage(m_engine, m_run, m_pages);
    setCentralWidget(centre);
    m_status = new StatusStrip(m_engine, m_run, this);
    setStatusBar(m_status);
    // A main window leaves what stands for its menu bar out of its least width; the strip below is as wide.
    const auto holdTop = [this] { m_status->setMinimumWidth(m_top->minimumSizeHint().width()); };
    connect(m_top, &TopBar::leastWidthChanged, m_status, holdTop);
    holdTop();
    const Shell shell{*this,     *m_commands, m_subject, m_reader,   m_engine,    m_run,
                      m_session, m_files,     m_find,    *m_runPage, *m_messages, *m_errors};
    m_workspaces = new Workspaces(options.workspaces, shell, *this);
    m_pages->fill(m_welcome, m_runPage, m_workspaces);
    new MessagePlace(*m_messages, *m_pages, *m_workspaces, *layout);
    makeCommands(shell, options);
}

void MainWindow::makeCommands(const Shell& shell, const WindowOptions& options)
{
    auto* const card = new VerdictCard(this);
    m_parts->add(card);
    auto* const places = new PlaceCommands(shell, *m_pages, *m_workspaces, this);
    connect(m_top->commandBox(), &CommandBox::placeChosen, places, &PlaceCommands::goTo);
    connect(m_top->commandBox(), &CommandBox::failed, m_errors,
            [this](const Error& error) { m_errors->show(error); });
    connect(&m_files, &FileSession::opened, this, &MainWindow::showTrace); // before others hear of it
    m_figures = new FigureCommands(shell, *m_workspaces, this);
    new FileCommands(shell, *m_pages, this);
    new FindCommands(shell, *m_pages, *m_workspaces, *m_top->commandBox(), this);
    new RunCommands(shell, *m_pages, this);
    new WindowCommands(shell, options.workspaces, *m_pages, *m_workspaces, *m_top, *card);
    new CommandStates(shell, *m_pages, *m_workspaces, *m_figures);
    m_workspaces->placeKeys(m_commands->specs(), *m_commands);
}

void MainWindow::styleParts()
{
    for (QWidget* const part :
         std::initializer_list<QWidget*>{m_top, m_messages, findChild<RunBar*>(), m_welcome, m_runPage,
                                         m_status, m_top->commandBox()->list()})
        m_parts->add(part);
    for (Workspace* const workspace : m_workspaces->all())
        m_parts->add(workspace->page());
    for (QWidget* const dock : m_workspaces->docks())
        m_parts->add(dock);
    m_parts->styleNow(themeOf(qApp->palette()));
    connect(m_parts, &ThemedParts::styled, this, &MainWindow::activityChanged);
    connect(m_theme, &WindowTheme::changed, this, &MainWindow::activityChanged);
}

void MainWindow::restoreSettings(const WindowSettings& settings)
{
    if (!settings.geometry.isEmpty())
        restoreGeometry(settings.geometry);
    m_workspaces->restoreLayouts(settings.layouts);
    m_files.setRecent(settings.recent);
    m_runPage->setRecentModels(settings.models);
}

void MainWindow::wireFiles()
{
    connect(&m_subject, &Subject::traceChanged, &m_session,
            [this] { m_session.setTrace(m_subject.trace()); });
    connect(&m_files, &FileSession::refreshed, this, [this] {
        m_top->setTrace(m_subject.trace().get());
        showStatus();
    });
    connect(&m_files, &FileSession::aboutToClose, this, &MainWindow::saveView);
    connect(&m_files, &FileSession::closed, this, [this] {
        m_find.clear();
        m_top->setTrace(nullptr);
        setWindowTitle(QStringLiteral("Headwater"));
        m_pages->show(Pages::Page::Welcome);
    });
    connect(&m_files, &FileSession::recentChanged, m_welcome,
            [this] { m_welcome->setRecent(m_files.recent()); });
    connect(m_welcome, &WelcomePage::openRequested, &m_files,
            [this](const QString& path) { m_files.open(path); });
    connect(&m_files, &FileSession::busyChanged, this, &MainWindow::activityChanged);
    connect(m_errors, &ErrorReports::shown, this, &MainWindow::errorShown);
}

void MainWindow::wireWorkspaces()
{
    connect(m_pages, &Pages::pageChanged, this, [this] {
        m_top->setWorkspaceShown(m_pages->page() == Pages::Page::Workspace);
        showStatus();
    });
    connect(m_workspaces, &Workspaces::statusChanged, this, &MainWindow::showStatus);
    connect(m_workspaces, &Workspaces::failed, m_errors, &ErrorReports::showDamage);
    connect(&m_reader, &ViewReader::readFailed, m_errors, &ErrorReports::showDamage);
}

void MainWindow::showTrace(const nlohmann::json& savedView)
{
    if (!m_files.isFollowingRun()) // what is said of the run stays
        m_messages->clear();
    m_find.clear();
    m_errors->forgetDamage();
    m_pages->show(Pages::Page::Workspace);
    const Trace& trace = *m_subject.trace();
    setWindowTitle(leftToRight(QString::fromStdString(trace.path().filename().string())
                               + QStringLiteral(" · Headwater")));
    m_top->setTrace(&trace);
    m_top->commandBox()->setTextLength(trace.seqLen());
    m_workspaces->restore(m_restore ? savedView : nlohmann::json());
    if (!trace.isSealed() && !m_files.isFollowingRun())
        m_messages->say(MessageBar::Kind::Caution,
                        tr("This trace was not finished: it holds %1 heads of its finished layers.")
                            .arg(trace.heads().size()),
                        {commandAction(*m_commands, QStringLiteral("run.resume"), tr("Go on"))},
                        QStringLiteral("unfinished"));
    showStatus();
}

void MainWindow::saveView()
{
    if (m_restore && m_subject.trace())
        m_files.saveView(m_workspaces->save());
}

void MainWindow::watchJobs()
{
    for (const BackgroundJob* const job : findChildren<BackgroundJob*>())
        connect(job, &BackgroundJob::runningChanged, this, &MainWindow::activityChanged,
                Qt::UniqueConnection);
    connect(m_workspaces, &Workspaces::activityChanged, this, &MainWindow::activityChanged);
    connect(m_workspaces, &Workspaces::statusChanged, this, &MainWindow::activityChanged);
    connect(m_figures, &FigureCommands::changed, this, &MainWindow::activityChanged);
    connect(&m_find, &FindSession::searchingChanged, this, &MainWindow::activityChanged);
    connect(&m_run, &RunSession::runningChanged, this, &MainWindow::activityChanged);
    connect(m_runPage, &RunPage::askingChanged, this, &MainWindow::activityChanged);
}

bool MainWindow::isSettled() const
{
    if (m_files.isBusy() || m_find.isSearching() || m_figures->isRunning() || m_parts->isPending())
        return false;
    if (m_pages->page() == Pages::Page::Workspace && m_workspaces->current().isBusy())
        return false;
    if (m_runPage->isVisible() && m_runPage->isAsking())
        return false;
    const QList<BackgroundJob*> jobs = findChildren<BackgroundJob*>();
    return std::none_of(jobs.begin(), jobs.end(), [](const BackgroundJob* job) { return job->isRunning(); });
}

void MainWindow::showStatus()
{
    const bool isShown = m_subject.trace() && m_pages->page() == Pages::Page::Workspace;
    m_status->setTexts(isShown ? m_workspaces->current().status() : std::vector<StatusText>{});
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    saveView();
    if (m_restore)
        WindowSettings{saveGeometry(), m_workspaces->layouts(), m_files.recent(), m_runPage->recentModels(),
                       m_theme->theme()}
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
        m_pages->show(Pages::Page::Run);
        event->acceptProposedAction();
    }
}

} // namespace headwater
