// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.h"
#include "core/trace/trace_format.h"
#include "core/trace/verify.h"
#include "made_trace.h"

#include <QTemporaryDir>
#include <QTest>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <sqlite3.h>
#include <unistd.h>

using namespace headwater;

namespace {

using NameOfRow = std::string (*)(const SqliteStatement&);

/// How docs/trace_format.md §8 calls the rows of a table.
const std::vector<std::pair<TraceTableId, NameOfRow>>& namesOfRows()
{
    static const auto integer = [](const SqliteStatement& row, int column) {
        return std::to_string(row.integer(column));
    };
    static const auto head = [](const SqliteStatement& row) {
        return "layer " + integer(row, 0) + ", head " + integer(row, 1);
    };
    static const std::vector<std::pair<TraceTableId, NameOfRow>> kNames = {
        {TraceTableId::Meta,
         [](const SqliteStatement& row) { return "meta key '" + std::string(row.text(0)) + "'"; }},
        {TraceTableId::Array,
         [](const SqliteStatement& row) { return "array '" + std::string(row.text(0)) + "'"; }},
        {TraceTableId::Head, [](const SqliteStatement& row) { return head(row); }},
        {TraceTableId::Chunk,
         [](const SqliteStatement& row) {
             return head(row) + ", chunk at row " + integer(row, 2) + ", field " + std::string(row.text(3));
         }},
        {TraceTableId::Row,
         [](const SqliteStatement& row) { return "layer " + integer(row, 1) + ", row " + integer(row, 0); }},
        {TraceTableId::Overview,
         [](const SqliteStatement& row) { return head(row) + ", overview of side " + integer(row, 2); }},
    };
    return kNames;
}

/// A name as it stands in a message: bytes that are no text are escaped there.
std::string printed(const std::string& name)
{
    const std::string text = Error{ErrorCode::BadFormat, "-", name}.text();
    return text.substr(0, text.size() - 3);
}

/// A row's values with their types.
std::string contentOf(const SqliteStatement& row)
{
    std::string content;
    for (int column = 0; column < row.columns(); ++column) {
        const SqlValue value = row.value(column);
        content += static_cast<char>('0' + value.index());
        if (const auto* integer = std::get_if<std::int64_t>(&value))
            content += std::to_string(*integer);
        else if (const auto* real = std::get_if<double>(&value))
            content.append(reinterpret_cast<const char*>(real), sizeof *real);
        else
            content += row.text(column);
        content += ';';
    }
    return content;
}

/// What SQLite reads in a file when nobody checks a hash: the content of every row, by the row's name.
struct RawRows {
    std::string schema;
    std::multimap<std::string, std::string> rows;
    bool isWhole = false; ///< every table could be read to its end
};

RawRows readRaw(const std::filesystem::path& path)
{
    RawRows raw;
    const auto database =
        SqliteDatabase::open(sqliteUri(path.string(), "mode=ro&immutable=1"), SQLITE_OPEN_READONLY);
    raw.isWhole = database.has_value();
    if (database) {
        auto schema = database->prepare("SELECT * FROM sqlite_master");
        for (Result<bool> hasRow = true; schema && (hasRow = schema->step()) && *hasRow;)
            raw.schema += contentOf(*schema);
    }
    for (const auto& [id, nameOf] : namesOfRows()) {
        if (!database)
            break;
        const TraceTable& table = tableOf(id);
        auto row = database->prepare(std::string("SELECT * FROM ") + table.name + " ORDER BY " + table.order);
        for (;;) {
            const Result<bool> hasRow = row ? row->step() : Result<bool>(row.error());
            raw.isWhole = raw.isWhole && hasRow.has_value();
            if (!hasRow || !*hasRow)
                break;
            raw.rows.emplace(printed(nameOf(*row)), contentOf(*row));
        }
    }
    return raw;
}

} // namespace

/// Every byte of a sealed trace, one bit flipped: `verify` names exactly the rows that read differently, and
/// where none does it says so of the file. The quick run takes every 7th byte, `slow` (the argument) all.
class TraceFlips : public QObject {
    Q_OBJECT

public:
    explicit TraceFlips(std::size_t step)
        : m_step(step)
    {
    }

private slots:
    void initTestCase();
    void everyByte();

private:
    /// What is wrong with verify's answer to a flip; empty when nothing is.
    std::string judge(const Result<VerifyReport>& report, const RawRows& raw);

