// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/run_commands.h"

#include "core/base/text.h"
#include "core/options/option_table.h"
#include "ui/bridge/engine_client.h"
#include "ui/bridge/json_access.h"
#include "ui/bridge/path_text.h"
#include "ui/bridge/trace_session.h"
#include "ui/main/command_table.h"
#include "ui/main/error_reports.h"
#include "ui/main/file_session.h"
#include "ui/main/pages.h"
#include "ui/run/run_page.h"
#include "ui/run/run_session.h"
#include "ui/state/subject.h"
#include "ui/theme/quoted_text.h"

#include <QAction>

namespace headwater {

namespace {

constexpr int kAnswerQuoted = 160; ///< characters

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

RunCommands::RunCommands(const Shell& shell, Pages& pages, QObject* parent)
    : QObject(parent)
    , m_shell(shell)
    , m_pages(pages)
{
    bind();
    wire();
}

void RunCommands::bind()
{
    m_shell.commands.bind(QStringLiteral("run.new"),
                          [this](const CommandArguments& arguments) { return newRun(arguments); });
    m_shell.commands.bind(QStringLiteral("run.model"), [this](const CommandArguments&) -> Result<void> {
        m_pages.show(Pages::Page::Run);
        m_shell.form.browseModels();
        return {};
    });
    m_shell.commands.bind(QStringLiteral("run.needle"), [this](const CommandArguments&) -> Result<void> {
        if (m_shell.run.isRunning())
            return unavailable(tr("a run is under way: cancel it first"));
        RunRequest request; // no prompt: the engine writes one with a needle in it
        request.output = pathOf(defaultTracePath(QString::fromStdString(request.model)));
        startRun(request);
        return {};
    });
    m_shell.commands.bind(QStringLiteral("run.start"), [this](const CommandArguments&) -> Result<void> {
        if (m_shell.run.isRunning())
            return unavailable(tr("a run is under way: cancel it first"));
        if (!m_shell.form.request().hasPrompt())
            return unavailable(tr("there is no prompt yet"));
        m_shell.form.rememberModel();
        startRun(m_shell.form.request());
        return {};
    });
    m_shell.commands.bind(QStringLiteral("run.generate"), [this](const CommandArguments&) -> Result<void> {
        if (!m_shell.form.canGenerate())
            return unavailable(m_shell.run.isRunning() ? tr("a run is under way: cancel it first")
                                                       : tr("there is no prompt, or no model, yet"));
        m_pages.show(Pages::Page::Run);
        m_shell.form.rememberModel();
        m_shell.form.generate();
        return {};
    });
    m_shell.commands.bind(QStringLiteral("run.cancel"), [this](const CommandArguments&) -> Result<void> {
        m_shell.run.cancel();
        return {};
    });
    m_shell.commands.bind(QStringLiteral("run.resume"), [this](const CommandArguments&) { return resume(); });
    m_shell.commands.bind(QStringLiteral("engine.restart"), [this](const CommandArguments&) -> Result<void> {
        m_shell.messages.clear(aboutEngine());
        m_shell.engine.start();
        return {};
    });
}

Result<void> RunCommands::newRun(const CommandArguments& arguments)
{
    if (!arguments.isEmpty()) {
        RunRequest request;
        HEADWATER_TRY(setOptions(request, arguments));
        if (!request.turns.empty() && (!request.prompt.empty() || !request.promptFile.empty()))
            return Error{ErrorCode::InvalidArgument, "stand beside a prompt, expected one of the two",
                         "turns"};
        m_shell.form.setRequest(request);
    }
    m_pages.show(Pages::Page::Run);
    return {};
}

Result<void> RunCommands::resume()
{
    if (m_shell.run.isRunning())
        return unavailable(tr("a run is under way: cancel it first"));
    const std::shared_ptr<const Trace> trace = m_shell.subject.trace();
    if (!trace || trace->isSealed())
        return unavailable(tr("no unfinished trace is open"));
    RunRequest request;
    request.resume = true;
    request.model.clear(); // the trace knows its model, its prompt and all else
    request.output = trace->path();
    if (!trace->heads().empty())
        request.begunLayers = trace->heads().back().layer + 1;
    startRun(request);
    return {};
}

void RunCommands::startRun(const RunRequest& request)
{
    m_shell.messages.clear();
    m_lostRun.clear();
    m_shell.files.followRun();
    m_shell.session.giveWay(); // first: what is asked later waits behind the run
    m_shell.run.start(request);
}

void RunCommands::wire()
{
    connect(&m_shell.form, &RunPage::startRequested, m_shell.commands.action(QStringLiteral("run.start")),
            &QAction::trigger);
    connect(&m_shell.form, &RunPage::closeRequested, this, [this] {
        m_pages.show(m_shell.subject.trace() ? Pages::Page::Workspace : Pages::Page::Welcome);
    });
    connect(&m_shell.run, &RunSession::layerFinished, this,
            [this](const QString& trace, int) { m_shell.files.refresh(trace); });
    connect(&m_shell.run, &RunSession::finished, this, &RunCommands::runEnded);
    connect(&m_shell.run, &RunSession::failed, this, &RunCommands::runFailed);
    connect(&m_shell.engine, &EngineClient::died, this, &RunCommands::showEngineDeath);
    connect(&m_shell.files, &FileSession::opened, this, [this] {
        if (const auto waiting = std::exchange(m_afterOpening, std::nullopt);
            waiting && m_shell.files.shows(waiting->first))
            waiting->second();
    });
    connect(&m_shell.files, &FileSession::failed, this, [this] { m_afterOpening.reset(); });
}

MessageAction RunCommands::traceAction(const QString& id, const QString& text, const QString& trace,
                                       const QString& command)
{
    return {id, text, [this, trace, command] {
                const auto act = [this, command] { m_shell.commands.action(command)->trigger(); };
                if (m_shell.files.shows(trace))
                    return act();
                m_afterOpening = {trace, act};
                m_shell.files.open(trace);
            }};
}

void RunCommands::showEngineDeath(const QString& why)
{
    std::vector<MessageAction> actions{
        commandAction(m_shell.commands, QStringLiteral("engine.restart"), tr("Restart the engine"))};
    if (!m_lostRun.isEmpty() && !m_shell.run.trace().isEmpty())
        actions.push_back(traceAction(QStringLiteral("run_resume"), tr("Go on"), m_shell.run.trace(),
                                      QStringLiteral("run.resume")));
    if (!m_lostRun.isEmpty())
        actions.push_back({QStringLiteral("run_again"), tr("Change and run again"),
                           [this] { m_shell.commands.action(QStringLiteral("run.new"))->trigger(); }});
    m_shell.messages.say(
        MessageBar::Kind::Error,
        why + QLatin1Char(' ')
            + (m_lostRun.isEmpty() ? tr("The window and its traces are unharmed.") : m_lostRun),
        std::move(actions), aboutEngine());
    emit m_shell.errors.shown(Error{ErrorCode::Unavailable, why.toStdString(), {}});
}

void RunCommands::runEnded(const QString& trace, const nlohmann::json& report)
{
    // Another trace may have been opened meanwhile: then the run's own is offered, not its answer.
    const bool isShown = m_shell.files.isFollowingRun() || m_shell.files.shows(trace);
    // Before its trace comes: what the run left is that trace's session, or nobody's.
    if (const nlohmann::json& session = jsonMember(report, "session"); session.is_object())
        m_shell.session.adopt(session);
    m_shell.files.refresh(trace);
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
            {QStringLiteral("run_open"), tr("Open it"), [this, trace] { m_shell.files.open(trace); }});
    }
    m_shell.messages.say(MessageBar::Kind::Notice, text, std::move(actions), aboutRun());
}

