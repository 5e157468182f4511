// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_writer_state.h"

#include "core/base/bounded_json.h"
#include "core/trace/first_state.h"
#include "core/trace/prediction_store.h"
#include "core/trace/trace_file.h"
#include "core/trace/trace_seal.h"

#include <fmt/format.h>

namespace headwater {
namespace {

/// How long a seal waits for readers to close the file.
constexpr std::chrono::seconds kPatience(10);

TokenTables tablesOf(const TraceWriter::Begin& begin)
{
    TokenTables tables{begin.text,     begin.tokenOffsets,    begin.tokenIds,
                       begin.segments, begin.sentenceOffsets, {}};
    for (const int heads : begin.headsPerLayer)
        tables.headsPerLayer.push_back(static_cast<std::uint32_t>(heads));
    return tables;
}

} // namespace

TraceWriter::TraceWriter(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
}
TraceWriter::TraceWriter(TraceWriter&&) noexcept = default;

TraceWriter& TraceWriter::operator=(TraceWriter&& other) noexcept
{
    std::swap(m_state, other.m_state);
    return *this;
}

TraceWriter::~TraceWriter()
{
    if (m_state)
        m_state->closeUnsealed();
}

Result<TraceWriter> TraceWriter::create(const std::filesystem::path& path, const Begin& begin, bool replace)
{
    auto state = std::make_unique<State>();
    state->path = path;
    state->tables = tablesOf(begin);
    if (!begin.meta.is_object())
        return Error{ErrorCode::InvalidArgument, "meta must be a JSON object", path.string()};
    if (const auto checked = checkTokenTables(state->tables); !checked)
        return Error{ErrorCode::InvalidArgument, checked.error().message, path.string()};
    const Result<std::string> first = firstStateOf(state->coder, state->tables, begin.meta);
    if (!first)
        return state->named(first.error());
    const Result<FileIdentity> placed = putTrace(path, *first, replace);
    if (!placed)
        return placed.error().code == ErrorCode::Io
            ? state->failed(placed.error(), first->size(), "the token tables")
            : placed.error();
    if (const auto opened = state->openDatabase(*placed); !opened)
        return opened.error().code == ErrorCode::Io
            ? state->failed(opened.error(), kLogBytes, "the trace's log")
            : Error{ErrorCode::CannotCreate, opened.error().message, path.string()};
    HEADWATER_TRY(state->dropFirstSeal());
    Result<LayerWriter> layers = LayerWriter::prepare(*state->database);
    if (!layers)
        return state->named(layers.error());
    state->layers.emplace(std::move(*layers));
    return TraceWriter(std::move(state));
}

Result<TraceWriter> TraceWriter::reopen(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(const TracePart claim, claimTrace(path)); // until our own lock keeps others away
    auto state = std::make_unique<State>();
    state->path = path;
    {
        HEADWATER_TRY_ASSIGN(const TraceFile file, openTraceFile(path));
        if (file.seal)
            return state->named(
                {ErrorCode::InvalidArgument, "is finished: there is nothing to go on with", {}});
        if (file.minor != kTraceMinor)
            return state->named(
                {ErrorCode::Unsupported,
                 fmt::format("was begun in format {}.{}, and this program writes {}.{}: a trace "
                             "is of one format; run it again",
                             kTraceMajor, file.minor, kTraceMajor, kTraceMinor),
                 {}});
        Result<TokenTables> tables = readTokenTables(file.database, state->coder);
        if (!tables)
            return state->named(tables.error());
        state->tables = std::move(*tables);
    }
    if (const auto opened = state->openDatabase(identityOf(path)); !opened)
        return state->failed(opened.error(), kLogBytes, "the trace's log");
    HEADWATER_TRY(state->goOnInLog());
    HEADWATER_TRY_ASSIGN(
        const std::int64_t predictions,
        state->database->integer(fmt::format("SELECT count(*) FROM meta WHERE key='{}'", kMetaPredictions)));
    state->hasPredictions = predictions > 0;
    Result<LayerWriter> layers = LayerWriter::prepare(*state->database);
    if (!layers)
        return state->named(layers.error());
    state->layers.emplace(std::move(*layers));
    return TraceWriter(std::move(state));
}

void TraceWriter::FinishedHead::takeSums(const HeadSums& sums)
{
    statistics = sums.statistics();
    pairs = sums.pairs();
    contentShape = sums.contentShape();
    contentCodes = sums.contentCodes();
}

void TraceWriter::encodeWith(std::size_t threads)
{
    m_state->encoders = HeadEncoders(threads);
}

Result<void> TraceWriter::writeLayer(int layer, std::span<const FinishedHead> heads, std::uint32_t tailRow)
{
    for (const FinishedHead& head : heads)
        if (head.record.layer != layer || head.record.firstRow != 0
            || head.record.grid.seqLen != m_state->seqLen())
            return m_state->named(
                {ErrorCode::InvalidArgument, "the record is not one of this layer's whole heads", {}});
    Result<std::vector<EncodedHead>> made = m_state->encoders.encode(heads, tailRow);
    if (!made)
        return m_state->named(made.error());
    std::vector<EncodedHead> encoded = std::move(*made);
    std::uint64_t bytes = 0;
    for (const EncodedHead& head : encoded)
        bytes += head.bytes();
    return m_state->transact(fmt::format("layer {}", layer), bytes, [&]() -> Result<void> {
        std::vector<TokenRow> tokenRows;
        for (EncodedHead& head : encoded) {
            HEADWATER_TRY(m_state->layers->insert(head));
            appendRows(tokenRows, std::move(head.tokenRows));
        }
        return m_state->insertTokenRows(layer, tokenRows, bytes);
    });
}

Result<void> TraceWriter::writeLayer(int layer, int numHeads,
                                     const std::function<Result<FinishedHead>(int head)>& make,
                                     std::uint32_t tailRow)
{
    std::uint64_t bytes = 0;
    return m_state->transact(fmt::format("layer {}", layer), bytes, [&]() -> Result<void> {
        std::vector<TokenRow> tokenRows;
        for (int head = 0; head < numHeads; ++head) {
            HEADWATER_TRY_ASSIGN(const FinishedHead made, make(head));
            if (made.record.layer != layer || made.record.firstRow != 0
                || made.record.grid.seqLen != m_state->seqLen())
                return Error{
                    ErrorCode::InvalidArgument, "the record is not one of this layer's whole heads", {}};
            HEADWATER_TRY_ASSIGN(EncodedHead encoded, encodeHead(m_state->coder, made, tailRow, {}));
            bytes += encoded.bytes();
            HEADWATER_TRY(m_state->layers->insert(encoded));
            appendRows(tokenRows, std::move(encoded.tokenRows));
        }
        return m_state->insertTokenRows(layer, tokenRows, bytes);
    });
}

Result<void> TraceWriter::writePredictions(const Predictions& predictions)
{
    State& state = *m_state;
    std::uint64_t bytes = 0;
    const Result<void> written = state.transact("the predictions", bytes, [&] {
        return insertPredictions(*state.database, state.coder, predictions, state.tables.tokenIds, bytes);
    });
    if (written)
        state.hasPredictions = true;
    return written;
}

Result<void> TraceWriter::setMeta(std::string_view key, const nlohmann::json& value)
{
    const std::string text = jsonText(value);
    return m_state->transact(fmt::format("meta key '{}'", key), text.size(),
                             [&] { return insertMeta(*m_state->database, key, text); });
}

Result<void> TraceWriter::seal()
{
    State& state = *m_state;
    const Result<void> written =
        state.transact("the seal", kLogBytes, [&] { return renewSeal(*state.database); });
    HEADWATER_TRY(written);
    std::error_code ignored;
    const std::uint64_t walBytes = std::filesystem::file_size(walPathOf(state.path), ignored);
    const auto checkpointed = state.database->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    if (!checkpointed)
        return state.failed(checkpointed.error(), ignored ? 0 : walBytes, "the single file");
    if (const auto left = leaveWal(*state.database, kPatience); !left)
        return state.failed(left.error(), ignored ? 0 : walBytes, "the single file");
    state.layers.reset();
    if (const auto closed = state.database->close(); !closed)
        return state.named(closed.error());
    state.database.reset();
    if (const auto stored = storeFileHash(state.path); !stored)
        return state.named(stored.error());
    return {};
}

} // namespace headwater
