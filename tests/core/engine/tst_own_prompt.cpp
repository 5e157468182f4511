// SPDX-License-Identifier: Apache-2.0
#include "core/engine/own_prompt.h"

#include <QTest>

using namespace headwater;

class TestOwnPrompt : public QObject {
    Q_OBJECT

private slots:
    void needle_asksForWhatItHolds()
    {
        const auto prompt = ownPromptOf("builtin:needle");
        QVERIFY(prompt.has_value());
        QCOMPARE(prompt->size(), std::size_t{5999}); // and BOS
        // "@key=value" once in the filler, "@key=" at the end.
        const std::size_t question = prompt->rfind('@');
        QCOMPARE(prompt->back(), '=');
        const std::string asked = prompt->substr(question);
        const std::size_t needle = prompt->find(asked);
        QVERIFY(needle < question);
        const double depth = static_cast<double>(needle) / 5999;
        QVERIFY2(depth > 0.25 && depth < 0.42, std::to_string(depth).c_str());
        QVERIFY(*ownPromptOf("builtin:needle") == *prompt);
    }

    void otherModels_haveNone()
    {
        for (const char* model : {"smollm2-135m", "/a/needle.gguf", ""})
            QCOMPARE(*ownPromptOf(model), std::string());
    }
};

QTEST_APPLESS_MAIN(TestOwnPrompt)
#include "tst_own_prompt.moc"
