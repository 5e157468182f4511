// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/location.h"

#include <QRegularExpression>

namespace headwater {

namespace {

constexpr std::uint32_t kMaxToken = 1u << 26;
constexpr int kMaxIndex = 100000;

std::optional<std::uint32_t> tokenOf(const QString& digits)
{
    bool good = false;
    const std::uint32_t value = digits.toUInt(&good);
    return good && value < kMaxToken ? std::optional(value) : std::nullopt;
}

} // namespace

std::optional<Location> parseLocation(const QString& text)
{
    // Qt's engine is PCRE2; the text is one line of a person's typing.
    static const QRegularExpression thousands(
        QStringLiteral("(?<=\\d)[\\x{2009}\\x{202f}\\x{a0} ,](?=\\d{3}(?!\\d))"));
    static const QRegularExpression place(
        QStringLiteral("^(?:l(\\d+)\\s*h(\\d+))?\\s*(?:q\\s*(\\d+))?\\s*(?:k\\s*(\\d+))?$"),
        QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression pair(QStringLiteral("^(\\d+)(?:\\s*:\\s*(\\d+))?$"));
    const QString plain = text.trimmed().remove(thousands);
    if (plain.isEmpty() || plain.size() > 64)
        return std::nullopt;
    Location location;
    if (const QRegularExpressionMatch match = pair.match(plain); match.hasMatch()) {
        location.query = tokenOf(match.captured(1));
        location.key = tokenOf(match.captured(2));
        return location.query ? std::optional(location) : std::nullopt;
    }
    const QRegularExpressionMatch match = place.match(plain);
    if (!match.hasMatch())
        return std::nullopt;
    if (!match.captured(1).isEmpty()) {
        const std::optional<std::uint32_t> layer = tokenOf(match.captured(1));
        const std::optional<std::uint32_t> head = tokenOf(match.captured(2));
        if (!layer || !head || *layer > kMaxIndex || *head > kMaxIndex)
            return std::nullopt;
        location.head = HeadId{static_cast<int>(*layer), static_cast<int>(*head)};
    }
    location.query = tokenOf(match.captured(3));
    location.key = tokenOf(match.captured(4));
    return location;
}

} // namespace headwater
