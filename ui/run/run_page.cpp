// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_page.h"

#include "core/base/text.h"
#include "ui/bridge/engine_client.h"
#include "ui/bridge/path_text.h"
#include "ui/run/answer_card.h"
#include "ui/run/answer_session.h"
#include "ui/run/model_choice.h"
#include "ui/run/option_fields.h"
#include "ui/run/prompt_editor.h"
#include "ui/run/run_estimate.h"
#include "ui/run/run_session.h"
#include "ui/run/turns_editor.h"
#include "ui/theme/fonts.h"
#include "ui/theme/wrapped_label.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QStyle>
#include <QTimer>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr int kCostLines = 3; ///< a refusal names a file of any length: the buttons beside it stay

template <class Widget> Widget* named(Widget* widget, const char* name, const QString& accessible)
{
    widget->setObjectName(QLatin1String(name));
    widget->setAccessibleName(accessible);
    return widget;
}

QLabel* caption(const QString& text, QWidget* parent)
{
    auto* const label = new QLabel(text, parent);
    label->setProperty("role", QStringLiteral("title"));
    return label;
}

/// Of a file; negative where there is none.
qint64 sizeOf(const std::filesystem::path& path)
{
    std::error_code failed;
    const std::uintmax_t size = std::filesystem::file_size(path, failed);
    return failed ? -1 : static_cast<qint64>(size);
}

} // namespace

RunPage::RunPage(EngineClient& engine, RunSession& session, QWidget* parent)
    : QWidget(parent)
    , m_engine(engine)
    , m_session(session)
    , m_estimate(new RunEstimate(engine, this))
    , m_answer(new AnswerSession(engine, this))
{
    setObjectName(QStringLiteral("run_page"));
    setAcceptDrops(true);
    setAccessibleName(tr("Run a prompt"));
    // The form scrolls where the window is small: it must not hold the window wider than a laptop's screen,
    // not even while it is away.
    auto* const scroll = named(new QScrollArea(this), "run_scroll", tr("Run a prompt"));
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto* const sheet = new QWidget(scroll);
    sheet->setObjectName(QStringLiteral("run_sheet"));
    auto* const column = new QWidget(sheet);
    column->setMaximumWidth(920);
    auto* const layout = new QVBoxLayout(column);
    layout->setContentsMargins(24, 24, 24, 24);
    layout->setSpacing(8);
    auto* const title = new QLabel(tr("Run a prompt"), column);
    title->setFont(wordsFont(22, QFont::DemiBold));
    layout->addWidget(title);
    layout->addSpacing(4);
    layout->addWidget(caption(tr("MODEL"), column));
    m_model = new ModelChoice(engine, column);
    layout->addWidget(m_model);
    auto* const promptHead = new QHBoxLayout;
    promptHead->addWidget(caption(tr("PROMPT"), column));
    promptHead->addStretch();
    m_tokens = new QLabel(column);
    m_tokens->setObjectName(QStringLiteral("run_tokens"));
    m_tokens->setProperty("role", QStringLiteral("dim"));
    promptHead->addWidget(m_tokens);
    layout->addSpacing(4);
    layout->addLayout(promptHead);
    m_turns = new TurnsEditor(*promptHead, column);
    layout->addWidget(m_turns);
    m_prompt = new PromptEditor(column);
    setFocusProxy(m_prompt);
    layout->addWidget(m_prompt, 1);
    layout->addSpacing(4);
    layout->addWidget(caption(tr("PARAMETERS"), column));
    m_fields = new OptionFields(column);
    layout->addWidget(m_fields);
    layout->addSpacing(4);
    layout->addWidget(new AnswerCard(*m_answer, column));
    layout->addWidget(makeFooter());
    auto* const middle = new QHBoxLayout(sheet);
    middle->setContentsMargins(0, 0, 0, 0);
    middle->addStretch(1);
    middle->addWidget(column, 20);
    middle->addStretch(1);
    scroll->setWidget(sheet);
    auto* const outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);

    connect(m_prompt, &PromptEditor::changed, this, &RunPage::ask);
    connect(m_turns, &TurnsEditor::changed, this, &RunPage::ask);
    connect(m_turns, &TurnsEditor::opened, this, [this](const std::vector<ChatTurn>& conversation) {
        RunRequest request = this->request();
        request.turns = jsonOfChatTurns(conversation);
        request.system.clear();
        request.prompt.clear();
        request.promptFile.clear();
        setRequest(request);
    });
    connect(m_fields, &OptionFields::changed, this, &RunPage::ask);
    connect(m_estimate, &RunEstimate::changed, this, &RunPage::showEstimate);
    connect(m_estimate, &RunEstimate::changed, this, &RunPage::askingChanged);
    connect(m_model, &ModelChoice::modelChanged, this, &RunPage::ask);
    connect(m_model, &ModelChoice::fetchChanged, this, &RunPage::showEstimate);
    connect(m_model, &ModelChoice::fetchChanged, this, &RunPage::askingChanged);
    connect(&session, &RunSession::runningChanged, this, [this] {
        if (m_session.isRunning()) // it would wait for the answer
            m_answer->cancel();
        showEstimate();
    });
    connect(m_answer, &AnswerSession::changed, this, &RunPage::showGenerate);
    connect(m_answer, &AnswerSession::changed, this, &RunPage::askingChanged);
    setRequest(RunRequest());
}

