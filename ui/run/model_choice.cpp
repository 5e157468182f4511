// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/model_choice.h"

#include "ui/bridge/engine_client.h"
#include "ui/run/model_browser.h"
#include "ui/run/model_fetch.h"
#include "ui/run/model_lookup.h"
#include "ui/run/run_session.h"
#include "ui/run/terms_question.h"
#include "ui/theme/wrapped_label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStyle>
#include <QVBoxLayout>
#include <utility>

namespace headwater {

namespace {

constexpr int kMostRecent = 8;
constexpr int kPauseMs = 120; ///< typing a path looks at its end, not at every letter
constexpr int kSeenLines = 3; ///< of a refusal: it names a file of any length

QPushButton* button(const char* name, const QString& text, const QString& accessible, QWidget* parent)
{
    auto* const made = new QPushButton(text, parent);
    made->setObjectName(QLatin1String(name));
    made->setAccessibleName(accessible);
    return made;
}

} // namespace

ModelChoice::ModelChoice(EngineClient& engine, QWidget* parent)
    : QWidget(parent)
    , m_engine(engine)
    , m_fetch(new ModelFetch(engine.program(), this))
    , m_lookup(new ModelLookup(engine.program(), this))
    , m_model(new QComboBox(this))
    , m_seen(new WrappedLabel(this))
    , m_fetchButton(button("run_model_fetch", {}, tr("Fetch this model"), this))
{
    setFocusProxy(m_model);
    m_model->setObjectName(QStringLiteral("run_model"));
    m_model->setAccessibleName(
        tr("Model: a name, org/name in the Hub's cache, or the path of a file or folder"));
    m_model->setEditable(true);
    m_model->setInsertPolicy(QComboBox::NoInsert);
    // As wide as its place, whatever the models are called.
    m_model->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_model->setMinimumContentsLength(16);
    m_model->lineEdit()->setObjectName(QStringLiteral("run_model_edit"));
    m_model->lineEdit()->setAccessibleName(m_model->accessibleName());
    m_model->lineEdit()->setAcceptDrops(false); // files dropped here are for the window to open
    m_model->setToolTip(
        tr("A name, org/name of a model in the Hub's cache, or the path of a GGUF file or of a "
           "model's folder; files and folders can be dropped on the window. Ctrl+Z takes a "
           "choice back"));
    m_seen->setObjectName(QStringLiteral("run_model_seen"));
    m_seen->setAccessibleName(tr("What the model is"));
    m_seen->setLines(1, kSeenLines);
    QPushButton* const browseButton =
        button("run_model_browse", tr("Choose…"), tr("Choose a model from a list, a file or a folder"), this);
    auto* const row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_model, 1);
    row->addWidget(m_fetchButton);
    row->addWidget(browseButton);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(row);
    layout->addWidget(m_seen);
    connect(browseButton, &QPushButton::clicked, this, &ModelChoice::browse);
    connect(m_fetchButton, &QPushButton::clicked, this, &ModelChoice::fetchOrStop);
    connect(m_model, &QComboBox::currentTextChanged, this, [this] {
        m_before = std::exchange(m_now, m_model->currentText());
        m_failure.clear();
        look();
        showFetch();
        emit modelChanged();
    });
    // What the list gives is written over the field, and its undo forgotten: put back and replaced.
    connect(m_model, &QComboBox::textActivated, this, [this](const QString& name) {
        if (m_now != name || m_before.isEmpty() || m_before == name)
            return;
        const QSignalBlocker blocker(m_model);
        m_model->lineEdit()->setText(m_before);
        setModel(name);
    });
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, [this] { m_lookup->start({m_looked}); });
    connect(m_lookup, &ModelLookup::found, this, &ModelChoice::take);
    connect(m_lookup, &ModelLookup::runningChanged, this, &ModelChoice::fetchChanged);
    connect(&engine, &EngineClient::helloChanged, this, &ModelChoice::fill);
    connect(m_fetch, &ModelFetch::runningChanged, this, &ModelChoice::showFetch);
    connect(m_fetch, &ModelFetch::progressed, this, [this](EngineProgress progress) {
        progress.phase = tr("fetching %1").arg(m_fetch->model());
        m_progress = progressText(progress);
        emit fetchChanged();
    });
    connect(m_fetch, &ModelFetch::finished, this, [this](const QString& model) {
        m_fetched.append(model);
        fill();
        look();
        emit modelChanged();
    });
    connect(m_fetch, &ModelFetch::failed, this, [this](const Error& error) {
        if (error.code != ErrorCode::Cancelled && m_fetch->model() == model())
            m_failure = QString::fromStdString(error.text());
        showFetch();
    });
    fill();
}

QString ModelChoice::model() const
{
    return m_model->currentText().trimmed();
}

/// As if it were typed, so that the field's undo takes it back.
void ModelChoice::setModel(const QString& model)
{
    QLineEdit* const field = m_model->lineEdit();
    if (field->text() == model)
        return;
    field->selectAll();
    field->insert(model);
}

