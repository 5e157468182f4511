// SPDX-License-Identifier: Apache-2.0
#include "core/model/builtin/needle_prompt.h"

#include "core/base/hash.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace headwater;

class TstNeedlePrompt : public QObject {
    Q_OBJECT

private slots:
    void text_anySpec_holdsItsRecordsWhereItSays_data();
    void text_anySpec_holdsItsRecordsWhereItSays();
    void decoys_areOneByteFromTheAskedKey();
    void depth_placesTheAskedRecord();
    void seed_decidesTheBytes();
    void spec_impossible_isRefused();
};

void TstNeedlePrompt::text_anySpec_holdsItsRecordsWhereItSays_data()
{
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("needles");
    QTest::addColumn<int>("decoys");
    QTest::newRow("small") << 100 << 1 << 0;
    QTest::newRow("all records") << 4'000 << 16 << 64;
    QTest::newRow("many") << 100'000 << 2'000 << 2'000;
    QTest::newRow("a million") << (1 << 20) << 1 << 64;
}

void TstNeedlePrompt::text_anySpec_holdsItsRecordsWhereItSays()
{
    QFETCH(int, tokens);
    QFETCH(int, needles);
    QFETCH(int, decoys);
    NeedlePromptSpec spec;
    spec.tokens = static_cast<std::uint64_t>(tokens);
    spec.needles = static_cast<std::uint32_t>(needles);
    spec.decoys = static_cast<std::uint32_t>(decoys);
    const auto prompt = makeNeedlePrompt(spec);
    QVERIFY(prompt);
    QCOMPARE(prompt->text.size(), static_cast<std::size_t>(tokens - 1)); // and BOS
    QCOMPARE(prompt->records.size(), static_cast<std::size_t>(needles + decoys));
    std::set<std::string> keys;
    for (const NeedleRecord& record : prompt->records) {
        QVERIFY(keys.insert(record.key).second);
        QCOMPARE(prompt->text.substr(record.begin, 1), std::string("@"));
        QCOMPARE(prompt->text.substr(record.keyBegin(), record.key.size()), record.key);
        QCOMPARE(prompt->text.substr(record.valueBegin(), record.value.size() + 1), record.value + ' ');
    }
    QCOMPARE(prompt->text.substr(prompt->questionBegin), '@' + prompt->records.front().key + '=');
    QCOMPARE(std::ranges::count(prompt->text, '@'), std::ptrdiff_t{needles + decoys + 1});
    QCOMPARE(std::ranges::count(prompt->text, '='), std::ptrdiff_t{needles + decoys + 1});
}

void TstNeedlePrompt::decoys_areOneByteFromTheAskedKey()
{
    NeedlePromptSpec spec;
    spec.decoys = 64;
    spec.needles = 3;
    const auto prompt = makeNeedlePrompt(spec);
    QVERIFY(prompt);
    const std::string& asked = prompt->records.front().key;
    std::size_t decoys = 0;
    for (const NeedleRecord& record : prompt->records) {
        if (!record.decoy)
            continue;
        ++decoys;
        std::size_t different = 0;
        for (std::size_t i = 0; i < asked.size(); ++i)
            different += record.key[i] != asked[i] ? 1 : 0;
        QCOMPARE(different, std::size_t{1});
    }
    QCOMPARE(decoys, std::size_t{64});
}

void TstNeedlePrompt::depth_placesTheAskedRecord()
{
    for (const double depth : {0.0, 0.25, 0.5, 1.0}) {
        NeedlePromptSpec spec;
        spec.tokens = 10'000;
        spec.depth = depth;
        const auto prompt = makeNeedlePrompt(spec);
        QVERIFY(prompt);
        QVERIFY(std::abs(static_cast<double>(prompt->records.front().begin) - 10'000 * depth) < 60);
    }
}

void TstNeedlePrompt::seed_decidesTheBytes()
{
    NeedlePromptSpec spec;
    const auto first = makeNeedlePrompt(spec);
    const auto again = makeNeedlePrompt(spec);
    spec.seed = 2;
    const auto other = makeNeedlePrompt(spec);
    QVERIFY(first && again && other);
    QCOMPARE(first->text, again->text);
    QVERIFY(first->text != other->text);
}

void TstNeedlePrompt::spec_impossible_isRefused()
{
    NeedlePromptSpec spec;
    spec.tokens = 30;
    spec.decoys = 4;
    const auto tooShort = makeNeedlePrompt(spec);
    QVERIFY(!tooShort);
    QCOMPARE(tooShort.error().code, ErrorCode::InvalidArgument);
    const std::size_t at = tooShort.error().message.find("at least ");
    QVERIFY(at != std::string::npos);
    spec.tokens = std::stoull(tooShort.error().message.substr(at + 9)); // what the message suggests works
    QVERIFY(makeNeedlePrompt(spec));

    spec = {};
    spec.needles = 0;
    QVERIFY(!makeNeedlePrompt(spec));
    spec = {};
    spec.decoys = 5'000;
    QVERIFY(!makeNeedlePrompt(spec));
    spec = {};
    spec.depth = 1.5;
    QVERIFY(!makeNeedlePrompt(spec));
    spec = {};
    spec.tokens = (std::uint64_t{4} << 20) + 1;
    QVERIFY(!makeNeedlePrompt(spec));
}

QTEST_APPLESS_MAIN(TstNeedlePrompt)
#include "tst_needle_prompt.moc"
