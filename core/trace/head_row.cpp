// SPDX-License-Identifier: Apache-2.0
#include "core/trace/head_row.h"

#include "core/base/bounded_json.h"
#include "core/base/json_member.h"
#include "core/base/known_number.h"
#include "core/record/kind_names.h"
#include "core/trace/bad_format.h"
#include "core/trace/trace_format.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <limits>

namespace headwater {
namespace {

/// Reads integers in column order and remembers the first that is outside its range.
class RangedColumns {
public:
    explicit RangedColumns(const SqliteStatement& row)
        : m_row(row)
    {
    }

    std::uint64_t take(int column, const char* name, std::uint64_t least, std::uint64_t most)
    {
        const std::int64_t value = m_row.integer(column);
        if ((value < 0 || static_cast<std::uint64_t>(value) < least
             || static_cast<std::uint64_t>(value) > most)
            && m_error.empty())
            m_error = fmt::format("{} is {}, expected {} to {}", name, value, least, most);
        return m_error.empty() ? static_cast<std::uint64_t>(value) : least;
    }
    std::uint32_t take32(int column, const char* name, std::uint32_t least, std::uint32_t most)
    {
        return static_cast<std::uint32_t>(take(column, name, least, most));
    }
    const std::string& error() const { return m_error; }

private:
    const SqliteStatement& m_row;
    std::string m_error;
};

Result<void> readSinks(std::span<const std::byte> blob, std::uint32_t seqLen,
                       std::vector<std::uint32_t>& sinks)
{
    if (blob.size() % 4 != 0 || blob.size() / 4 > seqLen)
        return badFormat(fmt::format("sinks: {} bytes are not token indices", blob.size()));
    sinks.resize(blob.size() / 4);
    if (!blob.empty())
        std::memcpy(sinks.data(), blob.data(), blob.size());
    for (std::size_t i = 0; i < sinks.size(); ++i) {
        if (sinks[i] >= seqLen || (i > 0 && sinks[i] <= sinks[i - 1]))
            return badFormat(fmt::format("sinks: token {} at index {}: expected ascending, below {}",
                                         sinks[i], i, seqLen));
    }
    return {};
}

Result<void> readStatistics(const SqliteStatement& row, HeadStatistics& statistics)
{
    statistics.keptMass = {row.real(16), row.real(17), row.real(18)};
    statistics.keptMassP5 = row.real(19);
    statistics.keptMassMin = row.real(20);
    statistics.contentMass = row.real(21);
    HEADWATER_TRY_ASSIGN(const nlohmann::json stats, parseBoundedJson(row.text(23), {}, kMaxMetaBytes));
    if (!stats.is_object())
        return badFormat("stats is not a JSON object");
    statistics.entropy = jsonNumber(stats, "entropy", std::numeric_limits<double>::quiet_NaN());
    statistics.sinkShare = jsonNumber(stats, "sink_share", std::numeric_limits<double>::quiet_NaN());
    statistics.meanDistance = jsonNumber(stats, "mean_distance", std::numeric_limits<double>::quiet_NaN());
    statistics.density = jsonNumber(stats, "density", std::numeric_limits<double>::quiet_NaN());
    return {};
}

Result<void> readNames(const SqliteStatement& row, HeadInfo& info)
{
    const auto kind = kindNamed(row.text(2), {HeadKind::Global, HeadKind::Sliding});
    const auto normaliser = kindNamed(row.text(4), {Normaliser::Exact, Normaliser::Kept});
    const auto selection =
        kindNamed(row.text(5), {Selection::Auto, Selection::Exact, Selection::Tree, Selection::Stream});
    if (!kind)
        return badFormat(fmt::format("kind '{}' is not known", row.text(2)));
    if (!normaliser)
        return badFormat(fmt::format("normaliser '{}' is not known", row.text(4)));
    if (!selection)
        return badFormat(fmt::format("select '{}' is not known", row.text(5)));
    info.kind = *kind;
    info.normaliser = *normaliser;
    info.selection = *selection;
    return {};
}

} // namespace

Result<void> insertHead(RowInserter& inserter, const HeadInfo& info)
{
    const HeadStatistics& statistics = info.statistics;
    const std::string stats = nlohmann::json({{"entropy", knownNumber(statistics.entropy)},
                                              {"sink_share", knownNumber(statistics.sinkShare)},
                                              {"mean_distance", knownNumber(statistics.meanDistance)},
                                              {"density", knownNumber(statistics.density)}})
                                  .dump();
    const auto number = [](std::uint64_t value) { return SqlValue(static_cast<std::int64_t>(value)); };
    const std::array<SqlValue, 26> values = {
        SqlValue(std::int64_t{info.layer}),
        SqlValue(std::int64_t{info.head}),
        SqlValue(std::string_view(nameOf(info.kind))),
        number(info.window),
        SqlValue(std::string_view(nameOf(info.normaliser))),
        SqlValue(std::string_view(nameOf(info.selection))),
        number(info.keepKeys),
        number(info.blockQ),
        number(info.blockK),
        number(info.rows),
        number(info.edges),
        number(info.pairs.extraEdges),
        number(info.pairs.usable),
        number(info.pairs.kept),
        number(info.pairs.alwaysKept),
        number(info.pairs.extra),
        sqlReal(statistics.keptMass.mean),
        sqlReal(statistics.keptMass.lo),
        sqlReal(statistics.keptMass.hi),
        sqlReal(statistics.keptMassP5),
        sqlReal(statistics.keptMassMin),
        sqlReal(statistics.contentMass),
        number(statistics.probeRows),
        SqlValue(std::string_view(stats)),
        SqlValue(std::as_bytes(std::span(info.sinks))),
        number(info.chunks),
    };
    return inserter.insert(values);
}

Result<HeadInfo> readHead(const SqliteStatement& row, std::uint32_t seqLen)
{
    HEADWATER_TRY(checkRowHash(tableOf(TraceTableId::Head), row));
    constexpr std::uint64_t kAnyPairs = std::uint64_t{1} << 62;
    HeadInfo info;
    RangedColumns columns(row);
    info.layer = static_cast<int>(columns.take(0, "layer", 0, kMaxLayers - 1));
    info.head = static_cast<int>(columns.take(1, "head", 0, kMaxHeads - 1));
    info.window = columns.take32(3, "window", 0, kMaxTokens);
    info.keepKeys = columns.take32(6, "keep_keys", 0, kMaxTokens);
    info.blockQ = columns.take32(7, "block_q", 4, 256);
    info.blockK = columns.take32(8, "block_k", 4, 256);
    info.rows = columns.take32(9, "rows", 1, kMaxTokens);
    const std::uint64_t maxEdges = maxEdgesOf({info.rows, info.blockQ, info.blockK});
    info.edges = columns.take(10, "edges", 0, maxEdges);
    info.pairs.extraEdges = columns.take(11, "extras", 0, info.edges);
    info.pairs.usable = columns.take(12, "usable_pairs", 0, kAnyPairs);
    info.pairs.kept = columns.take(13, "kept_pairs", 0, info.pairs.usable);
    info.pairs.alwaysKept = columns.take(14, "always_kept_pairs", 0, info.pairs.kept);
    info.pairs.extra = columns.take(15, "extra_pairs", 0, info.pairs.kept);
    info.statistics.probeRows = columns.take32(22, "probe_rows", 0, kMaxTokens);
    info.chunks = columns.take32(25, "chunks", 0, (info.rows + 255) / 256);
    if (!columns.error().empty())
        return badFormat(columns.error());
    if (!std::has_single_bit(info.blockQ) || !std::has_single_bit(info.blockK))
        return badFormat(fmt::format("blocks of {}/{} are not powers of two", info.blockQ, info.blockK));
    if (info.rows != seqLen)
        return badFormat(fmt::format("rows is {}, expected the sequence's {} tokens", info.rows, seqLen));
    HEADWATER_TRY(readNames(row, info));
    if ((info.kind == HeadKind::Sliding) != (info.window > 0))
        return badFormat(fmt::format("a {} head with a window of {}", nameOf(info.kind), info.window));
    HEADWATER_TRY(readStatistics(row, info.statistics));
    HEADWATER_TRY(readSinks(row.blob(24), seqLen, info.sinks));
    return info;
}

std::uint64_t maxEdgesOf(const BlockGrid& grid)
{
    return std::uint64_t{grid.numQueryBlocks()} * grid.numKeyBlocks();
}

std::string headName(int layer, int head)
{
    return fmt::format("layer {}, head {}", layer, head);
}

Error inContext(Error error, const std::string& where)
{
    error.context = error.context.empty() ? where : where + ": " + error.context;
    return error;
}

} // namespace headwater
