// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_page.h"

#include "core/base/text.h"
#include "ui/bridge/engine_client.h"
#include "ui/bridge/path_text.h"
#include "ui/run/model_choice.h"
#include "ui/run/prompt_editor.h"
#include "ui/run/run_estimate.h"
#include "ui/run/run_session.h"
#include "ui/theme/fonts.h"
#include "ui/theme/wrapped_label.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QStyle>
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

QComboBox* choice(const char* name, const QString& accessible, const QList<QPair<QString, QString>>& entries,
                  QWidget* parent)
{
    auto* const box = named(new QComboBox(parent), name, accessible);
    for (const auto& [text, value] : entries)
        box->addItem(text, value);
    return box;
}

void choose(QComboBox* box, const QString& value)
{
    box->setCurrentIndex(std::max(0, box->findData(value)));
}

QLabel* caption(const QString& text, QWidget* parent)
{
    auto* const label = new QLabel(text, parent);
    label->setProperty("role", QStringLiteral("title"));
    return label;
}

/// Of a file; negative where there is none.
qint64 sizeOf(const QString& path)
{
    std::error_code failed;
    const std::uintmax_t size = std::filesystem::file_size(pathOf(path), failed);
    return failed ? -1 : static_cast<qint64>(size);
}

QString blocksValue(int blockQ, int blockK)
{
    return QStringLiteral("%1/%2").arg(blockQ).arg(blockK);
}

} // namespace

RunPage::RunPage(EngineClient& engine, RunSession& session, QWidget* parent)
    : QWidget(parent)
    , m_engine(engine)
    , m_session(session)
    , m_estimate(new RunEstimate(engine, this))
{
    setObjectName(QStringLiteral("run_page"));
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
    m_prompt = new PromptEditor(column);
    setFocusProxy(m_prompt);
    layout->addWidget(m_prompt, 1);
    layout->addSpacing(4);
    layout->addWidget(caption(tr("PARAMETERS"), column));
    layout->addWidget(makeParameters());
    layout->addSpacing(4);
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
    connect(m_estimate, &RunEstimate::changed, this, &RunPage::showEstimate);
    connect(m_estimate, &RunEstimate::changed, this, &RunPage::askingChanged);
    connect(m_model, &ModelChoice::modelChanged, this, &RunPage::ask);
    connect(m_model, &ModelChoice::fetchChanged, this, &RunPage::showEstimate);
    connect(m_model, &ModelChoice::fetchChanged, this, &RunPage::askingChanged);
    connect(&session, &RunSession::runningChanged, this, &RunPage::showEstimate);
    setRequest({});
}

QWidget* RunPage::makeParameters()
{
    auto* const box = new QWidget(this);
    auto* const grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(8);
    makeSelectionFields(box);
    makeRunFields(box);
    int place = 0;
    const auto add = [&](const QString& label, QWidget* control, const QString& help) {
        auto* const text = new QLabel(label, box);
        text->setProperty("role", QStringLiteral("dim"));
        text->setBuddy(control);
        control->setToolTip(help);
        grid->addWidget(text, place / 3, 2 * (place % 3));
        grid->addWidget(control, place / 3, 2 * (place % 3) + 1);
        ++place;
    };
    add(tr("Selection"), m_select,
        tr("How the kept key blocks are chosen: exact up to 16 384 tokens, tree beyond"));
    add(tr("Keys a row"), m_keepKeys, tr("The budget: how many keys each query block keeps"));
    add(tr("Blocks"), m_blocks, tr("Tokens of a query block and of a key block"));
    add(tr("Forward"), m_propagation,
        tr("Observed: dense forward, masks only recorded. Propagated: every layer attends over its mask"));
    add(tr("Keep peaks ≥"), m_keepPeak,
        tr("Also keep every block in which a row gives one key at least this probability"));
    add(tr("Chat format"), m_chat, tr("How the prompt is wrapped before it is tokenized"));
    add(tr("Control tokens"), m_textTokens,
        tr("What the spelling of a control token in the prompt is, as <|im_end|>: text like any other, or "
           "the "
           "token itself. By the format: text inside chat turns, tokens in raw text. Those of the chat "
           "format "
           "always take effect"));
    add(tr("Generate"), m_generate, tr("Greedy tokens after the prompt; they are traced too"));
    add(tr("Predictions"), m_predictions,
        tr("Keep what every row gives to the next token: the text can then be shaded by loss. By cost: where "
           "it takes at most a fifth of the forward, or about a second"));
    m_check->setToolTip(
        tr("Compare the dense model with the masked one afterwards; takes about twice the time"));
    grid->addWidget(m_check, place / 3, 2 * (place % 3), 1, 2);
    for (const int column : {1, 3, 5})
        grid->setColumnStretch(column, 1);
    askWhenChanged();
    return box;
}

