// SPDX-License-Identifier: Apache-2.0
#include "core/trace/verify.h"

#include "core/base/bounded_json.h"
#include "core/record/head_id.h"
#include "core/trace/array_store.h"
#include "core/trace/chunk_store.h"
#include "core/trace/head_row.h"
#include "core/trace/overview.h"
#include "core/trace/prediction_store.h"
#include "core/trace/token_row_store.h"
#include "core/trace/trace_file.h"
#include "core/trace/trace_format.h"
#include "core/trace/trace_seal.h"
#include "core/trace/undisturbed_read.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <set>
#include <sqlite3.h>

namespace headwater {
namespace {

/// The head of a row's first two columns.
HeadId headOf(std::int64_t layer, std::int64_t head)
{
    return {static_cast<int>(layer), static_cast<int>(head)};
}

class Verifier {
public:
    Verifier(const std::filesystem::path& path, TraceFile& file, const ProgressSink& progress,
             std::stop_token stop)
        : m_path(path)
        , m_file(file)
        , m_progress(progress)
        , m_stop(stop)
    {
    }

    Result<VerifyReport> run()
    {
        m_report.sealed = m_file.seal.has_value();
        countBlobs();
        verifyPages();
        verifyMeta();
        verifyArrays();
        verifyHeads();
        verifyChunks();
        verifyHeadChunks();
        verifyOverviews();
        verifyTokenRows();
        verifySeal();
        if (m_stop.stop_requested())
            return Error{ErrorCode::Cancelled, "verification was stopped", m_path.string()};
        countLayers();
        return std::move(m_report);
    }

private:
    void damage(Error error, const std::string& where)
    {
        // A reader's error says that it met damage; here every error does.
        constexpr std::string_view kSaid = "damaged: ";
        if (error.message.starts_with(kSaid))
            error.message.erase(0, kSaid.size());
        if (!where.empty())
            error = inContext(std::move(error), where);
        error.code = error.code == ErrorCode::Unsupported ? error.code : ErrorCode::BadFormat;
        m_report.damage.push_back(inContext(std::move(error), m_path.string()));
    }

    /// The same of what a scan may have named already.
    void damageOnce(const Error& error)
    {
        damage(error, {});
        const std::string last = m_report.damage.back().text();
        if (std::any_of(m_report.damage.begin(), m_report.damage.end() - 1,
                        [&](const Error& before) { return before.text() == last; }))
            m_report.damage.pop_back();
    }

    void countBlobs()
    {
        for (std::size_t table = 0; table < kTraceTables; ++table) {
            const auto rows = m_file.database.integer(
                fmt::format("SELECT count(*) FROM {}", tableOf(static_cast<TraceTableId>(table)).name));
            m_total += rows ? static_cast<std::uint64_t>(*rows) : 0;
        }
    }

    void count(std::size_t bytes)
    {
        ++m_report.blobsChecked;
        m_report.bytesChecked += bytes;
        if (m_progress && m_report.blobsChecked % 64 == 0)
            m_progress({"verify", m_report.blobsChecked, m_total, "blobs", -1, -1});
    }

    /// Calls `check` for every row of a table; what it returns is damage at `nameOfRow`. A table that cannot
    /// be read to its end is damage too.
    void scan(TraceTableId id, const std::function<std::string(const SqliteStatement&)>& nameOfRow,
              const std::function<Result<void>(const SqliteStatement&)>& check)
    {
        const TraceTable& table = tableOf(id);
        std::string last = "its beginning";
        auto row =
            m_file.database.prepare(fmt::format("SELECT * FROM {} ORDER BY {}", table.name, table.order));
        if (!row)
            return damage(row.error(), fmt::format("table {}", table.name));
        while (!m_stop.stop_requested()) {
            const Result<bool> hasRow = row->step();
            if (!hasRow)
                return damage(hasRow.error(), fmt::format("table {}, after {}", table.name, last));
            if (!*hasRow)
                return;
            last = nameOfRow(*row);
            if (const auto checked = check(*row); !checked)
                damage(checked.error(), last);
            std::size_t bytes = 0;
            for (int column = 0; column < table.columns; ++column)
                bytes += row->blob(column).size();
            count(bytes);
        }
    }

    /// SQLite's own check of pages, b-trees and indexes.
    void verifyPages()
    {
        auto row = m_file.database.prepare("PRAGMA integrity_check(20)");
        if (!row)
            return damage(row.error(), "pages");
        for (;;) {
            const Result<bool> hasRow = row->step();
            if (!hasRow)
                return damage(hasRow.error(), "pages");
            if (!*hasRow)
                return;
            if (row->text(0) != "ok")
                damage({ErrorCode::BadFormat, std::string(row->text(0)), {}}, "pages");
        }
    }

