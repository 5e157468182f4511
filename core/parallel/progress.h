// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace headwater {

/// How far a long piece of work is. `done` and `total` count in `unit` (layers, tokens, bytes).
struct Progress {
    std::string phase; ///< what is being done, one of those the engine names (docs/engine_protocol.md)
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    std::string unit;
    double secondsLeft = -1; ///< negative while unknown
    int finishedLayer = -1; ///< the layer that has just been committed to the trace, -1 otherwise
    int layers = 0; ///< of a forward pass, `total` being equal shares of them; 0 where there is none
};

using ProgressSink = std::function<void(const Progress&)>;

/// Estimates the seconds left from the median duration of the last few steps.
class TimeLeft {
public:
    TimeLeft();
    /// Tells that `done` of `total` equal steps are finished; returns the seconds left, negative while
    /// unknown.
    double update(std::uint64_t done, std::uint64_t total);

private:
    std::chrono::steady_clock::time_point m_last;
    std::uint64_t m_done = 0;
    std::vector<double> m_perStep;
};

} // namespace headwater
