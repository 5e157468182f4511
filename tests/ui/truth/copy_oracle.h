// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/record/token_pair.h"
#include "support/dense_trace.h"
#include "ui/state/map_look.h"

#include <QString>
#include <QStringList>
#include <fmt/format.h>

namespace headwater::test {

/// Reads the tab-separated lines that a list of the inspector gives to the clipboard.
class CopyOracle {
public:
    explicit CopyOracle(const DenseTrace& dense)
        : m_dense(dense)
    {
    }

    /// The first lie; empty where there is none. Of the list of what the locked row reads, or of the heads
    /// that read the locked place.
    std::string findLie(const QString& copied, const TokenPair& locked, bool isOfHeads) const
    {
        const QStringList lines = copied.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        for (qsizetype i = 1; i < lines.size(); ++i) {
            const QStringList fields = lines[i].split(QLatin1Char('\t'));
            const std::string lie = isOfHeads ? lieOfPlace(fields.last(), *locked.query, *locked.key)
                                              : lieOfKey(fields.first(), fields.last(), *locked.query);
            if (!lie.empty())
                return fmt::format("row {}, key {}: “{}” under “{}”: {}", *locked.query, *locked.key,
                                   lines[i].toStdString(), lines[0].toStdString(), lie);
        }
        return {};
    }

private:
    static std::string compare(const QString& text, double truth)
    {
        bool isNumber = false;
        const double copied = text.toDouble(&isNumber);
        if (!isNumber)
            return "no number of what is held";
        return std::abs(copied - truth) <= 1e-3 * truth + 0x1p-24 ? "" : fmt::format("it is {}", truth);
    }

    std::string lieOfKey(const QString& name, const QString& text, std::uint32_t row) const
    {
        const std::uint32_t begin = name.section(QLatin1Char('-'), 0, 0).toUInt();
        const std::uint32_t end = name.section(QLatin1Char('-'), -1).toUInt() + 1;
        if (m_dense.isRecorded(row))
            return m_dense.isAmongRecorded(row, begin) && end == begin + 1
                ? compare(text, m_dense.p(row, begin))
                : "not recorded of that row";
        return m_dense.isKept(row, begin) && begin % m_dense.grid().blockK == 0
            ? compare(text, m_dense.meanMass(row, begin, end))
            : "no kept block";
    }

    std::string lieOfPlace(const QString& text, std::uint32_t row, std::uint32_t key) const
    {
        bool isNumber = false;
        text.toDouble(&isNumber);
        const bool isHeld =
            m_dense.isRecorded(row) ? m_dense.isAmongRecorded(row, key) : m_dense.isKept(row, key);
        // A recorded row that lists all it may read gives nothing to the others, and that is known.
        const bool isNothing =
            m_dense.isRecorded(row) && m_dense.p(row, key) == 0 && text == QLatin1String("0");
        if (!isHeld)
            return isNumber && !isNothing ? "a number that the trace does not hold" : "";
        const std::uint32_t begin = key / m_dense.grid().blockK * m_dense.grid().blockK;
        return compare(text,
                       m_dense.isRecorded(row) ? m_dense.p(row, key)
                                               : m_dense.meanMass(row, begin, begin + m_dense.grid().blockK));
    }

    const DenseTrace& m_dense;
};

} // namespace headwater::test
