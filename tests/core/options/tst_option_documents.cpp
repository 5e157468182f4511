// SPDX-License-Identifier: Apache-2.0
#include "core/options/option_table.h"

#include <QFile>
#include <QTest>
#include <cstdio>
#include <fmt/format.h>

using namespace headwater;

namespace {

std::string textOfDocument(const char* name)
{
    QFile file(QStringLiteral(HEADWATER_SOURCE_DIR "/docs/") + QString::fromUtf8(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

/// As a cell of a table, in which a bar begins the next.
std::string cell(std::string text)
{
    for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
        text.insert(at, 1, '\\');
    return text;
}

std::string verbsOf(const OptionRow& row)
{
    return row.isOf(RunVerb) && row.isOf(GenerateVerb) ? "both" : row.isOf(RunVerb) ? "`run`" : "`generate`";
}

std::string defaultOf(const OptionRow& row)
{
    const std::string text = textOf(row, row.get(defaultsOf(row.isOf(RunVerb) ? RunVerb : GenerateVerb)));
    return text.empty() ? "" : fmt::format("`{}`", text);
}

std::string spellingOf(const OptionRow& row)
{
    const auto* const choice = std::get_if<Choice>(&row.kind);
    std::string spelling;
    if (choice != nullptr && choice->isFlags) {
        for (const OptionChoice& one : choice->all.subspan(1))
            spelling += fmt::format("{}`--{}`", spelling.empty() ? "" : ", ", one.name);
        return spelling;
    }
    if (row.traits.letter != 0)
        spelling = fmt::format("-{}, ", row.traits.letter);
    spelling += fmt::format("--{}", row.name);
    return std::holds_alternative<Flag>(row.kind)
        ? fmt::format("`{}`", spelling)
        : fmt::format("`{} {}`", spelling, cell(placeholderOf(row)));
}

std::string commandLineTable()
{
    std::string table = "| option | of | default | |\n|---|---|---|---|\n";
    for (const OptionRow& row : optionRows()) {
        if (!row.traits.isOfProtocol)
            table += fmt::format("| {} | {} | {} | {} |\n", spellingOf(row), verbsOf(row), defaultOf(row),
                                 cell(helpOf(row)));
    }
    return table;
}

std::string protocolTable()
{
    std::string table = "| parameter | of | takes | default | |\n|---|---|---|---|---|\n";
    for (const OptionRow& row : optionRows())
        table += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.parameter, verbsOf(row),
                             allowedBy(row.kind), defaultOf(row), cell(std::string(row.help)));
    return table;
}

} // namespace

/// The documents' tables of options are the table's.
class TstOptionDocuments : public QObject {
    Q_OBJECT
private slots:
    void tables_areTheTables_data()
    {
        QTest::addColumn<QString>("document");
        QTest::addColumn<QString>("table");
        QTest::newRow("command line") << "cli.md" << QString::fromStdString(commandLineTable());
        QTest::newRow("protocol") << "engine_protocol.md" << QString::fromStdString(protocolTable());
    }

    void tables_areTheTables()
    {
        QFETCH(const QString, document);
        QFETCH(const QString, table);
        const QString text = QString::fromStdString(textOfDocument(document.toUtf8().constData()));
        if (!text.contains("\n\n" + table + "\n")) {
            // Longer than a failure's message may be.
            std::fputs(qPrintable("docs/" + document + " must hold, as its table of options:\n" + table),
                       stdout);
            QFAIL("the document's options are not the table's");
        }
    }
};

QTEST_APPLESS_MAIN(TstOptionDocuments)
#include "tst_option_documents.moc"
