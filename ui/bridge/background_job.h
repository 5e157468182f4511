// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace headwater {

/// One slot for work that the UI thread must not do: starting new work asks the running one to stop and drops
/// its result, so only the newest result ever arrives, and none after the job's owner is gone. Threads:
/// `start` and `cancel` in the UI thread; `work` runs in a pool thread, `done` in the UI thread.
class BackgroundJob : public QObject {
    Q_OBJECT
public:
    /// Who waits for it. What the hand asks for (hover, lock, opening, finding, exporting) has threads of its
    /// own, so that it never queues behind thumbnails, histograms and statistics of whole heads.
    enum class Urgency { Bulk, Hand };

    explicit BackgroundJob(QObject* parent = nullptr, Urgency urgency = Urgency::Bulk);
    ~BackgroundJob() override;

    bool isRunning() const { return m_running; }

    /// `work(std::stop_token) -> R` by value; `done(R)` gets it. Neither waits for older work.
    template <class Work, class Done> void start(Work work, Done done)
    {
        using Value = std::invoke_result_t<Work, std::stop_token>;
        launch([work = std::move(work), done = std::move(done)](std::stop_token stop) mutable {
            auto value = std::make_shared<Value>(work(std::move(stop)));
            return std::function<void()>(
                [value, done = std::move(done)]() mutable { done(std::move(*value)); });
        });
    }

    /// Asks the running work to stop; its result is dropped.
    void cancel();

    /// Work that nobody waits for, in a bulk thread.
    static void leave(std::function<void()> work);

signals:
    void runningChanged();

protected:
    void customEvent(QEvent* event) override;

private:
    using Work = std::function<std::function<void()>(std::stop_token)>;
    struct Answer {
        quint64 generation = 0;
        std::function<void()> done; ///< empty: the work was stopped before it began
    };
    /// Where results are delivered: cut when the job dies, so that a late result finds nobody instead of a
    /// ghost. Qt only wakes the owner: what crosses threads crosses under this lock.
    struct Mailbox {
        std::mutex mutex;
        BackgroundJob* owner = nullptr;
        std::deque<Answer> answers;
    };
    void launch(Work work);
    void setRunning(bool running);

    Urgency m_urgency;
    std::shared_ptr<Mailbox> m_mailbox;
    std::stop_source m_stop;
    quint64 m_generation = 0;
    bool m_running = false;
};

} // namespace headwater