void RunPage::makeSelectionFields(QWidget* box)
{
    m_select = choice("run_select", tr("Selection"),
                      {{tr("by length (auto)"), QStringLiteral("auto")},
                       {tr("exact"), QStringLiteral("exact")},
                       {tr("tree"), QStringLiteral("tree")},
                       {tr("stream"), QStringLiteral("stream")}},
                      box);
    m_keepKeys = named(new QSpinBox(box), "run_keep_keys", tr("Keys kept in each row"));
    m_keepKeys->setRange(4, 1 << 20);
    m_keepKeys->setSingleStep(64);
    m_blocks = choice("run_blocks", tr("Block sizes"),
                      {{tr("by length (auto)"), blocksValue(0, 0)},
                       {QStringLiteral("4 / 4"), blocksValue(4, 4)},
                       {QStringLiteral("8 / 8"), blocksValue(8, 8)},
                       {QStringLiteral("16 / 16"), blocksValue(16, 16)},
                       {QStringLiteral("32 / 32"), blocksValue(32, 32)},
                       {QStringLiteral("64 / 32"), blocksValue(64, 32)},
                       {QStringLiteral("64 / 64"), blocksValue(64, 64)}},
                      box);
    m_propagation = choice("run_propagation", tr("Observed or propagated"),
                           {{tr("as the selection (auto)"), QStringLiteral("auto")},
                            {tr("observed"), QStringLiteral("observed")},
                            {tr("propagated"), QStringLiteral("propagated")}},
                           box);
    m_keepPeak = named(new QDoubleSpinBox(box), "run_keep_peak", tr("Keep every peak above"));
    m_keepPeak->setRange(-0.01, 1);
    m_keepPeak->setDecimals(2);
    m_keepPeak->setSingleStep(0.01);
    m_keepPeak->setSpecialValueText(tr("auto"));
}

void RunPage::makeRunFields(QWidget* box)
{
    m_chat = choice("run_chat", tr("Chat format"),
                    {{tr("as the model (auto)"), QStringLiteral("auto")},
                     {tr("off: raw text"), QStringLiteral("off")},
                     {tr("ChatML"), QStringLiteral("chatml")},
                     {tr("Gemma"), QStringLiteral("gemma")},
                     {tr("Llama 3"), QStringLiteral("llama3")},
                     {tr("DeepSeek-R1"), QStringLiteral("deepseek-r1")},
                     {tr("Mistral"), QStringLiteral("mistral")}},
                    box);
    m_textTokens = choice("run_text_tokens", tr("Control tokens spelt in the prompt"),
                          {{tr("by the format (auto)"), QStringLiteral("auto")},
                           {tr("plain text"), QStringLiteral("plain")},
                           {tr("take effect"), QStringLiteral("control")}},
                          box);
    m_generate = named(new QSpinBox(box), "run_generate", tr("Tokens to generate"));
    m_generate->setRange(0, 4096);
    m_predictions = choice("run_predictions", tr("Predictions"),
                           {{tr("by cost (auto)"), QStringLiteral("auto")},
                            {tr("on"), QStringLiteral("on")},
                            {tr("off"), QStringLiteral("off")}},
                           box);
    m_check = named(new QCheckBox(tr("Behaviour check"), box), "run_check", tr("Behaviour check"));
}

void RunPage::askWhenChanged()
{
    for (QComboBox* const changed : {m_select, m_blocks, m_propagation, m_chat, m_textTokens, m_predictions})
        connect(changed, &QComboBox::currentIndexChanged, this, &RunPage::ask);
    for (QSpinBox* const changed : {m_keepKeys, m_generate})
        connect(changed, &QSpinBox::valueChanged, this, &RunPage::ask);
    connect(m_keepPeak, &QDoubleSpinBox::valueChanged, this, &RunPage::ask);
    connect(m_check, &QCheckBox::toggled, this, &RunPage::ask);
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
    m_start = named(new QPushButton(tr("Run"), box), "run_start_button", tr("Run"));
    m_start->setProperty("primary", true);
    layout->addWidget(outputLabel, 0, 0);
    layout->addWidget(m_output, 0, 1, 1, 3);
    layout->addWidget(m_cost, 1, 0, 1, 2);
    layout->addWidget(close, 1, 2);
    layout->addWidget(m_start, 1, 3);
    layout->setColumnStretch(1, 1);
    connect(close, &QPushButton::clicked, this, &RunPage::closeRequested);
    connect(m_start, &QPushButton::clicked, this, &RunPage::startRequested);
    return box;
}

