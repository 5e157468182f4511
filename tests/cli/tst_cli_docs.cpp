// SPDX-License-Identifier: Apache-2.0
#include "cli/headwater_run.h"

#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QtTest>

using namespace headwater::test;

namespace {

QString readText(const QString& path)
{
    QFile file(QStringLiteral(HEADWATER_SOURCE_DIR "/") + path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// The text of docs/cli.md under `## …verb…`.
QString sectionOf(const QString& verb)
{
    const QStringList sections = readText("docs/cli.md").split("\n## ");
    for (const QString& section : sections.mid(1)) {
        if (section.section('\n', 0, 0).split(", ").contains(verb))
            return section;
    }
    return {};
}

/// Every key of the value, of the objects in it too, but for those under a key of `closed`.
void collectKeys(const QJsonValue& value, const QSet<QString>& closed, QSet<QString>& keys)
{
    for (const QJsonValue& element : value.toArray())
        collectKeys(element, closed, keys);
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        keys.insert(it.key());
        if (!closed.contains(it.key()))
            collectKeys(it.value(), closed, keys);
    }
}

/// A line with its numbers replaced: what it says, not how much.
QString shapeOf(const QString& line)
{
    static const QRegularExpression kNumber(QStringLiteral("\\d[\\d .]*\\d|\\d"));
    return QString(line).replace(kNumber, QStringLiteral("#")).simplified();
}

} // namespace

/// The documents say what the program prints: docs/cli.md every key of every verb, README.md the lines of a
/// run.
class TestCliDocs : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        const Outcome prompt = run({"bench", "--make-prompt", "2000", "-o", "p.txt", "--json"});
        QVERIFY2(prompt.code == 0, prompt.err.constData());
        m_run = run({"run", "--model", "builtin:needle", "--prompt", "p.txt", "-o", "p.hwt"});
        QVERIFY2(m_run.code == 0, m_run.err.constData());
    }

    void everyKey_standsInItsSection_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QStringList>("closed"); // described elsewhere, by a link
        const QStringList prompt{"--model", "builtin:needle", "--prompt", "p.txt", "--json"};
        QTest::newRow("run") << QStringList{"run", "-o", "q.hwt", "--check"} + prompt << QStringList{};
        QTest::newRow("run's estimate")
            << QStringList{"run", "--check", "--estimate"} + prompt << QStringList{};
        QTest::newRow("generate") << QStringList{"generate"} + prompt << QStringList{};
        QTest::newRow("generate's estimate")
            << QStringList{"generate", "--estimate"} + prompt << QStringList{};
        QTest::newRow("tokenize") << QStringList{"tokenize"} + prompt << QStringList{};
        QTest::newRow("logits") << QStringList{"logits", "--rows", "last:1"} + prompt << QStringList{};
        QTest::newRow("info") << QStringList{"info", "p.hwt", "--json"} << QStringList{"meta"};
        QTest::newRow("verify") << QStringList{"verify", "p.hwt", "--json"} << QStringList{};
        const QStringList head{"--layer", "0", "--head", "0", "--json"};
        QTest::newRow("row") << QStringList{"row", "p.hwt", "--token", "last:1"} + head << QStringList{};
        QTest::newRow("row by blocks")
            << QStringList{"row", "p.hwt", "--token", "700,701"} + head << QStringList{};
        QTest::newRow("whole row") << QStringList{"row", "p.hwt", "--exact", "--token", "700"} + head
                                   << QStringList{};
        const QStringList square{"--queries", "0:99", "--keys", "0:99"};
        QTest::newRow("cells") << QStringList{"cells", "p.hwt"} + square + head << QStringList{};
        QTest::newRow("cells of tokens")
            << QStringList{"cells", "p.hwt", "--level", "0"} + square + head << QStringList{};
        QTest::newRow("heads") << QStringList{"heads", "p.hwt", "--json"} << QStringList{};
        QTest::newRow("heads by mass")
            << QStringList{"heads", "p.hwt", "--by", "mass", "--token", "last:1", "--json"} << QStringList{};
        QTest::newRow("place") << QStringList{"place", "p.hwt", "--row", "700", "--json"} << QStringList{};
        QTest::newRow("readers") << QStringList{"readers", "p.hwt", "--keys", "700:701",
                                                "--top",   "3",     "--json", "--shade"}
                                 << QStringList{};
        QTest::newRow("scores") << QStringList{"scores", "p.hwt", "--json"} << QStringList{};
        QTest::newRow("find") << QStringList{"find", "p.hwt", "a", "--json"} << QStringList{};
        QTest::newRow("export") << QStringList{"export", "p.hwt", "--layer", "0",     "--head",
                                               "0",      "-o",    "h.npz",   "--json"}
                                << QStringList{};
        QTest::newRow("figure") << QStringList{"figure",  "p.hwt",   "--layer", "0",     "--head",
                                               "0",       "--query", "0:100",   "--key", "0:100",
                                               "--level", "3",       "-o",      "f.svg", "--json"}
                                << QStringList{};
        QTest::newRow("models") << QStringList{"models", "--json"} << QStringList{};
        QTest::newRow("bench") << QStringList{"bench", "--make-prompt", "100", "-o", "b.txt", "--json"}
                               << QStringList{};
        QTest::newRow("bench trace") << QStringList{"bench", "--make-trace", "small", "-o", "b.hwt", "--json"}
                                     << QStringList{};
    }

    void everyKey_standsInItsSection()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QStringList, closed);
        const Outcome outcome = run(arguments);
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        const QJsonDocument document = QJsonDocument::fromJson(outcome.out);
        QSet<QString> keys;
        collectKeys(document.isArray() ? QJsonValue(document.array()) : QJsonValue(document.object()),
                    {closed.begin(), closed.end()}, keys);
        QVERIFY(keys.size() >= 3);
        const QString section = sectionOf(arguments[0]);
        QVERIFY(!section.isEmpty());
        for (const QString& key : keys) {
            // As code (`key`), or inside the braces of an object that is code ({key: type, …}).
            const QRegularExpression said(QStringLiteral("`%1`|[{ ]%1: [a-z\\[{]").arg(key));
            QVERIFY2(said.match(section).hasMatch(), qPrintable(arguments[0] + ": " + key));
        }
    }

    void readme_showsTheLinesOfARun()
    {
        const QString readme = readText("README.md");
        const QString example = readme.section("$ headwater run ", 1).section("```", 0, 0);
        QSet<QString> printed;
        for (const QString& line : QString::fromUtf8(m_run.out).split('\n', Qt::SkipEmptyParts))
            printed.insert(shapeOf(line));
        int compared = 0;
        for (const QString& line : example.split('\n').mid(1)) {
            const QString label = line.section(':', 0, 0);
            if (label != "loss" && label != "pruned" && label != "map holds" && label != "time")
                continue;
            ++compared;
            QVERIFY2(printed.contains(shapeOf(line)), qPrintable(line + "\nprinted:\n" + m_run.out));
        }
        QCOMPARE(compared, 4);
    }

private:
    Outcome run(const QStringList& arguments) const { return runHeadwater(arguments, m_folder.path()); }

    QTemporaryDir m_folder;
    Outcome m_run;
};

QTEST_GUILESS_MAIN(TestCliDocs)
#include "tst_cli_docs.moc"
