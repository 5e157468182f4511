// SPDX-License-Identifier: Apache-2.0
#include "core/reading/listed_rows.h"

#include "core/trace/trace_quantity.h"

#include <algorithm>

namespace headwater {
namespace {

/// What the row gives to the keys that were asked for, beside those that it lists.
std::shared_ptr<const ExactWindow> givenOf(const ExactRow& row, HeadId head, std::uint32_t key)
{
    const std::optional<float> given = row.at(head, key);
    if (!given || key > row.row)
        return nullptr;
    ExactWindow window;
    window.layer = head.layer;
    window.head = head.head;
    window.rows = {row.row, row.row + 1};
    window.keys = {key, key + 1};
    window.p = {*given};
    return std::make_shared<const ExactWindow>(std::move(window));
}

} // namespace

ListedRows ListedRows::load(const TraceReading& reading, TokenRange rows, std::optional<TokenRange> keys)
{
    ListedRows listed;
    listed.m_heads.resize(reading.trace->heads().size());
    for (std::uint32_t row = rows.begin; row < rows.end; ++row)
        if (reading.trace->hasTokenRow(row))
            listed.addRecorded(*reading.trace, row);
    listed.addSession(reading, rows, keys);
    return listed;
}

void ListedRows::addRecorded(const Trace& trace, std::uint32_t row)
{
    const std::span<const HeadInfo> heads = trace.heads();
    if (Result<std::vector<TokenRow>> rows = trace.loadTokenRows(row)) {
        for (TokenRow& one : *rows) {
            const auto at =
                std::ranges::lower_bound(heads, std::pair(one.layer, one.head), {}, [](const HeadInfo& info) {
                    return std::pair(info.layer, info.head);
                });
            if (at != heads.end() && at->layer == one.layer && at->head == one.head)
                m_heads[static_cast<std::size_t>(at - heads.begin())].rows.push_back(std::move(one));
        }
        return;
    }
    // Something of this row is damaged: what is not is read head by head.
    for (std::size_t i = 0; i < heads.size(); ++i) {
        if (Result<TokenRow> one = trace.loadTokenRow(heads[i].layer, heads[i].head, row))
            m_heads[i].rows.push_back(std::move(*one));
        else
            m_heads[i].failure = one.error();
    }
}

void ListedRows::addSession(const TraceReading& reading, TokenRange rows, std::optional<TokenRange> keys)
{
    const Trace& trace = *reading.trace;
    const std::span<const HeadInfo> heads = trace.heads();
    const bool isModel = !isPropagated(trace);
    const TokenRange asked = keys.value_or(TokenRange{0, trace.seqLen()});
    for (std::size_t i = 0; reading.exact && i < heads.size(); ++i) {
        m_heads[i].windows = reading.exact->touching(heads[i].layer, heads[i].head, rows, asked);
        std::erase_if(m_heads[i].windows,
                      [&](const auto& window) { return !window->isExact || window->isModel != isModel; });
    }
    for (std::uint32_t row = rows.begin; reading.exactRows && row < rows.end; ++row) {
        const auto given = reading.exactRows->find(row);
        if (!given || !given->isExact)
            continue;
        for (std::size_t i = 0; i < heads.size(); ++i) {
            const HeadId head{heads[i].layer, heads[i].head};
            if (!given->placeOf(head))
                continue;
            std::vector<TokenRow>& own = m_heads[i].rows;
            const auto at = std::ranges::lower_bound(own, row, {}, &TokenRow::row);
            if (at != own.end() && at->row == row)
                *at = given->tokens(head);
            else
                own.insert(at, given->tokens(head));
            if (keys && keys->end - keys->begin == 1)
                if (auto window = givenOf(*given, head, keys->begin))
                    m_heads[i].windows.push_back(std::move(window));
        }
    }
}

SpanKnowledge ListedRows::of(const HeadInfo& info, const HeadShape& shape, std::size_t head) const
{
    return {shape, info.normaliser, nullptr, nullptr, m_heads[head].rows, m_heads[head].windows};
}

} // namespace headwater
