// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_file.h"
#include "core/trace/verify.h"
#include "hostile_cases.h"
#include "tests/support/counted_heap.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <set>
#include <sqlite3.h>
#include <sys/stat.h>

using namespace headwater;
using namespace headwater::hostile;

namespace {

std::string bytesOf(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void writeBytes(const std::filesystem::path& path, std::string_view bytes)
{
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// From SQLite's header.
std::size_t pageBytesOf(std::string_view trace)
{
    return std::size_t{static_cast<unsigned char>(trace[16])} << 8 | static_cast<unsigned char>(trace[17]);
}

std::string textOf(const VerifyReport& report)
{
    std::string text;
    for (const Error& error : report.damage)
        text += error.text() + "\n";
    return text;
}

/// Everything a reader can ask for; what matters is that it returns.
void readAll(const std::filesystem::path& path)
{
    const auto trace = Trace::open(path);
    if (!trace)
        return;
    for (const HeadInfo& info : (*trace)->heads()) {
        (void)(*trace)->loadEdges(info.layer, info.head);
        (void)(*trace)->loadRows(info.layer, info.head);
        (void)(*trace)->loadColumnMass(info.layer, info.head);
        for (const std::uint32_t side : (*trace)->overviewSides())
            (void)(*trace)->loadOverview(info.layer, info.head, side);
    }
    (void)(*trace)->loadPredictions();
    for (std::uint32_t row = 0; row < (*trace)->seqLen(); row += (*trace)->hasTokenRow(row + 1) ? 1 : 7) {
        (void)(*trace)->loadTokenRows(row);
        for (const HeadInfo& info : (*trace)->heads())
            (void)(*trace)->loadTokenRow(info.layer, info.head, row);
    }
}

/// The most memory that `body` takes, in bytes above what was in use before. SQLite's own does not come from
/// `new`; it counts it itself.
template <class Body> std::size_t heapOf(const Body& body)
{
    sqlite3_int64 before = 0;
    sqlite3_int64 peak = 0;
    sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &before, &peak, 1);
    const std::size_t ours = test::heapInUse;
    test::heapPeak = ours;
    body();
    sqlite3_int64 now = 0;
    sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &now, &peak, 0);
    return test::heapPeak - ours + static_cast<std::size_t>(std::max<sqlite3_int64>(peak - before, 0));
}

/// What a hostile file of that size may cost (reliability_ecosystem.md §1.4).
constexpr std::size_t heapFor(std::size_t fileBytes)
{
    return 16 * fileBytes + (8u << 20);
}

} // namespace

/// The quick run cuts a trace at some lengths, `slow` (the argument) at every one.
class TraceHostile : public QObject {
    Q_OBJECT

public:
    explicit TraceHostile(bool isSlow)
        : m_isSlow(isSlow)
    {
    }

private slots:
    void initTestCase();
    void rows_data();
    void rows();
    void header();
    void notATrace();
    void pages();
    void truncation();
    void truncatedWal();
    void flipsInRows();
    void loneWal();
    void diedWhileClosing();
    void cleanupTestCase()
    {
        qInfo("at most %zu bytes of memory, the file has %zu", m_mostHeap, m_whole.size());
    }

private:
    void fresh() { writeBytes(m_path, m_whole); }
    /// Verifies the file at m_path and reads all of it, in bounded memory.
    Result<VerifyReport> look();
    std::filesystem::path place(const char* name) const { return m_folder.filePath(name).toStdString(); }

    bool m_isSlow;
    QTemporaryDir m_folder;
    std::filesystem::path m_path;
    std::string m_whole;
    std::vector<Case> m_cases;
    std::size_t m_mostHeap = 0;
};

Result<VerifyReport> TraceHostile::look()
{
    Result<VerifyReport> report = Error{};
    const std::size_t heap = heapOf([&] {
        report = verifyTrace(m_path);
        readAll(m_path);
    });
    m_mostHeap = std::max(m_mostHeap, heap);
    const std::size_t bound = heapFor(std::filesystem::file_size(m_path));
    if (heap > bound)
        QTest::qFail(qPrintable(QString("took %1 bytes, at most %2").arg(heap).arg(bound)), __FILE__,
                     __LINE__);
    return report;
}

