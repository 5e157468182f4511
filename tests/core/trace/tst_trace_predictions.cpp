// SPDX-License-Identifier: Apache-2.0
// What rows gave to the tokens after them, in a trace.
#include "core/trace/verify.h"
#include "made_predictions.h"
#include "made_trace.h"
#include "support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>

using namespace headwater;

namespace {

/// NaN equals NaN here.
bool isSame(const Predictions& a, const Predictions& b)
{
    const auto bytes = [](const auto& left, const auto& right) {
        return left.size() == right.size()
            && (left.empty() || std::memcmp(left.data(), right.data(), left.size() * sizeof left[0]) == 0);
    };
    return a.prompt == b.prompt && a.promptTokens == b.promptTokens && bytes(a.rows, b.rows)
        && bytes(a.traced, b.traced) && a.wordIds == b.wordIds && a.wordBytes == b.wordBytes
        && a.words == b.words;
}

} // namespace

class TracePredictions : public QObject {
    Q_OBJECT

private slots:
    void whatIsWrittenIsRead();
    void aTraceWithoutThem_saysSo();
    void generatedTokens_replaceThem();
    void smallVocabulary();
    void contradictions_areRefused_data();
    void contradictions_areRefused();
    void arithmetic();

private:
    std::filesystem::path place(const char* name) const { return m_folder.filePath(name).toStdString(); }
    QTemporaryDir m_folder;
};

void TracePredictions::whatIsWrittenIsRead()
{
    for (const PredictedBy by : {PredictedBy::Model, PredictedBy::SparseForward}) {
        const made::Shape shape;
        const TraceWriter::Begin begin = made::begin(shape);
        const Predictions predictions = made::predictions(begin.tokenIds, shape.tokens, by);
        auto writer = TraceWriter::create(place("whole.hwt"), begin, true);
        VERIFY_RESULT(writer);
        for (int layer = 0; layer < 2; ++layer)
            VERIFY_RESULT(writer->writeLayer(layer, made::layer(shape, layer), shape.tailRow));
        VERIFY_RESULT(writer->writePredictions(predictions));
        VERIFY_RESULT(writer->seal());
        const auto trace = Trace::open(place("whole.hwt"));
        VERIFY_RESULT(trace);
        QVERIFY((*trace)->hasPredictions());
        const auto read = (*trace)->loadPredictions();
        VERIFY_RESULT(read);
        QVERIFY(isSame(**read, predictions));
        const auto report = verifyTrace(place("whole.hwt"));
        VERIFY_RESULT(report);
        QVERIFY2(report->damage.empty(), report->damage.empty() ? "" : report->damage.front().text().c_str());
    }
}

void TracePredictions::aTraceWithoutThem_saysSo()
{
    VERIFY_RESULT(made::write(place("none.hwt"), made::Shape()));
    const auto trace = *Trace::open(place("none.hwt"));
    QVERIFY(!trace->hasPredictions());
    QCOMPARE(trace->loadPredictions().error().code, ErrorCode::NotFound);
}

