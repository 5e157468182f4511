// SPDX-License-Identifier: Apache-2.0
#include "core/reading/exact_part.h"

#include "core/reading/profile.h"
#include "core/trace/head_row.h"

namespace headwater {

ExactPart partOf(const ExactWindow& window)
{
    return {HeadId{window.layer, window.head}, window.rows, window.keys};
}

ExactPart partOf(const ExactRow& row)
{
    return {std::nullopt, {row.row, row.row + 1}, {0, row.row + 1}};
}

bool tellsOfRow(const ExactPart& part, const Trace& trace, HeadId head, std::optional<std::uint32_t> row)
{
    const HeadInfo* const info = trace.findHead(head.layer, head.head);
    return row && info && part.isOf(head)
        && part.holds({*row, *row + 1}, {shapeOf(*info).firstKey(*row), *row + 1});
}

bool tellsOfColumn(const ExactPart& part, const Trace& trace, HeadId head, std::optional<std::uint32_t> key)
{
    const HeadInfo* const info = trace.findHead(head.layer, head.head);
    return key && info && part.head == head && part.holds(readersOf(shapeOf(*info), *key), {*key, *key + 1});
}

bool tellsOfHeads(const ExactPart& part, const TokenPair& pair)
{
    const auto holds = [](TokenRange range, std::optional<std::uint32_t> token) {
        return token && *token >= range.begin && *token < range.end;
    };
    return holds(part.rows, pair.query) && (!part.head || holds(part.keys, pair.key));
}

} // namespace headwater
