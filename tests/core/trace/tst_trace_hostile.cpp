// SPDX-License-Identifier: Apache-2.0
#include "core/base/half.h"
#include "core/trace/array_store.h"
#include "core/trace/chunk.h"
#include "core/trace/field_codec.h"
#include "core/trace/trace_file.h"
#include "core/trace/trace_format.h"
#include "core/trace/verify.h"
#include "made_trace.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <list>
#include <set>
#include <sqlite3.h>
#include <sys/stat.h>
#include <zstd.h>

using namespace headwater;

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

/// The small trace every case begins with: two layers, 600 tokens.
made::Shape shapeOfAll()
{
    made::Shape shape;
    shape.tokens = 600;
    return shape;
}

/// Somebody who edits the trace with SQLite, and may know the hashes.
class Attacker {
public:
    explicit Attacker(const std::filesystem::path& path)
        : m_database(
            std::move(*SqliteDatabase::open(sqliteUri(path.string(), "mode=rw"), SQLITE_OPEN_READWRITE)))
    {
        run("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY");
    }

    void run(const std::string& sql)
    {
        const auto done = m_database.execute(sql);
        QVERIFY2(done.has_value(), done ? "" : done.error().text().c_str());
    }

    /// Puts the right hash in every row of a table.
    void rehash(TraceTableId id)
    {
        const TraceTable& table = tableOf(id);
        std::vector<std::vector<std::string>> keep;
        auto row = std::move(*m_database.prepare(std::string("SELECT * FROM ") + table.name));
        auto inserter = std::move(*RowInserter::prepare(m_database, id));
        std::vector<std::vector<SqlValue>> rows;
        while (*row.step()) {
            std::vector<SqlValue> values;
            for (int column = 0; column < table.columns; ++column) {
                if (column == table.hashColumn)
                    continue;
                SqlValue value = row.value(column);
                if (const auto* text = std::get_if<std::string_view>(&value))
                    value = std::string_view(m_kept.emplace_back(*text));
                else if (const auto* blob = std::get_if<std::span<const std::byte>>(&value)) {
                    const std::string& copy =
                        m_kept.emplace_back(reinterpret_cast<const char*>(blob->data()), blob->size());
                    value = std::as_bytes(std::span(copy.data(), copy.size()));
                }
                values.push_back(value);
            }
            rows.push_back(values);
        }
        row.reset();
        for (const auto& values : rows)
            QVERIFY(inserter.insert(values).has_value());
    }

    /// Replaces one field's blob of layer 1, head 0, chunk at row 0, with the right hash.
    void setField(const char* field, std::span<const std::byte> data)
    {
        auto update = std::move(*m_database.prepare(
            "UPDATE chunk SET data=? WHERE layer=1 AND head=0 AND first_row=0 AND field=?"));
        const std::array<SqlValue, 2> values = {SqlValue(data), SqlValue(std::string_view(field))};
        QVERIFY(update.run(values).has_value());
        rehash(TraceTableId::Chunk);
    }

    /// The same with elements decoded, changed and encoded again.
    template <class T> void changeField(ChunkField field, const std::function<void(std::vector<T>&)>& change)
    {
        auto select = std::move(*m_database.prepare(
            "SELECT data FROM chunk WHERE layer=1 AND head=0 AND first_row=0 AND field=?"));
        const std::array<SqlValue, 1> key = {SqlValue(std::string_view(nameOf(field)))};
        QVERIFY(select.bind(key).has_value());
        QVERIFY(*select.step());
        FieldCoder coder;
        const std::span<const std::byte> stored = select.blob(0);
        std::vector<T> values;
        const auto count = ZSTD_getFrameContentSize(stored.data(), stored.size()) / sizeof(T);
        QVERIFY(coder.decodeAppend(codecOf(field), stored, count, values).has_value());
        select.reset();
        change(values);
        setField(nameOf(field), *coder.encode(codecOf(field), values));
    }

