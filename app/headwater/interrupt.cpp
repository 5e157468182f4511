// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/interrupt.h"

#include <csignal>
#include <ctime>
#include <pthread.h>
#include <unistd.h>
#include <utility>

namespace headwater {
namespace {

constexpr int kInterrupted = 130;

/// Whether whoever started the program shields it from a signal, as nohup does. A blocked signal would come
/// through to the one who waits for it all the same.
bool isIgnored(int signal)
{
    struct sigaction now { };
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

sigset_t interruptSignals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (!isIgnored(SIGHUP))
        sigaddset(&set, SIGHUP);
    return set;
}

} // namespace

Interrupt::Interrupt(std::function<void()> lastWords)
    : m_lastWords(std::move(lastWords))
{
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(
        SIGXFSZ,
        SIG_IGN); // a file at its size limit (ulimit -f) is a failed write with a message, not a death
    const sigset_t set = interruptSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr); // inherited by every thread: only the waiter sees them
    m_waiter = std::jthread([this, set](std::stop_token quit) {
        constexpr timespec kPoll{0, 100'000'000};
        int seen = 0;
        while (!quit.stop_requested()) {
            const int signal = sigtimedwait(&set, nullptr, &kPoll);
            if (signal < 0)
                continue;
            // A terminal that closes says so twice, the shell once and the kernel once: nobody is impatient.
            if (signal != SIGHUP && ++seen > 1)
                ::_exit(kInterrupted);
            m_source.request_stop();
            const std::lock_guard lock(m_mutex);
            if (m_atOnce > 0)
                end();
        }
    });
}

Interrupt::~Interrupt()
{
    m_waiter.request_stop();
}

void Interrupt::end()
{
    m_lastWords();
    ::_exit(kInterrupted);
}

Interrupt::AtOnce::AtOnce(Interrupt& interrupt)
    : m_interrupt(interrupt)
{
    const std::lock_guard lock(m_interrupt.m_mutex);
    ++m_interrupt.m_atOnce;
    if (m_interrupt.m_source.stop_requested())
        m_interrupt.end();
}

Interrupt::AtOnce::~AtOnce()
{
    // Waits for a waiter that is about to end the process: the work's result is not printed after the last
    // words.
    const std::lock_guard lock(m_interrupt.m_mutex);
    --m_interrupt.m_atOnce;
}

void restoreDefaultSignals()
{
    std::signal(SIGPIPE, SIG_DFL);
    std::signal(SIGXFSZ, SIG_DFL);
    const sigset_t set = interruptSignals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

} // namespace headwater
