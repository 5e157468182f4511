// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/explorer_arguments.h"

#include <QTest>

using namespace headwater;

class TestExplorerArguments : public QObject {
    Q_OBJECT

private slots:
    void everything_isTaken()
    {
        const auto parsed =
            parseArguments({"a.hwt", "--do", "view.mode mode=count", "--do=select.head layer=1 head=2",
                            "--screenshot", "o.png", "--exit", "--theme", "light", "--size", "1920x1080"});
        QVERIFY(parsed.has_value());
        QCOMPARE(parsed->file, QString("a.hwt"));
        QCOMPARE(parsed->script.commands,
                 QStringList({"view.mode mode=count", "select.head layer=1 head=2"}));
        QCOMPARE(parsed->script.screenshot, QString("o.png"));
        QVERIFY(parsed->script.exit);
        QVERIFY(parsed->isScripted());
        QCOMPARE(parsed->theme, QString("light"));
        QCOMPARE(parsed->size, QSize(1920, 1080));
    }

    void nothing_isAWindow()
    {
        const auto parsed = parseArguments({});
        QVERIFY(parsed.has_value());
        QVERIFY(!parsed->isScripted());
        QVERIFY(parsed->file.isEmpty());
    }

    void behindTwoDashes_everythingIsAName()
    {
        for (const char* name : {"-x.hwt", "--exit", "--", "-"}) {
            const auto parsed = parseArguments({"--theme", "dark", "--", name});
            QVERIFY(parsed.has_value());
            QCOMPARE(parsed->file, QString(name));
            QVERIFY(!parsed->script.exit);
        }
        QVERIFY(!parseArguments({"--", "a", "b"}));
    }

    void wrong_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("said");
        QTest::newRow("unknown") << QStringList{"--fast"} << "--fast";
        QTest::newRow("missing value") << QStringList{"--do"} << "--do needs a value";
        QTest::newRow("theme") << QStringList{"--theme", "pink"} << "pink";
        QTest::newRow("no choice of renderer yet")
            << QStringList{"--renderer=cpu"} << "unknown option --renderer";
        QTest::newRow("size") << QStringList{"--size", "big"} << "1600x1000";
        QTest::newRow("two files") << QStringList{"a", "b"} << "one file";
    }

    void wrong()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, said);
        const auto parsed = parseArguments(arguments);
        QVERIFY(!parsed);
        QCOMPARE(exitCodeOf(parsed.error().code), 64);
        QVERIFY2(parsed.error().message.find(said.toStdString()) != std::string::npos,
                 parsed.error().message.c_str());
    }

    void everyOption_isInTheHelp()
    {
        for (const char* option : {"--do", "--list-commands", "--screenshot", "--exit", "--theme", "--size",
                                   "--version", "--help"})
            QVERIFY2(usageText().contains(option), option);
    }
};

QTEST_APPLESS_MAIN(TestExplorerArguments)
#include "tst_explorer_arguments.moc"
