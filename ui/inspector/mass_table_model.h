// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/record/head_id.h"

#include <QAbstractTableModel>
#include <QString>
#include <functional>
#include <optional>
#include <vector>

namespace headwater {

/// Tokens [begin, end) as a name: "2 012", "2 000–2 015", and where the groups of thousands begin alike
/// "1 048 560–575".
QString spanName(std::uint32_t begin, std::uint32_t end);

/// The same for copies, whole and without thin spaces: "2012", "1048560-1048575".
QString plainSpanName(std::uint32_t begin, std::uint32_t end);

/// One row of a table of masses.
struct MassRow {
    QString name; ///< "2 012", "2 000–2 015", "L14 H3"
    double order = 0; ///< the name's place among the names
    QString token; ///< its text; may be empty
    double mass = 0;
    QString massText; ///< "0.412", or words where the number is not held
    HeadId head;
    std::uint32_t tokenAt = 0;
    bool isCurrent = false; ///< what is locked
    QString copyName = {}; ///< what a copy calls it; empty: `name`
    bool isHeld = true; ///< false: `mass` is a place in the order, and a copy has the words
    bool isRounded = false; ///< no more figures of it are true than those of its text, and a copy has those

    bool isSameBut(const MassRow& other) const; ///< equal, isCurrent aside
};

/// A table of name, token, mass and a bar of the mass. Rows in the order given; the view sorts.
class MassTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Token, Mass, Bar, NumColumns };
    enum Role {
        SortRole = Qt::UserRole, ///< a double, or the token's text
        ShareRole, ///< bar's length: mass over the largest mass
        CurrentRole,
        StaleRole,
    };

    MassTableModel(QString nameHeader, QString tokenHeader, QObject* parent);

    /// Rows that differ only in what is locked keep order, scroll position and selection.
    void setRows(std::vector<MassRow> rows);
    /// Which rows are the locked ones; keeps order and selection.
    void markCurrent(const std::function<bool(const MassRow&)>& isCurrent);
    const std::vector<MassRow>& rows() const { return m_rows; }
    /// What a mass is: "p_model", "p_model, mean of 16 rows, key block of 16". In the header's tooltip and in
    /// copies.
    void setQuantity(const QString& quantity);
    const QString& quantity() const { return m_quantity; }
    /// The rows answer an older question than the one that is being answered: they are drawn dim and copied
    /// by nobody. New rows are current again.
    void setStale();
    bool isStale() const { return m_stale; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// Header and the given rows, tabs between the fields, full precision.
    QString tsv(const std::vector<int>& rows) const;

private:
    QString m_nameHeader;
    QString m_tokenHeader;
    QString m_quantity;
    std::vector<MassRow> m_rows;
    double m_most = 0;
    bool m_stale = false;
};

} // namespace headwater
