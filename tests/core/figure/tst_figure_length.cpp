// SPDX-License-Identifier: Apache-2.0
#include "core/figure/figure_length.h"

#include <QTest>

#include <cmath>

using namespace headwater;

class TestFigureLength : public QObject {
    Q_OBJECT

private slots:
    void parseLength_units_areMillimetres_data();
    void parseLength_units_areMillimetres();
    void parseLength_wrong_isRefused_data();
    void parseLength_wrong_isRefused();
};

void TestFigureLength::parseLength_units_areMillimetres_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<double>("mm");
    QTest::newRow("cm") << std::string("7.7cm") << 77.0;
    QTest::newRow("mm") << std::string("77 mm") << 77.0;
    QTest::newRow("in") << std::string("5.5in") << 139.7;
    QTest::newRow("pt") << std::string("216pt") << 76.2;
    QTest::newRow("acl") << std::string("acl") << 77.0;
    QTest::newRow("icml-full") << std::string("icml-full") << 171.45;
    QTest::newRow("px") << std::string("96px") << 25.4;
}

void TestFigureLength::parseLength_units_areMillimetres()
{
    QFETCH(const std::string, text);
    QFETCH(const double, mm);
    const auto length = parseLengthMm(text);
    QVERIFY(length);
    QVERIFY(std::abs(*length - mm) < 1e-9);
}

void TestFigureLength::parseLength_wrong_isRefused_data()
{
    QTest::addColumn<std::string>("text");
    for (const char* text :
         {"", "cm", "7.7", "7.7furlongs", "-7cm", "0cm", "1mm", "3m", "nancm", "infcm", "7.7cmx", "1e9cm"})
        QTest::addRow("'%s'", text) << std::string(text);
}

void TestFigureLength::parseLength_wrong_isRefused()
{
    QFETCH(const std::string, text);
    const auto length = parseLengthMm(text);
    QVERIFY(!length);
    QVERIFY(length.error().code == ErrorCode::InvalidArgument);
    QVERIFY(length.error().message.find('\'' + text + '\'') != std::string::npos);
}

QTEST_APPLESS_MAIN(TestFigureLength)
#include "tst_figure_length.moc"
