// SPDX-License-Identifier: Apache-2.0
#include "core/reading/role_keys.h"

#include <algorithm>
#include <numeric>

namespace headwater {

TokenPlaces::TokenPlaces(std::span<const std::int32_t> ids)
    : m_ids(ids)
    , m_order(ids.size())
    , m_first(ids.size())
{
    std::iota(m_order.begin(), m_order.end(), 0U);
    std::ranges::stable_sort(m_order, {}, [&](std::uint32_t at) { return ids[at]; });
    for (std::size_t i = 0, first = 0; i < m_order.size(); ++i) {
        if (ids[m_order[i]] != ids[m_order[first]])
            first = i;
        m_first[m_order[i]] = static_cast<std::uint32_t>(first);
    }
}

std::uint32_t TokenPlaces::countOf(std::uint32_t row, TokenRange among) const
{
    constexpr std::uint32_t kCounted = 64; // fewer are looked at one by one
    const std::int32_t id = m_ids[row];
    if (among.end - among.begin <= kCounted)
        return static_cast<std::uint32_t>(
            std::count(m_ids.begin() + among.begin, m_ids.begin() + among.end, id));
    const auto first = m_order.begin() + m_first[row];
    const auto end =
        std::partition_point(first, m_order.end(), [&](std::uint32_t at) { return m_ids[at] <= id; });
    return static_cast<std::uint32_t>(std::lower_bound(first, end, among.end)
                                      - std::lower_bound(first, end, among.begin));
}

} // namespace headwater
