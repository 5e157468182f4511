// SPDX-License-Identifier: Apache-2.0
#include "core/base/json_member.h"

#include <QTest>

using namespace headwater;

class TestJsonMember : public QObject {
    Q_OBJECT

private slots:
    void whatIsThere_isRead()
    {
        const nlohmann::json object = {
            {"text", "naïve"}, {"number", 0.5}, {"count", 7}, {"flag", true}, {"inner", {{"count", -3}}}};
        QCOMPARE(jsonString(object, "text", "other"), std::string("naïve"));
        QCOMPARE(jsonNumber(object, "number", 1), 0.5);
        QCOMPARE(jsonNumber(object, "count", 1), 7.0);
        QCOMPARE(jsonInteger(object, "count", 1), std::int64_t{7});
        QCOMPARE(jsonBool(object, "flag", false), true);
        QCOMPARE(jsonInteger(jsonMember(object, "inner"), "count", 1), std::int64_t{-3});
        QCOMPARE(jsonInteger({{"count", 5.0}}, "count", 1), std::int64_t{5});
    }

    void missingOrOfAnotherType_isTheFallback_data()
    {
        QTest::addColumn<QByteArray>("json");
        for (const char* const json : {"null", "7", "[]", "\"key\"", "{}", "{\"key\":null}", "{\"key\":[1]}",
                                       "{\"key\":{\"key\":1}}", "{\"other\":1}"})
            QTest::newRow(json) << QByteArray(json);
    }

    void missingOrOfAnotherType_isTheFallback()
    {
        QFETCH(QByteArray, json);
        const nlohmann::json object = nlohmann::json::parse(json.toStdString());
        QCOMPARE(jsonString(object, "key", "fallback"), std::string("fallback"));
        QCOMPARE(jsonNumber(object, "key", 2.5), 2.5);
        QCOMPARE(jsonInteger(object, "key", -9), std::int64_t{-9});
        QCOMPARE(jsonBool(object, "key", true), true);
        QCOMPARE(jsonBool(object, "key", false), false);
        QVERIFY(jsonMember(jsonMember(jsonMember(object, "key"), "key"), "key").is_null());
    }

    void aNumberBeyondEveryInteger_isTheFallback()
    {
        QCOMPARE(jsonInteger({{"key", 1e300}}, "key", 4), std::int64_t{4});
        QCOMPARE(jsonInteger({{"key", -1e16}}, "key", 4), std::int64_t{4});
    }
};

QTEST_APPLESS_MAIN(TestJsonMember)
#include "tst_json_member.moc"
