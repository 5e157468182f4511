// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/explorer_arguments.h"

#include <QRegularExpression>

namespace headwater {

namespace {

Error wrong(const QString& message)
{
    return Error{ErrorCode::InvalidArgument, (message + QStringLiteral("; see --help")).toStdString(), {}};
}

constexpr int kMostSize =
    16384; ///< pixels: a window system counts no further than twice that, and pictures are large

Result<QSize> sizeOf(const QString& text)
{
    static const QRegularExpression shape(QStringLiteral("^(\\d{3,5})x(\\d{3,5})$"));
    const QRegularExpressionMatch match = shape.match(text);
    if (!match.hasMatch())
        return wrong(QStringLiteral("--size %1: expected WIDTHxHEIGHT, as in 1600x1000").arg(text));
    const QSize size(match.captured(1).toInt(), match.captured(2).toInt());
    if (size.width() > kMostSize || size.height() > kMostSize)
        return wrong(QStringLiteral("--size %1: at most %2 pixels a side").arg(text).arg(kMostSize));
    return size;
}

QString sizeText(const QSize& size)
{
    return QStringLiteral("%1x%2").arg(size.width()).arg(size.height());
}

} // namespace

QString sizeNotice(const QSize& wanted, const QSize& got, const QSize& least)
{
    if (!wanted.isValid() || wanted == got)
        return {};
    const bool isTooSmall = wanted.width() < least.width() || wanted.height() < least.height();
    return QStringLiteral("--size %1: the window is %2, %3")
        .arg(sizeText(wanted), sizeText(got),
             isTooSmall ? QStringLiteral("as its parts need at least %1").arg(sizeText(least))
                        : QStringLiteral("as the screen or its window manager will have it"));
}

QString usageText()
{
    return QStringLiteral(
        "Usage: headwater-explorer [FILE] [options]\n"
        "\n"
        "Shows a trace (*.hwt). A model (a GGUF file or a folder) or a text begins a run. FILE may be a file "
        "URI; one that "
        "begins with\n"
        "a dash stands behind --.\n"
        "\n"
        "  --do \"ID key=value …\"   run a command once the window is complete; may be given many times\n"
        "  --list-commands         print every command with its parameters, and end\n"
        "  --screenshot OUT.png    write a picture of the window after the last command\n"
        "  --exit                  end after the last command; such a script needs no display\n"
        "  --theme dark|light|system\n"
        "  --size WIDTHxHEIGHT     of the window, in device-independent pixels; where that cannot be had, "
        "what it got\n"
        "                          stands on stderr\n"
        "  --version, --help\n"
        "\n"
        "Exit codes: 0, or that of the first command that failed (64 usage, 65 bad data, 66 no input, 69 "
        "unavailable,\n"
        "73 cannot create, 74 I/O).\n");
}

Result<ExplorerArguments> parseArguments(const QStringList& arguments)
{
    ExplorerArguments parsed;
    bool isName = false; // behind "--" everything is
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        const QString& argument = arguments.at(i);
        const qsizetype equals =
            argument.startsWith(QLatin1String("--")) ? argument.indexOf(QLatin1Char('=')) : -1;
        const QString name = equals > 0 ? argument.left(equals) : argument;
        const auto value = [&]() -> Result<QString> {
            if (equals > 0)
                return argument.mid(equals + 1);
            if (i + 1 >= arguments.size())
                return wrong(QStringLiteral("%1 needs a value").arg(name));
            return arguments.at(++i);
        };
        const auto oneOf = [&](const QStringList& allowed) -> Result<QString> {
            HEADWATER_TRY_ASSIGN(const QString given, value());
            if (!allowed.contains(given))
                return wrong(QStringLiteral("%1 %2: expected %3")
                                 .arg(name, given, allowed.join(QStringLiteral(", "))));
            return given;
        };
        if (isName || !name.startsWith(QLatin1Char('-')) || name.size() == 1) {
            if (!parsed.file.isEmpty())
                return wrong(QStringLiteral("one file at a time: %1 and %2").arg(parsed.file, argument));
            parsed.file = argument;
        } else if (name == QLatin1String("--")) {
            isName = true;
        } else if (name == QLatin1String("--do")) {
            HEADWATER_TRY_ASSIGN(const QString command, value());
            parsed.script.commands.append(command);
        } else if (name == QLatin1String("--screenshot")) {
            HEADWATER_TRY_ASSIGN(parsed.script.screenshot, value());
        } else if (name == QLatin1String("--size")) {
            HEADWATER_TRY_ASSIGN(const QString size, value());
            HEADWATER_TRY_ASSIGN(parsed.size, sizeOf(size));
        } else if (name == QLatin1String("--theme")) {
            HEADWATER_TRY_ASSIGN(
                parsed.theme,
                oneOf({QStringLiteral("dark"), QStringLiteral("light"), QStringLiteral("system")}));
        } else if (name == QLatin1String("--exit")) {
            parsed.script.exit = true;
        } else if (name == QLatin1String("--list-commands")) {
            parsed.listCommands = true;
        } else if (name == QLatin1String("--help") || name == QLatin1String("-h")) {
            parsed.help = true;
        } else if (name == QLatin1String("--version")) {
            parsed.version = true;
        } else {
            return wrong(QStringLiteral("unknown option %1").arg(name));
        }
    }
    return parsed;
}

} // namespace headwater
