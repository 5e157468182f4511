// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/background_job.h"

#include "core/base/processors.h"
#include "core/parallel/task_queue.h"

#include <QCoreApplication>
#include <QEvent>
#include <algorithm>

namespace headwater {

namespace {

/// Two: a click asks for a cell and its profiles at once, and one of them may have to decode the head.
constexpr int kHandThreads = 2;

TaskQueue& queueOf(BackgroundJob::Urgency urgency)
{
    static TaskQueue hand(kHandThreads);
    // One processor is left to the tiles of the screen.
    static TaskQueue bulk(std::max<std::size_t>(1, availableProcessors() - 1));
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
    queueOf(m_urgency).push(
        [mailbox = m_mailbox, generation, stop = m_stop.get_token(), work = std::move(work)]() mutable {
            std::function<void()> done;
            if (!stop.stop_requested())
                done = work(stop);
            // The lock keeps the owner alive while it is woken; Qt drops posted events of a dead receiver.
            const std::lock_guard lock(mailbox->mutex);
            if (!mailbox->owner)
                return;
            mailbox->answers.push_back({generation, std::move(done)});
            QCoreApplication::postEvent(mailbox->owner, new QEvent(QEvent::User));
        });
}

void BackgroundJob::leave(std::function<void()> work)
{
    queueOf(Urgency::Bulk).push(std::move(work));
}

/// One answer an event, as `done` may be the end of this job.
void BackgroundJob::customEvent(QEvent*)
{
    Answer answer;
    {
        const std::lock_guard lock(m_mailbox->mutex);
        answer = std::move(m_mailbox->answers.front());
        m_mailbox->answers.pop_front();
    }
    if (answer.generation != m_generation)
        return;
    setRunning(false);
    if (answer.done)
        answer.done();
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