    void verifyMeta()
    {
        scan(
            TraceTableId::Meta,
            [](const SqliteStatement& row) { return fmt::format("meta key '{}'", row.text(0)); },
            [](const SqliteStatement& row) -> Result<void> {
                HEADWATER_TRY(checkRowHash(tableOf(TraceTableId::Meta), row));
                HEADWATER_TRY(parseBoundedJson(row.text(1), {}, kMaxMetaBytes));
                return {};
            });
    }

    void verifyArrays()
    {
        scan(
            TraceTableId::Array,
            [](const SqliteStatement& row) { return fmt::format("array '{}'", row.text(0)); },
            [this](const SqliteStatement& row) -> Result<void> {
                HEADWATER_TRY(readArrayRow(m_coder, row));
                return {};
            });
        Result<TokenTables> tables = readTokenTables(m_file.database, m_coder);
        if (!tables) {
            damageOnce(tables.error());
            return;
        }
        m_tables = std::move(*tables);
        m_hasTables = true;
        // What the scan cannot see: whether the arrays make sense together.
        const Result<Predictions> predictions = readPredictions(m_file.database, m_coder, m_tables.tokenIds);
        if (!predictions && predictions.error().code != ErrorCode::NotFound)
            damageOnce(predictions.error());
    }

    std::uint32_t seqLen() const { return static_cast<std::uint32_t>(m_tables.tokenIds.size()); }

    /// Where the tokens are damaged only the hash of a row says whether it is whole, not what it means.
    Result<bool> hasMeaning(TraceTableId id, const SqliteStatement& row) const
    {
        if (!m_hasTables)
            HEADWATER_TRY(checkRowHash(tableOf(id), row));
        return m_hasTables;
    }

    void verifyHeads()
    {
        scan(
            TraceTableId::Head,
            [](const SqliteStatement& row) {
                return fmt::format("layer {}, head {}", row.integer(0), row.integer(1));
            },
            [this](const SqliteStatement& row) -> Result<void> {
                m_headRows.insert(headOf(row.integer(0), row.integer(1)));
                HEADWATER_TRY_ASSIGN(const bool isMeant, hasMeaning(TraceTableId::Head, row));
                if (!isMeant)
                    return {};
                HEADWATER_TRY_ASSIGN(HeadInfo info, readHead(row, seqLen()));
                const auto layer = static_cast<std::size_t>(info.layer);
                if (layer >= m_tables.headsPerLayer.size()
                    || static_cast<std::uint32_t>(info.head) >= m_tables.headsPerLayer[layer])
                    return Error{ErrorCode::BadFormat, "the model has no such head", {}};
                const HeadId key{info.layer, info.head};
                m_heads.emplace(key, std::move(info));
                return {};
            });
    }

    Result<void> checkOwner(std::int64_t layer, std::int64_t head) const
    {
        // Damage of the head's own row has been named already.
        if (m_headRows.contains(headOf(layer, head)))
            return {};
        return Error{ErrorCode::BadFormat, "belongs to a head that is not listed", {}};
    }

    void verifyChunks()
    {
        scan(
            TraceTableId::Chunk,
            [](const SqliteStatement& row) {
                return fmt::format("layer {}, head {}, chunk at row {}, field {}", row.integer(0),
                                   row.integer(1), row.integer(2), row.text(3));
            },
            [this](const SqliteStatement& row) -> Result<void> {
                const auto checked = checkRowHash(tableOf(TraceTableId::Chunk), row);
                if (!checked)
                    m_damagedHeads.insert(headOf(row.integer(0), row.integer(1)));
                HEADWATER_TRY(checked);
                return checkOwner(row.integer(0), row.integer(1));
            });
    }

    /// The meaning of the fields of every head whose blobs are whole.
    void verifyHeadChunks()
    {
        auto reader = ChunkReader::prepare(m_file.database);
        if (!reader)
            return damage(reader.error(), "table chunk");
        for (const auto& [key, info] : m_heads) {
            if (m_damagedHeads.contains(key))
                continue;
            const auto ranges = readChunkRanges(m_file.database, info);
            if (!ranges) {
                damage(ranges.error(), {});
                continue;
            }
            for (const ChunkRange& range : *ranges) {
                if (m_stop.stop_requested())
                    return;
                if (const auto chunk = readChunk(*reader, m_coder, info, range); !chunk)
                    damage(chunk.error(), {});
            }
        }
    }

