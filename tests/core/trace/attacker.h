// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/trace/array_store.h"
#include "core/trace/chunk.h"
#include "core/trace/field_codec.h"
#include "core/trace/trace_format.h"
#include "made_trace.h"

#include <QTest>
#include <cstring>
#include <filesystem>
#include <functional>
#include <list>
#include <sqlite3.h>
#include <string>
#include <vector>
#include <zstd.h>

/// Traces changed on purpose.
namespace headwater::hostile {

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

    /// Changes the elements of an array that is stored shuffled, four bytes each; the shape is what it was.
    template <class T> void changeArray(const char* name, const std::function<void(std::vector<T>&)>& change)
    {
        auto select = std::move(*m_database.prepare("SELECT data FROM array WHERE name=?"));
        const std::array<SqlValue, 1> key = {SqlValue(std::string_view(name))};
        QVERIFY(select.bind(key).has_value());
        QVERIFY(*select.step());
        FieldCoder coder;
        const std::span<const std::byte> stored = select.blob(0);
        std::vector<T> values;
        const auto count = ZSTD_getFrameContentSize(stored.data(), stored.size()) / sizeof(T);
        QVERIFY(coder.decodeAppend(FieldCodec::ShuffleZstd4, stored, count, values).has_value());
        select.reset();
        change(values);
        const std::vector<std::byte> encoded = *coder.encode(FieldCodec::ShuffleZstd4, values);
        auto update = std::move(*m_database.prepare("UPDATE array SET data=? WHERE name=?"));
        const std::array<SqlValue, 2> changed = {SqlValue(std::span<const std::byte>(encoded)), key[0]};
        QVERIFY(update.run(changed).has_value());
        rehash(TraceTableId::Array);
    }

private:
    SqliteDatabase m_database;
    std::list<std::string> m_kept;
};

inline std::vector<std::byte> plainFrame(std::size_t bytes)
{
    FieldCoder coder;
    return *coder.encode(FieldCodec::Zstd, std::vector<std::uint8_t>(bytes, 7));
}

/// A frame header that claims 2^40 bytes and holds one run-length block of 128 KiB.
inline std::vector<std::byte> terabyteFrame()
{
    const std::array<unsigned char, 17> bytes = {0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0,    0,    0,   0,
                                                 0,    1,    0,    0,    0x03, 0x00, 0x10, 0x55};
    std::vector<std::byte> frame(bytes.size());
    std::memcpy(frame.data(), bytes.data(), bytes.size());
    return frame;
}

inline std::vector<std::byte> frameWithoutSize(std::size_t bytes)
{
    const std::vector<char> raw(bytes, 3);
    std::vector<std::byte> frame(ZSTD_compressBound(bytes));
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
    frame.resize(ZSTD_compress2(context, frame.data(), frame.size(), raw.data(), raw.size()));
    ZSTD_freeCCtx(context);
    return frame;
}

} // namespace headwater::hostile