    /// Replaces a blob, `keys` or `p`, of row 599 of layer 1 (three heads of 8 keys), with the right hash.
    void setTokenRow(const char* column, std::span<const std::byte> data)
    {
        auto update = std::move(
            *m_database.prepare(std::string("UPDATE row SET ") + column + "=? WHERE row=599 AND layer=1"));
        const std::array<SqlValue, 1> values = {SqlValue(data)};
        QVERIFY(update.run(values).has_value());
        rehash(TraceTableId::Row);
    }

    /// The same with elements decoded, changed and encoded again.
    template <class T>
    void changeTokenRow(const char* column, const std::function<void(std::vector<T>&)>& change)
    {
        auto select = std::move(
            *m_database.prepare(std::string("SELECT ") + column + " FROM row WHERE row=599 AND layer=1"));
        QVERIFY(*select.step());
        FieldCoder coder;
        const std::span<const std::byte> stored = select.blob(0);
        std::vector<T> values;
        const auto count = ZSTD_getFrameContentSize(stored.data(), stored.size()) / sizeof(T);
        QVERIFY(coder.decodeAppend(FieldCodec::ShuffleZstd4, stored, count, values).has_value());
        select.reset();
        change(values);
        setTokenRow(column, *coder.encode(FieldCodec::ShuffleZstd4, values));
    }

private:
    SqliteDatabase m_database;
    std::list<std::string> m_kept;
};

std::vector<std::byte> plainFrame(std::size_t bytes)
{
    FieldCoder coder;
    return *coder.encode(FieldCodec::Zstd, std::vector<std::uint8_t>(bytes, 7));
}

/// A frame header that claims 2^40 bytes and holds one run-length block of 128 KiB.
std::vector<std::byte> terabyteFrame()
{
    const std::array<unsigned char, 17> bytes = {0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0,    0,    0,   0,
                                                 0,    1,    0,    0,    0x03, 0x00, 0x10, 0x55};
    std::vector<std::byte> frame(bytes.size());
    std::memcpy(frame.data(), bytes.data(), bytes.size());
    return frame;
}

std::vector<std::byte> frameWithoutSize(std::size_t bytes)
{
    const std::vector<char> raw(bytes, 3);
    std::vector<std::byte> frame(ZSTD_compressBound(bytes));
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
    frame.resize(ZSTD_compress2(context, frame.data(), frame.size(), raw.data(), raw.size()));
    ZSTD_freeCCtx(context);
    return frame;
}

struct Case {
    const char* name;
    std::function<void(Attacker&)> spoil;
    const char* expected; ///< stands in one of verify's messages
};

using U32 = std::vector<std::uint32_t>;
using U16 = std::vector<std::uint16_t>;

std::string deepJson(int depth)
{
    return std::string(static_cast<std::size_t>(depth), '[')
        + std::string(static_cast<std::size_t>(depth), ']');
}

