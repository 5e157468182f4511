// SPDX-License-Identifier: Apache-2.0
// One and four million tokens: the rows that answer, against every key, in double. Skips a length that does
// not fit.
#include "core/backend/cpu/cpu_backend.h"
#include "core/base/memory.h"
#include "core/model/builtin/needle_prompt.h"
#include "needle_rows.h"

#include <QTest>

#include <numeric>

using namespace headwater;
using namespace headwater::needle;

class TstBuiltinNeedleLong : public QObject {
    Q_OBJECT

private slots:
    void answer_millionsOfTokens_isTheValue_data();
    void answer_millionsOfTokens_isTheValue();
};

void TstBuiltinNeedleLong::answer_millionsOfTokens_isTheValue_data()
{
    QTest::addColumn<quint64>("tokens");
    QTest::addColumn<quint64>("memory");
    QTest::newRow("1 Mi tokens, 64 decoys") << (quint64{1} << 20) << (quint64{3} << 30);
    QTest::newRow("4 Mi tokens, 64 decoys") << (quint64{4} << 20) - 16 << (quint64{11} << 30);
}

void TstBuiltinNeedleLong::answer_millionsOfTokens_isTheValue()
{
    QFETCH(quint64, tokens);
    QFETCH(quint64, memory);
    if (availableMemory().bytes < memory)
        QSKIP("not enough memory for this length");
    NeedlePromptSpec spec;
    spec.tokens = tokens;
    spec.needles = 4;
    spec.decoys = 64;
    const auto prompt = makeNeedlePrompt(spec);
    QVERIFY(prompt);
    const std::shared_ptr<const Model> needle = makeBuiltinNeedle();
    const std::unique_ptr<Backend> backend = makeCpuBackend(0);
    QVERIFY(backend->uploadWeights(needle));
    const std::string& answer = prompt->answer();
    std::vector<std::uint32_t> rows(answer.size() + 1);
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(tokens) - 1);
    test::NeedleRows model(*backend, needle);
    QVERIFY(model.run(test::needleTokens(prompt->text + answer), rows));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double mass = model.probabilities(kRetrievalLayer, kRetrievalHead,
                                                rows[i])[prompt->records.front().valueBegin() + 1 + i];
        QVERIFY2(mass > 0.6 && mass < 0.9, qPrintable(QString::number(mass)));
        QCOMPARE(model.nextToken(rows[i]), i < answer.size() ? static_cast<std::int32_t>(answer[i]) : kEos);
    }
}

QTEST_APPLESS_MAIN(TstBuiltinNeedleLong)
#include "tst_builtin_needle_long.moc"
