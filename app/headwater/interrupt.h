// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stop_token>
#include <thread>

namespace headwater {

/// Turns Ctrl-C (and SIGTERM) into a stop request; a second one ends the process at once. SIGPIPE is ignored: writing to
/// a closed pipe is an error like any other. One object for the whole program, made before other threads start.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    std::stop_token token() const { return m_source.get_token(); }

private:
    std::stop_source m_source;
    std::jthread m_waiter;
};

} // namespace headwater
