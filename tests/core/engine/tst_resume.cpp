// SPDX-License-Identifier: Apache-2.0
// Runs of the built-in model that are stopped somewhere and gone on with: the data of one that was not
// stopped.
#include "core/engine/analysis_run.h"
#include "core/engine/begun_run.h"
#include "core/trace/array_store.h"
#include "core/trace/first_state.h"
#include "core/trace/verify.h"
#include "support/recorded_needle.h"
#include "support/trace_rows.h"

#include <QFile>
#include <QTest>

using namespace headwater;

namespace {

struct Way {
    const char* name;
    Selection selection;
    Propagation propagation;
};
constexpr Way kWays[] = {{"exact, observed", Selection::Exact, Propagation::Observed},
                         {"exact, propagated", Selection::Exact, Propagation::Propagated},
                         {"tree, observed", Selection::Tree, Propagation::Observed},
                         {"tree, propagated", Selection::Tree, Propagation::Propagated},
                         {"stream, propagated", Selection::Stream, Propagation::Propagated}};

/// When a run is stopped.
struct Moment {
    const char* name;
    const char* phase;
    int finishedLayer; ///< -1: any progress of the phase
};
constexpr Moment kMoments[] = {{"first layer", "prefill", 0},
                               {"second layer", "prefill", 1},
                               {"predictions", "predictions", -1},
                               {"generation", "generate", -1},
                               {"after the tail", "check dense", -1}};

} // namespace

class TstResume : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    test::RecordedNeedle m_needle;
    std::string m_prompt;

    std::string path(const char* name) const { return m_folder.filePath(name).toStdString(); }

    RunOptions optionsOf(const Way& way, const std::string& output) const
    {
        RunOptions options;
        options.model = "builtin:needle";
        options.prompt = m_prompt;
        options.output = output;
        options.generate = 6;
        options.predictions = PredictionChoice::On;
        options.check = true;
        options.select.selection = way.selection;
        options.select.propagation = way.propagation;
        options.select.keepKeys = 128;
        if (way.selection == Selection::Stream) // what is drawn is drawn again
            options.sampling.temperature = 2;
        return options;
    }

    Result<RunReport> run(const RunOptions& options, const RunListener& listener = {},
                          std::stop_token stop = {})
    {
        return runAnalysis(*m_needle.backend, m_needle.model, options, listener, std::move(stop));
    }

    /// A run that is stopped when it says what the moment waits for.
    Result<RunReport> runUntil(const Moment& moment, const RunOptions& options)
    {
        std::stop_source source;
        RunListener listener;
        listener.progress = [&](const Progress& progress) {
            if (progress.phase == moment.phase && progress.finishedLayer == moment.finishedLayer)
                source.request_stop();
        };
        return run(options, listener, source.get_token());
    }

    static Result<RunOptions> toGoOn(const std::string& output, RunOptions given = {},
                                     std::span<const std::string> names = {})
    {
        given.output = output;
        return optionsToGoOn(given, names);
    }

    /// The rows of a stopped run's trace, for what must not change them.
    void begin(const std::string& output, const Way& way = kWays[3], const Moment& moment = kMoments[2])
    {
        const auto stopped = runUntil(moment, optionsOf(way, output));
        QVERIFY(!stopped);
        QVERIFY2(stopped.error().code == ErrorCode::Cancelled, stopped.error().text().c_str());
    }

