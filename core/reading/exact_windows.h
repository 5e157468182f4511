// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/token_range.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace headwater {

/// Probabilities of one head that a session has given (core/session), token by token.
struct ExactWindow {
    int layer = 0;
    int head = 0;
    TokenRange rows;
    TokenRange keys;
    std::vector<float> p; ///< [rows, keys]; 0 for keys that a row may not read
    bool isModel = false; ///< p_model: of the dense model's own rows; else p_stream, of the sparse forward's
    bool isExact = true; ///< false: over keys rounded to binary16, right to two digits
    /// Of a column whose rows' sums are not the session's own: how far p may be off, as a share of itself.
    float relativeError = 0;

    bool holds(std::uint32_t row, std::uint32_t key) const
    {
        return row >= rows.begin && row < rows.end && key >= keys.begin && key < keys.end;
    }
    bool holds(TokenRange someRows, TokenRange someKeys) const
    {
        return someRows.begin >= rows.begin && someRows.end <= rows.end && someKeys.begin >= keys.begin
            && someKeys.end <= keys.end;
    }
    float at(std::uint32_t row, std::uint32_t key) const
    {
        return p[std::size_t{row - rows.begin} * (keys.end - keys.begin) + (key - keys.begin)];
    }
    std::size_t bytes() const { return sizeof(ExactWindow) + p.size() * sizeof(float); }
};

/// What sessions have given of one trace: kept as long as it is open, the oldest go beyond the budget. An
/// exact window comes before a column with an error, and that before every one over rounded keys, of the same
/// kind the newest first: what a larger window promises of its pairs holds wherever another one lies on it.
/// Threads: all members may be called from any thread.
class ExactWindows {
public:
    using Windows = std::vector<std::shared_ptr<const ExactWindow>>;

    explicit ExactWindows(std::size_t budgetBytes = std::size_t{192} << 20)
        : m_budgetBytes(budgetBytes)
    {
    }

    /// Windows of the same head that lie inside the new one and are no better go; it is not taken where a
    /// better one holds it. Value: those that went for want of room, the rounded ones first; never the new
    /// one.
    Windows add(std::shared_ptr<const ExactWindow> window);

    /// Of one head those that touch the rows and keys, the first to be shown last.
    Windows touching(int layer, int head, TokenRange rows, TokenRange keys) const;
    /// The first to be shown of those that hold all of them; null where none does.
    std::shared_ptr<const ExactWindow> holding(int layer, int head, TokenRange rows, TokenRange keys) const;

    std::size_t bytes() const;

private:
    std::size_t m_budgetBytes;
    mutable std::mutex m_mutex;
    std::deque<std::shared_ptr<const ExactWindow>> m_windows; ///< the last is shown first
    std::size_t m_bytes = 0;
};

} // namespace headwater
