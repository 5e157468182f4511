// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/model_browser.h"

#include "ui/bridge/path_text.h"
#include "ui/run/model_list.h"
#include "ui/theme/quoted_text.h"
#include "ui/theme/wrapped_label.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStyle>
#include <QTreeView>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace headwater {

/// Rows that hold every word of what is typed, in any of their columns.
class ModelSearch : public QSortFilterProxyModel {
public:
    explicit ModelSearch(QObject* parent)
        : QSortFilterProxyModel(parent)
    {
        setSortRole(ModelList::SortRole);
        setSortCaseSensitivity(Qt::CaseInsensitive);
    }
    void setWords(const QString& text)
    {
        m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override
    {
        const QString all = sourceModel()->index(row, 0, parent).data(ModelList::SearchRole).toString();
        return std::ranges::all_of(
            m_words, [&all](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
    }

private:
    QStringList m_words;
};

namespace {

constexpr QSize kDialogSize(860, 480);
constexpr int kDetailLines = 3;
constexpr int kColumnWidths[] = {84, 120, 110, 104, 104}; ///< the name takes the rest

QPushButton* dialogButton(const char* name, const QString& text, QWidget* parent)
{
    auto* const made = new QPushButton(text, parent);
    made->setObjectName(QLatin1String(name));
    made->setAutoDefault(false);
    return made;
}

} // namespace

ModelBrowser::ModelBrowser(const QString& title, const QString& program, const QStringList& recent,
                           QWidget* parent)
    : QDialog(parent)
    , m_lookup(program)
    , m_recentLookup(program)
    , m_models(new ModelList(this))
    , m_found(new ModelSearch(this))
    , m_search(new QLineEdit(this))
    , m_list(new QTreeView(this))
    , m_detail(new WrappedLabel(this))
{
    setObjectName(QStringLiteral("model_browser"));
    setWindowTitle(title);
    setAccessibleName(title);
    m_search->setObjectName(QStringLiteral("model_search"));
    m_search->setAccessibleName(tr("Search models"));
    m_search->setPlaceholderText(tr("Search by name, architecture or type"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);
    m_detail->setObjectName(QStringLiteral("model_detail"));
    m_detail->setAccessibleName(tr("What the model is"));
    m_detail->setLines(kDetailLines, kDetailLines);
    makeList();
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(12);
    layout->addWidget(m_search);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_detail);
    layout->addWidget(makeButtons());
    resize(kDialogSize);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_found->setWords(text);
        if (!m_list->currentIndex().isValid())
            m_list->setCurrentIndex(m_found->index(0, 0));
        showCurrent();
    });
    connect(&m_lookup, &ModelLookup::found, this, [this](const std::vector<SeenModel>& models) {
        m_here = models;
        fill();
    });
    connect(&m_recentLookup, &ModelLookup::found, this, [this](const std::vector<SeenModel>& models) {
        m_recent = models;
        fill();
    });
    m_lookup.start();
    if (!recent.isEmpty())
        m_recentLookup.start(recent);
    showCurrent();
    m_search->setFocus();
}

void ModelBrowser::makeList()
{
    m_found->setSourceModel(m_models);
    m_list->setObjectName(QStringLiteral("model_list"));
    m_list->setAccessibleName(tr("Models"));
    m_list->setModel(m_found);
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAllColumnsShowFocus(true);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->setSortingEnabled(true);
    m_list->header()->setSortIndicator(-1, Qt::AscendingOrder); // the list's own order until one is asked for
    m_list->header()->setSectionsMovable(false);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(ModelList::Name, QHeaderView::Stretch);
    for (int i = 0; i < static_cast<int>(std::size(kColumnWidths)); ++i)
        m_list->header()->resizeSection(ModelList::Name + 1 + i, kColumnWidths[i]);
    m_list->installEventFilter(this);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &ModelBrowser::showCurrent);
    connect(m_list, &QTreeView::doubleClicked, this, [this] { m_use->click(); });
}

