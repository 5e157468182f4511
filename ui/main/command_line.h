// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QMap>
#include <QString>
#include <optional>

namespace headwater {

/// The values one call of a command was given, by name.
class CommandArguments {
public:
    CommandArguments() = default;
    explicit CommandArguments(QMap<QString, QString> values)
        : m_values(std::move(values))
    {
    }

    bool isEmpty() const { return m_values.isEmpty(); }
    bool has(const char* name) const { return m_values.contains(QLatin1String(name)); }
    QString text(const char* name, const QString& fallback = {}) const;
    const QMap<QString, QString>& values() const { return m_values; }

    /// Nothing when absent. Errors: InvalidArgument, naming the parameter, when it is not such a number or
    /// not in [low, high].
    Result<std::optional<double>> number(const char* name, double low, double high) const;
    Result<std::optional<qint64>> integer(const char* name, qint64 low, qint64 high) const;
    /// "1", "on", "true", "yes" and their opposites.
    Result<std::optional<bool>> flag(const char* name) const;

private:
    QMap<QString, QString> m_values;
};

/// "view.goto layer=14 text='two words'": an id and its arguments. Quotes ' and " group, a backslash takes
/// the next character as it is. Errors: InvalidArgument (an open quote, a word without "=", a name twice).
struct CommandCall {
    QString id;
    CommandArguments arguments;
};
Result<CommandCall> parseCommandCall(const QString& line);

} // namespace headwater
