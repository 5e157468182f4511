// SPDX-License-Identifier: Apache-2.0
#include "core/base/token_range.h"

#include <QTest>

using namespace headwater;

class TestTokenRange : public QObject {
    Q_OBJECT

private slots:
    void forms_data();
    void forms();
};

void TestTokenRange::forms_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<int>("begin");
    QTest::addColumn<int>("end");
    QTest::newRow("both") << std::string("5:17") << 5 << 17;
    QTest::newRow("from") << std::string("5:") << 5 << 100;
    QTest::newRow("to") << std::string(":17") << 0 << 17;
    QTest::newRow("all") << std::string(":") << 0 << 100;
    for (const char* text :
         {"", "5", "5:5", "17:5", "5:101", "100:", "a:b", "5:17:20", "-1:5", "5:1e1", "99999999999:"})
        QTest::addRow("'%s'", text) << std::string(text) << -1 << -1;
}

void TestTokenRange::forms()
{
    QFETCH(const std::string, text);
    QFETCH(const int, begin);
    QFETCH(const int, end);
    const auto range = parseTokenRange(text, 100);
    QCOMPARE(range.has_value(), begin >= 0);
    if (range) {
        QCOMPARE(static_cast<int>(range->begin), begin);
        QCOMPARE(static_cast<int>(range->end), end);
    } else {
        QVERIFY(range.error().code == ErrorCode::InvalidArgument);
    }
}

QTEST_APPLESS_MAIN(TestTokenRange)
#include "tst_token_range.moc"
