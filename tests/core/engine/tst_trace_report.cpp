// SPDX-License-Identifier: Apache-2.0
// What a run found: its report says it, and so does its trace long after.
#include "core/backend/cpu/cpu_backend.h"
#include "core/engine/analysis_run.h"
#include "core/engine/trace_report.h"
#include "core/model/builtin/needle_prompt.h"
#include "core/trace/trace_writer.h"

#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

using namespace headwater;

class TstTraceReport : public QObject {
    Q_OBJECT

private:
    LoadedModel m_loaded;
    QTemporaryDir m_folder;

    RunOptions options() const
    {
        NeedlePromptSpec spec;
        spec.tokens = 3000;
        spec.decoys = 4;
        RunOptions options;
        options.prompt = makeNeedlePrompt(spec).value().text;
        options.output = m_folder.filePath("t.hwt").toStdString();
        options.generate = 8;
        return options;
    }

    /// A sealed trace of no heads with that report.
    std::shared_ptr<const Trace> traceWith(const nlohmann::json& report)
    {
        TraceWriter::Begin begin;
        begin.meta = {{"report", report}};
        begin.text = "ab";
        begin.tokenOffsets = {0, 1, 2};
        begin.tokenIds = {1, 2};
        begin.headsPerLayer = {0};
        const std::filesystem::path path = m_folder.filePath("made.hwt").toStdString();
        auto writer = TraceWriter::create(path, begin, true);
        if (!writer || !writer->seal())
            return nullptr;
        auto trace = Trace::open(path);
        return trace ? *trace : nullptr;
    }

private slots:
    void initTestCase()
    {
        const auto loaded = loadModelAndTokenizer("builtin:needle");
        QVERIFY(loaded);
        m_loaded = *loaded;
    }

    void trace_saysWhatItsRunSaid_data()
    {
        QTest::addColumn<int>("selection");
        QTest::addColumn<int>("propagation");
        QTest::addColumn<int>("generate");
        QTest::addColumn<bool>("check");
        QTest::newRow("exact") << int(Selection::Exact) << int(Propagation::Observed) << 8 << true;
        QTest::newRow("exact, nothing generated")
            << int(Selection::Exact) << int(Propagation::Observed) << 0 << false;
        QTest::newRow("tree") << int(Selection::Tree) << int(Propagation::Propagated) << 8 << false;
        QTest::newRow("tree, nothing generated")
            << int(Selection::Tree) << int(Propagation::Propagated) << 0 << true;
        QTest::newRow("stream observed")
            << int(Selection::Stream) << int(Propagation::Observed) << 8 << false;
    }

    void trace_saysWhatItsRunSaid()
    {
        QFETCH(int, selection);
        QFETCH(int, propagation);
        QFETCH(int, generate);
        QFETCH(bool, check);
        RunOptions run = options();
        run.select.selection = static_cast<Selection>(selection);
        run.select.propagation = static_cast<Propagation>(propagation);
        run.select.keepKeys = 16; // fewer than every row keeps: a note
        run.generate = std::uint32_t(generate);
        run.check = check;
        const auto backend = makeCpuBackend(2);
        const auto report = runAnalysis(*backend, m_loaded, run, {}, {});
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        const QString said = QString::fromStdString(foundText(*report));
        QVERIFY2(said.contains(generate > 0 ? "\nread at:" : "next:"), qPrintable(said));
        QCOMPARE(said.contains("answer:"), generate > 0);
        QCOMPARE(said.contains("behaviour:"), check);
        QVERIFY(said.contains("map holds:") && said.contains("pruned:") && said.contains("note:"));
        const auto found = reportOf(*Trace::open(run.output).value());
        QVERIFY(found);
        QCOMPARE(QString::fromStdString(foundText(*found)), said);
    }

    /// Where nothing is generated, the read is that of the next token.
    void reads_areOfTheNextTokenWhereNothingIsGenerated()
    {
        RunOptions run = options();
        run.generate = 0;
        const auto backend = makeCpuBackend(2);
        const auto report = runAnalysis(*backend, m_loaded, run, {}, {});
        QVERIFY(report);
        QVERIFY(!report->answerReads.empty());
        for (const AnswerRead& read : report->answerReads)
            QCOMPARE(read.row, report->promptTokens - 1);
        QVERIFY(report->answerReads.front().copies);
        QCOMPARE(report->answerReads.front().text, report->next.front().text);
    }

    /// A prompt without a question: heads look far, and give nothing to any token there.
    void reads_ofNextToNothingAreNone()
    {
        RunOptions run = options();
        run.prompt.clear();
        for (int i = 0; i < 200; ++i)
            run.prompt += "The mast is high. ";
        run.generate = 0;
        const auto backend = makeCpuBackend(2);
        const auto report = runAnalysis(*backend, m_loaded, run, {}, {});
        QVERIFY(report);
        for (const AnswerRead& read : report->answerReads)
            QVERIFY(read.probability >= 0.05);
        QCOMPARE(report->answerReads.size(), std::size_t(0));
    }

    void unfinishedRun_hasNoReport()
    {
        RunOptions run = options();
        const auto backend = makeCpuBackend(2);
        std::stop_source stop;
        RunListener listener;
        listener.progress = [&](const Progress& progress) {
            if (progress.finishedLayer == 0)
                stop.request_stop();
        };
        QVERIFY(!runAnalysis(*backend, m_loaded, run, listener, stop.get_token()));
        QVERIFY(!reportOf(*Trace::open(run.output).value()));
    }

    void hostileReport_isUnknown_data()
    {
        QTest::addColumn<QByteArray>("report");
        // ' stands for the quotation mark.
        QTest::newRow("numbers for lists") << QByteArray("{'next': 1, 'answer_reads': 2, 'notes': 3}");
        QTest::newRow("wrong types") << QByteArray(
            "{'tokens': 'many', 'generated': [], 'kept_mass': 1, 'next': [7, {'text': 5}],"
            " 'answer_reads': [{'row': -1, 'layer': 1e300, 'text': null}], 'notes': [1],"
            " 'propagated': 'yes', 'check': {'kl_mean': 'x', 'rows': -5}}");
        QTest::newRow("numbers beyond any type")
            << QByteArray("{'answer_reads': [{'row': 18446744073709551615, 'layer': 4294967295,"
                          " 'probability': 1e308}], 'kept_mass': {'mean': -1e308, 'lo': 1e308}}");
        QTest::newRow("a text to steer terminals")
            << QByteArray("{'generated': {'text': '\\u001b[2J\\n'}, 'notes': ['\\u0007']}");
    }

    void hostileReport_isUnknown()
    {
        QFETCH(QByteArray, report);
        const auto trace = traceWith(nlohmann::json::parse(report.replace('\'', '"').toStdString()));
        QVERIFY(trace);
        const auto found = reportOf(*trace);
        QVERIFY(found);
        const QString text = QString::fromStdString(foundText(*found));
        QVERIFY2(!text.contains("nan") && !text.contains('\x1b') && !text.contains('\x07'), qPrintable(text));
        QVERIFY(!reportOf(*traceWith("no object")));
    }
};

QTEST_APPLESS_MAIN(TstTraceReport)
#include "tst_trace_report.moc"
