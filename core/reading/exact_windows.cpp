// SPDX-License-Identifier: Apache-2.0
#include "core/reading/exact_windows.h"

#include <algorithm>

namespace headwater {
namespace {

bool isOf(const ExactWindow& window, int layer, int head)
{
    return window.layer == layer && window.head == head;
}

/// The larger comes first.
int rankOf(const ExactWindow& window)
{
    if (!window.isExact)
        return 0;
    return window.relativeError > 0 ? 1 : 2;
}

bool overlap(TokenRange a, TokenRange b)
{
    return a.begin < b.end && b.begin < a.end;
}

} // namespace

ExactWindows::Windows ExactWindows::add(std::shared_ptr<const ExactWindow> window)
{
    const std::lock_guard lock(m_mutex);
    const int rank = rankOf(*window);
    const auto isBetter = [rank](const auto& other) { return rankOf(*other) > rank; };
    if (std::ranges::any_of(m_windows, [&](const auto& other) {
            return isBetter(other) && isOf(*other, window->layer, window->head)
                && other->holds(window->rows, window->keys);
        }))
        return {};
    std::erase_if(m_windows, [&](const auto& older) {
        const bool covered = isOf(*older, window->layer, window->head)
            && window->holds(older->rows, older->keys) && !isBetter(older);
        m_bytes -= covered ? older->bytes() : 0;
        return covered;
    });
    m_bytes += window->bytes();
    m_windows.insert(std::ranges::find_if(m_windows, isBetter), window);
    Windows gone;
    while (m_bytes > m_budgetBytes && m_windows.size() > 1) {
        const auto oldest = m_windows.begin() + (m_windows.front() == window ? 1 : 0);
        m_bytes -= (*oldest)->bytes();
        gone.push_back(std::move(*oldest));
        m_windows.erase(oldest);
    }
    return gone;
}

ExactWindows::Windows ExactWindows::touching(int layer, int head, TokenRange rows, TokenRange keys) const
{
    const std::lock_guard lock(m_mutex);
    Windows found;
    for (const auto& window : m_windows)
        if (isOf(*window, layer, head) && overlap(window->rows, rows) && overlap(window->keys, keys))
            found.push_back(window);
    return found;
}

std::shared_ptr<const ExactWindow> ExactWindows::holding(int layer, int head, TokenRange rows,
                                                         TokenRange keys) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = std::find_if(m_windows.rbegin(), m_windows.rend(), [&](const auto& window) {
        return isOf(*window, layer, head) && window->holds(rows, keys);
    });
    return found == m_windows.rend() ? nullptr : *found;
}

std::size_t ExactWindows::bytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_bytes;
}

} // namespace headwater