void TraceHostile::initTestCase()
{
    m_path = place("hostile.hwt");
    const auto written = made::write(m_path, shapeOfAll());
    QVERIFY2(written.has_value(), written ? "" : written.error().text().c_str());
    m_whole = bytesOf(m_path);
    QVERIFY(look()->damage.empty());
    // Both heaps are counted.
    QVERIFY(m_mostHeap > m_whole.size());
    sqlite3_int64 now = 0;
    sqlite3_int64 peak = 0;
    QCOMPARE(sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &now, &peak, 0), SQLITE_OK);
    QVERIFY(peak > 0);
    m_cases = plainCases();
    for (const auto& more : {knowingCases(), predictionCases(), tokenRowCases()})
        m_cases.insert(m_cases.end(), more.begin(), more.end());
}

void TraceHostile::rows_data()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < m_cases.size(); ++i)
        QTest::newRow(m_cases[i].name) << static_cast<int>(i);
}

void TraceHostile::rows()
{
    QFETCH(int, index);
    const Case& one = m_cases[static_cast<std::size_t>(index)];
    fresh();
    {
        Attacker attacker(m_path);
        one.spoil(attacker);
        if (QTest::currentTestFailed())
            return;
    }
    const auto report = look();
    const std::string text = report ? textOf(*report) : report.error().text();
    QVERIFY2(text.find(one.expected) != std::string::npos, text.c_str());
    QVERIFY2(text.find(m_path.string()) != std::string::npos, text.c_str());
}

void TraceHostile::header()
{
    struct Patch {
        std::size_t at;
        char value;
        ErrorCode code;
        const char* expected;
    };
    for (const Patch& patch : {Patch{0, 'X', ErrorCode::BadFormat, "magic"},
                               Patch{62, 7, ErrorCode::Unsupported, "trace format 2."},
                               Patch{18, 9, ErrorCode::BadFormat, "file format"},
                               Patch{59, 2, ErrorCode::BadFormat, "text encoding"},
                               Patch{31, 3, ErrorCode::BadFormat, "truncated"},
                               Patch{68, 'X', ErrorCode::BadFormat, "application id"}}) {
        std::string bytes = m_whole;
        bytes[patch.at] = patch.value;
        writeBytes(m_path, bytes);
        const auto trace = Trace::open(m_path);
        QVERIFY(!trace);
        QCOMPARE(trace.error().code, patch.code);
        QVERIFY2(trace.error().text().find(patch.expected) != std::string::npos,
                 trace.error().text().c_str());
    }
}

void TraceHostile::notATrace()
{
    QCOMPARE(Trace::open(place("missing.hwt")).error().code, ErrorCode::NotFound);
    QCOMPARE(Trace::open(m_folder.path().toStdString()).error().code, ErrorCode::NotFound);
    const auto fifo = place("fifo.hwt");
    QCOMPARE(::mkfifo(fifo.c_str(), 0600), 0);
    QCOMPARE(Trace::open(fifo).error().code, ErrorCode::NotFound);
    QCOMPARE(verifyTrace(fifo).error().code, ErrorCode::NotFound);
    for (const std::string& bytes : {std::string(), std::string("x"), std::string(5000, 'x')}) {
        writeBytes(m_path, bytes);
        QCOMPARE(Trace::open(m_path).error().code, ErrorCode::BadFormat);
        QCOMPARE(verifyTrace(m_path)->damage.size(), std::size_t{1});
    }
}