QWidget* RunPage::makeFooter()
{
    auto* const box = new QWidget(this);
    auto* const layout = new QGridLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setHorizontalSpacing(8);
    layout->setVerticalSpacing(10);
    m_output = named(new QLineEdit(box), "run_output", tr("Where the trace is written"));
    m_output->setFont(tokensFont(12));
    auto* const outputLabel = new QLabel(tr("Trace"), box);
    outputLabel->setProperty("role", QStringLiteral("dim"));
    outputLabel->setBuddy(m_output);
    m_cost = new WrappedLabel(box);
    m_cost->setObjectName(QStringLiteral("run_cost"));
    m_cost->setLines(kCostLines, kCostLines);
    m_cost->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    auto* const close = named(new QPushButton(tr("Back"), box), "run_close", tr("Back to the map"));
    m_generate = named(new QPushButton(box), "run_generate_button", tr("Generate without recording"));
    m_start = named(new QPushButton(tr("Run"), box), "run_start_button", tr("Run"));
    m_start->setProperty("primary", true);
    layout->addWidget(outputLabel, 0, 0);
    layout->addWidget(m_output, 0, 1, 1, 4);
    layout->addWidget(m_cost, 1, 0, 1, 2);
    layout->addWidget(close, 1, 2);
    layout->addWidget(m_generate, 1, 3);
    layout->addWidget(m_start, 1, 4);
    layout->setColumnStretch(1, 1);
    connect(close, &QPushButton::clicked, this, &RunPage::closeRequested);
    connect(m_generate, &QPushButton::clicked, this, &RunPage::generate);
    connect(m_start, &QPushButton::clicked, this, &RunPage::startRequested);
    return box;
}

void RunPage::setModel(const QString& model)
{
    m_model->setModel(model);
}

void RunPage::focusModel()
{
    m_model->setFocus(Qt::OtherFocusReason);
}

void RunPage::browseModels()
{
    m_model->browse();
}

void RunPage::setRecentModels(const QStringList& models)
{
    m_model->setRecent(models);
}

const QStringList& RunPage::recentModels() const
{
    return m_model->recent();
}

void RunPage::rememberModel()
{
    m_model->remember();
}

bool RunPage::isAsking() const
{
    return m_estimate->isAsking() || m_model->isFetching() || m_model->isLooking() || m_answer->isRunning();
}

bool RunPage::canGenerate() const
{
    const RunRequest now = request();
    return m_answer->isRunning()
        || (hasPrompt() && !now.model.empty() && !m_model->isMissing() && !m_model->isRefused()
            && !m_session.isRunning());
}

void RunPage::generate()
{
    if (m_answer->isRunning())
        m_answer->cancel();
    else if (canGenerate()) {
        m_answer->start(request());
        // The answer's place is new, and moves the button that was pressed: both are in sight.
        QTimer::singleShot(0, this, [this] {
            auto* const scroll = findChild<QScrollArea*>(QStringLiteral("run_scroll"));
            scroll->ensureWidgetVisible(findChild<QWidget*>(QStringLiteral("run_answer")));
            scroll->ensureWidgetVisible(m_generate);
        });
    }
}

void RunPage::showGenerate()
{
    m_generate->setText(m_answer->isRunning() ? tr("Cancel") : tr("Generate only"));
    m_generate->setToolTip(m_answer->isRunning()
                               ? tr("Stop the answer")
                               : tr("Continue the prompt and show the answer here; nothing is recorded"));
    m_generate->setEnabled(canGenerate());
}

void RunPage::setPromptText(const QString& text)
{
    m_prompt->setText(text);
}

void RunPage::setPromptFile(const QString& path, qint64 bytes, const QString& encoding)
{
    m_request.encoding = encoding.isEmpty() ? RunOptions().encoding : encoding.toStdString();
    m_prompt->setFile(path, bytes);
}

RunRequest RunPage::request() const
{
    RunRequest request = m_request; // with what has no field here
    request.model = pathOf(m_model->model()).native();
    request.prompt = m_prompt->text().toStdString();
    request.promptFile = pathOf(m_prompt->file()).native();
    request.output = pathOf(m_output->text().trimmed());
    if (!request.prompt.empty() || !request.promptFile.empty())
        request.turns.clear(); // a prompt was written in their place
    m_fields->applyTo(request);
    std::vector<ChatTurn> turns = m_turns->turns();
    if (turns.empty())
        return request;
    if (!request.system.empty())
        turns.insert(turns.begin(), {ChatTurn::Role::System, std::move(request.system)});
    if (request.promptFile.empty()) // else the engine says that the two do not go together
        turns.push_back({ChatTurn::Role::User, std::move(request.prompt)});
    request.system.clear();
    request.prompt.clear();
    request.turns = jsonOfChatTurns(turns);
    return request;
}

