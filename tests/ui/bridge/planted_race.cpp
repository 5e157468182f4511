// SPDX-License-Identifier: GPL-3.0-or-later
// A race on purpose, between a job's thread and a handler in the window's: the thread sanitizer must report it although what
// lies in Debian's Qt is suppressed. The handler is called by Qt's event loop, as those of a real one would be.
#include "ui/bridge/background_job.h"

#include <QCoreApplication>
#include <atomic>
#include <thread>

using namespace headwater;

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    int shared = 0;
    std::atomic<bool> handled = false; // relaxed: it orders nothing
    BackgroundJob racing;
    BackgroundJob telling(nullptr, BackgroundJob::Urgency::Hand);
    racing.start(
        [&](std::stop_token) {
            ++shared;
            while (!handled.load(std::memory_order_relaxed))
                std::this_thread::yield();
            return 0;
        },
        [](int) { QCoreApplication::quit(); });
    telling.start([](std::stop_token) { return 0; },
                  [&](int) {
                      ++shared;
                      handled.store(true, std::memory_order_relaxed);
                  });
    return QCoreApplication::exec();
}
