// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace headwater {

/// Turns Ctrl-C (and SIGTERM, and SIGHUP unless it was ignored when the program began, as under nohup) into a
/// stop request; a second Ctrl-C or SIGTERM ends the process at once. SIGPIPE and SIGXFSZ are ignored:
/// writing to a closed pipe or beyond a size limit is an error like any other. One object for the whole
/// program, made before other threads start.
class Interrupt {
public:
    /// `lastWords` runs before a signal ends the process at once, in the thread that waits for signals.
    explicit Interrupt(std::function<void()> lastWords);
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    std::stop_token token() const { return m_source.get_token(); }

    /// While one is alive, a signal ends the process at once: for work that cannot be asked to stop and
    /// leaves nothing behind (a blocking read, loading a model, tokenizing). Ends it on construction when the
    /// stop came before.
    class AtOnce {
    public:
        explicit AtOnce(Interrupt& interrupt);
        ~AtOnce();
        AtOnce(const AtOnce&) = delete;
        AtOnce& operator=(const AtOnce&) = delete;

    private:
        Interrupt& m_interrupt;
    };

private:
    void end();

    std::function<void()> m_lastWords;
    std::stop_source m_source;
    std::mutex m_mutex;
    int m_atOnce = 0;
    std::jthread m_waiter;
};

/// Undoes what Interrupt set for this thread and what it ignores, for a program that takes this process over
/// (execv).
void restoreDefaultSignals();

} // namespace headwater
