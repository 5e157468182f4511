// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/progress.h"

#include <algorithm>

namespace headwater {

TimeLeft::TimeLeft()
    : m_last(std::chrono::steady_clock::now())
{
}

double TimeLeft::update(std::uint64_t done, std::uint64_t total)
{
    const auto now = std::chrono::steady_clock::now();
    if (done > m_done) {
        const double seconds = std::chrono::duration<double>(now - m_last).count();
        m_perStep.push_back(seconds / static_cast<double>(done - m_done));
        constexpr std::size_t kRemembered = 5;
        if (m_perStep.size() > kRemembered)
            m_perStep.erase(m_perStep.begin());
        m_last = now;
        m_done = done;
    }
    if (m_perStep.empty() || done >= total)
        return done >= total ? 0.0 : -1.0;
    std::vector<double> sorted = m_perStep;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2] * static_cast<double>(total - done);
}

} // namespace headwater