    void verifyOverviews()
    {
        std::map<std::int64_t, std::size_t> sides;
        scan(
            TraceTableId::Overview,
            [](const SqliteStatement& row) {
                return fmt::format("layer {}, head {}, overview of side {}", row.integer(0), row.integer(1),
                                   row.integer(2));
            },
            [&](const SqliteStatement& row) -> Result<void> {
                ++sides[row.integer(2)];
                HEADWATER_TRY_ASSIGN(const bool isMeant, hasMeaning(TraceTableId::Overview, row));
                if (isMeant)
                    HEADWATER_TRY(readOverviewRow(m_coder, row, seqLen()));
                return checkOwner(row.integer(0), row.integer(1));
            });
        for (const auto& [side, heads] : sides) {
            if (heads != m_headRows.size()) {
                damage({ErrorCode::BadFormat,
                        fmt::format("{} of {} heads have it", heads, m_headRows.size()),
                        {}},
                       fmt::format("overview of side {}", side));
            }
        }
    }

    void verifyTokenRows()
    {
        scan(
            TraceTableId::Row, [](const SqliteStatement& row) { return tokenRowName(row); },
            [this](const SqliteStatement& row) -> Result<void> {
                HEADWATER_TRY_ASSIGN(const bool isMeant, hasMeaning(TraceTableId::Row, row));
                if (!isMeant)
                    return {};
                HEADWATER_TRY_ASSIGN(const std::vector<TokenRow> rows,
                                     readTokenRows(m_coder, row, seqLen(), m_tables.headsPerLayer));
                for (const TokenRow& one : rows) {
                    if (const auto owner = checkOwner(one.layer, one.head); !owner)
                        return inContext(owner.error(), fmt::format("head {}", one.head));
                }
                return {};
            });
    }

    void verifySeal()
    {
        if (!m_file.seal)
            return;
        const Result<TraceSeal> seal = computeSeal(m_file.database);
        if (!seal)
            return damage(seal.error(), "seal");
        if (seal->hash != m_file.seal->hash || seal->rows != m_file.seal->rows
            || seal->heads != m_file.seal->heads) {
            damage({ErrorCode::BadFormat,
                    fmt::format("{} rows with hash {:016x}, the seal says {} with {:016x}: rows were "
                                "changed, added or removed",
                                seal->rows, seal->hash, m_file.seal->rows, m_file.seal->hash),
                    {}},
                   "seal");
        }
        const Result<std::uint64_t> place = findFileHash(m_path);
        const Result<std::uint64_t> hash = place ? hashOfFile(m_path, *place) : place;
        if (!hash)
            return damage(hash.error(), "seal");
        // Says where no table's row lies: in unused bytes or in SQLite's own structures.
        if (*hash != m_file.seal->fileHash) {
            damage({ErrorCode::BadFormat,
                    fmt::format("the file's bytes have xxh3 {:016x}, the seal says {:016x}", *hash,
                                m_file.seal->fileHash),
                    {}},
                   "seal");
        }
    }

    void countLayers()
    {
        std::map<int, std::uint32_t> heads;
        for (const auto& [key, info] : m_heads)
            ++heads[key.layer];
        for (const auto& [layer, count] : heads) {
            if (count == m_tables.headsPerLayer[static_cast<std::size_t>(layer)])
                ++m_report.finishedLayers;
        }
    }

    const std::filesystem::path& m_path;
    TraceFile& m_file;
    const ProgressSink& m_progress;
    std::stop_token m_stop;
    FieldCoder m_coder;
    VerifyReport m_report;
    std::uint64_t m_total = 0;
    TokenTables m_tables;
    bool m_hasTables = false; ///< they could be read
    std::map<HeadId, HeadInfo> m_heads;
    std::set<HeadId> m_headRows; ///< that are there, damaged or not
    std::set<HeadId> m_damagedHeads; ///< with a damaged chunk
};

Result<VerifyReport> verifyOnce(const std::filesystem::path& path, const ProgressSink& progress,
                                const std::stop_token& stop)
{
    Result<TraceFile> file = openTraceFile(path);
    if (!file) {
        if (file.error().code != ErrorCode::BadFormat)
            return file.error();
        VerifyReport report;
        report.isOpened = false;
        report.damage.push_back(file.error());
        return report;
    }
    return Verifier(path, *file, progress, stop).run();
}

} // namespace

Result<VerifyReport> verifyTrace(const std::filesystem::path& path, const ProgressSink& progress,
                                 std::stop_token stop)
{
    return readUndisturbed(path, [&] { return verifyOnce(path, progress, stop); });
}

} // namespace headwater
