// SPDX-License-Identifier: Apache-2.0
#include "core/trace/token_row_store.h"

#include "core/trace/head_row.h"

#include <cstring>
#include <fmt/format.h>

namespace headwater {
namespace {

template <class T> std::vector<T> valuesOf(std::span<const std::byte> blob)
{
    std::vector<T> values(blob.size() / sizeof(T));
    if (!values.empty())
        std::memcpy(values.data(), blob.data(), values.size() * sizeof(T));
    return values;
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
        if (row.keys[i] > row.row)
            return fmt::format("key {} is in the future of row {}", row.keys[i], row.row);
        if (!(row.probability[i] >= 0 && row.probability[i] <= 1.0001F))
            return fmt::format("probability {} is outside [0, 1]", static_cast<double>(row.probability[i]));
    }
    return {};
}

} // namespace

Result<void> checkTokenRow(const TokenRow& row, std::uint32_t seqLen)
{
    const std::string wrong = whatIsWrong(row, seqLen);
    if (!wrong.empty())
        return Error{ErrorCode::InvalidArgument, wrong, {}};
    return {};
}

Result<void> insertTokenRow(RowInserter& inserter, const TokenRow& row)
{
    const std::array<SqlValue, 5> values = {
        SqlValue(std::int64_t{row.row}), SqlValue(std::int64_t{row.layer}), SqlValue(std::int64_t{row.head}),
        SqlValue(std::as_bytes(std::span(row.keys))), SqlValue(std::as_bytes(std::span(row.probability)))};
    return inserter.insert(values);
}

Result<TokenRow> readTokenRow(const SqliteStatement& row, std::uint32_t seqLen)
{
    const std::string where =
        fmt::format("layer {}, head {}, row {}", row.integer(1), row.integer(2), row.integer(0));
    if (const auto checked = checkRowHash(tableOf(TraceTableId::Row), row); !checked)
        return inContext(checked.error(), where);
    const auto bad = [&](std::string message) {
        return Error{ErrorCode::BadFormat, std::move(message), where};
    };
    const std::int64_t token = row.integer(0);
    const std::int64_t layer = row.integer(1);
    const std::int64_t head = row.integer(2);
    const std::uint64_t mostBytes = std::uint64_t{kMaxTokenRowKeys} * 4;
    if (token < 0 || token >= std::int64_t{seqLen} || layer < 0 || layer >= kMaxLayers || head < 0
        || head >= kMaxHeads)
        return bad("is outside the trace");
    if (row.blob(3).size() % 4 != 0 || row.blob(4).size() % 4 != 0 || row.blob(3).size() > mostBytes
        || row.blob(4).size() > mostBytes)
        return bad(fmt::format("keys of {} bytes, p of {} bytes", row.blob(3).size(), row.blob(4).size()));
    TokenRow read;
    read.row = static_cast<std::uint32_t>(token);
    read.layer = static_cast<int>(layer);
    read.head = static_cast<int>(head);
    read.keys = valuesOf<std::uint32_t>(row.blob(3));
    read.probability = valuesOf<float>(row.blob(4));
    const std::string wrong = whatIsWrong(read, seqLen);
    if (!wrong.empty())
        return bad(wrong);
    return read;
}

} // namespace headwater
