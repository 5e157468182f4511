// SPDX-License-Identifier: GPL-3.0-or-later
// What the window's own commands do: each is a line or two that asks a part.
#include "core/base/data_paths.h"
#include "core/base/text.h"
#include "core/trace/trace_command.h"
#include "ui/bridge/path_text.h"
#include "ui/main/command_box.h"
#include "ui/main/main_window.h"
#include "ui/main/message_bar.h"
#include "ui/main/top_bar.h"
#include "ui/main/view_commands.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QTimer>

namespace headwater {

namespace {

constexpr const char* kSampleTrace = "samples/story.hwt";
constexpr int kQuoted = 80; ///< characters of a text that a message repeats

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
            path = chosenPath(
                QFileDialog::getOpenFileName(this, tr("Open a trace, a model or a text"), {},
                                             tr("Traces, models and texts (*.hwt *.gguf *.safetensors *.txt "
                                                "*.md);;Traces (*.hwt);;Models (*.gguf *.safetensors);;All "
                                                "files (*)")));
        if (!path.isEmpty())
            m_files.open(path, arguments.text("encoding"));
        return {};
    });
    m_commands->bind(QStringLiteral("file.sample"), [this](const CommandArguments&) -> Result<void> {
        const std::filesystem::path sample = findResource(kSampleTrace);
        if (sample.empty())
            return Error{ErrorCode::NotFound, "the sample trace is not installed", kSampleTrace};
        m_files.open(pathText(sample));
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
    for (int number = 1; number <= kRecentCommands; ++number)
        m_commands->bind(recentCommand(number), [this, number](const CommandArguments&) -> Result<void> {
            if (number > m_files.recent().size())
                return unavailable(tr("there are not so many recent traces"));
            m_files.open(m_files.recent().at(number - 1));
            return {};
        });
    m_commands->bind(QStringLiteral("file.export"),
                     [this](const CommandArguments& arguments) { return exportFigure(arguments); });
    m_commands->bind(QStringLiteral("file.export.cancel"), [this](const CommandArguments&) -> Result<void> {
        m_figure.cancel();
        return {};
    });
    connect(&m_figure, &FigureExport::runningChanged, this, &MainWindow::updateActions);
    connect(&m_figure, &FigureExport::takesLong, this, [this](const QString& path) {
        m_messages->say(MessageBar::Kind::Notice, tr("Writing the figure to %1 …").arg(path),
                        {commandAction(QStringLiteral("file.export.cancel"), tr("Cancel"))},
                        QStringLiteral("export"));
    });
    connect(&m_figure, &FigureExport::cancelled, this, [this](const QString& path) {
        m_messages->say(MessageBar::Kind::Notice,
                        tr("The export was cancelled: nothing was written to %1.").arg(path), {},
                        QStringLiteral("export"));
        emit activityChanged();
    });
    connect(&m_figure, &FigureExport::failed, this, [this](const Error& error) {
        m_messages->say(MessageBar::Kind::Error, QString::fromStdString(error.text()),
                        {commandAction(QStringLiteral("file.export"), tr("Export to another place…"))},
                        QStringLiteral("export"));
        emit errorShown(error);
    });
    connect(&m_figure, &FigureExport::written, this, [this](const QString& path, const QStringList& dropped) {
        const QString text = tr("The figure is in %1.").arg(path);
        m_messages->say(MessageBar::Kind::Notice,
                        dropped.isEmpty()
                            ? text
                            : text + tr(" It had no room for: %1.").arg(dropped.join(QStringLiteral(", "))),
                        {}, QStringLiteral("export"));
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
    if (!m_subject.trace())
        return unavailable(tr("no trace is open"));
    HeatmapFigureOptions options = figureOptionsOf(m_subject, m_mapLook, m_map->view()->size());
    options.title = arguments.text("title").toStdString();
    HEADWATER_TRY_ASSIGN(const std::optional<bool> withTitle, arguments.flag("with_title"));
    HEADWATER_TRY_ASSIGN(const std::optional<bool> withCaption, arguments.flag("with_caption"));
    options.hasTitle = withTitle.value_or(options.hasTitle);
    options.hasCaption = withCaption.value_or(options.hasCaption);
    if (arguments.has("width")) {
        HEADWATER_TRY_ASSIGN(options.widthMm, parseLengthMm(arguments.text("width").toStdString()));
    }
    HEADWATER_TRY_ASSIGN(const std::optional<double> dpi, arguments.number("dpi", 30, 2400));
    options.pngDpi = dpi.value_or(options.pngDpi);
    QString path = arguments.text("path");
    if (path.isEmpty()) {
        const QString name = QStringLiteral("L%1-H%2.pdf").arg(options.layer).arg(options.head);
        path = chosenPath(QFileDialog::getSaveFileName(this, tr("Export figure"), name,
                                                       tr("PDF (*.pdf);;SVG (*.svg);;PNG (*.png)")));
    }
    if (!path.isEmpty())
        m_figure.write(m_subject.trace(), options, path);
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
        if (!m_subject.trace())
            return unavailable(tr("no trace is open"));
        const std::optional<Location> place = answerPlaceOf(*m_subject.trace());
        if (!place)
            return unavailable(tr("this trace does not say where an answer was read"));
        showMap();
        return m_viewCommands->goTo(*place);
    });
    m_commands->bind(QStringLiteral("edit.copy_command"), [this](const CommandArguments&) -> Result<void> {
        if (!m_subject.trace())
            return unavailable(tr("no trace is open"));
        const QString command = QString::fromStdString(commandOf(m_subject.trace()->meta()));
        if (command.isEmpty())
            return unavailable(tr("this trace does not say which command made it"));
        QApplication::clipboard()->setText(command);
        m_messages->say(MessageBar::Kind::Notice, tr("Copied: %1").arg(command));
        return {};
    });
}

Result<void> MainWindow::findText(const CommandArguments& arguments)
{
    std::optional<LetterCase> letterCase;
    if (arguments.has("case")) {
        const QString wanted = arguments.text("case");
        if (wanted == QLatin1String("ignore"))
            letterCase = LetterCase::Ignored;
        else if (wanted == QLatin1String("match"))
            letterCase = LetterCase::Matched;
        else if (wanted == QLatin1String("smart"))
            letterCase = LetterCase::Smart;
        else
            return Error{ErrorCode::InvalidArgument,
                         tr("case=%1: expected ignore, match or smart").arg(wanted).toStdString(),
                         {}};
    }
    m_find.search(m_subject.trace(), arguments.text("text"), letterCase);
    return {};
}

/// What a search did with the case of letters, and the button that asks for the other way.
QString MainWindow::caseWords() const
{
    return m_find.isCaseIgnored() ? tr("case ignored") : tr("case matched");
}

MessageAction MainWindow::caseAction()
{
    const bool isIgnored = m_find.isCaseIgnored();
    return {QStringLiteral("find_case"), isIgnored ? tr("Match case") : tr("Ignore case"),
            [this, isIgnored] { setMatchesCase(isIgnored); }};
}

void MainWindow::setMatchesCase(bool matches)
{
    m_find.setMatchesCase(matches);
    m_top->commandBox()->setMatchesCase(matches);
    m_commands->action(QStringLiteral("find.case"))->setChecked(matches);
    if (m_subject.trace() && !m_find.wanted().isEmpty())
        m_find.search(m_subject.trace(), QString(m_find.wanted())); // what is marked is what the switch says
}

Result<void> MainWindow::stepHits(int direction)
{
    if (m_find.hits().empty())
        return unavailable(tr("nothing was searched for, or not found"));
    showMap();
    m_find.step(direction);
    const auto number = [](std::size_t value) { return QString::fromStdString(withThousands(value)); };
    m_messages->say(MessageBar::Kind::Notice,
                    tr("“%1”: hit %2 of %3%4, %5")
                        .arg(isolated(tokenLabel(m_find.text().toStdString(), kQuoted)),
                             number(m_find.current().value_or(0) + 1), number(m_find.hits().size()),
                             m_find.isCut() ? tr(" (and more)") : QString(), caseWords()),
                    {commandAction(QStringLiteral("find.next"), tr("Next")),
                     commandAction(QStringLiteral("find.lock"), tr("Lock as key")), caseAction(),
                     commandAction(QStringLiteral("find.clear"), tr("Clear"))},
                    QStringLiteral("find"));
    return {};
}

void MainWindow::bindFindCommands()
{
    CommandBox* const box = m_top->commandBox();
    m_commands->bind(QStringLiteral("find.text"),
                     [this, box](const CommandArguments& arguments) -> Result<void> {
                         if (!m_subject.trace())
                             return unavailable(tr("no trace is open"));
                         if (arguments.has("text"))
                             return findText(arguments);
                         box->openFor(CommandBox::Prefer::Text);
                         return {};
                     });
    m_commands->bind(QStringLiteral("find.next"), [this](const CommandArguments&) { return stepHits(1); });
    m_commands->bind(QStringLiteral("find.previous"),
                     [this](const CommandArguments&) { return stepHits(-1); });
    m_commands->bind(QStringLiteral("find.lock"), [this](const CommandArguments&) -> Result<void> {
        if (!m_find.current())
            return unavailable(tr("nothing was searched for, or not found"));
        showMap();
        return m_viewCommands->goTo({{}, {}, m_find.hits()[*m_find.current()].begin});
    });
    m_commands->bind(QStringLiteral("find.case"), [this](const CommandArguments& arguments) -> Result<void> {
        HEADWATER_TRY_ASSIGN(const std::optional<bool> on, arguments.flag("on"));
        setMatchesCase(on.value_or(!m_find.matchesCase()));
        return {};
    });
    m_commands->bind(QStringLiteral("find.clear"), [this](const CommandArguments&) -> Result<void> {
        m_find.clear();
        m_messages->clear(QStringLiteral("find"));
        updateActions();
        return {};
    });
    connect(&m_find, &FindSession::finished, this, [this] {
        updateActions();
        if (m_find.hits().empty())
            m_messages->say(MessageBar::Kind::Notice,
                            tr("“%1” is not in the text, %2.")
                                .arg(isolated(tokenLabel(m_find.text().toStdString(), kQuoted)), caseWords()),
                            m_find.isCaseIgnored() ? std::vector<MessageAction>{}
                                                   : std::vector<MessageAction>{caseAction()},
                            QStringLiteral("find"));
        else
            m_commands->action(QStringLiteral("find.next"))->trigger();
    });
    connect(box, &CommandBox::textChosen, this, [this](const QString& text, bool matchesCase) {
        // Enter on the same text again goes on, as F3 does.
        if (text == m_find.text() && !m_find.hits().empty() && matchesCase != m_find.isCaseIgnored())
            m_commands->action(QStringLiteral("find.next"))->trigger();
        else if (m_subject.trace())
            m_find.search(m_subject.trace(), text, matchesCase ? LetterCase::Matched : LetterCase::Ignored);
    });
    connect(box, &CommandBox::placeChosen, this, [this](const Location& place) {
        showMap();
        const Result<void> shown = m_viewCommands->goTo(place);
        if (shown)
            emit m_commands->succeeded(QStringLiteral("view.goto"));
        else
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

} // namespace headwater
