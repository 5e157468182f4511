// SPDX-License-Identifier: GPL-3.0-or-later
// What the window's own commands do: each is a line or two that asks a part.
#include "core/base/data_paths.h"
#include "core/base/text.h"
#include "ui/bridge/json_access.h"
#include "ui/main/command_box.h"
#include "ui/main/main_window.h"
#include "ui/main/message_bar.h"
#include "ui/main/top_bar.h"
#include "ui/main/view_commands.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/run/needle_prompt.h"
#include "ui/run/prompt_editor.h"
#include "ui/run/run_page.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QTimer>

namespace headwater {

namespace {

constexpr int kNeedlePromptBytes = 6000;
constexpr const char* kSampleTrace = "samples/story-1k.hwt";

Error unavailable(const QString& message)
{
    return Error{ErrorCode::Unavailable, message.toStdString(), {}};
}

} // namespace

void MainWindow::bindFileCommands()
{
    m_commands->bind(QStringLiteral("file.open"), [this](const CommandArguments& arguments) -> Result<void> {
        QString path = arguments.text("path");
        if (path.isEmpty())
            path = QFileDialog::getOpenFileName(this, tr("Open a trace, a model or a text"), {},
                                                tr("Traces (*.hwt);;Models (*.gguf);;All files (*)"));
        if (!path.isEmpty())
            m_files.open(path);
        return {};
    });
    m_commands->bind(QStringLiteral("file.sample"), [this](const CommandArguments&) -> Result<void> {
        const std::filesystem::path sample = findResource(kSampleTrace);
        if (sample.empty())
            return Error{ErrorCode::NotFound, "the sample trace is not installed", kSampleTrace};
        m_files.open(QString::fromStdString(sample.string()));
        return {};
    });
    m_commands->bind(QStringLiteral("file.recent"),
                     [this](const CommandArguments& arguments) -> Result<void> {
                         HEADWATER_TRY_ASSIGN(const std::optional<qint64> number,
                                              arguments.integer("number", 1, FileSession::kMaxRecent));
                         QStringList others = m_files.recent();
                         others.removeAll(m_files.path());
                         const qsizetype index = number.value_or(1) - 1;
                         if (index >= others.size())
                             return unavailable(tr("no other trace was open lately"));
                         m_files.open(others.at(index));
                         return {};
                     });
    m_commands->bind(QStringLiteral("file.export"),
                     [this](const CommandArguments& arguments) { return exportFigure(arguments); });
    connect(&m_figure, &FigureExport::failed, this, [this](const Error& error) { showError(error); });
    connect(&m_figure, &FigureExport::written, this, [this](const QString& path) {
        m_messages->say(MessageBar::Kind::Notice, tr("The figure is in %1.").arg(path));
        emit activityChanged();
    });
    m_commands->bind(QStringLiteral("file.close"), [this](const CommandArguments&) -> Result<void> {
        m_files.close();
        return {};
    });
    m_commands->bind(QStringLiteral("file.quit"), [this](const CommandArguments&) -> Result<void> {
        close();
        return {};
    });
}

Result<void> MainWindow::exportFigure(const CommandArguments& arguments)
{
    if (!m_view.trace())
        return unavailable(tr("no trace is open"));
    HeatmapFigureOptions options = figureOptionsOf(m_view, m_map->view()->size());
    options.title = arguments.text("title").toStdString();
    if (arguments.has("width")) {
        HEADWATER_TRY_ASSIGN(options.widthMm, parseLengthMm(arguments.text("width").toStdString()));
    }
    HEADWATER_TRY_ASSIGN(const std::optional<double> dpi, arguments.number("dpi", 30, 2400));
    options.pngDpi = dpi.value_or(options.pngDpi);
    QString path = arguments.text("path");
    if (path.isEmpty()) {
        const QString name = QStringLiteral("L%1-H%2.pdf").arg(options.layer).arg(options.head);
        path = QFileDialog::getSaveFileName(this, tr("Export figure"), name,
                                            tr("PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"));
    }
    if (!path.isEmpty())
        m_figure.write(m_view.trace(), options, path);
    return {};
}

void MainWindow::bindEditCommands()
{
    const auto simple = [this](const char* id, auto act) {
        m_commands->bind(QLatin1String(id), [act](const CommandArguments&) -> Result<void> {
            act();
            return {};
        });
    };
    simple("edit.undo", [this] { m_history.undoStack().undo(); });
    simple("edit.redo", [this] { m_history.undoStack().redo(); });
    simple("go.back", [this] { m_history.goBack(); });
    simple("go.forward", [this] { m_history.goForward(); });
    m_commands->bind(QStringLiteral("go.answer"), [this](const CommandArguments&) -> Result<void> {
        if (!m_view.trace())
            return unavailable(tr("no trace is open"));
        const std::optional<Location> place = answerPlaceOf(*m_view.trace());
        if (!place)
            return unavailable(tr("this trace does not say where an answer was read"));
        return m_viewCommands->goTo(*place);
    });
    m_commands->bind(QStringLiteral("edit.copy_command"), [this](const CommandArguments&) -> Result<void> {
        if (!m_view.trace())
            return unavailable(tr("no trace is open"));
        const QString command = jsonText(m_view.trace()->meta(), "command");
        if (command.isEmpty())
            return unavailable(tr("this trace does not say which command made it"));
        QApplication::clipboard()->setText(command);
        m_messages->say(MessageBar::Kind::Notice, tr("Copied: %1").arg(command));
        return {};
    });
}

void MainWindow::bindFindCommands()
{
    CommandBox* const box = m_top->commandBox();
    m_commands->bind(QStringLiteral("find.text"),
                     [this, box](const CommandArguments& arguments) -> Result<void> {
                         if (!m_view.trace())
                             return unavailable(tr("no trace is open"));
                         if (arguments.has("text"))
                             m_find.search(m_view.trace(), arguments.text("text"));
                         else
                             box->openFor(CommandBox::Prefer::Text);
                         return {};
                     });
    const auto step = [this](int direction) -> Result<void> {
        if (m_find.hits().empty())
            return unavailable(tr("nothing was searched for, or not found"));
        m_find.step(direction);
        const auto number = [](std::size_t value) { return QString::fromStdString(withThousands(value)); };
        m_messages->say(MessageBar::Kind::Notice,
                        tr("“%1”: hit %2 of %3%4")
                            .arg(m_find.text(), number(m_find.current().value_or(0) + 1),
                                 number(m_find.hits().size()),
                                 m_find.isCut() ? tr(" (and more)") : QString()),
                        {{QStringLiteral("find_next"), tr("Next"),
                          [this] { m_commands->action(QStringLiteral("find.next"))->trigger(); }},
                         {QStringLiteral("find_clear"), tr("Clear"),
                          [this] { m_commands->action(QStringLiteral("find.clear"))->trigger(); }}});
        return {};
    };
    m_commands->bind(QStringLiteral("find.next"), [step](const CommandArguments&) { return step(1); });
    m_commands->bind(QStringLiteral("find.previous"), [step](const CommandArguments&) { return step(-1); });
    m_commands->bind(QStringLiteral("find.clear"), [this](const CommandArguments&) -> Result<void> {
        m_find.clear();
        m_messages->clear();
        updateActions();
        return {};
    });
    connect(&m_find, &FindSession::finished, this, [this] {
        updateActions();
        if (m_find.hits().empty())
            m_messages->say(MessageBar::Kind::Notice, tr("“%1” is not in the text.").arg(m_find.text()));
        else
            m_commands->action(QStringLiteral("find.next"))->trigger();
    });
    connect(box, &CommandBox::textChosen, this, [this](const QString& text) {
        // Enter on the same text again goes on, as F3 does.
        if (text == m_find.text() && !m_find.hits().empty())
            m_commands->action(QStringLiteral("find.next"))->trigger();
        else if (m_view.trace())
            m_find.search(m_view.trace(), text);
    });
    connect(box, &CommandBox::placeChosen, this, [this](const Location& place) {
        if (const Result<void> shown = m_viewCommands->goTo(place); !shown)
            showError(shown.error());
    });
    connect(box, &CommandBox::failed, this, [this](const Error& error) { showError(error); });
}

void MainWindow::bindWindowCommands()
{
    const auto simple = [this](const char* id, auto act) {
        m_commands->bind(QLatin1String(id), [act](const CommandArguments&) -> Result<void> {
            act();
            return {};
        });
    };
    simple("view.palette", [this] { m_top->commandBox()->openFor(CommandBox::Prefer::Commands); });
    simple("help.commands", [this] { m_top->commandBox()->openFor(CommandBox::Prefer::Commands); });
    simple("help.verdict", [this] { showVerdict(); });
    simple("help.about", [this] {
        const EngineHello& hello = m_engine.hello();
        const QString engine = hello.version.isEmpty()
            ? tr("the engine has not been started")
            : tr("engine %1, %2, %3 threads").arg(hello.version, hello.gemm).arg(hello.threads);
        m_messages->say(
            MessageBar::Kind::Notice,
            tr("Headwater %1 · GPL-3.0-or-later · %2").arg(QStringLiteral(HEADWATER_VERSION), engine));
    });
    simple("view.layout.reset", [this] { m_docks.reset(); });
    simple("view.fullscreen", [this] {
        setWindowState(windowState() ^ Qt::WindowFullScreen);
        m_commands->action(QStringLiteral("view.fullscreen"))->setChecked(isFullScreen());
    });
    for (const char* theme : {"dark", "light", "system"})
        m_commands->bind(QStringLiteral("view.theme.") + QLatin1String(theme),
                         [this, theme](const CommandArguments&) -> Result<void> {
                             setTheme(QLatin1String(theme));
                             return {};
                         });
    m_commands->bind(QStringLiteral("view.theme"), [this](const CommandArguments& arguments) -> Result<void> {
        const QString theme = arguments.text("theme");
        if (!QStringList{QStringLiteral("dark"), QStringLiteral("light"), QStringLiteral("system")}.contains(
                theme))
            return Error{ErrorCode::InvalidArgument,
                         tr("theme=%1: expected dark, light or system").arg(theme).toStdString(),
                         {}};
        setTheme(theme);
        return {};
    });
    simple("view.theme.toggle", [this] {
        const bool dark =
            m_theme == QLatin1String("dark") || (m_theme != QLatin1String("light") && m_desktopIsDark);
        setTheme(dark ? QStringLiteral("light") : QStringLiteral("dark"));
    });
}

void MainWindow::bindPanelCommands(const std::vector<PanelFactory>& panels)
{
    for (const PanelFactory& panel : panels) {
        m_commands->bind(QStringLiteral("view.panel.") + panel.id,
                         [this, id = panel.id](const CommandArguments& arguments) -> Result<void> {
                             HEADWATER_TRY_ASSIGN(const std::optional<bool> on, arguments.flag("on"));
                             m_docks.setPanelVisible(id, on.value_or(!m_docks.isPanelVisible(id)));
                             return {};
                         });
    }
}

void MainWindow::bindRunCommands()
{
    m_commands->bind(QStringLiteral("run.new"),
                     [this](const CommandArguments& arguments) { return newRun(arguments); });
    m_commands->bind(QStringLiteral("run.needle"), [this](const CommandArguments&) -> Result<void> {
        if (m_run.isRunning())
            return unavailable(tr("a run is under way: cancel it first"));
        RunRequest request;
        request.text = needlePrompt(kNeedlePromptBytes);
        m_runPage->setRequest(request);
        startRun();
        return {};
    });
    m_commands->bind(QStringLiteral("run.start"), [this](const CommandArguments&) -> Result<void> {
        if (m_run.isRunning())
            return unavailable(tr("a run is under way: cancel it first"));
        if (!m_runPage->request().hasPrompt())
            return unavailable(tr("there is no prompt yet"));
        startRun();
        return {};
    });
    m_commands->bind(QStringLiteral("run.cancel"), [this](const CommandArguments&) -> Result<void> {
        m_run.cancel();
        return {};
    });
    m_commands->bind(QStringLiteral("engine.restart"), [this](const CommandArguments&) -> Result<void> {
        m_messages->clear();
        m_engine.start();
        return {};
    });
}

Result<void> MainWindow::newRun(const CommandArguments& arguments)
{
    if (!arguments.isEmpty()) {
        RunRequest request;
        request.model = arguments.text("model", request.model);
        request.text = arguments.text("text");
        request.promptFile = arguments.text("prompt_file");
        request.output = arguments.text("output");
        request.chat = arguments.text("chat", request.chat);
        request.select = arguments.text("select", request.select);
        request.propagation = arguments.text("propagation", request.propagation);
        HEADWATER_TRY_ASSIGN(const std::optional<qint64> keepKeys,
                             arguments.integer("keep_keys", 1, 1 << 20));
        HEADWATER_TRY_ASSIGN(const std::optional<double> keepPeak, arguments.number("keep_peak", 0, 1));
        HEADWATER_TRY_ASSIGN(const std::optional<qint64> blockQ, arguments.integer("block_q", 4, 256));
        HEADWATER_TRY_ASSIGN(const std::optional<qint64> blockK, arguments.integer("block_k", 4, 256));
        HEADWATER_TRY_ASSIGN(const std::optional<qint64> generate, arguments.integer("generate", 0, 4096));
        HEADWATER_TRY_ASSIGN(const std::optional<bool> check, arguments.flag("check"));
        request.keepKeys = static_cast<int>(keepKeys.value_or(request.keepKeys));
        request.keepPeak = keepPeak.value_or(request.keepPeak);
        request.blockQ = static_cast<int>(blockQ.value_or(0));
        request.blockK = static_cast<int>(blockK.value_or(0));
        request.generate = static_cast<int>(generate.value_or(request.generate));
        request.check = check.value_or(false);
        m_runPage->setRequest(request);
    }
    showPage(Page::Run);
    return {};
}

void MainWindow::startRun()
{
    m_messages->clear();
    m_files.followRun();
    m_run.start(m_runPage->request());
}

void MainWindow::wireRun()
{
    connect(m_runPage, &RunPage::startRequested, m_commands->action(QStringLiteral("run.start")),
            &QAction::trigger);
    connect(m_runPage, &RunPage::closeRequested, this,
            [this] { showPage(m_view.trace() ? Page::Map : Page::Welcome); });
    connect(&m_run, &RunSession::layerFinished, this,
            [this](const QString& trace, int) { m_files.refresh(trace); });
    connect(&m_run, &RunSession::finished, this, &MainWindow::runEnded);
    connect(&m_run, &RunSession::failed, this, &MainWindow::runFailed);
    connect(&m_run, &RunSession::runningChanged, this, &MainWindow::updateActions);
    connect(&m_engine, &EngineClient::died, this, [this](const QString& why) {
        m_messages->say(MessageBar::Kind::Error,
                        why + QLatin1Char(' ') + tr("The window and its traces are unharmed."),
                        {{QStringLiteral("engine_restart"), tr("Restart the engine"),
                          [this] { m_commands->action(QStringLiteral("engine.restart"))->trigger(); }}});
        emit errorShown(Error{ErrorCode::Unavailable, why.toStdString(), {}});
    });
}

void MainWindow::runEnded(const QString& trace, const nlohmann::json& report)
{
    m_files.refresh(trace);
    const nlohmann::json& seconds = jsonMember(report, "seconds");
    QString text = tr("Finished: %1 tokens in %2.")
                       .arg(QString::fromStdString(withThousands(static_cast<std::uint64_t>(
                                std::max<qint64>(0, jsonInteger(report, "tokens", 0))))),
                            QString::fromStdString(humanSeconds(jsonNumber(seconds, "total", 0))));
    if (const QString generated = jsonText(jsonMember(report, "generated"), "text"); !generated.isEmpty())
        text +=
            tr(" It went on: “%1”").arg(QString(generated).replace(QLatin1Char('\n'), QChar(0x23ce)));
    m_messages->say(MessageBar::Kind::Notice, text,
                    {{QStringLiteral("run_go_answer"), tr("Where was it read?"),
                      [this] { m_commands->action(QStringLiteral("go.answer"))->trigger(); }},
                     {QStringLiteral("run_copy_command"), tr("Copy as command line"),
                      [this] { m_commands->action(QStringLiteral("edit.copy_command"))->trigger(); }}});
}

void MainWindow::runFailed(const Error& error, const QString& trace)
{
    if (!trace.isEmpty())
        m_files.refresh(trace);
    const int layers = m_run.finishedLayers();
    const QString kept =
        trace.isEmpty() ? QString() : tr(" The trace holds its %1 finished layers.").arg(layers);
    const MessageAction again{QStringLiteral("run_again"), tr("Change and run again"),
                              [this] { m_commands->action(QStringLiteral("run.new"))->trigger(); }};
    if (error.code == ErrorCode::Cancelled) {
        m_messages->say(MessageBar::Kind::Notice, tr("The run was cancelled.") + kept, {again});
        return;
    }
    m_messages->say(MessageBar::Kind::Error, QString::fromStdString(error.text()) + kept, {again});
    emit errorShown(error);
}

} // namespace headwater