QWidget* ModelBrowser::makeButtons()
{
    auto* const row = new QWidget(this);
    auto* const layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    QPushButton* const file = dialogButton("model_file", tr("&File…"), row);
    file->setToolTip(tr("A GGUF file, any part of a split one, or the safetensors file of a model's folder"));
    QPushButton* const folder = dialogButton("model_folder", tr("F&older…"), row);
    folder->setToolTip(tr("A model's folder as transformers writes it: config.json and safetensors"));
    QPushButton* const cancel = dialogButton("model_cancel", tr("Cancel"), row);
    m_use = dialogButton("model_use", tr("&Use this model"), row);
    m_use->setProperty("primary", true);
    m_use->setDefault(true);
    layout->addWidget(file);
    layout->addWidget(folder);
    layout->addStretch(1);
    layout->addWidget(cancel);
    layout->addWidget(m_use);
    connect(file, &QPushButton::clicked, this, &ModelBrowser::browseFile);
    connect(folder, &QPushButton::clicked, this, &ModelBrowser::browseFolder);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_use, &QPushButton::clicked, this, [this] {
        if (const ListedModel* const model = current(); model && model->canBeChosen())
            give(model->seen.name);
    });
    return row;
}

/// In the search field the keys of a list move in the list; Enter uses what is chosen in either.
bool ModelBrowser::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    const auto* const key = static_cast<QKeyEvent*>(event);
    switch (key->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        m_use->click();
        return true;
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        if (watched == m_search) {
            QCoreApplication::sendEvent(m_list, event);
            return true;
        }
        break;
    default:
        break;
    }
    return QDialog::eventFilter(watched, event);
}

void ModelBrowser::browseFile()
{
    const QString path = chosenPath(QFileDialog::getOpenFileName(
        this, tr("Choose a model's file"), {}, tr("Models (*.gguf *.safetensors);;All files (*)")));
    if (!path.isEmpty())
        give(path);
}

void ModelBrowser::browseFolder()
{
    const QString path = chosenPath(QFileDialog::getExistingDirectory(this, tr("Choose a model's folder")));
    if (!path.isEmpty())
        give(path);
}

void ModelBrowser::give(const QString& model)
{
    accept();
    emit chosen(model);
}

/// What is chosen stays chosen while more comes.
void ModelBrowser::fill()
{
    const ListedModel* const before = current();
    const QString name = before ? before->seen.name : QString();
    m_models->setModels(m_recent, m_here);
    QModelIndex chosen = m_found->index(0, 0);
    for (int row = 0; row < m_found->rowCount(); ++row)
        if (!name.isEmpty() && m_found->index(row, ModelList::Name).data().toString() == name)
            chosen = m_found->index(row, 0);
    m_list->setCurrentIndex(chosen);
    showCurrent();
}

const ListedModel* ModelBrowser::current() const
{
    const QModelIndex index = m_found->mapToSource(m_list->currentIndex());
    return index.isValid() ? m_models->at(index.row()) : nullptr;
}

void ModelBrowser::showCurrent()
{
    const ListedModel* const model = current();
    const bool isLooking = m_lookup.isRunning() || m_recentLookup.isRunning();
    QString text;
    if (!model)
        text = isLooking
            ? tr("Looking at the models that are here…")
            : tr("No model matches. Models of the Hub are looked for in its cache: HF_HUB_CACHE and "
                 "HF_HOME say where that is.");
    else if (!model->seen.isPresent)
        text = tr("%1; licence: %2. It is not here yet: choose it, and the run form fetches it.")
                   .arg(model->seen.description, model->seen.license);
    else if (!model->seen.runs)
        text = tr("Does not run: %1").arg(model->seen.refusal);
    else
        text = model->seen.path.isEmpty()
            ? model->seen.description
            : model->seen.description + QLatin1Char('\n') + leftToRight(model->seen.path);
    m_detail->setText(text);
    m_detail->setToolTip(text);
    const bool isRefused = model && !model->canBeChosen();
    m_detail->setProperty("role", isRefused ? QStringLiteral("caution") : QStringLiteral("dim"));
    m_detail->style()->unpolish(m_detail);
    m_detail->style()->polish(m_detail);
    m_use->setEnabled(model && model->canBeChosen());
}

} // namespace headwater