/// Rows changed by somebody who does not know the hashes, and schemas that are not the format's.
std::vector<Case> plainCases()
{
    return {
        {"meta value", [](Attacker& a) { a.run("UPDATE meta SET value='\"other\"' WHERE key='notes'"); },
         "meta key 'notes'"},
        {"meta key", [](Attacker& a) { a.run("UPDATE meta SET key='notez' WHERE key='notes'"); },
         "meta key 'notez'"},
        {"head number",
         [](Attacker& a) { a.run("UPDATE head SET kept_mass_mean=0.95 WHERE layer=1 AND head=2"); },
         "layer 1, head 2"},
        {"head type",
         [](Attacker& a) {
             a.run("UPDATE head SET window='64' WHERE layer=1 AND head=1; UPDATE head SET stats=x'7B7D' "
                   "WHERE layer=1 AND head=2");
         },
         "layer 1, head 2"},
        {"head removed", [](Attacker& a) { a.run("DELETE FROM head WHERE layer=1 AND head=2"); },
         "belongs to a head that is not listed"},
        {"blob changed",
         [](Attacker& a) {
             a.run("UPDATE chunk SET data=zeroblob(length(data)) WHERE layer=0 AND head=1 AND field='peak' "
                   "AND first_row=256");
         },
         "layer 0, head 1, chunk at row 256, field peak"},
        {"blob cut",
         [](Attacker& a) {
             a.run("UPDATE chunk SET data=substr(data,1,length(data)-1) WHERE layer=0 AND head=1 AND "
                   "field='lse' AND first_row=0");
         },
         "layer 0, head 1, chunk at row 0, field lse"},
        {"blob null",
         [](Attacker& a) {
             a.run("UPDATE chunk SET data=NULL WHERE layer=0 AND head=1 AND field='lse' AND first_row=0");
         },
         "field lse"},
        {"blobs swapped between heads",
         [](Attacker& a) {
             a.run("CREATE TEMP TABLE t AS SELECT head, data, xxh3 FROM chunk WHERE layer=1 AND field='mass' "
                   "AND first_row=0 AND head IN (0,2); UPDATE chunk SET data=(SELECT data FROM t WHERE "
                   "t.head=2-chunk.head), xxh3=(SELECT xxh3 FROM t WHERE t.head=2-chunk.head) WHERE layer=1 "
                   "AND field='mass' AND first_row=0 AND head IN (0,2)");
         },
         "layer 1, head 2, chunk at row 0, field mass"},
        {"chunks swapped between heads",
         [](Attacker& a) {
             a.run("UPDATE chunk SET head=head+10 WHERE layer=1 AND head IN (0,2); UPDATE chunk SET "
                   "head=12-head WHERE layer=1 AND head>=10");
         },
         "layer 1, head 0, chunk at row 0, field key_block"},
        {"chunk removed",
         [](Attacker& a) { a.run("DELETE FROM chunk WHERE layer=0 AND head=0 AND first_row=256"); },
         "layer 0, head 0"},
        {"field removed",
         [](Attacker& a) {
             a.run("DELETE FROM chunk WHERE layer=0 AND head=0 AND first_row=256 AND field='peak_at'");
         },
         "layer 0, head 0: chunk at row 256"},
        {"overview removed", [](Attacker& a) { a.run("DELETE FROM overview WHERE layer=0 AND head=0"); },
         "of 5 heads have it"},
        {"array changed", [](Attacker& a) { a.run("UPDATE array SET shape='[4]' WHERE name='sentences'"); },
         "array 'sentences'"},
        {"array removed", [](Attacker& a) { a.run("DELETE FROM array WHERE name='token_bytes'"); },
         "array 'token_bytes'"},
        {"token row changed",
         [](Attacker& a) { a.run("UPDATE row SET p=zeroblob(32) WHERE row=599 AND layer=1"); },
         "layer 1, row 599"},
        {"row added",
         [](Attacker& a) {
             a.run("INSERT INTO meta SELECT 'more', value, xxh3 FROM meta WHERE key='notes'");
         },
         "rows were changed, added or removed"},
        {"seal marker", [](Attacker& a) { a.run("UPDATE seal SET file=x'00'"); }, "seal is damaged"},
        {"seal count", [](Attacker& a) { a.run("UPDATE seal SET rows=rows+1"); }, "seal"},
        {"view", [](Attacker& a) { a.run("CREATE VIEW v AS SELECT * FROM meta"); }, "holds the view 'v'"},
        {"trigger",
         [](Attacker& a) { a.run("CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM head; END"); },
         "holds the trigger 't'"},
        {"index", [](Attacker& a) { a.run("CREATE INDEX i ON meta(upper(value))"); }, "holds the index 'i'"},
        {"foreign table", [](Attacker& a) { a.run("CREATE TABLE other(x)"); }, "table 'other'"},
        {"altered table", [](Attacker& a) { a.run("ALTER TABLE meta ADD COLUMN more"); }, "table 'meta'"},
        {"missing table", [](Attacker& a) { a.run("DROP TABLE overview"); }, "5 of the format's 6 tables"},
        {"other program's database", [](Attacker& a) { a.run("PRAGMA application_id=1"); }, "application id"},
    };
}

