// SPDX-License-Identifier: Apache-2.0
// What is read of a trace in parts: rows from their own chunks, token rows of some heads and of a range, by
// many readers at once.
#include "attacker.h"
#include "core/trace/verify.h"
#include "made_trace.h"
#include "support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <thread>

using namespace headwater;

class TestTraceReading : public QObject {
    Q_OBJECT

private slots:
    void rowsReadTheirChunksAlone();
    void tokenRowsOfSomeHeads();
    void tokenRowsOfARange();
    void readersSideBySide();

private:
    std::filesystem::path place(const char* name) const { return m_folder.filePath(name).toStdString(); }
    QTemporaryDir m_folder;
};

void TestTraceReading::rowsReadTheirChunksAlone()
{
    made::Shape shape;
    shape.tokens = 9000;
    shape.headsPerLayer = {1};
    shape.blockQ = 4;
    shape.blockK = 4;
    shape.blocksPerRow = 200;
    shape.tailRow = 8960;
    const auto path = place("slices.hwt");
    VERIFY_RESULT(made::write(path, shape));
    const auto trace = Trace::open(path);
    VERIFY_RESULT(trace);
    const HeadRecord record = made::record(shape, 0, 0);
    const auto whole = (*trace)->loadEdges(0, 0);
    VERIFY_RESULT(whole);
    const auto wholeRows = (*trace)->loadRows(0, 0);
    VERIFY_RESULT(wholeRows);
    const auto first = (*trace)->loadEdges(0, 0, TokenRange{0, 1});
    VERIFY_RESULT(first);
    const std::uint32_t border = (*first)->endBlock() * shape.blockQ;
    QVERIFY(border > 0 && border < shape.tokens);
    const std::vector<TokenRange> ranges = {{0, 1},
                                            {border - 1, border},
                                            {border, border + 1},
                                            {border - 1, border + 1},
                                            {4321, 4322},
                                            {8999, 9000},
                                            {0, 9000}};
    for (const TokenRange& rows : ranges) {
        const auto slice = (*trace)->loadEdges(0, 0, rows);
        VERIFY_RESULT(slice);
        const EdgeSlice& edges = **slice;
        QVERIFY(edges.holds(rows));
        const BlockEdges<std::uint16_t> expected = (*whole)->slice(edges.firstBlock, edges.endBlock());
        QCOMPARE(edges.rowPtr, expected.rowPtr);
        QCOMPARE(edges.keyBlock, expected.keyBlock);
        QCOMPARE(edges.mass, expected.mass);
        QCOMPARE(edges.peak, expected.peak);
        QCOMPARE(edges.peakAt, expected.peakAt);
        QVERIFY(rows.end - rows.begin > 2 || edges.endBlock() - edges.firstBlock < 2250u);
        const auto values = (*trace)->loadRows(0, 0, rows);
        VERIFY_RESULT(values);
        QCOMPARE((*values)->firstRow, edges.firstBlock * shape.blockQ);
        QVERIFY((*values)->firstRow + (*values)->lse.size() >= rows.end);
        for (std::size_t row = 0; row < (*values)->lse.size(); ++row) {
            QCOMPARE((*values)->lse[row], (*wholeRows)->lse[(*values)->firstRow + row]);
            QCOMPARE((*values)->missedPeak[row], (*wholeRows)->missedPeak[(*values)->firstRow + row]);
        }
        QCOMPARE(largestMissedPeak(**values, rows.begin, rows.end),
                 largestMissedPeak(**wholeRows, rows.begin, rows.end));
    }
    QVERIFY(!(*first)->holds({border - 1, border + 1}) && !(*first)->holds({5, 5}));
    for (const TokenRange& none : {TokenRange{7, 7}, TokenRange{8, 7}, TokenRange{8999, 9001}}) {
        QCOMPARE((*trace)->loadEdges(0, 0, none).error().code, ErrorCode::InvalidArgument);
        QCOMPARE((*trace)->loadRows(0, 0, none).error().code, ErrorCode::InvalidArgument);
    }
    std::stop_source stopped;
    stopped.request_stop();
    QCOMPARE((*trace)->loadEdges(0, 0, TokenRange{0, 1}, stopped.get_token()).error().code,
             ErrorCode::Cancelled);

    // A damaged chunk is no matter to the rows of another.
    hostile::Attacker(path).run("UPDATE chunk SET data=zeroblob(9) WHERE first_row="
                                + std::to_string(border));
    const auto spoilt = Trace::open(path);
    VERIFY_RESULT(spoilt);
    QCOMPARE((*spoilt)->loadEdges(0, 0).error().code, ErrorCode::BadFormat);
    VERIFY_RESULT((*spoilt)->loadEdges(0, 0, TokenRange{border - 1, border}));
    VERIFY_RESULT((*spoilt)->loadRows(0, 0, TokenRange{border - 1, border}));
    QCOMPARE((*spoilt)->loadEdges(0, 0, TokenRange{border - 1, border + 1}).error().code,
             ErrorCode::BadFormat);
}

