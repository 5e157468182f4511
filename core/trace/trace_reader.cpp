// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_reader.h"

#include "core/base/bounded_json.h"
#include "core/record/head_id.h"
#include "core/trace/array_store.h"
#include "core/trace/head_loader.h"
#include "core/trace/head_row.h"
#include "core/trace/prediction_store.h"
#include "core/trace/token_row_store.h"
#include "core/trace/trace_file.h"
#include "core/trace/trace_format.h"
#include "core/trace/trace_place.h"
#include "core/trace/undisturbed_read.h"

#include <algorithm>
#include <fmt/format.h>
#include <mutex>
#include <optional>

namespace headwater {
namespace {

/// One connection with its scratch memory. Used by one thread at a time.
struct Connection {
    TraceFile file;
    FieldCoder coder;

    HeadLoader loader(const HeadInfo& info) { return HeadLoader(file.database, file.minor, coder, info); }
};

constexpr std::size_t kIdleConnections = 4;

std::size_t headIndexOf(std::span<const HeadInfo> heads, int layer, int head)
{
    const auto before = [](const HeadInfo& info, HeadId id) { return HeadId{info.layer, info.head} < id; };
    const auto found = std::lower_bound(heads.begin(), heads.end(), HeadId{layer, head}, before);
    if (found == heads.end() || found->layer != layer || found->head != head)
        return heads.size();
    return static_cast<std::size_t>(found - heads.begin());
}

std::array<SqlValue, 2> keyOf(const HeadInfo& info)
{
    return {SqlValue(std::int64_t{info.layer}), SqlValue(std::int64_t{info.head})};
}

} // namespace

struct Trace::State {
    std::filesystem::path path;
    FileIdentity identity; ///< of the file at `path` when it was opened
    std::optional<TraceSeal> seal; ///< of a sealed trace
    nlohmann::json meta = nlohmann::json::object();
    TokenTables tables;
    std::vector<HeadInfo> heads;
    std::vector<std::int64_t> headHashes; ///< of the rows `heads` came from
    std::vector<std::uint32_t> overviewSides;
    std::vector<std::uint32_t> tokenRows; ///< rows every finished head has, ascending

    std::mutex mutex;
    std::vector<Connection> idle; ///< of a sealed trace, whose file cannot change under them

    std::uint32_t seqLen() const { return static_cast<std::uint32_t>(tables.tokenIds.size()); }
    Error named(Error error) const { return inContext(std::move(error), path.string()); }
    static Error hasChanged()
    {
        return {ErrorCode::Unavailable, "the trace has changed since it was opened: open it again", {}};
    }
    Error noHead(int layer, int head) const
    {
        return {ErrorCode::NotFound, fmt::format("{} is not in the trace", headName(layer, head)),
                path.string()};
    }

    static Result<std::unique_ptr<State>> read(const std::filesystem::path& path);
    Result<void> readTables(const SqliteDatabase& database, FieldCoder& coder);
    Result<void> readMeta(const SqliteDatabase& database);
    Result<void> readHeads(const SqliteDatabase& database);
    Result<void> readSides(const SqliteDatabase& database);
    Result<void> readTokenRowList(const SqliteDatabase& database);

    Result<Connection> connect();
    void release(Connection connection);
    Result<void> checkUnchanged(const SqliteDatabase& database, std::size_t index) const;