/// Lies with the right hash.
std::vector<Case> knowingCases()
{
    const auto chunk = [](auto... arguments) { return [=](Attacker& a) { a.setField(arguments...); }; };
    const auto sql = [](TraceTableId id, const char* statement) {
        return [=](Attacker& a) {
            a.run(statement);
            a.rehash(id);
        };
    };
    const auto keys = [](std::function<void(U32&)> change) {
        return [=](Attacker& a) { a.changeField<std::uint32_t>(ChunkField::KeyBlock, change); };
    };
    const auto pointers = [](std::function<void(U32&)> change) {
        return [=](Attacker& a) { a.changeField<std::uint32_t>(ChunkField::RowPtr, change); };
    };
    const auto halves = [](ChunkField field, std::function<void(U16&)> change) {
        return [=](Attacker& a) { a.changeField<std::uint16_t>(field, change); };
    };
    return {
        {"key block beyond the diagonal", keys([](U32& k) { k.back() = 4000; }),
         "field key_block: key block 4000"},
        {"key block at 2^32 - 1", keys([](U32& k) { k[0] = 0xFFFFFFFF; }),
         "field key_block: key block 4294967295"},
        {"key blocks unsorted", keys([](U32& k) { std::swap(k[k.size() - 1], k[k.size() - 2]); }),
         "ascending"},
        {"key block twice", keys([](U32& k) { k[k.size() - 1] = k[k.size() - 2]; }), "ascending"},
        {"row pointers fall", pointers([](U32& p) { p[5] = p[8]; }), "field row_ptr"},
        {"row pointers end elsewhere", pointers([](U32& p) { p.back() += 1; }), "field row_ptr"},
        {"mass above 1", halves(ChunkField::Mass, [](U16& v) { v[9] = halfFromFloat(1.5F); }),
         "field mass: value 1.5 at index 9"},
        {"mass NaN", halves(ChunkField::Mass, [](U16& v) { v[9] = 0x7E00; }), "field mass"},
        {"peak negative", halves(ChunkField::Peak, [](U16& v) { v[9] = 0x8001; }), "field peak"},
        {"missed infinite", halves(ChunkField::Missed, [](U16& v) { v[9] = 0x7C00; }), "field missed"},
        {"peak in the future", halves(ChunkField::PeakAt, [](U16& v) { v[0] = 15; }), "field peak_at"},
        {"peak below its block", halves(ChunkField::PeakAt, [](U16& v) { v[3] = 200 << 8; }),
         "field peak_at"},
        {"garbage instead of zstd", chunk("mass", std::as_bytes(std::span("no zstd at all"))),
         "is not a zstd frame"},
        {"frame of 1 TiB", [](Attacker& a) { a.setField("mass", terabyteFrame()); },
         "states 1099511627776 bytes"},
        {"frame of another size", [](Attacker& a) { a.setField("mass", plainFrame(8)); },
         "the zstd frame states 8 bytes"},
        {"frame without a size", [](Attacker& a) { a.setField("mass", frameWithoutSize(64)); },
         "does not state its content size"},
        {"two frames",
         [](Attacker& a) {
             std::vector<std::byte> both = plainFrame(512);
             const std::vector<std::byte> second = plainFrame(8);
             both.insert(both.end(), second.begin(), second.end());
             a.setField("missed", both);
         },
         "field missed: the zstd frame does not fill the blob"},
        {"empty blob", [](Attacker& a) { a.setField("mass", {}); }, "field mass"},
        {"unknown codec",
         sql(TraceTableId::Chunk, "UPDATE chunk SET codec='lz4' WHERE layer=1 AND head=0 AND field='mass'"),
         "codec 'lz4'"},
        {"codec of another width",
         sql(TraceTableId::Chunk,
             "UPDATE chunk SET codec='shuffle4+zstd' WHERE layer=1 AND head=0 AND field='mass'"),
         "codec 'shuffle4+zstd'"},
        {"chunk of 2^60 edges",
         sql(TraceTableId::Chunk, "UPDATE chunk SET edges=1<<60 WHERE layer=1 AND head=0 AND first_row=0"),
         "1152921504606846976 edges"},
        {"chunk of negative rows",
         sql(TraceTableId::Chunk, "UPDATE chunk SET rows=-256 WHERE layer=1 AND head=0 AND first_row=0"),
         "-256 rows"},
        {"chunks over each other",
         sql(TraceTableId::Chunk,
             "UPDATE chunk SET first_row=128 WHERE layer=1 AND head=0 AND first_row=256"),
         "chunk at row 128: expected row 256"},
        {"head of 2^60 edges",
         sql(TraceTableId::Head, "UPDATE head SET edges=1<<60 WHERE layer=1 AND head=0"),
         "edges is 1152921504606846976"},
        {"head of fewer edges",
         sql(TraceTableId::Head, "UPDATE head SET edges=edges-1, extras=0 WHERE layer=1 AND head=0"),
         "edges, expected"},
        {"head of 2^31 rows", sql(TraceTableId::Head, "UPDATE head SET rows=1<<31 WHERE layer=1 AND head=0"),
         "rows is 2147483648"},
        {"head of other rows", sql(TraceTableId::Head, "UPDATE head SET rows=599 WHERE layer=1 AND head=0"),
         "expected the sequence's 600 tokens"},
        {"block of 0", sql(TraceTableId::Head, "UPDATE head SET block_q=0 WHERE layer=1 AND head=0"),
         "block_q is 0"},
        {"block of 12", sql(TraceTableId::Head, "UPDATE head SET block_q=12 WHERE layer=1 AND head=0"),
         "not powers of two"},
        {"unknown kind", sql(TraceTableId::Head, "UPDATE head SET kind='round' WHERE layer=1 AND head=0"),
         "kind 'round'"},
        {"window of a global head",
         sql(TraceTableId::Head, "UPDATE head SET window=5 WHERE layer=1 AND head=0"), "window of 5"},
        {"sinks outside",
         sql(TraceTableId::Head, "UPDATE head SET sinks=x'FFFFFFFF' WHERE layer=1 AND head=0"),
         "sinks: token 4294967295"},
        {"sinks of 3 bytes",
         sql(TraceTableId::Head, "UPDATE head SET sinks=x'FFFFFF' WHERE layer=1 AND head=0"),
         "sinks: 3 bytes"},
        {"stats no object", sql(TraceTableId::Head, "UPDATE head SET stats='[]' WHERE layer=1 AND head=0"),
         "stats is not a JSON object"},
        {"head the model has not", sql(TraceTableId::Head, "UPDATE head SET head=9 WHERE layer=1 AND head=0"),
         "the model has no such head"},
        {"array shape wraps",
         sql(TraceTableId::Array, "UPDATE array SET shape='[4294967296,4294967296]' WHERE name='token_ids'"),
         "array 'token_ids'"},
        {"array shape negative",
         sql(TraceTableId::Array, "UPDATE array SET shape='[-1]' WHERE name='token_ids'"),
         "not a natural number"},
        {"array dtype unknown",
         sql(TraceTableId::Array, "UPDATE array SET dtype='q7' WHERE name='token_ids'"), "dtype 'q7'"},
        {"array shape deep",
         sql(TraceTableId::Array, "UPDATE array SET shape='[[600]]' WHERE name='token_ids'"),
         "not a natural number"},
        {"fewer tokens",
         sql(TraceTableId::Array,
             "DELETE FROM array WHERE name='token_ids'; INSERT INTO array SELECT 'token_ids', 'i32', shape, "
             "codec, 0, data FROM array WHERE name='sentences'"),
         "token offsets for"},
        {"meta no JSON", sql(TraceTableId::Meta, "UPDATE meta SET value='{' WHERE key='notes'"),
         "meta key 'notes'"},
        {"meta too deep",
         [](Attacker& a) {
             a.run("UPDATE meta SET value='" + deepJson(100) + "' WHERE key='notes'");
             a.rehash(TraceTableId::Meta);
         },
         "deeper than 64"},
        {"overview of 3 cells",
         sql(TraceTableId::Overview, "UPDATE overview SET side=3 WHERE layer=0 AND head=0"), "3 cells"},
        {"overview of 2^40 cells",
         sql(TraceTableId::Overview, "UPDATE overview SET side=1<<40 WHERE layer=0 AND head=0"), "cells of"},
        {"overview of another level",
         sql(TraceTableId::Overview, "UPDATE overview SET level=1 WHERE layer=0 AND head=0"),
         "do not make an overview"},
    };
}

