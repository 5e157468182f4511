// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/explore_workspace.h"

#include "ui/bridge/trace_session.h"
#include "ui/explore/exact_commands.h"
#include "ui/explore/explore_commands.h"
#include "ui/explore/explore_panels.h"
#include "ui/explore/figure_options.h"
#include "ui/explore/map_bar.h"
#include "ui/explore/prediction_loader.h"
#include "ui/explore/view_commands.h"
#include "ui/explore/view_json.h"
#include "ui/figure/figure_dialog.h"
#include "ui/main/command_table.h"
#include "ui/main/find_session.h"
#include "ui/map/exact_offer.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/view_geometry.h"
#include "ui/verdict/verdict_text.h"

#include <QTimer>
#include <QVBoxLayout>
#include <utility>

namespace headwater {

namespace {

constexpr int kCaptionRoom = 160; ///< pixels from a locked key's mark to the end of its caption

} // namespace

HeatmapWriter heatmapWriter()
{
    return [](std::shared_ptr<const Trace> trace, const HeatmapFigureOptions& options,
              const std::filesystem::path& path,
              const std::stop_token& stop) { return exportHeatmap(std::move(trace), options, path, stop); };
}

WorkspaceType exploreWorkspace(HeatmapWriter writer)
{
    return {QStringLiteral("explore"),
            QObject::tr("Explore"),
            QObject::tr("The map of one head, and what each place of it reads"),
            exploreCommands(),
            explorePanels(),
            [writer = std::move(writer)](const Shell& shell) {
                return std::make_unique<ExploreWorkspace>(shell, writer);
            }};
}

ExploreWorkspace::ExploreWorkspace(const Shell& shell, HeatmapWriter writer)
    : m_shell(shell)
    , m_writer(std::move(writer))
    , m_lockedPlace(shell.subject, shell.reader, shell.session)
    , m_predictedRows(shell.subject, m_textLook, shell.session)
    , m_history(view())
    , m_page(new QWidget(&shell.window))
{
    makePage();
    wire();
}

ExploreWorkspace::~ExploreWorkspace() = default;

void ExploreWorkspace::makePage()
{
    m_page->setObjectName(QStringLiteral("explore_page"));
    m_page->setAccessibleName(tr("Explore"));
    m_map = new MapPane(&m_shell.subject, &m_mapLook, &m_shell.reader, m_page);
    m_map->setSession(&m_shell.session);
    m_page->setFocusProxy(m_map);
    auto* const column = new QVBoxLayout(m_page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(new MapBar(m_shell.commands, m_shell.subject, m_page));
    column->addWidget(m_map, 1);
}

void ExploreWorkspace::wire()
{
    auto* const predictions = new PredictionLoader(m_shell.subject, m_textLook, this);
    connect(predictions, &PredictionLoader::failed, this, &Workspace::failed);
    connect(m_map, &MapPane::statusChanged, this, [this] {
        emit statusChanged();
        if (const std::optional<Error> failure = m_map->status().failure)
            emit failed(*failure);
    });
    connect(&m_shell.subject, &Subject::shownHeadChanged, this, &Workspace::statusChanged);
    connect(&m_shell.subject, &Subject::lockedChanged, this, &Workspace::messagePlaceChanged);
    connect(&m_mapLook, &MapLook::viewportChanged, this, &Workspace::messagePlaceChanged);
    connect(&m_shell.find, &FindSession::findHitsChanged, m_map, &MapPane::setFindHits);
    connect(&m_shell.find, &FindSession::currentChanged, m_map, &MapPane::showHit);
    connect(m_map->exactOffer(), &ExactOffer::busyChanged, this, &Workspace::activityChanged);
    connect(&m_lockedPlace, &LockedPlaceReader::busyChanged, this, &Workspace::activityChanged);
    connect(&m_predictedRows, &PredictedRowsReader::busyChanged, this, &Workspace::activityChanged);
}

QWidget* ExploreWorkspace::makePanel(const QString& id, QWidget* parent)
{
    return makeExplorePanel(id,
                            {m_shell.subject, m_mapLook, m_textLook, m_shell.find, m_shell.commands,
                             m_shell.reader, m_shell.session, *m_map, m_lockedPlace, m_predictedRows},
                            parent);
}

void ExploreWorkspace::bind(CommandTable& commands)
{
    m_views = new ViewCommands(commands, view(), m_map->view()->navigator(), this);
    new ExactCommands(m_shell, *m_map, this);
}

bool ExploreWorkspace::allows(const QString& command) const
{
    const bool needsLock =
        command == QLatin1String("view.zoom.lock") || command.startsWith(QLatin1String("inspector."));
    return !needsLock || m_shell.subject.locked() != TokenPair{};
}

Result<void> ExploreWorkspace::goTo(const Location& place)
{
    return m_views->goTo(place);
}

bool ExploreWorkspace::isBusy() const
{
    return m_map->status().tilesPending > 0 || m_map->exactOffer()->isBusy() || m_lockedPlace.isBusy()
        || m_predictedRows.isBusy();
}

std::vector<StatusText> ExploreWorkspace::status() const
{
    const MapStatus status = m_map->status();
    const std::shared_ptr<const Trace> trace = m_shell.subject.trace();
    const HeadId shown = m_shell.subject.shownHead();
    const HeadInfo* const head = trace ? trace->findHead(shown.layer, shown.head) : nullptr;
    constexpr double kMiB = 1024.0 * 1024.0;
    return {
        {"cell", tr("What one cell is"), status.cell},
        {"budget", tr("Blocks and budget"), head ? budgetOf(*head) : tr("this head is not finished")},
        {"tiles", tr("Tiles pending"),
         status.tilesPending == 1 ? tr("1 tile pending") : tr("%1 tiles pending").arg(status.tilesPending),
         true},
        {"cache", tr("Tile cache"),
         tr("cache %1 of %2 MiB")
             .arg(static_cast<double>(status.cacheBytes) / kMiB, 0, 'f', 0)
             .arg(static_cast<double>(status.cacheBudget) / kMiB, 0, 'f', 0),
         true},
        {"renderer", tr("Renderer and frame time"),
         tr("%1 · %2 ms").arg(status.renderer).arg(status.frameMilliseconds, 0, 'f', 1), true},
    };
}

/// At the right, above the future; at the left where that would hide the locked key's caption.
std::optional<QPoint> ExploreWorkspace::messagePlace(int width) const
{
    const int right = m_page->width() - width;
    if (const std::optional<std::uint32_t> key = m_shell.subject.locked().key) {
        const int at = m_map->view()->mapTo(m_page, QPoint()).x()
            + static_cast<int>(pixelAt(m_mapLook.viewport(), *key + 0.5, 0).x());
        if (at + kCaptionRoom > right && at > width)
            return QPoint(0, m_map->y());
    }
    return QPoint(right, m_map->y());
}

Result<WorkspaceFigure> ExploreWorkspace::figure(const CommandArguments& arguments) const
{
    const std::shared_ptr<const Trace> trace = m_shell.subject.trace();
    if (!trace)
        return unavailable(tr("no trace is open"));
    HeatmapFigureOptions options = figureOptionsOf(m_shell.subject, m_mapLook, m_map->view()->size());
    HEADWATER_TRY(setFigureOptions(options, arguments));
    const TokenPair locked = m_shell.subject.locked();
    const FigureSubject subject{trace, options, locked.query, locked.key};
    const auto writing = [writer = m_writer, trace](const HeatmapFigureOptions& how) {
        return [writer, trace, how](const std::filesystem::path& path, const std::stop_token& stop) {
            return writer(trace, how, path, stop);
        };
    };
    return WorkspaceFigure{writing(options), [subject, writing](QWidget& window, const auto& take) {
                               auto* const dialog = new FigureDialog(subject, figurePathOf(subject), &window);
                               connect(dialog, &FigureDialog::exportAsked, dialog,
                                       [writing, take](const HeatmapFigureOptions& how, const QString& path) {
                                           take(writing(how), path);
                                       });
                               dialog->open();
                           }};
}

nlohmann::json ExploreWorkspace::save()
{
    return viewToJson(snapshotOf(view()), m_map->view()->size());
}

void ExploreWorkspace::restore(const nlohmann::json& saved)
{
    const std::shared_ptr<const Trace> trace = m_shell.subject.trace();
    const auto savedView = [this, saved, trace] {
        return viewFromJson(saved, snapshotOf(view()), trace->seqLen(), m_map->view()->size());
    };
    if (saved.is_object()) {
        ViewSnapshot shown = savedView();
        if (!trace->findHead(shown.head.layer, shown.head.head))
            shown.head = m_shell.subject.head();
        applySnapshot(view(), shown);
    }
    // A place is kept by the map's middle, and the whole map fits itself in: both need the map's size, which
    // comes with the next layout. The past begins after that.
    QTimer::singleShot(0, this, [this, saved, trace, savedView] {
        if (saved.is_object() && m_shell.subject.trace() == trace)
            m_mapLook.setViewport(savedView().viewport);
        m_history.restart();
    });
}

} // namespace headwater
