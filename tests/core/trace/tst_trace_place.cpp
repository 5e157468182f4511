// SPDX-License-Identifier: Apache-2.0
// What a new trace may take the place of, and what a reader of the old one is told.
#include "core/trace/sqlite_database.h"
#include "core/trace/trace_part.h"
#include "made_trace.h"
#include "support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <fstream>
#include <sqlite3.h>
#include <thread>

using namespace headwater;

class TstTracePlace : public QObject {
    Q_OBJECT

private slots:
    void replacing();
    void replacedAfterALook();
    void replacedUnderAReader();
    void unsealedReplacedUnderAReader();
    void replacedWhileItIsOpened();

private:
    std::filesystem::path place(const char* name) const { return m_folder.filePath(name).toStdString(); }
    QTemporaryDir m_folder;
};

void TstTracePlace::replacing()
{
    const made::Shape shape;
    const auto path = place("replaced.hwt");
    VERIFY_RESULT(made::write(path, shape));
    QCOMPARE(TraceWriter::create(path, made::begin(shape), false).error().code, ErrorCode::CannotCreate);
    auto writer = TraceWriter::create(path, made::begin(shape), true);
    VERIFY_RESULT(writer);
    QCOMPARE((*Trace::open(path))->heads().size(), std::size_t{0});

    // What is no trace stays: a prompt under that name, another program's database. An empty file has nothing
    // to lose.
    const auto prompt = place("prompt.txt");
    std::ofstream(prompt) << "a prompt of some length that nobody wants to lose";
    const auto database = place("other.db");
    {
        auto other = SqliteDatabase::open(sqliteUri(database.string(), "mode=rwc"),
                                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        VERIFY_RESULT(other);
        VERIFY_RESULT(other->execute("CREATE TABLE t(a); INSERT INTO t VALUES(1);"));
    }
    for (const auto& foreign : {prompt, database}) {
        const auto bytes = std::filesystem::file_size(foreign);
        const auto refused = TraceWriter::create(foreign, made::begin(shape), true);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::CannotCreate);
        QVERIFY(refused.error().text().find("not a trace") != std::string::npos);
        QCOMPARE(std::filesystem::file_size(foreign), bytes);
    }
    const auto empty = place("empty.hwt");
    std::ofstream(empty).flush();
    VERIFY_RESULT(TraceWriter::create(empty, made::begin(shape), true));

    // What a run would take for its own left-over, and what another one is at, cost neither that nor the old
    // trace.
    const auto kept = place("kept.hwt");
    const auto part = place("kept.hwt.part");
    VERIFY_RESULT(made::write(kept, shape));
    std::ofstream(part) << "notes on kept.hwt";
    const auto foreign = TraceWriter::create(kept, made::begin(shape), true);
    QVERIFY(!foreign);
    QCOMPARE(foreign.error().code, ErrorCode::CannotCreate);
    QVERIFY(foreign.error().text().find("kept.hwt.part: is there and is not what a run left")
            != std::string::npos);
    QCOMPARE(std::filesystem::file_size(part), std::uintmax_t{17});
    std::filesystem::remove(part);
    {
        auto other = TracePart::open(part);
        VERIFY_RESULT(other);
        const auto second = TraceWriter::create(kept, made::begin(shape), true);
        QVERIFY(!second);
        QVERIFY(second.error().text().find("another program is creating") != std::string::npos);
        QVERIFY(std::filesystem::exists(part));
    }
    QVERIFY(!std::filesystem::exists(part));
    QVERIFY((*Trace::open(kept))->isSealed());
    // The mode of what is replaced stays.
    std::filesystem::permissions(kept, std::filesystem::perms(0600));
    VERIFY_RESULT(made::write(kept, shape));
    QCOMPARE(std::filesystem::status(kept).permissions(), std::filesystem::perms(0600));
}

/// Whoever looks at an unfinished trace holds it for a moment, which a run waits for.
void TstTracePlace::replacedAfterALook()
{
    made::Shape shape;
    const auto path = place("looked_at.hwt");
    VERIFY_RESULT(made::write(path, shape, false, 1));
    auto look = SqliteDatabase::open(sqliteUri(path.string(), "mode=ro"), SQLITE_OPEN_READONLY);
    VERIFY_RESULT(look);
    VERIFY_RESULT(look->execute("BEGIN"));
    VERIFY_RESULT(look->integer("SELECT count(*) FROM head"));
    std::jthread moment([&look] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        (void)look->close();
    });
    VERIFY_RESULT(TraceWriter::create(path, made::begin(shape), true));
}

