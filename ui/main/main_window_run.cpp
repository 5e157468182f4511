// SPDX-License-Identifier: GPL-3.0-or-later
// What the window does around a run: begin it, show what comes of it, say how it ended.
#include "core/base/text.h"
#include "core/options/option_table.h"
#include "ui/bridge/json_access.h"
#include "ui/bridge/path_text.h"
#include "ui/main/main_window.h"
#include "ui/main/message_bar.h"
#include "ui/map/exact_offer.h"
#include "ui/map/map_pane.h"
#include "ui/run/model_browser.h"
#include "ui/run/run_page.h"
#include "ui/theme/quoted_text.h"

#include <QAction>

namespace headwater {

namespace {

constexpr int kAnswerQuoted = 160; ///< characters

Error unavailable(const QString& message)
{
    return Error{ErrorCode::Unavailable, message.toStdString(), {}};
}

/// An answer in a message: its beginning, the whole is in the text.
QString quoted(const QString& answer)
{
    QString line = QString(answer).replace(QLatin1Char('\n'), QChar(0x23ce));
    if (line.size() <= kAnswerQuoted)
        return line;
    line.truncate(kAnswerQuoted);
    if (line.back().isHighSurrogate())
        line.chop(1);
    return line.trimmed() + QChar(0x2026);
}

QString aboutRun()
{
    return QStringLiteral("run");
}

QString aboutEngine()
{
    return QStringLiteral("engine");
}

/// What a command's arguments say of a run: the protocol's parameters by name.
Result<void> setOptions(RunOptions& options, const CommandArguments& arguments)
{
    for (const auto& [name, text] : arguments.values().asKeyValueRange()) {
        const OptionRow* const row = findParameter(name.toStdString(), RunVerb);
        if (row == nullptr) // the table of commands has let it through
            continue;
        const Result<OptionValue> value = valueOfText(*row, text.toStdString());
        if (!value)
            return Error{value.error().code, value.error().message, row->parameter};
        row->set(options, *value);
    }
    return {};
}

} // namespace

void MainWindow::bindRunCommands()
{
    m_commands->bind(QStringLiteral("run.new"),
                     [this](const CommandArguments& arguments) { return newRun(arguments); });
    m_commands->bind(QStringLiteral("run.model"), [this](const CommandArguments&) -> Result<void> {
        showPage(Page::Run);
        m_runPage->browseModels();
        return {};
    });
    m_commands->bind(QStringLiteral("run.needle"), [this](const CommandArguments&) -> Result<void> {
        if (m_run.isRunning())
            return unavailable(tr("a run is under way: cancel it first"));
        RunRequest request; // no prompt: the engine writes one with a needle in it
        request.output = pathOf(defaultTracePath(QString::fromStdString(request.model)));
        startRun(request);
        return {};
    });
    m_commands->bind(QStringLiteral("run.start"), [this](const CommandArguments&) -> Result<void> {
        if (m_run.isRunning())
            return unavailable(tr("a run is under way: cancel it first"));
        if (!m_runPage->request().hasPrompt())
            return unavailable(tr("there is no prompt yet"));
        m_runPage->rememberModel();
        startRun(m_runPage->request());
        return {};
    });
    m_commands->bind(QStringLiteral("run.generate"), [this](const CommandArguments&) -> Result<void> {
        if (!m_runPage->canGenerate())
            return unavailable(m_run.isRunning() ? tr("a run is under way: cancel it first")
                                                 : tr("there is no prompt, or no model, yet"));
        showPage(Page::Run);
        m_runPage->rememberModel();
        m_runPage->generate();
        return {};
    });
    m_commands->bind(QStringLiteral("run.cancel"), [this](const CommandArguments&) -> Result<void> {
        m_run.cancel();
        return {};
    });
    m_commands->bind(QStringLiteral("run.resume"), [this](const CommandArguments&) -> Result<void> {
        if (m_run.isRunning())
            return unavailable(tr("a run is under way: cancel it first"));
        if (!m_subject.trace() || m_subject.trace()->isSealed())
            return unavailable(tr("no unfinished trace is open"));
        RunRequest request;
        request.resume = true;
        request.model.clear(); // the trace knows its model, its prompt and all else
        request.output = m_subject.trace()->path();
        if (!m_subject.trace()->heads().empty())
            request.begunLayers = m_subject.trace()->heads().back().layer + 1;
        startRun(request);
        return {};
    });
    m_commands->bind(QStringLiteral("engine.restart"), [this](const CommandArguments&) -> Result<void> {
        m_messages->clear(aboutEngine());
        m_engine.start();
        return {};
    });
}

Result<void> MainWindow::newRun(const CommandArguments& arguments)
{
    if (!arguments.isEmpty()) {
        RunRequest request;
        HEADWATER_TRY(setOptions(request, arguments));
        if (!request.turns.empty() && (!request.prompt.empty() || !request.promptFile.empty()))
            return Error{ErrorCode::InvalidArgument, "stand beside a prompt, expected one of the two",
                         "turns"};
        m_runPage->setRequest(request);
    }
    showPage(Page::Run);
    return {};
}

void MainWindow::bindExactCommands()
{
    ExactOffer* const offer = m_map->exactOffer();
    m_commands->bind(QStringLiteral("view.exact"),
                     [offer](const CommandArguments&) { return offer->compute(); });
    m_commands->bind(QStringLiteral("view.exact.head"),
                     [offer](const CommandArguments&) { return offer->computeWhole(); });
    m_commands->bind(QStringLiteral("view.exact.close"), [this](const CommandArguments&) -> Result<void> {
        if (m_session.state() != TraceSession::State::Open)
            return unavailable(tr("no session is open"));
        m_session.close();
        return {};
    });
    m_commands->bind(
        QStringLiteral("view.exact.model"), [this, offer](const CommandArguments& arguments) -> Result<void> {
            if (!m_subject.trace())
                return unavailable(tr("no trace is open"));
            const auto openWith = [this, offer](const QString& model) -> Result<void> {
                m_session.setModel(model);
                if (m_map->tiles()->pairsOnScreen())
                    return offer->compute();
                m_session.open();
                return {};
            };
            if (const QString path = arguments.text("path"); !path.isEmpty())
                return openWith(path);
            auto* const browser = new ModelBrowser(tr("The model that made this trace"), m_engine.program(),
                                                   m_runPage->recentModels(), m_map);
            browser->setAttribute(Qt::WA_DeleteOnClose);
            connect(browser, &ModelBrowser::chosen, this, [this, openWith](const QString& model) {
                if (const Result<void> opened = openWith(model); !opened)
                    showError(opened.error());
            });
            browser->open();
            return {};
        });
    connect(offer, &ExactOffer::modelWanted, m_commands->action(QStringLiteral("view.exact.model")),
            &QAction::trigger);
    connect(offer, &ExactOffer::traceWanted, m_commands->action(QStringLiteral("file.open")),
            &QAction::trigger);
    connect(&m_subject, &Subject::traceChanged, &m_session,
            [this] { m_session.setTrace(m_subject.trace()); });
}

void MainWindow::startRun(const RunRequest& request)
{
    m_messages->clear();
    m_lostRun.clear();
    m_files.followRun();
    m_session.giveWay(); // first: what is asked later waits behind the run
    m_run.start(request);
}

void MainWindow::wireRun()
{
    connect(m_runPage, &RunPage::startRequested, m_commands->action(QStringLiteral("run.start")),
            &QAction::trigger);
    connect(m_runPage, &RunPage::closeRequested, this,
            [this] { showPage(m_subject.trace() ? Page::Map : Page::Welcome); });
    connect(&m_run, &RunSession::layerFinished, this,
            [this](const QString& trace, int) { m_files.refresh(trace); });
    connect(&m_run, &RunSession::finished, this, &MainWindow::runEnded);
    connect(&m_run, &RunSession::failed, this, &MainWindow::runFailed);
    connect(&m_run, &RunSession::runningChanged, this, &MainWindow::updateActions);
    connect(&m_engine, &EngineClient::died, this, &MainWindow::showEngineDeath);
}

MessageAction MainWindow::commandAction(const QString& command, const QString& text)
{
    return {QString(command).replace(QLatin1Char('.'), QLatin1Char('_')), text,
            [this, command] { m_commands->action(command)->trigger(); }};
}

MessageAction MainWindow::traceAction(const QString& id, const QString& text, const QString& trace,
                                      const QString& command)
{
    return {id, text, [this, trace, command] {
                const auto act = [this, command] { m_commands->action(command)->trigger(); };
                if (m_files.shows(trace))
                    return act();
                m_afterOpening = {trace, act};
                m_files.open(trace);
            }};
}

void MainWindow::showEngineDeath(const QString& why)
{
    std::vector<MessageAction> actions{
        commandAction(QStringLiteral("engine.restart"), tr("Restart the engine"))};
    if (!m_lostRun.isEmpty() && !m_run.trace().isEmpty())
        actions.push_back(traceAction(QStringLiteral("run_resume"), tr("Go on"), m_run.trace(),
                                      QStringLiteral("run.resume")));
    if (!m_lostRun.isEmpty())
        actions.push_back({QStringLiteral("run_again"), tr("Change and run again"),
                           [this] { m_commands->action(QStringLiteral("run.new"))->trigger(); }});
    m_messages->say(MessageBar::Kind::Error,
                    why + QLatin1Char(' ')
                        + (m_lostRun.isEmpty() ? tr("The window and its traces are unharmed.") : m_lostRun),
                    std::move(actions), aboutEngine());
    emit errorShown(Error{ErrorCode::Unavailable, why.toStdString(), {}});
}

void MainWindow::runEnded(const QString& trace, const nlohmann::json& report)
{
    // Another trace may have been opened meanwhile: then the run's own is offered, not its answer.
    const bool isShown = m_files.isFollowingRun() || m_files.shows(trace);
    // Before its trace comes: what the run left is that trace's session, or nobody's.
    if (const nlohmann::json& session = jsonMember(report, "session"); session.is_object())
        m_session.adopt(session);
    m_files.refresh(trace);
    const nlohmann::json& seconds = jsonMember(report, "seconds");
    QString text = tr("Finished: %1 tokens in %2.")
                       .arg(QString::fromStdString(withThousands(static_cast<std::uint64_t>(
                                std::max<qint64>(0, jsonInteger(report, "tokens", 0))))),
                            QString::fromStdString(humanSeconds(jsonNumber(seconds, "total", 0))));
    if (const QString generated = jsonText(jsonMember(report, "generated"), "text"); !generated.isEmpty())
        text += tr(" It went on: “%1”").arg(isolated(quoted(generated)));
    if (const QString lost = jsonText(report, "session_error"); !lost.isEmpty())
        text += tr(" Its session could not be kept: %1").arg(isolated(lost));
    std::vector<MessageAction> actions;
    if (isShown) {
        actions.push_back(traceAction(QStringLiteral("run_go_answer"), tr("Where was it read?"), trace,
                                      QStringLiteral("go.answer")));
        actions.push_back(traceAction(QStringLiteral("run_copy_command"), tr("Copy as command line"), trace,
                                      QStringLiteral("edit.copy_command")));
    } else {
        actions.push_back(
            {QStringLiteral("run_open"), tr("Open it"), [this, trace] { m_files.open(trace); }});
    }
    m_messages->say(MessageBar::Kind::Notice, text, std::move(actions), aboutRun());
}

void MainWindow::runFailed(const Error& error, const QString& trace)
{
    const bool isShown = m_files.isFollowingRun() || m_files.shows(trace);
    if (!trace.isEmpty())
        m_files.refresh(trace);
    const int layers = m_run.finishedLayers();
    const QString kept =
        trace.isEmpty() ? QString() : tr("The trace holds its %1 finished layers.").arg(layers);
    if (m_engine.state() == EngineClient::State::Dead) {
        // One matter, one message: that of the engine says what became of the run.
        m_lostRun = kept.isEmpty() ? tr("The run is lost.") : kept;
        return showEngineDeath(QString::fromStdString(error.message));
    }
    std::vector<MessageAction> actions;
    if (!trace.isEmpty() && !isShown)
        actions.push_back(
            {QStringLiteral("run_open"), tr("Open it"), [this, trace] { m_files.open(trace); }});
    actions.push_back({QStringLiteral("run_again"), tr("Change and run again"),
                       [this] { m_commands->action(QStringLiteral("run.new"))->trigger(); }});
    if (!trace.isEmpty())
        actions.push_back(
            traceAction(QStringLiteral("run_resume"), tr("Go on"), trace, QStringLiteral("run.resume")));
    if (error.code == ErrorCode::Cancelled) {
        m_messages->say(MessageBar::Kind::Notice, QString(tr("The run was cancelled. ") + kept).trimmed(),
                        std::move(actions), aboutRun());
        return;
    }
    m_messages->say(MessageBar::Kind::Error,
                    QString(QString::fromStdString(error.text()) + QLatin1Char(' ') + kept).trimmed(),
                    std::move(actions), aboutRun());
    emit errorShown(error);
}

} // namespace headwater
