// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/background_job.h"

#include <QThread>
#include <algorithm>

namespace headwater {

namespace {

/// Two: a click asks for a cell and its profiles at once, and one of them may have to decode the head.
constexpr int kHandThreads = 2;

QThreadPool& poolOf(BackgroundJob::Urgency urgency)
{
    static QThreadPool hand;
    static QThreadPool bulk;
    hand.setMaxThreadCount(kHandThreads);
    // One processor is left to the tiles of the screen.
    bulk.setMaxThreadCount(std::max(1, QThread::idealThreadCount() - 1));
    return urgency == BackgroundJob::Urgency::Bulk ? bulk : hand;
}

} // namespace

BackgroundJob::BackgroundJob(QObject* parent, Urgency urgency)
    : QObject(parent)
    , m_urgency(urgency)
    , m_mailbox(std::make_shared<Mailbox>())
{
    m_mailbox->owner = this;
}

BackgroundJob::~BackgroundJob()
{
    m_stop.request_stop();
    const std::lock_guard lock(m_mailbox->mutex);
    m_mailbox->owner = nullptr;
}

void BackgroundJob::launch(Work work)
{
    m_stop.request_stop();
    m_stop = std::stop_source();
    const quint64 generation = ++m_generation;
    setRunning(true);
    poolOf(m_urgency).start(
        [mailbox = m_mailbox, generation, stop = m_stop.get_token(), work = std::move(work)]() mutable {
            std::function<void()> done;
            if (!stop.stop_requested())
                done = work(stop);
            // The lock keeps the owner alive while the call is posted; Qt drops posted calls of a dead
            // receiver.
            const std::lock_guard lock(mailbox->mutex);
            BackgroundJob* const owner = mailbox->owner;
            if (!owner)
                return;
            QMetaObject::invokeMethod(
                owner, [owner, generation, done = std::move(done)] { owner->deliver(generation, done); },
                Qt::QueuedConnection);
        });
}

void BackgroundJob::deliver(quint64 generation, const std::function<void()>& done)
{
    if (generation != m_generation)
        return;
    setRunning(false);
    if (done)
        done();
}

void BackgroundJob::cancel()
{
    m_stop.request_stop();
    ++m_generation;
    setRunning(false);
}

void BackgroundJob::setRunning(bool running)
{
    if (running == m_running)
        return;
    m_running = running;
    emit runningChanged();
}

} // namespace headwater
