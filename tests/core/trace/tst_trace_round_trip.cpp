// SPDX-License-Identifier: Apache-2.0
#include "core/base/half.h"
#include "core/base/log_code.h"
#include "core/trace/head_row.h"
#include "core/trace/verify.h"
#include "made_trace.h"
#include "support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <fstream>
#include <map>

using namespace headwater;

namespace {

std::string bytesOf(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// What binary16 makes of a probability, a positive one staying positive.
float stored(float value)
{
    const std::uint16_t half = halfFromFloat(value);
    return floatFromHalf(half == 0 && value > 0 ? 1 : half);
}

void compareEdges(const HeadEdges& edges, const HeadRecord& record)
{
    QCOMPARE(edges.grid.seqLen, record.grid.seqLen);
    QCOMPARE(edges.keyBlock, record.keyBlock);
    QCOMPARE(edges.peakAt, record.peakAt);
    QCOMPARE(edges.rowPtr.size(), record.rowPtr.size());
    for (std::size_t i = 0; i < edges.rowPtr.size(); ++i)
        QCOMPARE(edges.rowPtr[i], std::uint64_t{record.rowPtr[i]});
    for (std::size_t i = 0; i < edges.mass.size(); ++i) {
        QCOMPARE(floatFromHalf(edges.mass[i]), stored(record.mass[i]));
        QCOMPARE(floatFromHalf(edges.peak[i]), stored(record.peak[i]));
    }
}

void compareRows(const HeadRows& rows, const HeadRecord& record)
{
    QCOMPARE(rows.lse, record.lse);
    QCOMPARE(rows.missed.size(), record.missed.size());
    for (std::size_t i = 0; i < rows.missed.size(); ++i) {
        if (std::isnan(record.missed[i]))
            QVERIFY(std::isnan(rows.missed[i]) && std::isnan(rows.missedPeak[i]));
        else
            QCOMPARE(rows.missed[i], stored(record.missed[i]));
    }
}

/// The overview by its definition, cell by cell, from the record alone.
void compareOverview(const Overview& overview, const HeadRecord& record)
{
    const std::size_t side = overview.side;
    QVERIFY(side << overview.level >= record.grid.seqLen);
    QVERIFY((1u << overview.level) >= std::max(record.grid.blockQ, record.grid.blockK));
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<float, std::uint64_t>> cells;
    for (std::uint32_t block = 0; block + 1 < record.rowPtr.size(); ++block) {
        for (std::uint32_t edge = record.rowPtr[block]; edge < record.rowPtr[block + 1]; ++edge) {
            const std::uint32_t query = block * record.grid.blockQ + record.peakAt[edge] / 256;
            const std::uint32_t key = record.keyBlock[edge] * record.grid.blockK + record.peakAt[edge] % 256;
            auto& [peak, count] = cells[{query >> overview.level, key >> overview.level}];
            peak = std::max(peak, stored(record.peak[edge]));
            ++count;
        }
    }
    for (std::uint32_t row = 0; row < side; ++row) {
        for (std::uint32_t column = 0; column < side; ++column) {
            const auto cell = cells.find({row, column});
            const bool isEmpty = cell == cells.end();
            QCOMPARE(overview.max[row * side + column], probabilityCode(isEmpty ? 0.0F : cell->second.first));
            QCOMPARE(overview.count[row * side + column], countCode(isEmpty ? 0 : cell->second.second));
        }
        bool isUnknown = false;
        float missed = 0;
        for (std::uint32_t t = row << overview.level;
             t < std::min(record.grid.seqLen, (row + 1) << overview.level); ++t) {
            isUnknown = isUnknown || std::isnan(record.missed[t]);
            missed = std::fmax(missed, stored(record.missed[t]));
        }
        QCOMPARE(overview.missed[row], isUnknown ? kUnknownCode : missedMassCode(missed));
    }
}

void compareColumnMass(const Trace::ColumnMass& columns, const HeadRecord& record)
{
    std::vector<double> expected(columns.mass.size());
    for (std::uint32_t block = 0; block + 1 < record.rowPtr.size(); ++block) {
        const std::uint32_t rows = record.grid.endRow(block) - record.grid.firstRow(block);
        for (std::uint32_t edge = record.rowPtr[block]; edge < record.rowPtr[block + 1]; ++edge)
            expected[record.keyBlock[edge] * record.grid.blockK / columns.columnTokens] +=
                static_cast<double>(record.mass[edge]) * rows;
    }
    for (std::size_t column = 0; column < expected.size(); ++column)
        QVERIFY(std::abs(static_cast<double>(columns.mass[column]) - expected[column])
                <= 1e-5 * (1 + expected[column]));
}

} // namespace

class TraceRoundTrip : public QObject {
    Q_OBJECT

private slots:
    void sealedTrace();
    void threadsWriteTheSameBytes();
    void overviewsAlone();
    void manyChunks();
    void growingTrace();
    void unsealedCloseLeavesOneFile();
    void tailRewrite_data();
    void tailRewrite();
    void equalBytes();
    void refusedInput();

private:
    std::filesystem::path place(const char* name) const { return m_folder.filePath(name).toStdString(); }
    QTemporaryDir m_folder;
};

void TraceRoundTrip::sealedTrace()
{
    const made::Shape shape;
    const auto path = place("sealed.hwt");
    VERIFY_RESULT(made::write(path, shape));
    QVERIFY(!std::filesystem::exists(path.string() + "-wal"));
    const auto opened = Trace::open(path);
    VERIFY_RESULT(opened);
    const Trace& trace = **opened;
    QVERIFY(trace.isSealed());
    const TraceWriter::Begin begin = made::begin(shape);
    QVERIFY(trace.meta() == begin.meta);
    QCOMPARE(trace.text(), std::string_view(begin.text));
    QVERIFY(std::ranges::equal(trace.tokenIds(), begin.tokenIds));
    QVERIFY(std::ranges::equal(trace.tokenOffsets(), begin.tokenOffsets));
    QVERIFY(std::ranges::equal(trace.sentenceOffsets(), begin.sentenceOffsets));
    QCOMPARE(trace.tokenText(0), std::string_view());
    QCOMPARE(trace.tokenText(1), std::string_view(begin.text).substr(0, begin.tokenOffsets[2]));
    QCOMPARE(trace.segments().size(), std::size_t{1});
    QCOMPARE(trace.seqLen(), shape.tokens);
    QCOMPARE(trace.numLayers(), 2);
    QCOMPARE(trace.numHeads(1), 3);
    QCOMPARE(trace.heads().size(), std::size_t{5});
    QVERIFY(trace.findHead(1, 3) == nullptr);
    QCOMPARE(trace.loadEdges(1, 3).error().code, ErrorCode::NotFound);
    QVERIFY(trace.hasTokenRow(shape.tokens - 1) && !trace.hasTokenRow(shape.tokens - 4));

    for (const HeadInfo& info : trace.heads()) {
        const TraceWriter::FinishedHead head = made::head(shape, info.layer, info.head);
        QCOMPARE(info.kind, head.record.kind);
        QCOMPARE(info.normaliser, head.record.normaliser);
        QCOMPARE(info.selection, head.record.selection);
        QCOMPARE(info.window, head.record.window);
        QCOMPARE(info.keepKeys, 96u);
        QCOMPARE(info.edges, std::uint64_t{head.record.keyBlock.size()});
        QCOMPARE(info.pairs.extraEdges, head.pairs.extraEdges);
        QCOMPARE(info.pairs.kept, head.pairs.kept);
        QCOMPARE(info.pairs.extra, head.pairs.extra);
        QCOMPARE(info.statistics.keptMass.lo, 0.88);
        QCOMPARE(info.statistics.entropy, 1.25 + info.layer);
        QCOMPARE(info.statistics.density, 1.0 / 3);
        QVERIFY(std::isnan(info.statistics.contentMass));
        QVERIFY(std::ranges::equal(trace.sinks(info.layer, info.head), head.sinks));
        const auto edges = trace.loadEdges(info.layer, info.head);
        VERIFY_RESULT(edges);
        compareEdges(**edges, head.record);
        const auto rows = trace.loadRows(info.layer, info.head);
        VERIFY_RESULT(rows);
        compareRows(**rows, head.record);
        for (const std::uint32_t side : trace.overviewSides()) {
            const auto overview = trace.loadOverview(info.layer, info.head, side);
            VERIFY_RESULT(overview);
            compareOverview(*overview, head.record);
        }
        const auto columns = trace.loadColumnMass(info.layer, info.head);
        VERIFY_RESULT(columns);
        compareColumnMass(*columns, head.record);
        const auto row = trace.loadTokenRow(info.layer, info.head, shape.tokens - 1);
        VERIFY_RESULT(row);
        QCOMPARE(row->keys, head.tokenRows.back().keys);
        QCOMPARE(row->probability, head.tokenRows.back().probability);
        QVERIFY(row->probability[6] == row->probability[7] && row->keys[6] < row->keys[7]);
        const auto probe =
            trace.loadArray("probe_rows/" + std::to_string(info.layer) + "/" + std::to_string(info.head));
        QCOMPARE(probe.has_value(), !head.probeRow.empty());
    }
    const auto rows = trace.loadTokenRows(shape.tokens - 2);
    VERIFY_RESULT(rows);
    QCOMPARE(rows->size(), std::size_t{5});
    QVERIFY(!trace.overviewSides().empty());

    const auto report = verifyTrace(path);
    VERIFY_RESULT(report);
    QVERIFY2(report->damage.empty(), report->damage.empty() ? "" : report->damage.front().text().c_str());
    QVERIFY(report->sealed);
    QCOMPARE(report->finishedLayers, 2);
}

void TraceRoundTrip::threadsWriteTheSameBytes()
{
    made::Shape shape;
    shape.headsPerLayer = {7, 5};
    std::string alone;
    for (const std::size_t threads : {1, 2, 5}) {
        const auto path = place("threads.hwt");
        auto writer = TraceWriter::create(path, made::begin(shape), true);
        VERIFY_RESULT(writer);
        writer->encodeWith(threads);
        for (int layer = 0; layer < 2; ++layer)
            VERIFY_RESULT(writer->writeLayer(layer, made::layer(shape, layer), shape.tailRow));
        VERIFY_RESULT(writer->seal());
        const std::string bytes = bytesOf(path);
        if (alone.empty())
            alone = bytes;
        QVERIFY(!bytes.empty() && bytes == alone);
    }
    // Of several that cannot be encoded, the first is named, whoever came first.
    auto writer = TraceWriter::create(place("threads.hwt"), made::begin(shape), true);
    VERIFY_RESULT(writer);
    writer->encodeWith(3);
    auto heads = made::layer(shape, 0);
    heads[2].probeRow.push_back(0);
    heads[5].probeRow.push_back(0);
    const auto refused = writer->writeLayer(0, heads, shape.tailRow);
    QVERIFY(!refused);
    QVERIFY2(refused.error().text().find(headName(0, 2)) != std::string::npos,
             refused.error().text().c_str());
}

void TraceRoundTrip::overviewsAlone()
{
    made::Shape shape;
    shape.headsPerLayer = {1};
    const auto path = place("overviews.hwt");
    {
        auto writer = TraceWriter::create(path, made::begin(shape), true);
        VERIFY_RESULT(writer);
        auto heads = made::layer(shape, 0);
        heads[0].writeEdges = false;
        VERIFY_RESULT(writer->writeLayer(0, heads, 0));
        VERIFY_RESULT(writer->seal());
    }
    const auto trace = Trace::open(path);
    VERIFY_RESULT(trace);
    QVERIFY(!(*trace)->hasEdges(0, 0));
    QCOMPARE((*trace)->loadEdges(0, 0).error().code, ErrorCode::NotFound);
    const auto overview = (*trace)->loadOverview(0, 0, (*trace)->overviewSides().back());
    VERIFY_RESULT(overview);
    compareOverview(*overview, made::record(shape, 0, 0));
    QVERIFY(verifyTrace(path)->damage.empty());
}

void TraceRoundTrip::manyChunks()
{
    made::Shape shape;
    shape.tokens = 9000;
    shape.headsPerLayer = {1};
    shape.blockQ = 4;
    shape.blockK = 4;
    shape.blocksPerRow = 200;
    shape.tailRow = 8960;
    const auto path = place("chunks.hwt");
    VERIFY_RESULT(made::write(path, shape));
    const auto trace = Trace::open(path);
    VERIFY_RESULT(trace);
    QVERIFY((*trace)->findHead(0, 0)->chunks > 3);
    const HeadRecord record = made::record(shape, 0, 0);
    const auto edges = (*trace)->loadEdges(0, 0);
    VERIFY_RESULT(edges);
    compareEdges(**edges, record);
    const auto columns = (*trace)->loadColumnMass(0, 0);
    VERIFY_RESULT(columns);
    compareColumnMass(*columns, record);
    std::stop_source stopped;
    stopped.request_stop();
    QCOMPARE((*trace)->loadEdges(0, 0, stopped.get_token()).error().code, ErrorCode::Cancelled);
    QVERIFY(verifyTrace(path)->damage.empty());
}

void TraceRoundTrip::growingTrace()
{
    const made::Shape shape;
    const auto path = place("growing.hwt");
    auto writer = TraceWriter::create(path, made::begin(shape), true);
    VERIFY_RESULT(writer);
    const auto before = Trace::open(path);
    VERIFY_RESULT(before);
    QVERIFY(!(*before)->isSealed());
    QCOMPARE((*before)->heads().size(), std::size_t{0});
    VERIFY_RESULT(writer->writeLayer(0, made::layer(shape, 0), shape.tailRow));
    const auto one = Trace::open(path);
    VERIFY_RESULT(one);
    QCOMPARE((*one)->heads().size(), std::size_t{2});
    VERIFY_RESULT(writer->writeLayer(1, made::layer(shape, 1), shape.tailRow));
    // The older view goes on working, and neither keeps the writer from sealing.
    const auto edges = (*one)->loadEdges(0, 1);
    VERIFY_RESULT(edges);
    compareEdges(**edges, made::record(shape, 0, 1));
    VERIFY_RESULT(writer->setMeta("notes", "changed"));
    VERIFY_RESULT(writer->seal());
    VERIFY_RESULT((*one)->loadEdges(0, 0));
    QVERIFY(!writer->setMeta("notes", "again").has_value());
    const auto sealed = Trace::open(path);
    VERIFY_RESULT(sealed);
    QVERIFY((*sealed)->isSealed());
    QVERIFY((*sealed)->meta()["notes"] == "changed");
    QVERIFY(verifyTrace(path)->damage.empty());
}

void TraceRoundTrip::unsealedCloseLeavesOneFile()
{
    const auto path = place("unsealed.hwt");
    VERIFY_RESULT(made::write(path, made::Shape(), false, 1));
    QVERIFY(!std::filesystem::exists(path.string() + "-wal"));
    const auto trace = Trace::open(path);
    VERIFY_RESULT(trace);
    QVERIFY(!(*trace)->isSealed());
    QCOMPARE((*trace)->heads().size(), std::size_t{2});
    const auto report = verifyTrace(path);
    VERIFY_RESULT(report);
    QVERIFY(report->damage.empty() && !report->sealed);
    QCOMPARE(report->finishedLayers, 1);
}

void TraceRoundTrip::tailRewrite_data()
{
    QTest::addColumn<unsigned>("tokens");
    QTest::addColumn<unsigned>("tailRow");
    QTest::addColumn<unsigned>("blockQ");
    QTest::addColumn<unsigned>("blockK");
    QTest::addColumn<unsigned>("chunks");
    // Small neighbours become one chunk, larger ones stay apart.
    QTest::newRow("joined") << 600u << 256u << 8u << 16u << 1u;
    // 1 020 tokens have columns of 4, 1 057 of 8.
    QTest::newRow("joined, coarser columns") << 1020u << 768u << 4u << 4u << 1u;
    QTest::newRow("apart") << 8500u << 8448u << 64u << 64u << 2u;
}

void TraceRoundTrip::tailRewrite()
{
    QFETCH(unsigned, tokens);
    QFETCH(unsigned, tailRow);
    QFETCH(unsigned, blockQ);
    QFETCH(unsigned, blockK);
    QFETCH(unsigned, chunks);
    made::Shape shape;
    shape.tokens = tokens;
    shape.tailRow = tailRow;
    shape.blockQ = blockQ;
    shape.blockK = blockK;
    made::Shape longer = shape;
    longer.tokens = shape.tokens + 37;
    const auto path = place("tail.hwt");
    auto writer = TraceWriter::create(path, made::begin(shape), true);
    VERIFY_RESULT(writer);
    for (int layer = 0; layer < 2; ++layer)
        VERIFY_RESULT(writer->writeLayer(layer, made::layer(shape, layer), shape.tailRow));
    const auto before = Trace::open(path);
    VERIFY_RESULT(before);

    TraceWriter::Tail tail;
    const TraceWriter::Begin begin = made::begin(longer);
    tail.tailRow = shape.tailRow;
    tail.text = begin.text;
    tail.tokenOffsets = begin.tokenOffsets;
    tail.tokenIds = begin.tokenIds;
    tail.sentenceOffsets = begin.sentenceOffsets;
    tail.segments = {{"prompt", 0, shape.tokens}, {"generated", shape.tokens, longer.tokens}};
    for (int layer = 0; layer < 2; ++layer) {
        for (int head = 0; head < shape.headsPerLayer[static_cast<std::size_t>(layer)]; ++head)
            tail.heads.push_back(made::head(longer, layer, head, shape.tailRow));
    }
    TraceWriter::Tail incomplete = tail;
    incomplete.heads.pop_back();
    QCOMPARE(writer->rewriteTail(incomplete).error().code, ErrorCode::InvalidArgument);
    TraceWriter::Tail early = tail;
    early.heads[0].tokenRows.push_back(made::tokenRow(longer, 0, 0, tail.tailRow - 1));
    QCOMPARE(writer->rewriteTail(early).error().code, ErrorCode::InvalidArgument);
    VERIFY_RESULT(writer->rewriteTail(tail));
    QCOMPARE((*before)->loadEdges(0, 0).error().code, ErrorCode::Unavailable);
    VERIFY_RESULT(writer->seal());

    const auto trace = Trace::open(path);
    VERIFY_RESULT(trace);
    QCOMPARE((*trace)->seqLen(), longer.tokens);
    QCOMPARE((*trace)->segments()[1].name, std::string("generated"));
    QVERIFY((*trace)->hasTokenRow(longer.tokens - 1));
    QVERIFY(!(*trace)->hasTokenRow(shape.tokens - 1));
    for (const HeadInfo& info : (*trace)->heads()) {
        // What the head is now: the old rows before the tail, the new ones from it on.
        const HeadRecord old = made::record(shape, info.layer, info.head);
        HeadRecord whole = made::record(longer, info.layer, info.head, shape.tailRow);
        const std::uint32_t blocks = shape.tailRow / shape.blockQ;
        const auto edges = static_cast<std::ptrdiff_t>(old.rowPtr[blocks]);
        std::vector<std::uint32_t> rowPtr(old.rowPtr.begin(), old.rowPtr.begin() + blocks);
        for (const std::uint32_t pointer : whole.rowPtr)
            rowPtr.push_back(pointer + old.rowPtr[blocks]);
        whole.rowPtr = rowPtr;
        const auto prepend = [](auto& values, const auto& from, std::ptrdiff_t count) {
            values.insert(values.begin(), from.begin(), from.begin() + count);
        };
        prepend(whole.keyBlock, old.keyBlock, edges);
        prepend(whole.mass, old.mass, edges);
        prepend(whole.peak, old.peak, edges);
        prepend(whole.peakAt, old.peakAt, edges);
        prepend(whole.lse, old.lse, shape.tailRow);
        prepend(whole.missed, old.missed, shape.tailRow);
        prepend(whole.missedPeak, old.missedPeak, shape.tailRow);
        QCOMPARE(info.edges, std::uint64_t{whole.keyBlock.size()});
        QCOMPARE(info.chunks, chunks);
        const auto row = (*trace)->loadTokenRow(info.layer, info.head, longer.tokens - 2);
        VERIFY_RESULT(row);
        QCOMPARE(row->keys, made::tokenRow(longer, info.layer, info.head, longer.tokens - 2).keys);
        compareEdges(**(*trace)->loadEdges(info.layer, info.head), whole);
        compareRows(**(*trace)->loadRows(info.layer, info.head), whole);
        compareColumnMass(*(*trace)->loadColumnMass(info.layer, info.head), whole);
        for (const std::uint32_t side : (*trace)->overviewSides())
            compareOverview(*(*trace)->loadOverview(info.layer, info.head, side), whole);
    }
    const auto report = verifyTrace(path);
    VERIFY_RESULT(report);
    QVERIFY2(report->damage.empty(), report->damage.empty() ? "" : report->damage.front().text().c_str());
}

void TraceRoundTrip::equalBytes()
{
    const made::Shape shape;
    VERIFY_RESULT(made::write(place("one.hwt"), shape));
    VERIFY_RESULT(made::write(place("two.hwt"), shape));
    QVERIFY(bytesOf(place("one.hwt")) == bytesOf(place("two.hwt")));
}

void TraceRoundTrip::refusedInput()
{
    const made::Shape shape;
    const auto path = place("refused.hwt");
    auto writer = TraceWriter::create(path, made::begin(shape), true);
    VERIFY_RESULT(writer);
    const auto refuses = [&](const std::function<void(TraceWriter::FinishedHead&)>& spoil) {
        auto heads = made::layer(shape, 0);
        spoil(heads[0]);
        const auto written = writer->writeLayer(0, heads, 0);
        return !written && written.error().code == ErrorCode::InvalidArgument;
    };
    QVERIFY(refuses([](auto& head) { head.record.keyBlock[1] = 4000; }));
    QVERIFY(refuses([](auto& head) { std::swap(head.record.keyBlock[60], head.record.keyBlock[61]); }));
    QVERIFY(refuses([](auto& head) { head.record.mass[3] = 1.5F; }));
    QVERIFY(refuses([](auto& head) { head.record.peak[3] = std::nanf(""); }));
    QVERIFY(refuses([](auto& head) { head.record.peakAt[0] = 9 << 8; }));
    QVERIFY(refuses([](auto& head) { head.record.rowPtr.pop_back(); }));
    QVERIFY(refuses([](auto& head) { head.record.lse.pop_back(); }));
    QVERIFY(refuses([](auto& head) { head.record.grid.blockQ = 12; }));
    QVERIFY(refuses([](auto& head) { head.pairs.kept = head.pairs.usable + 1; }));
    QVERIFY(refuses([](auto& head) { head.sinks = {7, 3}; }));
    QVERIFY(refuses([](auto& head) { head.tokenRows[0].keys[0] = head.tokenRows[0].row + 1; }));
    QVERIFY(refuses([](auto& head) {
        std::swap(head.tokenRows[0].keys[0], head.tokenRows[0].keys[7]),
            std::swap(head.tokenRows[0].probability[0], head.tokenRows[0].probability[7]);
    }));
    QVERIFY(refuses([](auto& head) { std::swap(head.tokenRows[0].keys[6], head.tokenRows[0].keys[7]); }));
    QVERIFY(refuses([](auto& head) { head.tokenRows[0].keys[3] = head.tokenRows[0].keys[1]; }));
    QVERIFY(refuses([](auto& head) { head.tokenRows[0].probability[0] = std::nanf(""); }));
    QVERIFY(refuses([](auto& head) { head.tokenRows[0].probability.pop_back(); }));
    QVERIFY(refuses([](auto& head) { head.tokenRows.push_back(head.tokenRows[0]); }));
    QVERIFY(refuses([](auto& head) { head.tokenRows[0].head = 1; }));
    QVERIFY(refuses([](auto& head) { head.record.layer = 1; }));
    // Nothing of it was kept.
    QCOMPARE((*Trace::open(path))->heads().size(), std::size_t{0});

    TraceWriter::Begin begin = made::begin(shape);
    begin.tokenOffsets[4] = begin.tokenOffsets[3] - 1;
    QCOMPARE(TraceWriter::create(place("never.hwt"), begin, false).error().code, ErrorCode::InvalidArgument);
    QVERIFY(!std::filesystem::exists(place("never.hwt")));
    QCOMPARE(TraceWriter::create(place("no/such/folder.hwt"), made::begin(shape), false).error().code,
             ErrorCode::CannotCreate);
}

QTEST_APPLESS_MAIN(TraceRoundTrip)
#include "tst_trace_round_trip.moc"