void TstTracePlace::replacedUnderAReader()
{
    // Another run of the same shape takes the file's place: old numbers or an error, never the other run's.
    made::Shape shape;
    const auto path = place("under.hwt");
    VERIFY_RESULT(made::write(path, shape));
    const auto trace = Trace::open(path);
    VERIFY_RESULT(trace);
    const std::vector<float> lse = made::record(shape, 1, 0).lse;
    shape.seed = 8;
    VERIFY_RESULT(made::write(path, shape));
    QVERIFY((*(*Trace::open(path))->loadRows(1, 0))->lse != lse);
    std::atomic<int> refused{0};
    std::atomic<int> wrong{0};
    std::atomic<int> right{0};
    std::barrier begin(4);
    {
        std::vector<std::jthread> readers;
        // One connection is open; the others find the new file.
        for (int reader = 0; reader < 4; ++reader) {
            readers.emplace_back([&] {
                begin.arrive_and_wait();
                while (wrong == 0 && (refused == 0 || right == 0)) {
                    const auto rows = (*trace)->loadRows(1, 0);
                    if (!rows)
                        ++(rows.error().code == ErrorCode::Unavailable ? refused : wrong);
                    else
                        ++((*rows)->lse == lse ? right : wrong);
                }
            });
        }
    }
    QCOMPARE(wrong.load(), 0);
    QVERIFY(right > 0 && refused > 0);
}

/// No seal tells two growing traces apart, and token rows and arrays are of no head whose row could.
void TstTracePlace::unsealedReplacedUnderAReader()
{
    made::Shape shape;
    const auto path = place("growing.hwt");
    VERIFY_RESULT(made::write(path, shape, false, 1));
    const auto trace = Trace::open(path);
    VERIFY_RESULT(trace);
    QVERIFY(!(*trace)->isSealed());
    std::uint32_t row = shape.tokens - 1;
    while (row > 0 && !(*trace)->hasTokenRow(row))
        --row;
    VERIFY_RESULT((*trace)->loadTokenRows(row));
    shape.seed = 8;
    for (int time = 0; time < 2; ++time) // the second may get the first file's inode
        VERIFY_RESULT(made::write(path, shape, false, 1));
    const auto rows = (*trace)->loadTokenRows(row);
    const auto array = (*trace)->loadArray("token_ids");
    const auto head = (*trace)->loadRows(0, 0);
    QVERIFY(!rows && !array && !head);
    for (const ErrorCode code : {rows.error().code, array.error().code, head.error().code})
        QCOMPARE(code, ErrorCode::Unavailable);
    VERIFY_RESULT((*Trace::open(path))->loadTokenRows(row));
}

/// SQLite finds a -wal file by its name: a reader that opened what has just been moved away must not take the
/// new trace's for its own. (It cut the new one's index off under its writer, which died of it.)
void TstTracePlace::replacedWhileItIsOpened()
{
    made::Shape shape;
    const auto path = place("opened.hwt");
    std::array<std::vector<float>, 2> lses;
    for (std::uint32_t seed = 0; seed < 2; ++seed) {
        shape.seed = 7 + seed;
        lses[seed] = made::record(shape, 0, 0).lse;
    }
    VERIFY_RESULT(made::write(path, shape));
    std::atomic<int> opened{0};
    std::atomic<int> wrong{0};
    std::vector<std::jthread> readers;
    for (int reader = 0; reader < 3; ++reader) {
        readers.emplace_back([&](const std::stop_token& stop) {
            // Not all the time: a trace that somebody has open while it is unfinished is not replaced.
            for (; !stop.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(1))) {
                const auto trace = Trace::open(path);
                if (!trace || (*trace)->heads().empty())
                    continue;
                const auto rows = (*trace)->loadRows(0, 0);
                ++opened;
                if (rows)
                    wrong += std::ranges::find(lses, (*rows)->lse) == lses.end();
                else
                    wrong += rows.error().code != ErrorCode::Unavailable;
            }
        });
    }
    for (int time = 0; time < 100; ++time) {
        shape.seed = 7 + static_cast<std::uint32_t>(time % 2);
        const bool isSealed = time % 10 != 9;
        VERIFY_RESULT(made::write(path, shape, isSealed, isSealed ? -1 : 1));
    }
    readers.clear();
    QCOMPARE(wrong.load(), 0);
    QVERIFY(opened > 0);
}

QTEST_APPLESS_MAIN(TstTracePlace)
#include "tst_trace_place.moc"
