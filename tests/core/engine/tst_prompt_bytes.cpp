// SPDX-License-Identifier: Apache-2.0
// A prompt is bytes: what is no UTF-8 stands in the trace as it came. Built once for builtin:needle and once
// for SmolLM2, whose vocabulary has no token for some bytes (0xFF).
#include "core/backend/cpu/cpu_backend.h"
#include "core/engine/analysis_run.h"
#include "core/trace/trace_reader.h"
#include "support/fetched_model.h"
#include "support/reference_data.h"

#include <QTemporaryDir>
#include <QTest>

using namespace headwater;

class TstPromptBytes : public QObject {
    Q_OBJECT

private:
    LoadedModel m_loaded;
    QTemporaryDir m_folder;

private slots:
    void initTestCase()
    {
#ifdef HEADWATER_WITH_SMOLLM2
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
        const std::string model = "smollm2-135m";
#else
        const std::string model = "builtin:needle";
#endif
        const auto loaded = loadModelAndTokenizer(model);
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        m_loaded = *loaded;
    }

    void trace_holdsThePromptsBytes_data()
    {
        QTest::addColumn<QByteArray>("prompt");
        QTest::newRow("lone continuation bytes") << QByteArray("\x80 abc \xbf");
        QTest::newRow("never in UTF-8") << QByteArray("\xff\xfe abc \xc0\xc1 \xf5 and more");
        QTest::newRow("nothing else") << QByteArray("a\xff\xff\xff");
        QTest::newRow("cut in a character") << QByteArray("na\xc3\xafve na\xc3");
        QTest::newRow("surrogate and overlong") << QByteArray("\xed\xa0\x80 x \xe0\x80\xaf");
        QTest::newRow("NUL inside") << QByteArray("x\0y\xff\0z", 6);
        QByteArray all;
        for (int byte = 0; byte < 256; ++byte)
            all.append(static_cast<char>(byte));
        QTest::newRow("every byte") << all;
    }

    void trace_holdsThePromptsBytes()
    {
        QFETCH(QByteArray, prompt);
        RunOptions options;
        options.prompt = prompt.toStdString();
        options.chat = "off";
        options.generate = 0;
        options.output = m_folder.filePath("bytes.hwt").toStdString();
        const auto backend = makeCpuBackend(2);
        const auto report = runAnalysis(*backend, m_loaded, options, {}, {});
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        const auto trace = Trace::open(options.output);
        QVERIFY2(trace, trace ? "" : trace.error().text().c_str());
        QVERIFY((*trace)->isSealed());
        QCOMPARE((*trace)->text(), std::string_view(options.prompt));
        // The tokens' ranges lie one after the other and cover it.
        const std::span<const std::uint32_t> offsets = (*trace)->tokenOffsets();
        QCOMPARE(offsets.size(), std::size_t(report->promptTokens) + 1);
        QCOMPARE(offsets.front(), 0u);
        QCOMPARE(offsets.back(), std::uint32_t(prompt.size()));
        QVERIFY(std::is_sorted(offsets.begin(), offsets.end()));
    }
};

QTEST_APPLESS_MAIN(TstPromptBytes)
#include "tst_prompt_bytes.moc"