void TraceHostile::pages()
{
    // B-tree headers, cell pointers and child pointers of every page: zeros, ones, and other pages' numbers.
    const std::size_t pageBytes = pageBytesOf(m_whole);
    const std::size_t pages = m_whole.size() / pageBytes;
    std::mt19937_64 random(11);
    for (std::size_t page = 0; page < pages; ++page) {
        const std::size_t begin = page * pageBytes + (page == 0 ? 100 : 0);
        for (std::size_t round = page % 3; round < 6; round += 3) {
            std::string bytes = m_whole;
            for (std::size_t i = 0; i < 24; ++i) {
                const char value = round == 0 ? '\0' : (round == 1 ? '\xFF' : static_cast<char>(random()));
                if (round < 2 || random() % 4 == 0)
                    bytes[begin + i] = round == 3 ? static_cast<char>(random() % pages) : value;
            }
            if (bytes == m_whole)
                continue;
            writeBytes(m_path, bytes);
            const auto report = look();
            QVERIFY2(!report || !report->damage.empty(), std::to_string(page).c_str());
            if (QTest::currentTestFailed())
                return;
        }
    }
}

void TraceHostile::truncation()
{
    const std::size_t pageBytes = pageBytesOf(m_whole);
    fresh();
    std::size_t most = 0;
    for (std::size_t bytes = m_whole.size(); bytes-- > 0;) {
        const bool isAtPage = bytes % pageBytes <= 1 || bytes % pageBytes == pageBytes - 1;
        if (!m_isSlow && !isAtPage && bytes % 331 != 0 && bytes > 200)
            continue;
        std::filesystem::resize_file(m_path, bytes);
        std::optional<ErrorCode> code;
        const std::size_t heap = heapOf([&] {
            const auto trace = Trace::open(m_path);
            if (!trace)
                code = trace.error().code;
        });
        most = std::max(most, heap);
        QVERIFY(heap <= heapFor(bytes));
        QCOMPARE(code, ErrorCode::BadFormat);
    }
    qInfo("at most %zu bytes of memory", most);
}

void TraceHostile::truncatedWal()
{
    // A killed run's pair of files, the -wal cut anywhere: whole layers or nothing, never other numbers.
    const auto path = place("killed.hwt");
    const made::Shape shape = shapeOfAll();
    std::string main;
    std::string wal;
    {
        auto writer = TraceWriter::create(path, made::begin(shape), true);
        QVERIFY(writer.has_value());
        QVERIFY(writer->writeLayer(0, made::layer(shape, 0), shape.tailRow).has_value());
        QVERIFY(writer->writeLayer(1, made::layer(shape, 1), shape.tailRow).has_value());
        main = bytesOf(path);
        wal = bytesOf(path.string() + "-wal");
    }
    const auto copy = place("copy.hwt");
    std::set<std::size_t> seen;
    for (std::size_t bytes = 0; bytes <= wal.size();
         bytes += bytes + 2999 > wal.size() && bytes < wal.size() ? wal.size() - bytes : 2999) {
        std::filesystem::remove(copy.string() + "-shm");
        writeBytes(copy, main);
        writeBytes(copy.string() + "-wal", std::string_view(wal).substr(0, bytes));
        const auto trace = Trace::open(copy);
        if (!trace) {
            QCOMPARE(trace.error().code, ErrorCode::BadFormat);
            continue;
        }
        const std::size_t heads = (*trace)->heads().size();
        QVERIFY(heads == 0 || heads == 2 || heads == 5);
        seen.insert(heads);
        const auto report = verifyTrace(copy);
        QVERIFY(report.has_value());
        QVERIFY2(report->damage.empty(), textOf(*report).c_str());
    }
    QCOMPARE(seen, (std::set<std::size_t>{0, 2, 5}));
}