void RunPage::setModel(const QString& model)
{
    m_model->setModel(model);
}

bool RunPage::isAsking() const
{
    return m_estimate->isAsking() || m_model->isFetching();
}

void RunPage::setPromptText(const QString& text)
{
    m_prompt->setText(text);
}

void RunPage::setPromptFile(const QString& path, qint64 bytes, const QString& encoding)
{
    m_encoding = encoding;
    m_prompt->setFile(path, bytes);
}

RunRequest RunPage::request() const
{
    RunRequest request;
    request.model = m_model->model();
    request.text = m_prompt->text();
    request.promptFile = m_prompt->file();
    if (!request.promptFile.isEmpty() && !m_encoding.isEmpty())
        request.encoding = m_encoding;
    request.output = m_output->text().trimmed();
    request.chat = m_chat->currentData().toString();
    request.textTokens = m_textTokens->currentData().toString();
    request.select = m_select->currentData().toString();
    request.propagation = m_propagation->currentData().toString();
    request.keepKeys = m_keepKeys->value();
    request.keepPeak = m_keepPeak->value();
    const QStringList blocks = m_blocks->currentData().toString().split(QLatin1Char('/'));
    request.blockQ = blocks.value(0).toInt();
    request.blockK = blocks.value(1).toInt();
    request.generate = m_generate->value();
    request.predictions = m_predictions->currentData().toString();
    request.check = m_check->isChecked();
    return request;
}

void RunPage::setRequest(const RunRequest& request)
{
    m_filling = true;
    m_model->setModel(request.model);
    if (request.promptFile.isEmpty())
        m_prompt->setText(request.text);
    else
        m_prompt->setFile(request.promptFile, sizeOf(request.promptFile));
    m_encoding = request.encoding;
    choose(m_chat, request.chat);
    choose(m_textTokens, request.textTokens);
    choose(m_select, request.select);
    choose(m_propagation, request.propagation);
    m_keepKeys->setValue(request.keepKeys);
    m_keepPeak->setValue(request.keepPeak < 0 ? m_keepPeak->minimum() : request.keepPeak);
    const QString blocks = blocksValue(request.blockQ, request.blockK);
    if (m_blocks->findData(blocks) < 0)
        m_blocks->addItem(QStringLiteral("%1 / %2").arg(request.blockQ).arg(request.blockK), blocks);
    choose(m_blocks, blocks);
    m_generate->setValue(request.generate);
    choose(m_predictions, request.predictions);
    m_check->setChecked(request.check);
    m_suggestedOutput = request.output.isEmpty() ? defaultTracePath(request.model) : QString();
    m_output->setText(request.output.isEmpty() ? m_suggestedOutput : request.output);
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
    // Nothing is asked from an engine for a form nobody looks at.
    if (isVisible())
        m_estimate->ask(now);
    showEstimate();
}

void RunPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_engine.start(); // for its list of models
    ask();
}

void RunPage::showEstimate()
{
    const RunRequest now = request();
    if (m_estimate->isAsking())
        m_tokens->setText(tr("counting tokens…"));
    else if (m_estimate->tokens() >= 0)
        m_tokens->setText(tr("%1 tokens")
                              .arg(QString::fromStdString(
                                  withThousands(static_cast<std::uint64_t>(m_estimate->tokens())))));
    else
        m_tokens->clear();
    const bool refused = !m_estimate->refusal().isEmpty();
    const QString note = m_model->note();
    m_cost->setText(!note.isEmpty()              ? note
                        : m_estimate->isAsking() ? tr("estimating…")
                        : refused                ? m_estimate->refusal()
                                                 : m_estimate->text());
    const bool isCaution = !m_model->isFetchingChoice() && (refused || !note.isEmpty());
    m_cost->setToolTip(m_cost->text()); // where it is longer than its room
    m_cost->setProperty("role", isCaution ? QStringLiteral("caution") : QStringLiteral("dim"));
    m_cost->style()->unpolish(m_cost);
    m_cost->style()->polish(m_cost);
    m_start->setEnabled(now.hasPrompt() && !now.model.isEmpty() && !refused && !m_model->isMissing()
                        && !m_session.isRunning());
    m_start->setToolTip(m_session.isRunning() ? tr("A run is under way") : QString());
}

} // namespace headwater
