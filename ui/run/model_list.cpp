// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/model_list.h"

#include "core/base/text.h"

#include <QApplication>
#include <QPalette>
#include <algorithm>

namespace headwater {

void ModelList::setModels(const std::vector<SeenModel>& recent, const std::vector<SeenModel>& here)
{
    beginResetModel();
    m_models.clear();
    for (const SeenModel& model : recent)
        if (model.isSeen) // what was used lately may be gone
            m_models.push_back({model, true});
    for (const SeenModel& model : here) {
        const bool isListed = std::ranges::any_of(
            m_models, [&model](const ListedModel& other) { return other.seen.name == model.name; });
        if (!isListed)
            m_models.push_back({model, false});
    }
    endResetModel();
}

const ListedModel* ModelList::at(int row) const
{
    return row >= 0 && row < static_cast<int>(m_models.size()) ? &m_models[static_cast<std::size_t>(row)]
                                                               : nullptr;
}

int ModelList::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_models.size());
}

int ModelList::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : NumColumns;
}

QString ModelList::text(const ListedModel& model, int column) const
{
    const SeenModel& seen = model.seen;
    switch (column) {
    case Name:
        return seen.name;
    case Size:
        return seen.bytes > 0 ? QString::fromStdString(humanBytes(seen.bytes)) : QString();
    case StoredAs:
        return seen.storedAs;
    case Architecture:
        return seen.architecture;
    case Where:
        return model.isRecent          ? tr("used lately")
            : !seen.revision.isEmpty() ? tr("Hub's cache")
            : !seen.isPresent          ? tr("to be fetched")
            : seen.path.isEmpty()      ? tr("built in")
                                       : tr("fetched");
    case Runs:
        return model.canBeChosen() ? QString() : tr("does not run");
    default:
        return {};
    }
}

QVariant ModelList::data(const QModelIndex& index, int role) const
{
    const ListedModel* const model = at(index.row());
    if (!model)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(*model, index.column());
    case Qt::ToolTipRole:
        return index.column() == Name ? model->seen.name : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter)
                                   | (index.column() == Size ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ForegroundRole:
        return model->canBeChosen() ? QVariant() : QApplication::palette().placeholderText();
    case SortRole:
        if (index.column() == Size)
            return static_cast<qulonglong>(model->seen.bytes);
        return text(*model, index.column());
    case SearchRole: {
        QString all = model->seen.description;
        for (int column = 0; column < NumColumns; ++column)
            all += QLatin1Char('\n') + text(*model, column);
        return all;
    }
    default:
        return {};
    }
}

QVariant ModelList::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter)
                                   | (section == Size ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Model");
    case Size:
        return tr("Size");
    case StoredAs:
        return tr("Stored as");
    case Architecture:
        return tr("Architecture");
    case Where:
        return tr("Where");
    default:
        return {};
    }
}

} // namespace headwater
