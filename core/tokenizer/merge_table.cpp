// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/merge_table.h"

#include "core/base/text.h"

#include <bit>
#include <fmt/format.h>

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

std::optional<Merge> MergeTable::find(std::int32_t left, std::int32_t right) const
{
    if (left < 0 || right < 0)
        return std::nullopt;
    const Slot& slot = m_slots[slotOf(keyOf(left, right))];
    return slot.key == kEmpty ? std::nullopt : std::optional(slot.merge);
}

Result<MergeTable> mergesOf(std::span<const MergePair> pairs, const Vocabulary& vocabulary)
{
    if (pairs.empty())
        return badTokenizer("merges", "0 merges", "the merges of a BPE");
    MergeTable merges(pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const MergePair& pair = pairs[i];
        const std::int32_t left = vocabulary.find(pair.left);
        const std::int32_t right = vocabulary.find(pair.right);
        const std::int32_t result = vocabulary.find(pair.left + pair.right);
        if (left < 0 || right < 0 || result < 0)
            return badTokenizer(fmt::format("merges[{}]", i),
                                fmt::format("\"{} {}\"", printable(std::string_view(pair.left).substr(0, 60)),
                                            printable(std::string_view(pair.right).substr(0, 60))),
                                "two known tokens that make a third");
        merges.insert(left, right, {static_cast<std::uint32_t>(i), result});
    }
    return merges;
}

} // namespace headwater