void RunCommands::runFailed(const Error& error, const QString& trace)
{
    const bool isShown = m_shell.files.isFollowingRun() || m_shell.files.shows(trace);
    if (!trace.isEmpty())
        m_shell.files.refresh(trace);
    const int layers = m_shell.run.finishedLayers();
    const QString kept =
        trace.isEmpty() ? QString() : tr("The trace holds its %1 finished layers.").arg(layers);
    if (m_shell.engine.state() == EngineClient::State::Dead) {
        // One matter, one message: that of the engine says what became of the run.
        m_lostRun = kept.isEmpty() ? tr("The run is lost.") : kept;
        return showEngineDeath(QString::fromStdString(error.message));
    }
    std::vector<MessageAction> actions;
    if (!trace.isEmpty() && !isShown)
        actions.push_back(
            {QStringLiteral("run_open"), tr("Open it"), [this, trace] { m_shell.files.open(trace); }});
    actions.push_back({QStringLiteral("run_again"), tr("Change and run again"),
                       [this] { m_shell.commands.action(QStringLiteral("run.new"))->trigger(); }});
    if (!trace.isEmpty())
        actions.push_back(
            traceAction(QStringLiteral("run_resume"), tr("Go on"), trace, QStringLiteral("run.resume")));
    if (error.code == ErrorCode::Cancelled) {
        m_shell.messages.say(MessageBar::Kind::Notice,
                             QString(tr("The run was cancelled. ") + kept).trimmed(), std::move(actions),
                             aboutRun());
        return;
    }
    m_shell.messages.say(MessageBar::Kind::Error,
                         QString(QString::fromStdString(error.text()) + QLatin1Char(' ') + kept).trimmed(),
                         std::move(actions), aboutRun());
    emit m_shell.errors.shown(error);
}

} // namespace headwater
