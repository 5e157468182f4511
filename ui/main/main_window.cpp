// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/main_window.h"

#include "core/base/data_paths.h"
#include "core/base/text.h"
#include "ui/bridge/json_access.h"
#include "ui/main/command_box.h"
#include "ui/main/prediction_loader.h"
#include "ui/main/status_strip.h"
#include "ui/main/top_bar.h"
#include "ui/main/typed_keys.h"
#include "ui/main/verdict_card.h"
#include "ui/main/view_commands.h"
#include "ui/main/view_store.h"
#include "ui/main/welcome_page.h"
#include "ui/map/exact_offer.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/run/run_bar.h"
#include "ui/run/run_page.h"
#include "ui/theme/quoted_text.h"
#include "ui/theme/style_sheet.h"

#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QFileInfo>
#include <QPushButton>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <initializer_list>

namespace headwater {

namespace {

constexpr int kDefaultWidth = 1600;
constexpr int kDefaultHeight = 1000;
constexpr int kRecentNameWidth = 320;
constexpr int kRecentFolderWidth = 320;

} // namespace

MainWindow::MainWindow(const WindowOptions& options)
    : m_restore(options.restore)
    , m_askDesktop(options.desktopIsDark)
    , m_engine(options.engineProgram, options.engineArguments)
    , m_run(m_engine)
    , m_session(m_engine)
    , m_files(m_subject)
    , m_figure(options.figureWriter)
    , m_history(view())
    , m_docks(*this)
{
    setObjectName(QStringLiteral("main_window"));
    setAccessibleName(QStringLiteral("Headwater"));
    setWindowTitle(QStringLiteral("Headwater"));
    setAcceptDrops(true);
    resize(kDefaultWidth, kDefaultHeight);
    m_commands = new CommandTable(commandsWith(options.panels), this);
    new TypedKeys(this);
    setStyleSheet(windowSheet());
    m_parts = new ThemedParts(*this);
    m_desktopIsDark = m_askDesktop();
    const WindowSettings settings = m_restore ? WindowSettings::load() : WindowSettings{};
    setTheme(!options.theme.isEmpty()       ? options.theme
                 : settings.theme.isEmpty() ? QStringLiteral("system")
                                            : settings.theme);
    makeParts(options);
    m_viewCommands = new ViewCommands(*m_commands, view(), m_map->view()->navigator(), this);
    bindFileCommands();
    bindEditCommands();
    bindFindCommands();
    bindRunCommands();
    bindExactCommands();
    bindWindowCommands();
    bindPanelCommands(options.panels);
    wireMessages();
    wireFiles();
    wireRun();
    wireView();
    restoreSettings(settings);
    showPage(Page::Welcome);
    updateActions();
    showStatus();
}

MainWindow::~MainWindow()
{
    // The views go before the state they look at, and what the parts still say while they end finds nobody.
    for (QObject* const part : std::initializer_list<QObject*>{
             &m_subject, &m_mapLook, &m_textLook, &m_reader, &m_engine, &m_run, &m_session, &m_lockedPlace,
             &m_predictedRows, &m_files, &m_find, &m_figure, &m_history, &m_history.undoStack(), &m_docks})
        part->disconnect(this);
    qDeleteAll(findChildren<QDockWidget*>(QString(), Qt::FindDirectChildrenOnly));
    delete takeCentralWidget();
    delete m_status;
}

void MainWindow::makeParts(const WindowOptions& options)
{
    m_top = new TopBar(*m_commands, this);
    setMenuWidget(m_top);
    auto* const centre = new QWidget(this);
    centre->setObjectName(QStringLiteral("centre"));
    auto* const layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_messages = new MessageBar(centre);
    auto* const runBar = new RunBar(m_run, centre);
    m_pages = new QStackedWidget(centre);
    m_pages->setObjectName(QStringLiteral("pages"));
    layout->addWidget(runBar);
    layout->addWidget(m_pages, 1);
    m_welcome = new WelcomePage(*m_commands, m_pages);
    m_map = new MapPane(&m_subject, &m_mapLook, &m_reader, m_pages);
    m_map->setSession(&m_session);
    m_runPage = new RunPage(m_engine, m_run, m_pages);
    m_pages->addWidget(m_welcome);
    m_pages->addWidget(m_map);
    m_pages->addWidget(m_runPage);
    setCentralWidget(centre);
    m_status = new StatusStrip(m_engine, m_run, this);
    setStatusBar(m_status);
    // A main window leaves what stands for its menu bar out of its least width; the strip below is as wide.
    const auto holdTop = [this] { m_status->setMinimumWidth(m_top->minimumSizeHint().width()); };
    connect(m_top, &TopBar::leastWidthChanged, m_status, holdTop);
    holdTop();
    m_verdictCard = new VerdictCard(this);
    auto* const predictions = new PredictionLoader(m_subject, m_textLook, this);
    connect(predictions, &PredictionLoader::failed, this, &MainWindow::showDamage);
    m_docks.build(options.panels,
                  {m_subject, m_mapLook, m_textLook, m_find, *m_commands, m_reader, m_session, *m_map,
                   m_lockedPlace, m_predictedRows});
    for (QWidget* const part : std::initializer_list<QWidget*>{m_top, m_messages, runBar, m_welcome, m_map,
                                                               m_runPage, m_status, m_verdictCard})
        m_parts->add(part);
    m_parts->add(m_top->commandBox()->list());
    for (const auto& [id, dock] : m_docks.docks())
        m_parts->add(dock);
    m_parts->styleNow(themeOf(qApp->palette()));
    connect(m_parts, &ThemedParts::styled, this, &MainWindow::activityChanged);
}

void MainWindow::restoreSettings(const WindowSettings& settings)
{
    if (!settings.geometry.isEmpty())
        restoreGeometry(settings.geometry);
    if (!settings.docks.isEmpty())
        m_docks.restore(settings.docks);
    m_files.setRecent(settings.recent);
    m_runPage->setRecentModels(settings.models);
}

void MainWindow::showPage(Page page)
{
    QWidget* const shown[] = {m_welcome, m_map, m_runPage};
    m_pages->setCurrentWidget(shown[static_cast<int>(page)]);
    m_docks.setShown(page == Page::Map);
    m_top->setMapShown(page == Page::Map);
    placeMessages();
    (page == Page::Map ? m_map->view() : shown[static_cast<int>(page)])->setFocus(Qt::OtherFocusReason);
    updateActions();
}

void MainWindow::showMap()
{
    if (m_subject.trace() && m_pages->currentWidget() != m_map)
        showPage(Page::Map);
}

void MainWindow::wireFiles()
{
    connect(&m_files, &FileSession::opened, this, &MainWindow::showTrace);
    connect(&m_files, &FileSession::refreshed, this, [this] {
        m_top->setTrace(m_subject.trace().get());
        showStatus();
    });
    connect(&m_files, &FileSession::aboutToClose, this, &MainWindow::saveView);
    connect(&m_files, &FileSession::closed, this, [this] {
        m_find.clear();
        m_history.restart();
        m_top->setTrace(nullptr);
        setWindowTitle(QStringLiteral("Headwater"));
        showPage(Page::Welcome);
    });
    connect(&m_files, &FileSession::failed, this, [this](const QString& path, const Error& error) {
        m_afterOpening.reset();
        showError(error, path);
    });
    connect(&m_files, &FileSession::modelGiven, this, [this](const QString& path) {
        m_runPage->setModel(path);
        showPage(Page::Run);
        m_runPage->focusModel();
    });
    connect(&m_files, &FileSession::textGiven, this, [this](const QString& text) {
        m_runPage->setPromptText(text);
        showPage(Page::Run);
    });
    connect(&m_files, &FileSession::textFileGiven, this,
            [this](const QString& path, qint64 bytes, const QString& encoding) {
                m_runPage->setPromptFile(path, bytes, encoding);
                showPage(Page::Run);
            });
    connect(&m_files, &FileSession::encodingFound, this, &MainWindow::offerConversion);
    connect(&m_files, &FileSession::recentChanged, this, &MainWindow::showRecent);
    connect(m_welcome, &WelcomePage::openRequested, &m_files,
            [this](const QString& path) { m_files.open(path); });
    connect(&m_files, &FileSession::busyChanged, this, &MainWindow::activityChanged);
}

void MainWindow::showRecent()
{
    m_welcome->setRecent(m_files.recent());
    for (int number = 1; number <= kRecentCommands; ++number) {
        QAction* const action = m_commands->action(recentCommand(number));
        const bool isThere = number <= m_files.recent().size();
        action->setVisible(isThere);
        if (!isThere)
            continue;
        const QFileInfo file(m_files.recent().at(number - 1));
        const QString name = fontMetrics().elidedText(file.fileName(), Qt::ElideMiddle, kRecentNameWidth);
        const QString folder = fontMetrics().elidedText(file.path(), Qt::ElideMiddle, kRecentFolderWidth);
        action->setText(leftToRight(QStringLiteral("%1   %2").arg(name, folder))
                            .replace(QLatin1Char('&'), QLatin1String("&&")));
        action->setToolTip(leftToRight(file.filePath()));
    }
    updateActions();
}

void MainWindow::showTrace(const nlohmann::json& savedView)
{
    if (!m_files.isFollowingRun()) // what is said of the run stays
        m_messages->clear();
    m_find.clear();
    m_toldDamage.clear();
    showPage(Page::Map);
    const Trace& trace = *m_subject.trace();
    setWindowTitle(leftToRight(QString::fromStdString(trace.path().filename().string())
                               + QStringLiteral(" · Headwater")));
    m_top->setTrace(&trace);
    m_top->commandBox()->setTextLength(trace.seqLen());
    if (m_restore && savedView.is_object()) {
        ViewSnapshot saved =
            viewFromJson(savedView, snapshotOf(view()), trace.seqLen(), m_map->view()->size());
        if (!trace.findHead(saved.head.layer, saved.head.head))
            saved.head = m_subject.head();
        applySnapshot(view(), saved);
    }
    if (!trace.isSealed() && !m_files.isFollowingRun())
        m_messages->say(MessageBar::Kind::Caution,
                        tr("This trace was not finished: it holds %1 heads of its finished layers.")
                            .arg(trace.heads().size()),
                        {commandAction(QStringLiteral("run.resume"), tr("Go on"))},
                        QStringLiteral("unfinished"));
    // The map fits itself in once it has its size: the past begins after that.
    QTimer::singleShot(0, &m_history, &ViewHistory::restart);
    showStatus();
    if (const auto waiting = std::exchange(m_afterOpening, std::nullopt);
        waiting && m_files.shows(waiting->first))
        waiting->second();
}

void MainWindow::saveView()
{
    if (m_restore && m_subject.trace())
        m_files.saveView(viewToJson(snapshotOf(view()), m_map->view()->size()));
}

void MainWindow::wireView()
{
    connect(m_map, &MapPane::statusChanged, this, &MainWindow::showStatus);
    connect(&m_subject, &Subject::shownHeadChanged, this, &MainWindow::showStatus);
    connect(&m_history, &ViewHistory::placesChanged, this, &MainWindow::updateActions);
    connect(&m_history.undoStack(), &QUndoStack::indexChanged, this, &MainWindow::updateActions);
    connect(&m_subject, &Subject::lockedChanged, this, &MainWindow::updateActions);
    connect(&m_subject, &Subject::traceChanged, this, &MainWindow::updateActions);
    connect(&m_docks, &DockLayout::panelsChanged, this, &MainWindow::updateActions);
    connect(&m_find, &FindSession::findHitsChanged, m_map, &MapPane::setFindHits);
    connect(&m_find, &FindSession::findHitsChanged, this,
            [this] { m_top->commandBox()->setSearched(m_find.text()); });
    connect(&m_find, &FindSession::currentChanged, m_map, &MapPane::showHit);
    watchJobs();
}

void MainWindow::watchJobs()
{
    for (const BackgroundJob* const job : findChildren<BackgroundJob*>())
        connect(job, &BackgroundJob::runningChanged, this, &MainWindow::activityChanged,
                Qt::UniqueConnection);
    connect(m_map, &MapPane::statusChanged, this, &MainWindow::activityChanged);
    connect(m_map->exactOffer(), &ExactOffer::busyChanged, this, &MainWindow::activityChanged);
    connect(&m_lockedPlace, &LockedPlaceReader::busyChanged, this, &MainWindow::activityChanged);
    connect(&m_predictedRows, &PredictedRowsReader::busyChanged, this, &MainWindow::activityChanged);
    connect(&m_find, &FindSession::searchingChanged, this, &MainWindow::activityChanged);
    connect(&m_run, &RunSession::runningChanged, this, &MainWindow::activityChanged);
    connect(m_runPage, &RunPage::askingChanged, this, &MainWindow::activityChanged);
}

bool MainWindow::isSettled() const
{
    if (m_files.isBusy() || m_find.isSearching() || m_figure.isRunning() || m_parts->isPending())
        return false;
    const bool mapShown = m_pages->currentWidget() == m_map;
    if (mapShown && m_predictedRows.isBusy())
        return false;
    if (mapShown
        && (m_map->status().tilesPending > 0 || m_map->exactOffer()->isBusy() || m_lockedPlace.isBusy()))
        return false;
    if (m_runPage->isVisible() && m_runPage->isAsking())
        return false;
    const QList<BackgroundJob*> jobs = findChildren<BackgroundJob*>();
    return std::none_of(jobs.begin(), jobs.end(), [](const BackgroundJob* job) { return job->isRunning(); });
}

void MainWindow::showStatus()
{
    const std::shared_ptr<const Trace> trace = m_subject.trace();
    if (!trace || m_pages->currentWidget() != m_map) {
        for (const auto set : {&StatusStrip::setCell, &StatusStrip::setBudget, &StatusStrip::setTiles,
                               &StatusStrip::setCache, &StatusStrip::setRenderer})
            (m_status->*set)({});
        return;
    }
    const MapStatus status = m_map->status();
    const HeadInfo* const head = trace->findHead(m_subject.shownHead().layer, m_subject.shownHead().head);
    constexpr double kMiB = 1024.0 * 1024.0;
    m_status->setCell(status.cell);
    m_status->setBudget(head ? budgetOf(*head) : tr("this head is not finished"));
    m_status->setTiles(status.tilesPending == 1 ? tr("1 tile pending")
                                                : tr("%1 tiles pending").arg(status.tilesPending));
    m_status->setCache(tr("cache %1 of %2 MiB")
                           .arg(static_cast<double>(status.cacheBytes) / kMiB, 0, 'f', 0)
                           .arg(static_cast<double>(status.cacheBudget) / kMiB, 0, 'f', 0));
    m_status->setRenderer(tr("%1 · %2 ms").arg(status.renderer).arg(status.frameMilliseconds, 0, 'f', 1));
    if (status.failure)
        showDamage(*status.failure);
}

void MainWindow::showVerdict()
{
    if (!m_verdictCard->isHidden())
        return m_verdictCard->hide();
    if (m_subject.trace() && m_top->verdict())
        m_verdictCard->showFor(
            *m_subject.trace(), *m_top->verdict(),
            m_top->verdictPill()->mapTo(this, QPoint(0, m_top->verdictPill()->height() + 8)));
}

void MainWindow::updateActions()
{
    const auto enable = [this](const char* id, bool on) {
        m_commands->action(QLatin1String(id))->setEnabled(on);
    };
    const bool open = m_subject.trace() != nullptr;
    // A map behind another page is not acted on by a key that was meant for that page.
    const bool isMapShown = open && m_pages->currentWidget() == m_map;
    for (const CommandSpec& spec : m_commands->specs()) {
        if (spec.isOfMap)
            m_commands->action(spec.id)->setEnabled(isMapShown);
    }
    const bool isLocked = isMapShown && m_subject.locked() != TokenPair{};
    enable("go.back", isMapShown && m_history.canGoBack());
    enable("go.forward", isMapShown && m_history.canGoForward());
    enable("edit.undo", isMapShown && m_history.undoStack().canUndo());
    enable("edit.redo", isMapShown && m_history.undoStack().canRedo());
    for (const char* id :
         {"file.close", "file.export", "edit.copy_command", "find.text", "go.answer", "help.verdict"})
        enable(id, open);
    for (const char* id : {"view.zoom.lock", "select.clear", "inspector.reads", "inspector.heads",
                           "inspector.readers", "inspector.profile"})
        enable(id, isLocked);
    for (const char* id : {"find.next", "find.previous", "find.lock", "find.clear"})
        enable(id, !m_find.hits().empty());
    enable("file.recent", !m_files.recent().isEmpty());
    enable("run.cancel", m_run.isRunning());
    enable("run.start", !m_run.isRunning());
    enable("run.resume", open && !m_subject.trace()->isSealed() && !m_run.isRunning());
    enable("file.export.cancel", m_figure.isRunning());
    for (const auto& [id, dock] : m_docks.docks()) {
        QAction* const action = m_commands->action(QStringLiteral("view.panel.") + id);
        action->setChecked(m_docks.isPanelVisible(id));
        action->setEnabled(m_docks.isShown());
    }
}

} // namespace headwater
