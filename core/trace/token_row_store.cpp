// SPDX-License-Identifier: Apache-2.0
#include "core/trace/token_row_store.h"

#include "core/trace/bad_format.h"
#include "core/trace/head_row.h"
#include "core/trace/stored_probability.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <numeric>

namespace headwater {
namespace {

constexpr FieldCodec kCodec = FieldCodec::ShuffleZstd4;

/// Indices of a row's keys in ascending order of the keys.
std::vector<std::size_t> byKey(const TokenRow& row)
{
    std::vector<std::size_t> order(row.keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return row.keys[i]; });
    return order;
}

std::string whatIsWrong(const TokenRow& row, std::uint32_t seqLen)
{
    if (row.layer < 0 || row.layer >= kMaxLayers || row.head < 0 || row.head >= kMaxHeads
        || row.row >= seqLen)
        return fmt::format("row {} of layer {}, head {} cannot be in {} tokens", row.row, row.layer, row.head,
                           seqLen);
    if (row.keys.size() != row.probability.size() || row.keys.size() > kMaxTokenRowKeys)
        return fmt::format("{} keys and {} probabilities", row.keys.size(), row.probability.size());
    for (std::size_t i = 0; i < row.keys.size(); ++i) {
        const float p = row.probability[i];
        if (row.keys[i] > row.row)
            return fmt::format("key {} is in the future of row {}", row.keys[i], row.row);
        if (!isProbability(p))
            return fmt::format("probability {} is outside [0, 1]", static_cast<double>(p));
        if (i > 0
            && (p > row.probability[i - 1]
                || (p == row.probability[i - 1] && row.keys[i] <= row.keys[i - 1])))
            return fmt::format("key {} of row {} is not in order of falling probability", row.keys[i],
                               row.row);
    }
    std::vector<std::uint32_t> keys = row.keys;
    std::ranges::sort(keys);
    if (const auto twice = std::ranges::adjacent_find(keys); twice != keys.end())
        return fmt::format("key {} of row {} stands twice", *twice, row.row);
    return {};
}

/// The heads of one layer in one row, before encoding.
struct PackedRow {
    std::map<int, const TokenRow*> heads;

    Result<StoredTokenRow> encode(FieldCoder& coder, std::uint32_t row, std::uint32_t numHeads) const
    {
        StoredTokenRow stored;
        stored.row = row;
        std::vector<std::uint32_t> keys(numHeads);
        std::vector<float> probability;
        for (const auto& [head, one] : heads) {
            keys[static_cast<std::size_t>(head)] = static_cast<std::uint32_t>(one->keys.size());
            ++stored.heads;
            stored.pairs += one->keys.size();
            std::uint32_t last = 0;
            for (const std::size_t i : byKey(*one)) {
                keys.push_back(one->keys[i] - last);
                last = one->keys[i];
                probability.push_back(one->probability[i]);
            }
        }
        HEADWATER_TRY_ASSIGN(stored.keys, coder.encode(kCodec, keys));
        HEADWATER_TRY_ASSIGN(stored.probability, coder.encode(kCodec, probability));
        return stored;
    }
};

/// The decoded blobs of one row of the table.
struct UnpackedRow {
    std::vector<std::uint32_t> keys; ///< counts, then gaps
    std::vector<float> probability;
};

/// One head's keys out of their gaps, put back in order of falling probability.
Result<TokenRow> unpackHead(std::uint32_t row, std::span<const std::uint32_t> gaps,
                            std::span<const float> probability)
{
    std::vector<std::uint32_t> keys;
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        key += gaps[i];
        if (key > row)
            return badFormat(fmt::format("key {} is in the future of row {}", key, row));
        if (i > 0 && gaps[i] == 0)
            return badFormat(fmt::format("key {} of row {} stands twice", key, row));
        if (!isProbability(probability[i]))
            return badFormat(
                fmt::format("probability {} is outside [0, 1]", static_cast<double>(probability[i])));
        keys.push_back(static_cast<std::uint32_t>(key));
    }
    std::vector<std::size_t> order(keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return probability[i]; });
    TokenRow made;
    made.row = row;
    for (const std::size_t i : order) {
        made.keys.push_back(keys[i]);
        made.probability.push_back(probability[i]);
    }
    return made;
}

/// Cuts the blobs by the heads' counts.
Result<std::vector<TokenRow>> unpack(const UnpackedRow& unpacked, std::uint32_t row, int layer,
                                     std::uint32_t numHeads, std::int64_t statedHeads)
{
    const std::span<const std::uint32_t> counts = std::span(unpacked.keys).first(numHeads);
    const std::span<const std::uint32_t> gaps = std::span(unpacked.keys).subspan(numHeads);
    const std::uint64_t pairs = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    const auto heads = std::ranges::count_if(counts, [](std::uint32_t count) { return count > 0; });
    if (pairs != gaps.size() || heads != statedHeads) {
        return Error{ErrorCode::BadFormat,
                     fmt::format("its counts are {} keys of {} heads, it says {} of {}", pairs, heads,
                                 gaps.size(), statedHeads),
                     {}};
    }
    std::vector<TokenRow> rows;
    std::size_t begin = 0;
    for (std::uint32_t head = 0; head < numHeads; ++head) {
        const std::size_t count = counts[head];
        if (count == 0)
            continue;
        if (count > kMaxTokenRowKeys)
            return Error{ErrorCode::BadFormat, fmt::format("{} keys, at most {}", count, kMaxTokenRowKeys),
                         fmt::format("head {}", head)};
        Result<TokenRow> one = unpackHead(row, gaps.subspan(begin, count),
                                          std::span(unpacked.probability).subspan(begin, count));
        if (!one)
            return inContext(one.error(), fmt::format("head {}", head));
        one->layer = layer;
        one->head = static_cast<int>(head);
        rows.push_back(std::move(*one));
        begin += count;
    }
    return rows;
}

