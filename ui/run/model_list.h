// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/run/model_lookup.h"

#include <QAbstractTableModel>
#include <vector>

namespace headwater {

/// A model that can be chosen.
struct ListedModel {
    SeenModel seen;
    bool isRecent = false; ///< used lately

    bool canBeChosen() const { return seen.runs || !seen.isPresent; }
};

/// Models to choose from, as a table. Rows keep their order; sorting is a proxy's.
class ModelList : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Size, StoredAs, Architecture, Where, Runs, NumColumns };
    enum Role { SortRole = Qt::UserRole, SearchRole };

    using QAbstractTableModel::QAbstractTableModel;

    /// `recent` come first, as far as they are still there; what is in both lists is listed once.
    void setModels(const std::vector<SeenModel>& recent, const std::vector<SeenModel>& here);
    const ListedModel* at(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString text(const ListedModel& model, int column) const;

    std::vector<ListedModel> m_models;
};

} // namespace headwater
