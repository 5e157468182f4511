// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/command_line.h"

#include <QStringList>
#include <cmath>

namespace headwater {

namespace {

Error wrongValue(const char* name, const QString& value, const QString& expected)
{
    return Error{ErrorCode::InvalidArgument,
                 QStringLiteral("%1=%2: expected %3").arg(QLatin1String(name), value, expected).toStdString(),
                 {}};
}

/// Splits at spaces outside quotes; a word may be partly quoted (text="a b").
Result<QStringList> wordsOf(const QString& line)
{
    QStringList words;
    QString word;
    bool inWord = false;
    QChar quote;
    for (qsizetype i = 0; i < line.size(); ++i) {
        const QChar character = line.at(i);
        if (character == QLatin1Char('\\') && i + 1 < line.size()) {
            word.append(line.at(++i));
            inWord = true;
        } else if (!quote.isNull()) {
            if (character == quote)
                quote = QChar();
            else
                word.append(character);
        } else if (character == QLatin1Char('"') || character == QLatin1Char('\'')) {
            quote = character;
            inWord = true;
        } else if (character.isSpace()) {
            if (inWord)
                words.append(std::exchange(word, QString()));
            inWord = false;
        } else {
            word.append(character);
            inWord = true;
        }
    }
    if (!quote.isNull())
        return Error{ErrorCode::InvalidArgument, "a quote is not closed in: " + line.toStdString(), {}};
    if (inWord)
        words.append(word);
    return words;
}

} // namespace

QString CommandArguments::text(const char* name, const QString& fallback) const
{
    return m_values.value(QLatin1String(name), fallback);
}

Result<std::optional<double>> CommandArguments::number(const char* name, double low, double high) const
{
    if (!has(name))
        return std::optional<double>();
    bool good = false;
    const double value = text(name).toDouble(&good);
    if (!good || !std::isfinite(value) || value < low || value > high)
        return wrongValue(name, text(name), QStringLiteral("a number from %1 to %2").arg(low).arg(high));
    return std::optional<double>(value);
}

Result<std::optional<qint64>> CommandArguments::integer(const char* name, qint64 low, qint64 high) const
{
    if (!has(name))
        return std::optional<qint64>();
    bool good = false;
    const qint64 value = text(name).toLongLong(&good);
    if (!good || value < low || value > high)
        return wrongValue(name, text(name),
                          QStringLiteral("a whole number from %1 to %2").arg(low).arg(high));
    return std::optional<qint64>(value);
}

Result<std::optional<bool>> CommandArguments::flag(const char* name) const
{
    if (!has(name))
        return std::optional<bool>();
    const QString value = text(name).toLower();
    if (QStringList{QStringLiteral("1"), QStringLiteral("on"), QStringLiteral("true"), QStringLiteral("yes")}
            .contains(value))
        return std::optional<bool>(true);
    if (QStringList{QStringLiteral("0"), QStringLiteral("off"), QStringLiteral("false"), QStringLiteral("no")}
            .contains(value))
        return std::optional<bool>(false);
    return wrongValue(name, value, QStringLiteral("on or off"));
}

Result<CommandCall> parseCommandCall(const QString& line)
{
    HEADWATER_TRY_ASSIGN(QStringList words, wordsOf(line));
    if (words.isEmpty())
        return Error{ErrorCode::InvalidArgument, "no command is given: --list-commands shows them", {}};
    CommandCall call;
    call.id = words.takeFirst();
    QMap<QString, QString> values;
    for (const QString& word : words) {
        const qsizetype equals = word.indexOf(QLatin1Char('='));
        if (equals <= 0)
            return Error{
                ErrorCode::InvalidArgument,
                QStringLiteral("%1: expected name=value, found \"%2\"").arg(call.id, word).toStdString(),
                {}};
        const QString name = word.left(equals);
        if (values.contains(name))
            return Error{ErrorCode::InvalidArgument,
                         QStringLiteral("%1: %2 is given twice").arg(call.id, name).toStdString(),
                         {}};
        values.insert(name, word.mid(equals + 1));
    }
    call.arguments = CommandArguments(std::move(values));
    return call;
}

} // namespace headwater