void TraceHostile::flipsInRows()
{
    // One flipped bit inside a blob, wherever it lies in the file, is named.
    fresh();
    struct Place {
        std::string bytes;
        std::string name;
    };
    std::vector<Place> places;
    {
        auto file = std::move(*openTraceFile(m_path));
        auto row = std::move(*file.database.prepare("SELECT layer, head, first_row, field, data FROM chunk"));
        while (*row.step()) {
            const std::string name = "layer " + std::to_string(row.integer(0)) + ", head "
                + std::to_string(row.integer(1)) + ", chunk at row " + std::to_string(row.integer(2))
                + ", field " + std::string(row.text(3));
            places.push_back({std::string(row.text(4)), name});
        }
        auto array = std::move(*file.database.prepare("SELECT name, data FROM array"));
        while (*array.step())
            places.push_back({std::string(array.text(1)), "array '" + std::string(array.text(0)) + "'"});
        auto tokenRow = std::move(*file.database.prepare("SELECT layer, row, keys, p FROM row"));
        while (*tokenRow.step()) {
            const std::string name = "layer " + std::to_string(tokenRow.integer(0)) + ", row "
                + std::to_string(tokenRow.integer(1));
            places.push_back({std::string(tokenRow.text(2)), name});
            places.push_back({std::string(tokenRow.text(3)), name});
        }
        auto meta = std::move(*file.database.prepare("SELECT key, value FROM meta"));
        while (*meta.step())
            places.push_back({std::string(meta.text(1)), "meta key '" + std::string(meta.text(0)) + "'"});
    }
    int named = 0;
    std::mt19937_64 random(5);
    for (const Place& one : places) {
        // A blob that spills over several pages lies in pieces: its first piece is what fits.
        const std::string_view piece = std::string_view(one.bytes).substr(0, 300);
        const std::size_t at = m_whole.find(piece);
        if (at == std::string::npos || piece.size() < 4 || m_whole.find(piece, at + 1) != std::string::npos)
            continue;
        std::string bytes = m_whole;
        bytes[at + random() % piece.size()] ^= static_cast<char>(1 << random() % 8);
        writeBytes(m_path, bytes);
        const auto report = verifyTrace(m_path);
        QVERIFY(report.has_value());
        const std::string text = textOf(*report);
        QVERIFY2(text.find(one.name) != std::string::npos, (one.name + "\n" + text).c_str());
        ++named;
    }
    QVERIFY2(named > 50, std::to_string(named).c_str());
}

void TraceHostile::loneWal()
{
    const auto path = place("lone.hwt");
    const made::Shape shape = shapeOfAll();
    std::string main;
    {
        auto writer = TraceWriter::create(path, made::begin(shape), true);
        QVERIFY(writer.has_value());
        QVERIFY(writer->writeLayer(0, made::layer(shape, 0), shape.tailRow).has_value());
        main = bytesOf(path);
    }
    const auto lone = place("lone-copy.hwt");
    writeBytes(lone, main);
    const auto trace = Trace::open(lone);
    QVERIFY(!trace);
    QCOMPARE(trace.error().code, ErrorCode::BadFormat);
    QVERIFY2(trace.error().text().find("lone-copy.hwt-wal") != std::string::npos,
             trace.error().text().c_str());
}

void TraceHostile::diedWhileClosing()
{
    // SQLite removes the -wal file before the header says so; a death in between leaves this.
    const auto path = place("closing.hwt");
    const made::Shape shape = shapeOfAll();
    for (const bool isSealed : {true, false}) {
        QVERIFY(made::write(path, shape, isSealed).has_value());
        std::string bytes = bytesOf(path);
        bytes[18] = bytes[19] = 2;
        writeBytes(path, bytes);
        const auto trace = Trace::open(path);
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        QCOMPARE((*trace)->heads().size(), std::size_t{5});
        QVERIFY((*trace)->loadEdges(1, 1).has_value());
        // Without all its rows it is refused.
        {
            Attacker attacker(path);
            attacker.run("PRAGMA journal_mode=DELETE; DELETE FROM head WHERE layer=1");
        }
        bytes = bytesOf(path);
        bytes[18] = bytes[19] = 2;
        writeBytes(path, bytes);
        QCOMPARE(Trace::open(path).error().code, ErrorCode::BadFormat);
    }
}

int main(int argc, char** argv)
{
    const bool isSlow = argc > 1 && std::string_view(argv[1]) == "slow";
    TraceHostile test(isSlow);
    return QTest::qExec(&test, argc - (isSlow ? 1 : 0), argv + (isSlow ? 1 : 0));
}

#include "tst_trace_hostile.moc"
