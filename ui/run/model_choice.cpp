// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/model_choice.h"

#include "ui/bridge/engine_client.h"
#include "ui/bridge/path_text.h"
#include "ui/run/model_fetch.h"
#include "ui/run/run_session.h"
#include "ui/run/terms_question.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>

namespace headwater {

namespace {

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
    , m_model(new QComboBox(this))
    , m_fetchButton(button("run_model_fetch", {}, tr("Fetch this model"), this))
{
    m_model->setObjectName(QStringLiteral("run_model"));
    m_model->setAccessibleName(tr("Model: a name or the path of a GGUF file"));
    m_model->setEditable(true);
    m_model->setInsertPolicy(QComboBox::NoInsert);
    // As wide as its place, whatever the models are called.
    m_model->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_model->setMinimumContentsLength(16);
    m_model->lineEdit()->setObjectName(QStringLiteral("run_model_edit"));
    m_model->lineEdit()->setAccessibleName(m_model->accessibleName());
    QPushButton* const browseButton =
        button("run_model_browse", tr("Choose a file…"), tr("Choose a model file"), this);
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_model, 1);
    layout->addWidget(m_fetchButton);
    layout->addWidget(browseButton);
    connect(browseButton, &QPushButton::clicked, this, &ModelChoice::browse);
    connect(m_fetchButton, &QPushButton::clicked, this, &ModelChoice::fetchOrStop);
    connect(m_model, &QComboBox::currentTextChanged, this, [this] {
        m_failure.clear();
        showFetch();
        emit modelChanged();
    });
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

void ModelChoice::setModel(const QString& model)
{
    m_model->setEditText(model);
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
    return isMissing() ? tr("This model is not here yet: fetch it, or choose a file.") : QString();
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

void ModelChoice::fill()
{
    const QString before = m_model->currentText();
    {
        const QSignalBlocker blocker(m_model); // the choice stays
        m_model->clear();
        if (m_engine.hello().models.empty())
            m_model->addItem(QStringLiteral("builtin:needle"));
        for (const EngineModel& model : m_engine.hello().models) {
            m_model->addItem(model.name);
            const QString state = model.present || m_fetched.contains(model.name)
                ? model.description
                : tr("%1 (not here yet)").arg(model.description);
            m_model->setItemData(m_model->count() - 1, state, Qt::ToolTipRole);
        }
        m_model->setEditText(before.isEmpty() ? m_model->itemText(0) : before);
    }
    showFetch();
}

void ModelChoice::browse()
{
    const QString path = chosenPath(
        QFileDialog::getOpenFileName(this, tr("Choose a model"), {}, tr("Models (*.gguf);;All files (*)")));
    if (!path.isEmpty())
        setModel(path);
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