void TracePredictions::generatedTokens_replaceThem()
{
    const made::Shape shape;
    made::Shape longer = shape;
    longer.tokens = shape.tokens + 37;
    const auto path = place("tail.hwt");
    const TraceWriter::Begin begin = made::begin(shape);
    auto writer = TraceWriter::create(path, begin, true);
    VERIFY_RESULT(writer);
    for (int layer = 0; layer < 2; ++layer)
        VERIFY_RESULT(writer->writeLayer(layer, made::layer(shape, layer), shape.tailRow));
    VERIFY_RESULT(writer->writePredictions(made::predictions(begin.tokenIds, shape.tokens)));
    const auto before = Trace::open(path);
    VERIFY_RESULT(before);
    VERIFY_RESULT((*before)->loadPredictions()); // a growing trace has them too

    TraceWriter::Tail tail;
    const TraceWriter::Begin all = made::begin(longer);
    tail.tailRow = shape.tailRow;
    tail.text = all.text;
    tail.tokenOffsets = all.tokenOffsets;
    tail.tokenIds = all.tokenIds;
    tail.sentenceOffsets = all.sentenceOffsets;
    tail.segments = {{"prompt", 0, shape.tokens}, {"generated", shape.tokens, longer.tokens}};
    for (int layer = 0; layer < 2; ++layer) {
        for (int head = 0; head < shape.headsPerLayer[static_cast<std::size_t>(layer)]; ++head)
            tail.heads.push_back(made::head(longer, layer, head, shape.tailRow));
    }
    // Left out, they would be those of a shorter text.
    QCOMPARE(writer->rewriteTail(tail).error().code, ErrorCode::InvalidArgument);
    const Predictions predictions = made::predictions(all.tokenIds, shape.tokens);
    tail.predictions = &predictions;
    VERIFY_RESULT(writer->rewriteTail(tail));
    QCOMPARE((*before)->loadPredictions().error().code, ErrorCode::Unavailable);
    VERIFY_RESULT(writer->seal());
    const auto read = (*Trace::open(path))->loadPredictions();
    VERIFY_RESULT(read);
    QVERIFY(isSame(**read, predictions));
    QCOMPARE((*read)->by(shape.tokens - 1), PredictedBy::Model);
    QCOMPARE((*read)->by(shape.tokens), PredictedBy::Decoding);
    QVERIFY(!(*read)->tracedOf(shape.tokens - 2));
    QCOMPARE((*read)->tracedOf(shape.tokens - 1), &(*read)->traced[0]);
    QCOMPARE((*read)->tracedOf(longer.tokens - 2), &(*read)->traced[36]);
    QVERIFY(!(*read)->tracedOf(longer.tokens - 1));
    QVERIFY(verifyTrace(path)->damage.empty());
}

void TracePredictions::smallVocabulary()
{
    made::Shape shape;
    TraceWriter::Begin begin = made::begin(shape);
    begin.meta["model"]["vocab_size"] = 2;
    for (std::int32_t& id : begin.tokenIds)
        id %= 2;
    Predictions predictions;
    predictions.promptTokens = shape.tokens;
    predictions.wordBytes = {0};
    for (std::uint32_t row = 0; row < shape.tokens; ++row) {
        RowPrediction& made = predictions.rows.emplace_back();
        made.likeliest[0] = {1, -0.25F};
        made.likeliest[1] = {0, -1.5F};
        if (row + 1 < shape.tokens)
            made.following = begin.tokenIds[row + 1] == 1 ? -0.25F : -1.5F;
    }
    auto writer = TraceWriter::create(place("two.hwt"), begin, true);
    VERIFY_RESULT(writer);
    VERIFY_RESULT(writer->writePredictions(predictions));
    predictions.rows[3].likeliest[2] = {0, -2.0F}; // there is no third
    QCOMPARE(writer->writePredictions(predictions).error().code, ErrorCode::InvalidArgument);
    VERIFY_RESULT(writer->seal());
    const auto read = (*Trace::open(place("two.hwt")))->loadPredictions();
    VERIFY_RESULT(read);
    QCOMPARE((*read)->rows[9].likeliest[1].id, 0);
    QCOMPARE((*read)->rows[9].likeliest[2].id, -1);
    QVERIFY(!(*read)->wordOf(1));
}

