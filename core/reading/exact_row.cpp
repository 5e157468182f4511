// SPDX-License-Identifier: Apache-2.0
#include "core/reading/exact_row.h"

#include <algorithm>
#include <utility>

namespace headwater {

std::optional<std::size_t> ExactRow::placeOf(HeadId head) const
{
    const auto layer = static_cast<std::size_t>(head.layer);
    if (head.layer < 0 || head.head < 0 || layer + 1 >= firstHead.size())
        return std::nullopt;
    const std::size_t place = firstHead[layer] + static_cast<std::size_t>(head.head);
    return place < firstHead[layer + 1] ? std::optional(place) : std::nullopt;
}

TokenRow ExactRow::tokens(HeadId head) const
{
    TokenRow tokens{head.layer, head.head, row, {}, {}};
    const std::optional<std::size_t> place = placeOf(head);
    for (std::size_t i = place ? *place * listed : 0; place && i < (*place + 1) * listed; ++i) {
        if (keys[i] == kNoKey)
            break;
        tokens.keys.push_back(keys[i]);
        tokens.probability.push_back(probability[i]);
    }
    return tokens;
}

bool ExactRow::isListedWhole(HeadId head) const
{
    const std::optional<std::size_t> place = placeOf(head);
    return place && listed > 0 && keys[(*place + 1) * listed - 1] == kNoKey;
}

std::optional<float> ExactRow::at(HeadId head, std::uint32_t key) const
{
    const std::optional<std::size_t> place = placeOf(head);
    if (!place)
        return std::nullopt;
    if (const auto asked = given.find(key); asked != given.end())
        return asked->second[*place];
    for (std::size_t i = *place * listed; i < (*place + 1) * listed; ++i) {
        if (keys[i] == key)
            return probability[i];
    }
    return isListedWhole(head) ? std::optional(0.0f) : std::nullopt;
}

std::size_t ExactRow::bytes() const
{
    const std::size_t numbers =
        firstHead.size() + lse.size() + keys.size() + probability.size() + given.size() * (lse.size() + 16);
    return sizeof(ExactRow) + numbers * sizeof(float);
}

void ExactRowCache::add(ExactRow row)
{
    const std::lock_guard lock(m_mutex);
    const auto older = std::ranges::find(m_rows, row.row, [](const auto& known) { return known->row; });
    if (older != m_rows.end() && (*older)->isExact && !row.isExact)
        return;
    if (older != m_rows.end()) {
        if ((*older)->isExact == row.isExact)
            row.given.insert((*older)->given.begin(), (*older)->given.end());
        m_bytes -= (*older)->bytes();
        m_rows.erase(older);
    }
    m_bytes += row.bytes();
    m_rows.push_back(std::make_shared<const ExactRow>(std::move(row)));
    while (m_bytes > m_budgetBytes && m_rows.size() > 1) {
        m_bytes -= m_rows.front()->bytes();
        m_rows.pop_front();
    }
}

std::shared_ptr<const ExactRow> ExactRowCache::find(std::uint32_t row) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = std::ranges::find(m_rows, row, [](const auto& known) { return known->row; });
    return found == m_rows.end() ? nullptr : *found;
}

std::size_t ExactRowCache::bytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_bytes;
}

} // namespace headwater