private slots:
    void initTestCase()
    {
        const auto loaded = m_needle.load();
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        NeedlePromptSpec spec;
        spec.tokens = 1500;
        spec.decoys = 2;
        const auto prompt = makeNeedlePrompt(spec);
        QVERIFY(prompt);
        m_prompt = prompt->text;
    }

    void stopped_anywhere_goesOnToTheSameBytes_data()
    {
        QTest::addColumn<int>("way");
        QTest::addColumn<int>("moment");
        for (int way = 0; way < static_cast<int>(std::size(kWays)); ++way)
            for (int moment = 0; moment < static_cast<int>(std::size(kMoments)); ++moment)
                QTest::addRow("%s, %s", kWays[way].name, kMoments[moment].name) << way << moment;
    }
    void stopped_anywhere_goesOnToTheSameBytes()
    {
        QFETCH(const int, way);
        QFETCH(const int, moment);
        const auto whole = run(optionsOf(kWays[way], path("whole.hwt")));
        QVERIFY2(whole, whole ? "" : whole.error().text().c_str());
        begin(path("begun.hwt"), kWays[way], kMoments[moment]);
        if (QTest::currentTestFailed())
            return;
        const auto options = toGoOn(path("begun.hwt"));
        QVERIFY2(options, options ? "" : options.error().text().c_str());
        const auto model = modelOf(*options);
        QVERIFY(model);
        QCOMPARE(*model, std::string("builtin:needle"));
        const auto report = run(*options);
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        const auto verified = verifyTrace(path("begun.hwt"));
        QVERIFY(verified && verified->damage.empty());
        const auto trace = Trace::open(path("begun.hwt"));
        QVERIFY(trace && (*trace)->isSealed());
        const QStringList expected = test::rowsOf(path("whole.hwt"));
        QVERIFY(expected.size() > 50);
        QCOMPARE(test::rowsOf(path("begun.hwt")), expected);
        // The report is of the whole run too.
        QCOMPARE(report->generatedText, whole->generatedText);
        QCOMPARE(report->keptPairs, whole->keptPairs);
        QCOMPARE(report->alwaysKeptPairs, whole->alwaysKeptPairs);
        QCOMPARE(report->extraPairs, whole->extraPairs);
        QCOMPARE(report->keptMass.mean, whole->keptMass.mean);
        QCOMPARE(report->keptMassMin, whole->keptMassMin);
        QCOMPARE(report->sinks, whole->sinks);
        QCOMPARE(report->answerReads.size(), whole->answerReads.size());
        QCOMPARE(report->next.front().logprob, whole->next.front().logprob);
        QCOMPARE(report->decodedTracedAgreement, whole->decodedTracedAgreement);
        QVERIFY(report->promptLoss && report->promptLoss->mean == whole->promptLoss->mean);
        QVERIFY(report->check && report->check->klMean == whole->check->klMean);
    }

    void stoppedTwice_goesOn()
    {
        const Way& way = kWays[3];
        QVERIFY(run(optionsOf(way, path("whole.hwt"))));
        begin(path("begun.hwt"), way, kMoments[0]);
        auto options = toGoOn(path("begun.hwt"));
        QVERIFY(options);
        const auto again = runUntil(kMoments[2], *options);
        QVERIFY(!again && again.error().code == ErrorCode::Cancelled);
        options = toGoOn(path("begun.hwt"));
        QVERIFY2(options, options ? "" : options.error().text().c_str());
        QVERIFY(run(*options));
        QCOMPARE(test::rowsOf(path("begun.hwt")), test::rowsOf(path("whole.hwt")));
    }

    void withoutGeneration_goesOn()
    {
        RunOptions options = optionsOf(kWays[3], path("whole.hwt"));
        options.generate = 0;
        options.check = false;
        QVERIFY(run(options));
        options.output = path("begun.hwt");
        QVERIFY(!runUntil(kMoments[1], options));
        const auto more = toGoOn(path("begun.hwt"));
        QVERIFY(more);
        QVERIFY(run(*more));
        QCOMPARE(test::rowsOf(path("begun.hwt")), test::rowsOf(path("whole.hwt")));
    }

    void finished_isRefused()
    {
        QVERIFY(run(optionsOf(kWays[0], path("whole.hwt"))));
        const auto options = toGoOn(path("whole.hwt"));
        QVERIFY(!options);
        QCOMPARE(options.error().code, ErrorCode::InvalidArgument);
        QVERIFY(QString::fromStdString(options.error().message).contains("is finished"));
    }

    void otherPrompt_isRefused()
    {
        begin(path("begun.hwt"));
        auto options = toGoOn(path("begun.hwt"));
        QVERIFY(options);
        options->prompt = m_prompt;
        options->prompt[40] = options->prompt[40] == 'a' ? 'b' : 'a';
        options->chat = "off";
        const auto other = run(*options);
        QVERIFY(!other);
        QCOMPARE(other.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(other.error().context, std::string("prompt"));
        QVERIFY2(QString::fromStdString(other.error().message).contains("expected"),
                 other.error().message.c_str());
        options->prompt = m_prompt;
        QVERIFY(run(*options));
    }

    void otherOption_isRefusedByName_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("option");
        QTest::newRow("select") << "select"
                                << "--select";
        QTest::newRow("propagation") << "propagation"
                                     << "--propagation";
        QTest::newRow("budget") << "keep_keys"
                                << "--keep-keys";
        QTest::newRow("blocks") << "block_q"
                                << "--block-q";
        QTest::newRow("generate") << "generate"
                                  << "--generate";
        QTest::newRow("predictions") << "predictions"
                                     << "--predictions";
        QTest::newRow("seed") << "seed"
                              << "--seed";
        QTest::newRow("chat") << "chat"
                              << "--chat";
        QTest::newRow("check") << "check"
                               << "--check";
    }
    void otherOption_isRefusedByName()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, option);
        if (!QFile::exists(m_folder.filePath("kept.hwt")))
            begin(path("kept.hwt"));
        const std::string names[] = {name.toStdString()};
        RunOptions given = optionsOf(kWays[3], {});
        const auto same = toGoOn(path("kept.hwt"), given, names);
        QVERIFY2(same, same ? "" : same.error().text().c_str());
        given.select.selection = Selection::Stream;
        given.select.propagation = Propagation::Observed;
        given.select.keepKeys = 64;
        given.select.blockQ = 64;
        given.select.seed = 7;
        given.generate = 5;
        given.predictions = PredictionChoice::Off;
        given.chat = "chatml";
        given.check = false;
        const auto other = toGoOn(path("kept.hwt"), given, names);
        QVERIFY(!other);
        QCOMPARE(other.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(QString::fromStdString(other.error().context), option);
        QVERIFY2(QString::fromStdString(other.error().message).contains("in the trace"),
                 other.error().message.c_str());
        QVERIFY(toGoOn(path("kept.hwt"), given)); // what was not given is no difference
    }

    /// A stored number that the forward does not give: refused by layer, head and row, and nothing is
    /// written.
    void otherNumbers_areRefused()
    {
        begin(path("begun.hwt"));
        const auto original = Trace::open(path("begun.hwt"));
        QVERIFY(original);
        // Another token of the prompt: everything after it is another's.
        {
            auto database =
                SqliteDatabase::open(sqliteUri(path("begun.hwt"), "mode=rw"), SQLITE_OPEN_READWRITE);
            QVERIFY(database);
            auto inserter = RowInserter::prepare(*database, TraceTableId::Array);
            QVERIFY(inserter);
            FieldCoder coder;
            const auto ids = (*original)->tokenIds();
            std::vector<std::int32_t> changed(ids.begin(), ids.end());
            changed[700] = changed[700] == 40 ? 41 : 40;
            const std::array<std::uint64_t, 1> shape = {changed.size()};
            std::uint64_t bytes = 0;
            QVERIFY(insertArray(*inserter, coder, kArrayTokenIds, "i32", shape,
                                std::as_bytes(std::span(changed)), bytes));
            QVERIFY(database->execute("DROP TABLE IF EXISTS seal"));
        }
        const QStringList before = test::rowsOf(path("begun.hwt"));
        const auto options = toGoOn(path("begun.hwt"));
        QVERIFY2(options, options ? "" : options.error().text().c_str());
        const auto other = run(*options);
        QVERIFY(!other);
        QCOMPARE(other.error().code, ErrorCode::BadFormat);
        const QString said = QString::fromStdString(other.error().text());
        QVERIFY2(said.contains("layer 2, head 1") && said.contains("row 700"), qPrintable(said));
        QCOMPARE(test::rowsOf(path("begun.hwt")), before);
    }

    /// What no run of this program on this machine has begun in this format.
    void anotherBeginning_isRefused_data()
    {
        QTest::addColumn<QString>("change");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("said");
        QTest::newRow("older minor version")
            << "PRAGMA user_version=1000" << static_cast<int>(ErrorCode::Unsupported)
            << "was begun in format 1.0";
        QTest::newRow("no options") << "DELETE FROM meta WHERE key='options'"
                                    << static_cast<int>(ErrorCode::Unsupported)
                                    << "does not say what its run was asked";
        QTest::newRow("options that are none")
            << "options" << static_cast<int>(ErrorCode::BadFormat) << "meta key 'options'";
        QTest::newRow("other blocks")
            << "blocks" << static_cast<int>(ErrorCode::BadFormat) << "expected the 64 × 64 of its meta";
        QTest::newRow("another processor") << "device" << static_cast<int>(ErrorCode::InvalidArgument)
                                           << "was begun by another GEMM, one thread";
        QTest::newRow("another model") << "model" << static_cast<int>(ErrorCode::InvalidArgument)
                                       << "the trace was made with other.gguf";
    }
    void anotherBeginning_isRefused()
    {
        QFETCH(const QString, change);
        QFETCH(const int, code);
        QFETCH(const QString, said);
        begin(path("begun.hwt"));
        if (QTest::currentTestFailed())
            return;
        {
            auto database =
                SqliteDatabase::open(sqliteUri(path("begun.hwt"), "mode=rw"), SQLITE_OPEN_READWRITE);
            QVERIFY(database);
            const std::string key = change.toStdString();
            if (key == "options")
                QVERIFY(insertMeta(*database, key, R"({"select":"exact","keep_keys":"many"})"));
            else if (key == "blocks")
                QVERIFY(insertMeta(
                    *database, "options",
                    R"({"select":"tree","propagation":"propagated","keep_keys":128,"block_q":64,"block_k":64})"));
            else if (key == "device")
                QVERIFY(
                    insertMeta(*database, key, R"({"name":"cpu","description":"another GEMM, one thread"})"));
            else if (key == "model")
                QVERIFY(insertMeta(*database, key, R"({"source":"other.gguf","header_sha256":"00"})"));
            else
                QVERIFY(database->execute(key));
            QVERIFY(database->execute("DROP TABLE IF EXISTS seal"));
        }
        RunOptions given;
        given.model = "builtin:needle";
        auto options = toGoOn(path("begun.hwt"), given);
        const Result<RunReport> report = options ? run(*options) : Result<RunReport>(options.error());
        QVERIFY(!report);
        QVERIFY2(static_cast<int>(report.error().code) == code, report.error().text().c_str());
        QVERIFY2(QString::fromStdString(report.error().text()).contains(said), report.error().text().c_str());
    }

    void whileItIsWritten_isRefused()
    {
        std::optional<Result<RunReport>> second;
        RunListener listener;
        listener.progress = [&](const Progress& progress) {
            if (progress.finishedLayer != 0)
                return;
            const auto options = toGoOn(path("begun.hwt"));
            QVERIFY(options);
            test::RecordedNeedle other;
            QVERIFY(other.load());
            second = runAnalysis(*other.backend, other.model, *options, {}, {});
        };
        const auto first = run(optionsOf(kWays[0], path("begun.hwt")), listener);
        QVERIFY2(first, first ? "" : first.error().text().c_str());
        QVERIFY(second && !*second);
        QCOMPARE(second->error().code, ErrorCode::CannotCreate);
        QVERIFY(QString::fromStdString(second->error().message).contains("another program has it open"));
    }

    /// A prompt that names the day is the same on the next.
    void dayOfThePrompt_isKept()
    {
        EncodedPrompt prompt;
        prompt.chatFamily = "chatml";
        prompt.textTokens = TextTokens::Plain;
        prompt.day = "2026-11-30"; // the clock's
        QCOMPARE(begunOptions({}, prompt, {}, 0, false)["date"], nlohmann::json("2026-11-30"));
        prompt.day.clear();
        QVERIFY(!begunOptions({}, prompt, {}, 0, false).contains("date"));
    }

    void estimate_isOfWhatIsLeft()
    {
        begin(path("begun.hwt"));
        const auto begun = BegunTrace::open(path("begun.hwt"));
        QVERIFY(begun);
        QVERIFY((*begun)->hasMasks());
        QCOMPARE((*begun)->finishedLayers(), 3);
        const auto options = toGoOn(path("begun.hwt"));
        QVERIFY(options);
        const std::uint32_t tokens = (*begun)->promptTokens();
        const auto whole = estimateRun(*m_needle.backend, m_needle.model, tokens, *options);
        const auto rest =
            estimateRun(*m_needle.backend, m_needle.model, tokens, *options, availableMemory(), begun->get());
        QVERIFY(whole && rest);
        QVERIFY(rest->traceBytes < whole->traceBytes);
        QCOMPARE(rest->memoryBytes, whole->memoryBytes + (*begun)->layerBytes());
        // Nothing is given up silently where memory is short.
        AvailableMemory little = availableMemory();
        little.bytes = 1;
        const auto refused =
            estimateRun(*m_needle.backend, m_needle.model, tokens, *options, little, begun->get());
        QVERIFY(refused && !refused->refusal.empty());
        QCOMPARE(refused->generate, options->generate);
    }
};

QTEST_GUILESS_MAIN(TstResume)
#include "tst_resume.moc"