    std::size_t m_step;
    QTemporaryDir m_folder;
    std::filesystem::path m_path;
    RawRows m_whole;
    int m_named = 0; ///< flips that changed a row
    int m_exact = 0; ///< flips of which exactly the changed rows had to be named
    int m_unopened = 0;
};

void TraceFlips::initTestCase()
{
    m_path = m_folder.filePath("flips.hwt").toStdString();
    made::Shape shape;
    shape.tokens = 300;
    shape.headsPerLayer = {2};
    const auto written = made::write(m_path, shape);
    QVERIFY2(written.has_value(), written ? "" : written.error().text().c_str());
    m_whole = readRaw(m_path);
    QVERIFY(m_whole.isWhole && m_whole.rows.size() > 40);
}

std::string TraceFlips::judge(const Result<VerifyReport>& report, const RawRows& raw)
{
    std::set<std::string> changed;
    for (const auto& [name, content] : raw.rows) {
        const auto [begin, end] = m_whole.rows.equal_range(name);
        if (std::none_of(begin, end, [&](const auto& row) { return row.second == content; }))
            changed.insert(name);
    }
    if (!report || !report->isOpened) {
        ++m_unopened;
        // With another schema SQLite reads other rows: the refusal names the table then.
        return changed.empty() || !raw.isWhole || raw.schema != m_whole.schema
            ? ""
            : "was not opened, though rows differ: " + *changed.begin() + ": "
                + (report ? report->damage.front().text() : report.error().text());
    }
    std::string all;
    std::set<std::string> named;
    bool isTreeWhole = raw.isWhole && raw.rows.size() == m_whole.rows.size();
    for (const Error& error : report->damage) {
        const std::string text = error.text().substr(m_path.string().size() + 2);
        all += "\n" + text;
        isTreeWhole = isTreeWhole && !text.starts_with("pages: ");
        for (const auto* rows : {&std::as_const(m_whole.rows), &raw.rows}) {
            for (const auto& [name, content] : *rows) {
                if (text.starts_with(name + ": "))
                    named.insert(name);
            }
        }
    }
    if (all.empty())
        return "is not covered";
    for (const std::string& name : changed) {
        if (!named.contains(name))
            return name + " is not named:" + all;
    }
    // Where SQLite's own structures are damaged rows cannot be found any more, which is said of them too.
    if (isTreeWhole && named != changed)
        return "others are named:" + all;
    m_named += changed.empty() ? 0 : 1;
    m_exact += isTreeWhole ? 1 : 0;
    return {};
}

void TraceFlips::everyByte()
{
    std::ifstream file(m_path, std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(file)), {});
    const int descriptor = ::open(m_path.c_str(), O_RDWR | O_CLOEXEC);
    QVERIFY(descriptor >= 0);
    std::mt19937_64 random(3);
    int flips = 0;
    for (std::size_t at = random() % m_step; at < whole.size(); at += m_step, ++flips) {
        const int bit = static_cast<int>(random() % 8);
        const char flipped = static_cast<char>(whole[at] ^ (1 << bit));
        QCOMPARE(::pwrite(descriptor, &flipped, 1, static_cast<off_t>(at)), ssize_t{1});
        const std::string wrong = judge(verifyTrace(m_path), readRaw(m_path));
        QVERIFY2(wrong.empty(),
                 ("byte " + std::to_string(at) + ", bit " + std::to_string(bit) + ": " + wrong).c_str());
        QCOMPARE(::pwrite(descriptor, &whole[at], 1, static_cast<off_t>(at)), ssize_t{1});
    }
    ::close(descriptor);
    QCOMPARE(verifyTrace(m_path)->damage.size(), std::size_t{0});
    qInfo("%d flips: %d changed rows, which were named, of %d exactly those; %d made it no trace", flips,
          m_named, m_exact, m_unopened);
    // Most of a trace is rows, and most flips leave SQLite's structures alone.
    QVERIFY(3 * m_named > flips && 3 * m_exact > 2 * flips);
}

int main(int argc, char** argv)
{
    const bool isSlow = argc > 1 && std::string_view(argv[1]) == "slow";
    TraceFlips test(isSlow ? 1 : 7);
    return QTest::qExec(&test);
}

#include "tst_trace_flips.moc"