void TracePredictions::contradictions_areRefused_data()
{
    using Change = std::function<void(Predictions&)>;
    QTest::addColumn<Change>("spoil");
    QTest::addColumn<QString>("where");
    const auto row = [](const char* name, Change spoil, const char* where) {
        QTest::newRow(name) << spoil << where;
    };
    row(
        "a row too few", [](Predictions& p) { p.rows.pop_back(); }, "");
    row(
        "more prompt than tokens", [](Predictions& p) { p.promptTokens = 601; }, "");
    row(
        "no prompt", [](Predictions& p) { p.promptTokens = 0; }, "");
    row(
        "traced tokens of a prompt",
        [](Predictions& p) {
            p.traced.push_back({1, -1});
        },
        "");
    row(
        "a probability above 1", [](Predictions& p) { p.rows[4].likeliest[0].logprob = 0.5F; },
        "array 'next_logprob', row 4");
    row(
        "NaN", [](Predictions& p) { p.rows[4].likeliest[4].logprob = std::nanf(""); },
        "array 'next_logprob', row 4");
    row(
        "minus infinity", [](Predictions& p) { p.rows[5].following = -INFINITY; }, "array 'logprob', row 6");
    row(
        "unknown in the middle", [](Predictions& p) { p.rows[5].following = std::nanf(""); },
        "array 'logprob', row 6");
    row(
        "rising", [](Predictions& p) { std::swap(p.rows[7].likeliest[1], p.rows[7].likeliest[2]); },
        "array 'next_logprob', row 7");
    row(
        "a token twice", [](Predictions& p) { p.rows[7].likeliest[1].id = p.rows[7].likeliest[0].id; },
        "array 'next_logprob', row 7");
    row(
        "outside the vocabulary", [](Predictions& p) { p.rows[7].likeliest[2].id = 50000; },
        "array 'next_ids', row 7");
    row(
        "a negative id", [](Predictions& p) { p.rows[7].likeliest[2].id = -1; }, "array 'next_ids', row 7");
    row(
        "two numbers for one token", [](Predictions& p) { p.rows[8].following -= 0.5F; },
        "array 'next_logprob', row 8");
    row(
        "likelier than the likeliest", [](Predictions& p) { p.rows[9].following = -0.0F; },
        "array 'logprob', row 10");
    row(
        "words unsorted", [](Predictions& p) { std::swap(p.wordIds[3], p.wordIds[4]); },
        "array 'next_word_ids', row 4");
    row(
        "words outside", [](Predictions& p) { p.words.pop_back(); }, "array 'next_word_bytes'");
    row(
        "words fall", [](Predictions& p) { std::swap(p.wordBytes[3], p.wordBytes[4]); },
        "array 'next_word_bytes'");
    row(
        "no words' end", [](Predictions& p) { p.wordBytes.pop_back(); }, "array 'next_word_bytes'");
}

void TracePredictions::contradictions_areRefused()
{
    QFETCH(std::function<void(Predictions&)>, spoil);
    QFETCH(QString, where);
    const made::Shape shape;
    TraceWriter::Begin begin = made::begin(shape);
    begin.meta["model"]["vocab_size"] = made::kVocabulary;
    auto writer = TraceWriter::create(place("refused.hwt"), begin, true);
    VERIFY_RESULT(writer);
    Predictions predictions = made::predictions(begin.tokenIds, shape.tokens);
    spoil(predictions);
    const auto written = writer->writePredictions(predictions);
    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::InvalidArgument);
    QVERIFY2(written.error().context.find(where.toStdString()) != std::string::npos,
             written.error().text().c_str());
    QVERIFY(!(*Trace::open(place("refused.hwt")))->hasPredictions());
}

void TracePredictions::arithmetic()
{
    Predictions predictions;
    predictions.promptTokens = 4;
    predictions.rows.resize(6);
    for (std::size_t row = 0; row < 5; ++row)
        predictions.rows[row].following = -static_cast<float>(1 << row);
    // Tokens 1 to 3: what was generated says nothing of how well the prompt was predicted.
    QCOMPARE(predictions.meanLoss(), (1 + 2 + 4) / 3.0);
    QVERIFY(std::isnan(predictions.logprobOf(0)));
    QCOMPARE(predictions.logprobOf(3), -4.0F);
    QCOMPARE(predictions.logprobOf(5), -16.0F);
    QVERIFY(std::isnan(predictions.logprobOf(6)));
    predictions.promptTokens = 1;
    QVERIFY(std::isnan(predictions.meanLoss()));
    predictions.wordIds = {3, 9};
    predictions.wordBytes = {0, 2, 2};
    predictions.words = "ab";
    QVERIFY(predictions.wordOf(3) == std::string_view("ab"));
    QVERIFY(predictions.wordOf(9) == std::string_view());
    QVERIFY(!predictions.wordOf(4) && !predictions.wordOf(10));
}

QTEST_APPLESS_MAIN(TracePredictions)
#include "tst_trace_predictions.moc"