/// Lies with the right hash in the `row` table: row 599 of layer 1, whose three heads have 8 keys each.
std::vector<Case> tokenRowCases()
{
    const auto sql = [](const char* set) {
        return
            [statement = std::string("UPDATE row SET ") + set + " WHERE row=599 AND layer=1"](Attacker& a) {
                a.run(statement);
                a.rehash(TraceTableId::Row);
            };
    };
    // keys: the counts of three heads, then 24 gaps.
    const auto keys = [](std::function<void(U32&)> change) {
        return [=](Attacker& a) { a.changeTokenRow<std::uint32_t>("keys", change); };
    };
    const auto p = [](std::function<void(std::vector<float>&)> change) {
        return [=](Attacker& a) { a.changeTokenRow<float>("p", change); };
    };
    const auto blob = [](const char* column, std::vector<std::byte> data) {
        return [=](Attacker& a) { a.setTokenRow(column, data); };
    };
    return {
        {"token row: key in the future", keys([](U32& k) { k[10] += 5000; }), "is in the future of row 599"},
        {"token row: keys wrap", keys([](U32& k) { k[4] = 0xFFFFFFFF; }), "head 0: key"},
        {"token row: key twice", keys([](U32& k) { k[3 + 8 + 4] = 0; }), "head 1: key"},
        {"token row: counts beyond the keys", keys([](U32& k) { ++k[1]; }),
         "its counts are 25 keys of 3 heads, it says 24 of 3"},
        {"token row: counts wrap", keys([](U32& k) { k[0] = 0xFFFFFFFF, k[1] = 9; }), "its counts are"},
        {"token row: a head without keys", keys([](U32& k) { k[0] = 16, k[1] = 0; }),
         "its counts are 24 keys of 2 heads, it says 24 of 3"},
        {"token row: fewer keys", keys([](U32& k) { k.pop_back(); }),
         "layer 1, row 599: keys: the zstd frame states 104 bytes, expected 108"},
        {"token row: p NaN", p([](std::vector<float>& v) { v[20] = std::nanf(""); }),
         "head 2: probability nan"},
        {"token row: p infinite", p([](std::vector<float>& v) { v[0] = INFINITY; }), "probability inf"},
        {"token row: p above 1", p([](std::vector<float>& v) { v[9] = 1.5F; }), "head 1: probability 1.5"},
        {"token row: p negative", p([](std::vector<float>& v) { v[9] = -0.5F; }), "probability -0.5"},
        {"token row: more p than keys", p([](std::vector<float>& v) { v.push_back(0); }),
         "layer 1, row 599: p: the zstd frame states 100 bytes, expected 96"},
        {"token row: 2^60 keys", sql("pairs=1<<60"), "1152921504606846976 keys of 3 heads, at most 600 each"},
        {"token row: no keys", sql("pairs=0"), "0 keys of 3 heads"},
        {"token row: negative keys", sql("pairs=-24"), "-24 keys of 3 heads"},
        {"token row: fewer stated", sql("pairs=23"), "expected 104"},
        {"token row: other heads", sql("heads=2"), "it says 24 of 2"},
        {"token row: of a layer the model has not", sql("layer=9"), "layer 9, row 599: is outside the trace"},
        {"token row: of layer -1", sql("layer=-1"), "is outside the trace"},
        {"token row: after the end", sql("row=600"), "layer 1, row 600: is outside the trace"},
        {"token row: unknown codec", sql("codec='lz4'"), "codec 'lz4' is not known for a token row"},
        {"token row: codec of another width", sql("codec='shuffle2+zstd'"), "codec 'shuffle2+zstd'"},
        {"token row: keys of 1 TiB", blob("keys", terabyteFrame()), "states 1099511627776 bytes"},
        {"token row: p without a size", blob("p", frameWithoutSize(96)), "p: the zstd frame does not state"},
        {"token row: no zstd", blob("keys", std::vector<std::byte>(108)), "keys: is not a zstd frame"},
        {"token row: empty", blob("p", {}), "p: is not a zstd frame"},
        {"token row: text instead of keys", sql("keys='many'"), "keys: is not a zstd frame"},
        {"token row: none", sql("p=NULL"), "p: is not a zstd frame"},
    };
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
    for (std::uint32_t row = 0; row < (*trace)->seqLen(); row += (*trace)->hasTokenRow(row + 1) ? 1 : 7) {
        (void)(*trace)->loadTokenRows(row);
        for (const HeadInfo& info : (*trace)->heads())
            (void)(*trace)->loadTokenRow(info.layer, info.head, row);
    }
}

} // namespace

