// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/interrupt.h"

#include <csignal>
#include <ctime>
#include <pthread.h>
#include <unistd.h>

namespace headwater {
namespace {

constexpr int kInterrupted = 130;

sigset_t interruptSignals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

} // namespace

Interrupt::Interrupt()
{
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = interruptSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr); // inherited by every thread: only the waiter sees them
    m_waiter = std::jthread([this, set](std::stop_token quit) {
        constexpr timespec kPoll {0, 100'000'000};
        int seen = 0;
        while (!quit.stop_requested()) {
            if (sigtimedwait(&set, nullptr, &kPoll) < 0)
                continue;
            if (++seen > 1)
                ::_exit(kInterrupted);
            m_source.request_stop();
        }
    });
}

Interrupt::~Interrupt()
{
    m_waiter.request_stop();
}

} // namespace headwater
