// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/location.h"

#include <QTest>

using namespace headwater;

class TestLocation : public QObject {
    Q_OBJECT

private slots:
    void place_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("layer");
        QTest::addColumn<int>("head");
        QTest::addColumn<int>("query");
        QTest::addColumn<int>("key");
        QTest::newRow("head") << "L12H5" << 12 << 5 << -1 << -1;
        QTest::newRow("lower case") << "l0 h11" << 0 << 11 << -1 << -1;
        QTest::newRow("whole") << " L12 H5 q7941 k2012 " << 12 << 5 << 7941 << 2012;
        QTest::newRow("position") << "7941" << -1 << -1 << 7941 << -1;
        QTest::newRow("space") << "812 331" << -1 << -1 << 812331 << -1;
        QTest::newRow("thin space") << QString(QStringLiteral("1") + QChar(0x2009) + QStringLiteral("048")
                                               + QChar(0x2009) + QStringLiteral("575"))
                                    << -1 << -1 << 1048575 << -1;
        QTest::newRow("comma") << "7,941" << -1 << -1 << 7941 << -1;
        QTest::newRow("pair") << "7941:2012" << -1 << -1 << 7941 << 2012;
        QTest::newRow("query") << "q7941" << -1 << -1 << 7941 << -1;
        QTest::newRow("key") << "K2012" << -1 << -1 << -1 << 2012;
    }

    void place()
    {
        QFETCH(QString, text);
        QFETCH(int, layer);
        QFETCH(int, head);
        QFETCH(int, query);
        QFETCH(int, key);
        const auto place = parseLocation(text);
        QVERIFY(place.has_value());
        QCOMPARE(place->head ? place->head->layer : -1, layer);
        QCOMPARE(place->head ? place->head->head : -1, head);
        QCOMPARE(place->query ? static_cast<int>(*place->query) : -1, query);
        QCOMPARE(place->key ? static_cast<int>(*place->key) : -1, key);
    }

    void otherText_data()
    {
        QTest::addColumn<QString>("text");
        for (const char* text : {"", "L12", "magic number", "Helsinki 7421", "L12H5x", "12 34",
                                 "99999999999999999999", "L99999999H1", "-4", "7941:"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }

    void otherText()
    {
        QFETCH(QString, text);
        QVERIFY(!parseLocation(text));
    }
};

QTEST_APPLESS_MAIN(TestLocation)
#include "tst_location.moc"