Result<std::vector<TokenRow>> readChecked(FieldCoder& coder, const SqliteStatement& row, std::uint32_t seqLen,
                                          std::span<const std::uint32_t> headsPerLayer)
{
    HEADWATER_TRY(checkRowHash(tableOf(TraceTableId::Row), row));
    const std::int64_t token = row.integer(0);
    const std::int64_t layer = row.integer(1);
    const std::int64_t pairs = row.integer(3);
    if (token < 0 || token >= std::int64_t{seqLen} || layer < 0
        || layer >= static_cast<std::int64_t>(headsPerLayer.size()))
        return badFormat("is outside the trace");
    const std::uint32_t numHeads = headsPerLayer[static_cast<std::size_t>(layer)];
    const std::int64_t mostKeys = std::min(std::int64_t{kMaxTokenRowKeys}, token + 1);
    if (pairs < 1 || pairs > mostKeys * numHeads)
        return badFormat(fmt::format("{} keys of {} heads, at most {} each", pairs, numHeads, mostKeys));
    const auto codec = fieldCodecOfName(row.text(4));
    if (!codec || elementBytesOf(*codec) != sizeof(std::uint32_t))
        return badFormat(fmt::format("codec '{}' is not known for a token row", row.text(4)));
    UnpackedRow unpacked;
    const auto count = static_cast<std::size_t>(pairs);
    if (const auto keys = coder.decodeAppend(*codec, row.blob(6), numHeads + count, unpacked.keys); !keys)
        return inContext(keys.error(), "keys");
    if (const auto p = coder.decodeAppend(*codec, row.blob(7), count, unpacked.probability); !p)
        return inContext(p.error(), "p");
    return unpack(unpacked, static_cast<std::uint32_t>(token), static_cast<int>(layer), numHeads,
                  row.integer(2));
}

} // namespace

Result<void> checkTokenRow(const TokenRow& row, std::uint32_t seqLen)
{
    const std::string wrong = whatIsWrong(row, seqLen);
    if (!wrong.empty())
        return Error{ErrorCode::InvalidArgument, wrong, {}};
    return {};
}

Result<std::vector<StoredTokenRow>> packTokenRows(FieldCoder& coder, std::span<const TokenRow> rows,
                                                  std::uint32_t numHeads)
{
    std::map<std::uint32_t, PackedRow> packed;
    for (const TokenRow& row : rows) {
        if (row.head < 0 || static_cast<std::uint32_t>(row.head) >= numHeads)
            return Error{ErrorCode::InvalidArgument,
                         fmt::format("a token row of head {}, the layer has {}", row.head, numHeads),
                         {}};
        if (!row.keys.empty() && !packed[row.row].heads.emplace(row.head, &row).second)
            return Error{ErrorCode::InvalidArgument,
                         fmt::format("row {} of head {} stands twice", row.row, row.head),
                         {}};
    }
    std::vector<StoredTokenRow> stored;
    for (const auto& [row, heads] : packed) {
        HEADWATER_TRY_ASSIGN(StoredTokenRow one, heads.encode(coder, row, numHeads));
        stored.push_back(std::move(one));
    }
    return stored;
}

Result<void> insertTokenRow(RowInserter& inserter, int layer, const StoredTokenRow& stored)
{
    const std::array<SqlValue, 7> values = {SqlValue(std::int64_t{stored.row}),
                                            SqlValue(std::int64_t{layer}),
                                            SqlValue(std::int64_t{stored.heads}),
                                            SqlValue(static_cast<std::int64_t>(stored.pairs)),
                                            SqlValue(std::string_view(nameOf(kCodec))),
                                            SqlValue(std::span<const std::byte>(stored.keys)),
                                            SqlValue(std::span<const std::byte>(stored.probability))};
    return inserter.insert(values);
}

std::string tokenRowName(const SqliteStatement& row)
{
    return fmt::format("layer {}, row {}", row.integer(1), row.integer(0));
}

Result<std::vector<TokenRow>> readTokenRows(FieldCoder& coder, const SqliteStatement& row,
                                            std::uint32_t seqLen,
                                            std::span<const std::uint32_t> headsPerLayer)
{
    Result<std::vector<TokenRow>> rows = readChecked(coder, row, seqLen, headsPerLayer);
    if (!rows)
        return inContext(rows.error(), tokenRowName(row));
    return rows;
}

} // namespace headwater