void TestTraceReading::tokenRowsOfSomeHeads()
{
    // Heads may have other rows than their neighbours; only what all have counts as a row of the trace.
    const made::Shape shape;
    const auto path = place("some.hwt");
    const std::uint32_t last = shape.tokens - 1;
    auto writer = TraceWriter::create(path, made::begin(shape), true);
    VERIFY_RESULT(writer);
    for (int layer = 0; layer < 2; ++layer) {
        auto heads = made::layer(shape, layer);
        if (layer == 1) {
            heads[0].tokenRows.pop_back(); // not the last row
            heads[1].tokenRows = {heads[1].tokenRows.back(), made::tokenRow(shape, 1, 1, 5)}; // in any order
        }
        VERIFY_RESULT(writer->writeLayer(layer, heads, 0));
    }
    VERIFY_RESULT(writer->seal());
    QVERIFY(verifyTrace(path)->damage.empty());
    const auto trace = Trace::open(path);
    VERIFY_RESULT(trace);
    QVERIFY(!(*trace)->hasTokenRow(last) && !(*trace)->hasTokenRow(last - 1) && !(*trace)->hasTokenRow(5));
    QCOMPARE((*trace)->loadTokenRows(last)->size(), std::size_t{4});
    QCOMPARE((*trace)->loadTokenRows(5)->size(), std::size_t{1});
    QCOMPARE((*trace)->loadTokenRows(7)->size(), std::size_t{0});
    QCOMPARE((*trace)->loadTokenRow(1, 0, last).error().code, ErrorCode::NotFound);
    QCOMPARE((*trace)->loadTokenRow(1, 0, 7).error().code, ErrorCode::NotFound);
    for (const auto& [head, row] :
         {std::pair(1, last), std::pair(2, last), std::pair(1, 5u), std::pair(0, last - 1)}) {
        const auto read = (*trace)->loadTokenRow(1, head, row);
        VERIFY_RESULT(read);
        const TokenRow expected = made::tokenRow(shape, 1, head, row);
        QCOMPARE(read->layer, 1);
        QCOMPARE(read->head, head);
        QCOMPARE(read->row, row);
        QCOMPARE(read->keys, expected.keys);
        QCOMPARE(read->probability, expected.probability);
    }
    QVERIFY((*trace)->loadTokenRows(0, 0, {0, shape.tokens})->empty()); // none that all heads have
}

void TestTraceReading::tokenRowsOfARange()
{
    const made::Shape shape;
    const auto path = place("range.hwt");
    auto writer = TraceWriter::create(path, made::begin(shape), true);
    VERIFY_RESULT(writer);
    const std::uint32_t last = shape.tokens - 1;
    for (int layer = 0; layer < 2; ++layer) {
        auto heads = made::layer(shape, layer);
        for (std::size_t head = 0; head < heads.size(); ++head)
            heads[head].tokenRows = {made::tokenRow(shape, layer, static_cast<int>(head), last),
                                     made::tokenRow(shape, layer, static_cast<int>(head), 5),
                                     made::tokenRow(shape, layer, static_cast<int>(head), last - 1)};
        VERIFY_RESULT(writer->writeLayer(layer, heads, 0));
    }
    const auto trace = Trace::open(path); // not sealed yet, too
    VERIFY_RESULT(trace);
    const auto rowsIn = [&](std::uint32_t begin, std::uint32_t end) {
        std::vector<std::uint32_t> rows;
        const auto read = (*trace)->loadTokenRows(1, 2, TokenRange{begin, end});
        if (!read)
            return rows;
        for (const TokenRow& row : *read) {
            const TokenRow expected = made::tokenRow(shape, 1, 2, row.row);
            if (row.layer == 1 && row.head == 2 && row.keys == expected.keys
                && row.probability == expected.probability)
                rows.push_back(row.row);
        }
        return rows;
    };
    using Rows = std::vector<std::uint32_t>;
    QCOMPARE(rowsIn(0, shape.tokens), (Rows{5, last - 1, last}));
    QCOMPARE(rowsIn(5, last), (Rows{5, last - 1}));
    QCOMPARE(rowsIn(6, last - 1), Rows());
    QCOMPARE(rowsIn(last, last), Rows());
    QCOMPARE((*trace)->loadTokenRows(0, 99, TokenRange{0, shape.tokens}).error().code, ErrorCode::NotFound);
}

void TestTraceReading::readersSideBySide()
{
    const made::Shape shape;
    const auto path = place("many.hwt");
    VERIFY_RESULT(made::write(path, shape));
    const auto trace = Trace::open(path);
    VERIFY_RESULT(trace);
    std::atomic<int> failures = 0;
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (int round = 0; round < 20; ++round) {
                const HeadInfo& info = (*trace)->heads()[static_cast<std::size_t>(thread + round) % 5];
                const auto edges = (*trace)->loadEdges(info.layer, info.head);
                const auto rows = (*trace)->loadTokenRows(shape.tokens - 1);
                if (!edges || (*edges)->keyBlock.size() != info.edges || !rows || rows->size() != 5)
                    ++failures;
            }
        });
    }
    threads.clear();
    QCOMPARE(failures.load(), 0);
}

QTEST_APPLESS_MAIN(TestTraceReading)
#include "tst_trace_reading.moc"