class TraceHostile : public QObject {
    Q_OBJECT

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

private:
    void fresh() { writeBytes(m_path, m_whole); }
    std::filesystem::path place(const char* name) const { return m_folder.filePath(name).toStdString(); }

    QTemporaryDir m_folder;
    std::filesystem::path m_path;
    std::string m_whole;
    std::vector<Case> m_cases;
};

void TraceHostile::initTestCase()
{
    m_path = place("hostile.hwt");
    const auto written = made::write(m_path, shapeOfAll());
    QVERIFY2(written.has_value(), written ? "" : written.error().text().c_str());
    m_whole = bytesOf(m_path);
    QVERIFY(verifyTrace(m_path)->damage.empty());
    m_cases = plainCases();
    for (const auto& more : {knowingCases(), tokenRowCases()})
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
    const auto report = verifyTrace(m_path);
    const std::string text = report ? textOf(*report) : report.error().text();
    QVERIFY2(text.find(one.expected) != std::string::npos, text.c_str());
    QVERIFY2(text.find(m_path.string()) != std::string::npos, text.c_str());
    readAll(m_path);
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
            const auto report = verifyTrace(m_path);
            QVERIFY2(!report || !report->damage.empty(), std::to_string(page).c_str());
            readAll(m_path);
        }
    }
}

void TraceHostile::truncation()
{
    const std::size_t pageBytes = pageBytesOf(m_whole);
    for (std::size_t bytes = 0; bytes < m_whole.size(); ++bytes) {
        const bool isAtPage = bytes % pageBytes <= 1 || bytes % pageBytes == pageBytes - 1;
        if (!isAtPage && bytes % 331 != 0 && bytes > 200)
            continue;
        writeBytes(m_path, std::string_view(m_whole).substr(0, bytes));
        const auto trace = Trace::open(m_path);
        QVERIFY(!trace);
        QCOMPARE(trace.error().code, ErrorCode::BadFormat);
    }
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

QTEST_APPLESS_MAIN(TraceHostile)
#include "tst_trace_hostile.moc"