void ModelChoice::setRecent(const QStringList& models)
{
    m_recent = models.mid(0, kMostRecent);
    fill();
    if (!m_recent.isEmpty())
        setModel(m_recent.front());
}

void ModelChoice::remember()
{
    m_recent.removeAll(model());
    m_recent.prepend(model());
    m_recent = m_recent.mid(0, kMostRecent);
    fill();
}

bool ModelChoice::isLooking() const
{
    return m_pause.isActive() || m_lookup->isRunning();
}

void ModelChoice::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    look();
}

/// Only at what somebody sees: a form behind the map starts no process.
void ModelChoice::look()
{
    const QString name = model();
    if (name != m_looked) {
        m_lookup->cancel();
        m_pause.stop();
        m_looked.clear();
        m_refusal.clear();
        m_seen->setText({});
        m_seen->setToolTip({});
    }
    if (!isVisible() || name.isEmpty() || missing())
        return;
    m_looked = name;
    m_pause.start();
}

void ModelChoice::take(const std::vector<SeenModel>& models)
{
    const SeenModel* const seen = models.size() == 1 ? &models.front() : nullptr;
    // Where nothing lies the engine says so: it knows names of its own.
    m_refusal = seen && seen->isSeen && !seen->runs ? seen->refusal : QString();
    const QString text = !m_refusal.isEmpty() ? tr("Does not run: %1").arg(m_refusal)
        : seen && seen->isSeen                ? seen->description
                                              : QString();
    m_seen->setText(text);
    m_seen->setToolTip(text);
    m_seen->setProperty("role", isRefused() ? QStringLiteral("caution") : QStringLiteral("dim"));
    m_seen->style()->unpolish(m_seen);
    m_seen->style()->polish(m_seen);
    emit modelChanged();
}

bool ModelChoice::isFetching() const
{
    return m_fetch->isRunning();
}

bool ModelChoice::isFetchingChoice() const
{
    return isFetching() && m_fetch->model() == model();
}

QString ModelChoice::note() const
{
    if (isFetchingChoice())
        return m_progress.isEmpty() ? tr("fetching %1…").arg(m_fetch->model()) : m_progress;
    if (!m_failure.isEmpty())
        return m_failure;
    if (isRefused())
        return tr("This model does not run: why stands below its name.");
    return isMissing() ? tr("This model is not here yet: fetch it, or choose another.") : QString();
}

const EngineModel* ModelChoice::missing() const
{
    const QString name = model();
    for (const EngineModel& known : m_engine.hello().models) {
        if (known.name == name)
            return known.present || m_fetched.contains(name) ? nullptr : &known;
    }
    return nullptr;
}

/// Adds what is missing: the field and its undo are left alone, which clear() and a changed item are not.
void ModelChoice::fill()
{
    const auto offer = [this](const QString& name, const QString& what) {
        if (m_model->findText(name) < 0)
            m_model->addItem(name);
        const QSignalBlocker blocker(m_model->model());
        m_model->setItemData(m_model->findText(name), what, Qt::ToolTipRole);
    };
    if (m_engine.hello().models.empty())
        offer(QStringLiteral("builtin:needle"), {});
    for (const EngineModel& model : m_engine.hello().models)
        offer(model.name,
              model.present || m_fetched.contains(model.name)
                  ? model.description
                  : tr("%1 (not here yet)").arg(model.description));
    for (const QString& recent : m_recent)
        if (m_model->findText(recent) < 0)
            offer(recent, recent);
    showFetch();
}

void ModelChoice::browse()
{
    auto* const browser = new ModelBrowser(tr("Choose a model"), m_engine.program(), m_recent, this);
    browser->setAttribute(Qt::WA_DeleteOnClose);
    connect(browser, &ModelBrowser::chosen, this, [this](const QString& model) {
        setModel(model);
        m_model->setFocus();
    });
    browser->open(); // of the window alone: nothing waits
}

void ModelChoice::fetchOrStop()
{
    m_failure.clear();
    m_progress.clear();
    if (isFetching())
        m_fetch->cancel();
    else if (const EngineModel* const model = missing())
        fetch(*model);
}

void ModelChoice::fetch(const EngineModel& model)
{
    const QString name = model.name;
    if (!model.terms || model.terms->accepted || m_accepted.contains(name)) {
        m_fetch->start(name, m_accepted.contains(name));
        return;
    }
    auto* const question = new TermsQuestion(model, this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    connect(question, &QDialog::accepted, this, [this, name] {
        m_accepted.append(name);
        m_fetch->start(name, true);
    });
    question->open(); // of the window alone: nothing waits
}

void ModelChoice::showFetch()
{
    const EngineModel* const model = missing();
    m_fetchButton->setVisible(isFetching() || model);
    m_fetchButton->setText(isFetching() ? tr("Stop fetching") : tr("Fetch it"));
    m_fetchButton->setToolTip(
        model ? tr("%1, licence %2; downloaded by its pinned SHA-256").arg(model->description, model->license)
              : QString());
    emit fetchChanged();
}

} // namespace headwater
