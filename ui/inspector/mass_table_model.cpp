// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/mass_table_model.h"

#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"

#include <QStringList>
#include <algorithm>
#include <tuple>
#include <utility>

namespace headwater {

QString spanName(std::uint32_t begin, std::uint32_t end)
{
    const QString first = thousandsOf(begin);
    if (end <= begin + 1)
        return first;
    const QString last = thousandsOf(end - 1);
    // A million tokens would need half the panel for a span's name: what both ends share is said once.
    const qsizetype group = last.lastIndexOf(QChar(0x2009));
    const bool isShared = group >= 3 && first.size() == last.size() && first.left(group) == last.left(group);
    return QStringLiteral("%1–%2").arg(first, isShared ? last.mid(group + 1) : last);
}

QString plainSpanName(std::uint32_t begin, std::uint32_t end)
{
    return end <= begin + 1 ? QString::number(begin) : QStringLiteral("%1-%2").arg(begin).arg(end - 1);
}

MassTableModel::MassTableModel(QString nameHeader, QString tokenHeader, QObject* parent)
    : QAbstractTableModel(parent)
    , m_nameHeader(std::move(nameHeader))
    , m_tokenHeader(std::move(tokenHeader))
{
}

bool MassRow::isSameBut(const MassRow& other) const
{
    return std::tie(name, order, token, mass, massText, head, tokenAt)
        == std::tie(other.name, other.order, other.token, other.mass, other.massText, other.head,
                    other.tokenAt);
}

void MassTableModel::setStale()
{
    if (m_stale || m_rows.empty())
        return;
    m_stale = true;
    emit dataChanged(index(0, 0), index(rowCount() - 1, NumColumns - 1), {StaleRole});
}

void MassTableModel::setRows(std::vector<MassRow> rows)
{
    m_stale = false;
    const bool isSame = !rows.empty()
        && std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                      [](const MassRow& a, const MassRow& b) { return a.isSameBut(b); });
    if (isSame) {
        m_rows = std::move(rows);
        emit dataChanged(index(0, 0), index(rowCount() - 1, NumColumns - 1), {CurrentRole, StaleRole});
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    m_most = 0;
    for (const MassRow& row : m_rows)
        m_most = std::max(m_most, row.mass);
    endResetModel();
}

void MassTableModel::markCurrent(const std::function<bool(const MassRow&)>& isCurrent)
{
    if (m_rows.empty())
        return;
    for (MassRow& row : m_rows)
        row.isCurrent = isCurrent(row);
    emit dataChanged(index(0, 0), index(rowCount() - 1, NumColumns - 1), {CurrentRole});
}

void MassTableModel::setQuantity(const QString& quantity)
{
    if (quantity == m_quantity)
        return;
    m_quantity = quantity;
    emit headerDataChanged(Qt::Horizontal, 0, NumColumns - 1);
}

int MassTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int MassTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : NumColumns;
}

QVariant MassTableModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const MassRow& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        if (index.column() == Name)
            return row.name;
        if (index.column() == Token)
            return role == Qt::DisplayRole ? isolated(row.token) : row.token;
        return index.column() == Mass || role == Qt::AccessibleTextRole ? row.massText : QVariant();
    case Qt::ToolTipRole:
        return QStringLiteral("%1 %2\n%3 (%4)").arg(row.name, isolated(row.token), row.massText, m_quantity);
    case SortRole:
        if (index.column() == Token)
            return row.token;
        return index.column() == Name ? row.order : row.mass;
    case ShareRole:
        return m_most > 0 ? row.mass / m_most : 0.0;
    case CurrentRole:
        return row.isCurrent && !m_stale;
    case StaleRole:
        return m_stale;
    default:
        return {};
    }
}

QVariant MassTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole) {
        switch (section) {
        case Name:
            return m_nameHeader;
        case Token:
            return m_tokenHeader;
        case Mass:
            return tr("mass");
        default:
            return QString();
        }
    }
    if (role == Qt::ToolTipRole)
        return section == Mass || section == Bar ? m_quantity : tr("Click to sort");
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == Mass || (section == Name && !m_tokenHeader.isEmpty())
                                     ? Qt::AlignRight
                                     : Qt::AlignLeft)
                                | Qt::AlignVCenter);
    return {};
}

QString MassTableModel::tsv(const std::vector<int>& rows) const
{
    const bool hasToken = !m_tokenHeader.isEmpty();
    QStringList lines;
    QStringList fields{m_nameHeader};
    if (hasToken)
        fields.append(m_tokenHeader);
    fields.append(tr("mass (%1)").arg(m_quantity));
    lines.append(fields.join(QLatin1Char('\t')));
    for (const int at : rows) {
        const MassRow& row = m_rows[static_cast<std::size_t>(at)];
        fields = {row.copyName.isEmpty() ? withoutIsolates(row.name).remove(QChar(0x2009)) : row.copyName};
        if (hasToken)
            fields.append(row.token);
        fields.append(row.isHeld && !row.isRounded ? QString::number(row.mass, 'g', 7) : row.massText);
        lines.append(fields.join(QLatin1Char('\t')));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace headwater