    /// Calls `body(connection, info)` with a connection whose view of the head is the one `heads` came from.
    template <class T, class Body> Result<T> withHead(int layer, int head, const Body& body);
};

Result<void> Trace::State::readMeta(const SqliteDatabase& database)
{
    const TraceTable& table = tableOf(TraceTableId::Meta);
    HEADWATER_TRY_ASSIGN(SqliteStatement row, database.prepare("SELECT * FROM meta ORDER BY key"));
    for (;;) {
        HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
        if (!hasRow)
            return {};
        const std::string key(row.text(0));
        const std::string where = fmt::format("meta key '{}'", key);
        if (const auto checked = checkRowHash(table, row); !checked)
            return inContext(checked.error(), where);
        Result<nlohmann::json> value = parseBoundedJson(row.text(1), {}, kMaxMetaBytes);
        if (!value)
            return inContext(value.error(), where);
        meta[key] = std::move(*value);
    }
}

Result<void> Trace::State::readHeads(const SqliteDatabase& database)
{
    const int hashColumn = tableOf(TraceTableId::Head).hashColumn;
    HEADWATER_TRY_ASSIGN(SqliteStatement row, database.prepare("SELECT * FROM head ORDER BY layer, head"));
    for (;;) {
        HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
        if (!hasRow)
            return {};
        const std::string where = fmt::format("layer {}, head {}", row.integer(0), row.integer(1));
        Result<HeadInfo> info = readHead(row, seqLen());
        if (!info)
            return inContext(info.error(), where);
        const auto layer = static_cast<std::size_t>(info->layer);
        if (layer >= tables.headsPerLayer.size()
            || static_cast<std::uint32_t>(info->head) >= tables.headsPerLayer[layer])
            return inContext({ErrorCode::BadFormat, "the model has no such head", {}}, where);
        heads.push_back(std::move(*info));
        headHashes.push_back(row.integer(hashColumn));
    }
}

Result<void> Trace::State::readSides(const SqliteDatabase& database)
{
    HEADWATER_TRY_ASSIGN(SqliteStatement row,
                         database.prepare("SELECT side, count(*) FROM overview GROUP BY side"));
    for (;;) {
        HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
        if (!hasRow)
            return {};
        const std::int64_t side = row.integer(0);
        if (side < 1 || side > std::int64_t{kMaxOverviewSide})
            return Error{ErrorCode::BadFormat, fmt::format("overview: side {}", side), {}};
        if (static_cast<std::uint64_t>(row.integer(1)) == heads.size())
            overviewSides.push_back(static_cast<std::uint32_t>(side));
    }
}

Result<void> Trace::State::readTokenRowList(const SqliteDatabase& database)
{
    HEADWATER_TRY_ASSIGN(SqliteStatement row,
                         database.prepare("SELECT row, sum(heads) FROM row GROUP BY row"));
    for (;;) {
        HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
        if (!hasRow)
            return {};
        const std::int64_t token = row.integer(0);
        if (token < 0 || token >= std::int64_t{seqLen()})
            return Error{ErrorCode::BadFormat, fmt::format("row {} is not in the sequence", token), {}};
        if (static_cast<std::uint64_t>(row.integer(1)) == heads.size())
            tokenRows.push_back(static_cast<std::uint32_t>(token));
    }
}

Result<void> Trace::State::readTables(const SqliteDatabase& database, FieldCoder& coder)
{
    HEADWATER_TRY(readMeta(database));
    HEADWATER_TRY_ASSIGN(tables, readTokenTables(database, coder));
    HEADWATER_TRY(readHeads(database));
    HEADWATER_TRY(readSides(database));
    return readTokenRowList(database);
}

Result<Connection> Trace::State::connect()
{
    {
        const std::lock_guard lock(mutex);
        if (!idle.empty()) {
            Connection connection = std::move(idle.back());
            idle.pop_back();
            return connection;
        }
    }
    HEADWATER_TRY_ASSIGN(TraceFile file, openTraceFile(path));
    // A run may have put another trace in its place since, perhaps of the same shape.
    if (seal && (!file.seal || file.seal->hash != seal->hash || file.seal->fileHash != seal->fileHash))
        return named(hasChanged());
    if (!seal && identityOf(path) != identity)
        return named(hasChanged());
    return Connection{std::move(file), FieldCoder()};
}

void Trace::State::release(Connection connection)
{
    // A connection to a growing trace would keep its writer from making one file of it.
    if (!connection.file.seal || !seal)
        return;
    const std::lock_guard lock(mutex);
    if (idle.size() < kIdleConnections)
        idle.push_back(std::move(connection));
}

Result<void> Trace::State::checkUnchanged(const SqliteDatabase& database, std::size_t index) const
{
    HEADWATER_TRY_ASSIGN(SqliteStatement row,
                         database.prepare("SELECT xxh3 FROM head WHERE layer=? AND head=?"));
    const std::array<SqlValue, 2> key = keyOf(heads[index]);
    HEADWATER_TRY(row.bind(key));
    HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
    if (!hasRow || row.integer(0) != headHashes[index])
        return hasChanged();
    return {};
}

template <class T, class Body> Result<T> Trace::State::withHead(int layer, int head, const Body& body)
{
    const std::size_t index = headIndexOf(heads, layer, head);
    if (index == heads.size())
        return noHead(layer, head);
    HEADWATER_TRY_ASSIGN(Connection connection, connect());
    if (!seal) {
        if (const auto unchanged = checkUnchanged(connection.file.database, index); !unchanged)
            return named(unchanged.error());
    }
    Result<T> result = body(connection, heads[index]);
    if (!result)
        return named(result.error());
    release(std::move(connection));
    return result;
}

Trace::Trace(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
}
Trace::~Trace() = default;

Result<std::unique_ptr<Trace::State>> Trace::State::read(const std::filesystem::path& path)
{
    auto state = std::make_unique<State>();
    state->path = path;
    state->identity = identityOf(path);
    HEADWATER_TRY_ASSIGN(Connection connection, state->connect());
    state->seal = connection.file.seal;
    if (const auto read = state->readTables(connection.file.database, connection.coder); !read)
        return state->named(read.error());
    if (connection.file.seal && connection.file.seal->heads != state->heads.size()) {
        return state->named(
            {ErrorCode::BadFormat,
             fmt::format("{} heads, its seal says {}", state->heads.size(), connection.file.seal->heads),
             {}});
    }
    state->release(std::move(connection));
    return state;
}

Result<std::shared_ptr<const Trace>> Trace::open(const std::filesystem::path& path)
{
    Result<std::unique_ptr<State>> state = readUndisturbed(path, [&path] { return State::read(path); });
    if (!state)
        return state.error();
    return std::shared_ptr<const Trace>(new Trace(std::move(*state)));
}

const std::filesystem::path& Trace::path() const
{
    return m_state->path;
}

std::optional<std::uint64_t> Trace::sealHash() const
{
    return m_state->seal ? std::optional(m_state->seal->fileHash) : std::nullopt;
}

bool Trace::isSealed() const
{
    return m_state->seal.has_value();
}

const nlohmann::json& Trace::meta() const
{
    return m_state->meta;
}

std::uint32_t Trace::seqLen() const
{
    return m_state->seqLen();
}

int Trace::numLayers() const
{
    return static_cast<int>(m_state->tables.headsPerLayer.size());
}

int Trace::numHeads(int layer) const
{
    const std::vector<std::uint32_t>& heads = m_state->tables.headsPerLayer;
    if (layer < 0 || static_cast<std::size_t>(layer) >= heads.size())
        return 0;
    return static_cast<int>(heads[static_cast<std::size_t>(layer)]);
}

std::span<const HeadInfo> Trace::heads() const
{
    return m_state->heads;
}

const HeadInfo* Trace::findHead(int layer, int head) const
{
    const std::size_t index = headIndexOf(m_state->heads, layer, head);
    return index < m_state->heads.size() ? &m_state->heads[index] : nullptr;
}

std::string_view Trace::text() const
{
    return m_state->tables.text;
}

std::span<const std::uint32_t> Trace::tokenOffsets() const
{
    return m_state->tables.tokenOffsets;
}

std::string_view Trace::tokenText(std::uint32_t token) const
{
    if (token >= seqLen())
        return {};
    const std::vector<std::uint32_t>& offsets = m_state->tables.tokenOffsets;
    return text().substr(offsets[token], offsets[token + 1] - offsets[token]);
}

std::span<const std::int32_t> Trace::tokenIds() const
{
    return m_state->tables.tokenIds;
}

std::span<const Segment> Trace::segments() const
{
    return m_state->tables.segments;
}

std::span<const std::uint32_t> Trace::sinks(int layer, int head) const
{
    const HeadInfo* info = findHead(layer, head);
    return info ? std::span<const std::uint32_t>(info->sinks) : std::span<const std::uint32_t>();
}

std::span<const std::uint32_t> Trace::sentenceOffsets() const
{
    return m_state->tables.sentenceOffsets;
}

bool Trace::hasEdges(int layer, int head) const
{
    const HeadInfo* info = findHead(layer, head);
    return info && info->chunks > 0;
}

Result<std::shared_ptr<const HeadEdges>> Trace::loadEdges(int layer, int head, std::stop_token stop) const
{
    return m_state->withHead<std::shared_ptr<const HeadEdges>>(
        layer, head,
        [&](Connection& connection, const HeadInfo& info) { return connection.loader(info).edges(stop); });
}

Result<std::shared_ptr<const HeadRows>> Trace::loadRows(int layer, int head) const
{
    return m_state->withHead<std::shared_ptr<const HeadRows>>(
        layer, head,
        [](Connection& connection, const HeadInfo& info) { return connection.loader(info).rows(); });
}

Result<std::shared_ptr<const EdgeSlice>> Trace::loadEdges(int layer, int head, const TokenRange& queries,
                                                          std::stop_token stop) const
{
    return m_state->withHead<std::shared_ptr<const EdgeSlice>>(
        layer, head, [&](Connection& connection, const HeadInfo& info) {
            return connection.loader(info).edges(queries, stop);
        });
}

Result<std::shared_ptr<const RowSlice>> Trace::loadRows(int layer, int head, const TokenRange& queries) const
{
    return m_state->withHead<std::shared_ptr<const RowSlice>>(
        layer, head,
        [&](Connection& connection, const HeadInfo& info) { return connection.loader(info).rows(queries); });
}

std::span<const std::uint32_t> Trace::overviewSides() const
{
    return m_state->overviewSides;
}

Result<Overview> Trace::loadOverview(int layer, int head, std::uint32_t side) const
{
    return m_state->withHead<Overview>(layer, head, [&](Connection& connection, const HeadInfo& info) {
        return connection.loader(info).overview(side);
    });
}

Result<Trace::ColumnMass> Trace::loadColumnMass(int layer, int head) const
{
    return m_state->withHead<ColumnMass>(layer, head, [](Connection& connection, const HeadInfo& info) {
        return connection.loader(info).columnMass();
    });
}

bool Trace::hasTokenRow(std::uint32_t row) const
{
    return std::binary_search(m_state->tokenRows.begin(), m_state->tokenRows.end(), row);
}

Result<std::vector<TokenRow>> Trace::loadTokenRows(std::uint32_t row) const
{
    HEADWATER_TRY_ASSIGN(Connection connection, m_state->connect());
    const auto read = [&]() -> Result<std::vector<TokenRow>> {
        HEADWATER_TRY_ASSIGN(
            SqliteStatement statement,
            connection.file.database.prepare("SELECT * FROM row WHERE row=? ORDER BY layer"));
        const std::array<SqlValue, 1> key = {SqlValue(std::int64_t{row})};
        HEADWATER_TRY(statement.bind(key));
        std::vector<TokenRow> rows;
        for (;;) {
            HEADWATER_TRY_ASSIGN(const bool hasRow, statement.step());
            if (!hasRow)
                return rows;
            HEADWATER_TRY_ASSIGN(
                const std::vector<TokenRow> layer,
                readTokenRows(connection.coder, statement, seqLen(), m_state->tables.headsPerLayer));
            rows.insert(rows.end(), layer.begin(), layer.end());
        }
    };
    Result<std::vector<TokenRow>> rows = read();
    if (!rows)
        return m_state->named(rows.error());
    m_state->release(std::move(connection));
    return rows;
}

Result<TokenRow> Trace::loadTokenRow(int layer, int head, std::uint32_t row) const
{
    const auto read = [&](Connection& connection, const HeadInfo& info) -> Result<TokenRow> {
        HEADWATER_TRY_ASSIGN(SqliteStatement statement,
                             connection.file.database.prepare("SELECT * FROM row WHERE row=? AND layer=?"));
        const std::array<SqlValue, 2> key = {SqlValue(std::int64_t{row}), SqlValue(std::int64_t{info.layer})};
        HEADWATER_TRY(statement.bind(key));
        HEADWATER_TRY_ASSIGN(const bool hasRow, statement.step());
        std::vector<TokenRow> rows;
        if (hasRow) {
            HEADWATER_TRY_ASSIGN(
                rows, readTokenRows(connection.coder, statement, seqLen(), m_state->tables.headsPerLayer));
        }
        const auto found = std::ranges::find(rows, info.head, &TokenRow::head);
        if (found == rows.end()) {
            return Error{ErrorCode::NotFound, fmt::format("row {} is not in the trace's token rows", row),
                         headName(info.layer, info.head)};
        }
        return std::move(*found);
    };
    return m_state->withHead<TokenRow>(layer, head, read);
}

bool Trace::hasPredictions() const
{
    return meta().contains(kMetaPredictions);
}

Result<std::shared_ptr<const Predictions>> Trace::loadPredictions() const
{
    HEADWATER_TRY_ASSIGN(Connection connection, m_state->connect());
    if (!m_state->seal) { // what was generated since lengthened the predictions with the tokens
        const Result<NamedArray> ids = readArray(connection.file.database, connection.coder, kArrayTokenIds);
        if (ids && ids->data.size() != tokenIds().size_bytes())
            return m_state->named(State::hasChanged());
    }
    Result<Predictions> predictions = readPredictions(connection.file.database, connection.coder, tokenIds());
    if (!predictions)
        return m_state->named(predictions.error());
    m_state->release(std::move(connection));
    return std::make_shared<const Predictions>(std::move(*predictions));
}

Result<std::vector<TokenRow>> Trace::loadTokenRows(int layer, int head, const TokenRange& rows) const
{
    const std::vector<std::uint32_t>& recorded = m_state->tokenRows;
    const auto first = std::ranges::lower_bound(recorded, rows.begin);
    if (first == recorded.end() || *first >= rows.end)
        return std::vector<TokenRow>();
    const auto read = [&](Connection& connection, const HeadInfo& info) -> Result<std::vector<TokenRow>> {
        HEADWATER_TRY_ASSIGN(SqliteStatement statement,
                             connection.file.database.prepare(
                                 "SELECT * FROM row WHERE row>=? AND row<? AND layer=? ORDER BY row"));
        const std::array<SqlValue, 3> key = {SqlValue(std::int64_t{rows.begin}),
                                             SqlValue(std::int64_t{rows.end}),
                                             SqlValue(std::int64_t{info.layer})};
        HEADWATER_TRY(statement.bind(key));
        std::vector<TokenRow> found;
        for (;;) {
            HEADWATER_TRY_ASSIGN(const bool hasRow, statement.step());
            if (!hasRow)
                return found;
            HEADWATER_TRY_ASSIGN(
                std::vector<TokenRow> heads,
                readTokenRows(connection.coder, statement, seqLen(), m_state->tables.headsPerLayer));
            const auto own = std::ranges::find(heads, info.head, &TokenRow::head);
            if (own != heads.end() && hasTokenRow(own->row))
                found.push_back(std::move(*own));
        }
    };
    return m_state->withHead<std::vector<TokenRow>>(layer, head, read);
}

Result<Trace::Array> Trace::loadArray(std::string_view name) const
{
    HEADWATER_TRY_ASSIGN(Connection connection, m_state->connect());
    Result<NamedArray> array = readArray(connection.file.database, connection.coder, name);
    if (!array)
        return m_state->named(array.error());
    m_state->release(std::move(connection));
    return Array{std::move(array->dtype), std::move(array->shape), std::move(array->data)};
}

} // namespace headwater
