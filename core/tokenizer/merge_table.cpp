// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/merge_table.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace headwater {
namespace {

std::uint64_t keyOf(std::int32_t left, std::int32_t right)
{
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32
        | static_cast<std::uint32_t>(right);
}

} // namespace

MergeTable::MergeTable(std::size_t count)
    : m_slots(std::bit_ceil(2 * count + 2))
{
}

std::size_t MergeTable::slotOf(std::uint64_t key) const
{
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = (key * 0x9E3779B97F4A7C15u >> 32) & mask;
    while (m_slots[slot].key != kEmpty && m_slots[slot].key != key)
        slot = (slot + 1) & mask;
    return slot;
}

void MergeTable::insert(std::int32_t left, std::int32_t right, Merge merge)
{
    const std::uint64_t key = keyOf(left, right);
    Slot& slot = m_slots[slotOf(key)];
    if (slot.key == kEmpty)
        slot = {key, merge};
}

const Merge* MergeTable::find(std::int32_t left, std::int32_t right) const
{
    if (left < 0 || right < 0)
        return nullptr;
    const Slot& slot = m_slots[slotOf(keyOf(left, right))];
    return slot.key == kEmpty ? nullptr : &slot.merge;
}

void WordMerger::consider(std::uint32_t left)
{
    const std::uint32_t right = m_symbols[left].next;
    if (right == kNone)
        return;
    if (const Merge* merge = m_merges.find(m_symbols[left].id, m_symbols[right].id)) {
        m_queue.push_back(static_cast<std::uint64_t>(merge->rank) << 32 | left);
        std::ranges::push_heap(m_queue, std::greater<>{});
    }
}

const std::vector<WordMerger::Piece>& WordMerger::merge(const std::vector<std::int32_t>& symbols)
{
    constexpr std::int32_t kGone = -2;
    const auto count = static_cast<std::uint32_t>(symbols.size());
    m_symbols.clear();
    m_queue.clear();
    for (std::uint32_t i = 0; i < count; ++i)
        m_symbols.push_back({symbols[i], i == 0 ? kNone : i - 1, i + 1 == count ? kNone : i + 1});
    for (std::uint32_t i = 0; i < count; ++i)
        consider(i);
    while (!m_queue.empty()) {
        std::ranges::pop_heap(m_queue, std::greater<>{});
        const std::uint64_t entry = m_queue.back();
        m_queue.pop_back();
        const auto left = static_cast<std::uint32_t>(entry);
        const std::uint32_t right = m_symbols[left].next;
        if (m_symbols[left].id == kGone || right == kNone)
            continue;
        // The entry is stale when either side has changed since: then the pair has another rank or none.
        const Merge* merge = m_merges.find(m_symbols[left].id, m_symbols[right].id);
        if (!merge || merge->rank != entry >> 32)
            continue;
        m_symbols[left].id = merge->result;
        m_symbols[left].next = m_symbols[right].next;
        m_symbols[right].id = kGone;
        if (m_symbols[left].next != kNone)
            m_symbols[m_symbols[left].next].previous = left;
        consider(left);
        if (m_symbols[left].previous != kNone)
            consider(m_symbols[left].previous);
    }
    m_pieces.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
        if (m_symbols[i].id != kGone)
            m_pieces.push_back({m_symbols[i].id, i});
    }
    return m_pieces;
}

} // namespace headwater