bool RunPage::hasPrompt() const
{
    if (m_turns->turns().empty())
        return request().hasPrompt();
    return !m_prompt->text().isEmpty() || !m_prompt->file().isEmpty();
}

/// A conversation goes where it is shown: the system's turn, those before the prompt, and the prompt.
RunRequest RunPage::fillConversation(RunRequest request)
{
    Result<std::vector<ChatTurn>> turns = chatTurnsOfJson(request.turns);
    if (!turns || turns->size() > TurnsEditor::kMostTurns || !request.prompt.empty()
        || !request.promptFile.empty()) {
        m_turns->setTurns({});
        return request; // a file's name, or what the engine will refuse
    }
    request.turns.clear();
    request.prompt = std::move(turns->back().content);
    turns->pop_back();
    if (!turns->empty() && turns->front().role == ChatTurn::Role::System) {
        request.system = std::move(turns->front().content);
        turns->erase(turns->begin());
    }
    m_turns->setTurns(*turns);
    return request;
}

void RunPage::setRequest(const RunRequest& asked)
{
    m_filling = true;
    const RunRequest request = fillConversation(asked);
    m_request = request;
    m_model->setModel(pathText(request.model));
    if (request.promptFile.empty())
        m_prompt->setText(QString::fromStdString(request.prompt));
    else
        setPromptFile(pathText(request.promptFile), sizeOf(request.promptFile),
                      QString::fromStdString(request.encoding));
    m_fields->setOptions(request);
    m_suggestedOutput = request.output.empty() ? defaultTracePath(m_model->model()) : QString();
    m_output->setText(request.output.empty() ? m_suggestedOutput : pathText(request.output));
    m_filling = false;
    ask();
}

void RunPage::ask()
{
    if (m_filling || !m_output || !m_start)
        return;
    // A path the page made itself follows the model; one that was typed stays.
    if (m_output->text() == m_suggestedOutput) {
        m_suggestedOutput = defaultTracePath(m_model->model());
        m_output->setText(m_suggestedOutput);
    }
    const RunRequest now = request();
    // Nothing is asked from an engine for a form nobody looks at, nor of a model that may not run: it would
    // load it.
    if (m_model->isLooking() || m_model->isRefused())
        m_estimate->withdraw();
    else if (isVisible())
        m_estimate->ask(now);
    showEstimate();
}

void RunPage::dragEnterEvent(QDragEnterEvent* event)
{
    if (TurnsEditor::isConversation(*event->mimeData()))
        event->acceptProposedAction();
    else
        event->ignore(); // for the window
}

void RunPage::dropEvent(QDropEvent* event)
{
    m_turns->openDropped(*event->mimeData());
    event->acceptProposedAction();
}

void RunPage::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && event->modifiers() == Qt::NoModifier)
        emit closeRequested();
    else
        QWidget::keyPressEvent(event);
}

void RunPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_engine.start(); // for its list of models
    ask();
}

QString RunPage::costText() const
{
    if (m_estimate->answerText().isEmpty())
        return m_estimate->text();
    return m_estimate->text() + QLatin1Char('\n') + tr("Generate only: %1").arg(m_estimate->answerText());
}

void RunPage::showEstimate()
{
    const RunRequest now = request();
    m_turns->setError(m_estimate->turnsError());
    const bool isAsking = m_estimate->isAsking() || (m_model->isLooking() && now.hasPrompt());
    if (isAsking)
        m_tokens->setText(tr("counting tokens…"));
    else if (m_estimate->tokens() >= 0)
        m_tokens->setText(tr("%1 tokens")
                              .arg(QString::fromStdString(
                                  withThousands(static_cast<std::uint64_t>(m_estimate->tokens())))));
    else
        m_tokens->clear();
    const bool refused = !m_estimate->refusal().isEmpty();
    const QString note = m_model->note();
    m_cost->setText(!note.isEmpty() ? note
                        : isAsking  ? tr("estimating…")
                        : refused   ? m_estimate->refusal()
                                    : costText());
    const bool isCaution = !m_model->isFetchingChoice() && (refused || !note.isEmpty());
    m_cost->setToolTip(m_cost->text()); // where it is longer than its room
    m_cost->setProperty("role", isCaution ? QStringLiteral("caution") : QStringLiteral("dim"));
    m_cost->style()->unpolish(m_cost);
    m_cost->style()->polish(m_cost);
    m_start->setEnabled(hasPrompt() && !now.model.empty() && !refused && !m_model->isMissing()
                        && !m_model->isRefused() && !m_session.isRunning());
    showGenerate();
    m_start->setToolTip(m_session.isRunning() ? tr("A run is under way") : QString());
}

} // namespace headwater
