// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/command_line.h"

#include <QTest>

using namespace headwater;

using Values = QMap<QString, QString>;

class TestCommandLine : public QObject {
    Q_OBJECT

private slots:
    void parse_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("id");
        QTest::addColumn<Values>("values");
        QTest::newRow("bare") << "view.zoom.in"
                              << "view.zoom.in" << Values{};
        QTest::newRow("values") << "view.goto layer=14  head=3"
                                << "view.goto" << Values{{"layer", "14"}, {"head", "3"}};
        QTest::newRow("double quotes") << "find.text text=\"magic number\""
                                       << "find.text" << Values{{"text", "magic number"}};
        QTest::newRow("single quotes") << "find.text text='say \"so\"'"
                                       << "find.text" << Values{{"text", "say \"so\""}};
        QTest::newRow("backslash") << "find.text text=a\\ b\\\""
                                   << "find.text" << Values{{"text", "a b\""}};
        QTest::newRow("equals in value") << "find.text text=@key="
                                         << "find.text" << Values{{"text", "@key="}};
        QTest::newRow("empty value") << "find.text text=''"
                                     << "find.text" << Values{{"text", ""}};
        QTest::newRow("white space around") << "  go.back\t"
                                            << "go.back" << Values{};
    }

    void parse()
    {
        QFETCH(QString, line);
        QFETCH(QString, id);
        QFETCH(Values, values);
        const auto call = parseCommandCall(line);
        QVERIFY(call.has_value());
        QCOMPARE(call->id, id);
        QCOMPARE(call->arguments.values(), values);
    }

    void malformed_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("said");
        QTest::newRow("empty") << ""
                               << "--list-commands";
        QTest::newRow("open quote") << "find.text text=\"a"
                                    << "quote";
        QTest::newRow("no equals") << "view.goto layer"
                                   << "name=value";
        QTest::newRow("no name") << "view.goto =3"
                                 << "name=value";
        QTest::newRow("twice") << "view.goto layer=1 layer=2"
                               << "twice";
    }

    void malformed()
    {
        QFETCH(QString, line);
        QFETCH(QString, said);
        const auto call = parseCommandCall(line);
        QVERIFY(!call);
        QCOMPARE(call.error().code, ErrorCode::InvalidArgument);
        QVERIFY2(call.error().message.find(said.toStdString()) != std::string::npos,
                 call.error().message.c_str());
    }

    void numbers_areChecked()
    {
        const CommandArguments arguments(
            Values{{"a", "0.5"}, {"b", "x"}, {"c", "1e999"}, {"d", "7"}, {"e", "nan"}, {"f", "on"}});
        QCOMPARE(**arguments.number("a", 0, 1), 0.5);
        QVERIFY(!arguments.number("missing", 0, 1)->has_value());
        for (const char* bad : {"b", "c", "d", "e"})
            QVERIFY2(!arguments.number(bad, 0, 1), bad);
        QCOMPARE(**arguments.integer("d", 0, 9), qint64{7});
        QVERIFY(!arguments.integer("a", 0, 9));
        QVERIFY(!arguments.integer("d", 0, 6));
        QCOMPARE(**arguments.flag("f"), true);
        QVERIFY(!arguments.flag("d"));
    }
};

QTEST_APPLESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
