// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/exact_windows.h"
#include "support/dense_trace.h"

#include <cmath>
#include <memory>
#include <random>
#include <vector>

namespace headwater::test {

/// What sessions have given of a made head, in the order in which it came: whole rows, some over keys rounded
/// to binary16.
class GivenWindows {
public:
    static constexpr double kRoundedWithin = 5e-3; ///< of a probability, over rounded keys

    GivenWindows() = default; ///< nothing

    /// One to four windows of any sides around a place, which often overlap.
    static GivenWindows make(const DenseTrace& dense, double row, double key, std::mt19937& random)
    {
        GivenWindows given;
        const std::uint32_t count = 1 + below(random, 4);
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto range = [&](double at) {
                const std::uint32_t tokens = dense.seqLen();
                const std::uint32_t length = 1 + below(random, below(random, 4) == 0 ? tokens : 48);
                const double begin = at - static_cast<double>(below(random, length + 8));
                const auto from = static_cast<std::uint32_t>(std::clamp(begin, 0.0, tokens - 1.0));
                return TokenRange{from, std::min(tokens, from + length)};
            };
            given.give(dense, range(row), range(key), below(random, 3) == 0);
        }
        return given;
    }

    void give(const DenseTrace& dense, TokenRange rows, TokenRange keys, bool isRounded)
    {
        auto window = std::make_shared<ExactWindow>();
        window->rows = rows;
        window->keys = keys;
        window->isModel = dense.normaliser() == Normaliser::Exact;
        window->isExact = !isRounded;
        window->p.resize(std::size_t{rows.end - rows.begin} * (keys.end - keys.begin));
        for (std::uint32_t row = rows.begin; row < rows.end; ++row) {
            const std::vector<double> whole = isRounded ? dense.overRoundedKeys(row) : dense.wholeRow(row);
            for (std::uint32_t key = keys.begin; key < std::min(keys.end, row + 1); ++key) {
                const std::size_t line = std::size_t{row - rows.begin} * (keys.end - keys.begin);
                window->p[line + (key - keys.begin)] = static_cast<float>(whole[key]);
            }
        }
        m_windows.push_back(std::move(window));
    }

    /// As a view's reading keeps them.
    std::shared_ptr<ExactWindows> asKept() const
    {
        auto kept = std::make_shared<ExactWindows>();
        for (const auto& window : m_windows)
            kept->add(window);
        return kept;
    }

    /// Those that hold every pair of a cell.
    std::vector<const ExactWindow*> holding(TokenRange rows, TokenRange keys) const
    {
        std::vector<const ExactWindow*> found;
        for (const auto& window : m_windows)
            if (window->holds(rows, keys))
                found.push_back(window.get());
        return found;
    }
    bool holds(std::uint32_t row, std::uint32_t key) const
    {
        return !holding({row, row + 1}, {key, key + 1}).empty();
    }
    bool isEmpty() const { return m_windows.empty(); }
    const ExactWindows::Windows& windows() const { return m_windows; }

private:
    ExactWindows::Windows m_windows; ///< the newest last
};

} // namespace headwater::test
