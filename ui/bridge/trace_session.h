// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/reading/exact_row.h"
#include "core/reading/exact_windows.h"
#include "core/reading/predicted_rows.h"
#include "core/trace/trace_reader.h"
#include "ui/bridge/engine_client.h"

#include <QObject>
#include <QString>
#include <functional>
#include <memory>
#include <optional>
#include <set>

namespace headwater {

/// The warm session of the trace that is open (docs/engine_protocol.md, Sessions), as the window asks for it:
/// what it would cost, its opening, and the windows and rows it gives. Lives in the UI thread; nothing waits.
class TraceSession : public QObject {
    Q_OBJECT
public:
    enum class State {
        None, ///< nothing has been asked: no trace, one that still grows, or nobody needs one
        Estimating,
        Offered, ///< offer() says what it costs, or why it would be refused
        Opening,
        Open,
        Failed, ///< failure() says why; estimate() tries again
    };
    struct Offer {
        QString model;
        double seconds = 0; ///< of opening it
        quint64 bytes = 0; ///< held while it is open
        bool isOnDisk = false; ///< those bytes are of a scratch file
        bool isExact = true; ///< false: over keys rounded to binary16
        QString refusal; ///< empty where it would be opened
    };

    explicit TraceSession(EngineClient& engine, QObject* parent = nullptr);
    ~TraceSession() override;

    /// Another trace ends the session of the last; the same one again, or a newer snapshot of it, keeps it
    /// and forgets only what went wrong.
    void setTrace(std::shared_ptr<const Trace> trace);

    State state() const { return m_state; }
    const Offer& offer() const { return m_offer; }
    const EngineProgress& progress() const { return m_progress; } ///< while Opening
    const Error& failure() const { return m_failure; }

    /// The model's file or name, where the engine does not find the one that made the trace.
    void setModel(const QString& model);
    /// Whether a session can be asked for at all: there is a whole trace, and no run that would come first.
    bool isPossible() const { return m_trace && m_trace->isSealed() && !isRunUnderWay(); }
    /// The engine is at a run: nothing is asked until it ends.
    bool isRunUnderWay() const { return m_engine.hasRun(); }
    /// Numbers that are here are as good as those it would give: exact, or rounded where it is rounded too.
    bool isNoBetterThan(bool isExact) const { return isExact || !m_offer.isExact; }
    /// Windows and rows can be asked for now.
    bool isReadable() const { return m_state == State::Open && !isRunUnderWay(); }
    /// The engine's process is there, so that asking it starts none.
    bool isEngineUp() const;
    /// Asks what a session would cost, unless that is known.
    void estimate();
    /// Opens it, unless it is open.
    void open();
    /// Takes over the session that a run has left (the `session` of its answer): now, or when its trace is
    /// set. If the next trace is another, or another session is left before, it is closed.
    void adopt(const nlohmann::json& session);
    /// Gives up opening.
    void cancel();
    /// Gives its memory back, of what a run has left too.
    void close();
    /// The same for want of room, not of will: it may be opened by itself again.
    void giveWay();
    /// Given up or closed by hand: nobody opens it again without being asked.
    bool isDeclined() const { return m_isDeclined; }
    /// Asked for by hand after all.
    void allow() { m_isDeclined = false; }
    /// What mends a failure.
    enum class Remedy {
        TryAgain,
        NameModel, ///< the model is not found, or is another one: which it is has to be said (setModel)
        OpenTrace, ///< the trace's file is not where it was: it has to be opened where it is
    };
    Remedy remedy() const;

    /// Keys of a row that each head lists.
    static constexpr std::uint32_t kListedKeys = 32;

    /// `reply` is called once, unless `context` dies first, the session ends or the trace changes: the engine
    /// gives it up then. Needs an open session. Value: the reading's number, for cancelReading().
    using WindowReply = std::function<void(Result<std::shared_ptr<const ExactWindow>>)>;
    qint64 readWindow(int layer, int head, TokenRange rows, TokenRange keys, QObject* context,
                      WindowReply reply);
    /// The same, of a key and all rows from it on.
    qint64 readColumn(int layer, int head, std::uint32_t key, QObject* context, WindowReply reply);
    /// The same, of one row of every head: its kListedKeys heaviest keys, and what it gives to `key`.
    using RowReply = std::function<void(Result<ExactRow>)>;
    qint64 readRow(std::uint32_t row, std::optional<std::uint32_t> key, QObject* context, RowReply reply);
    /// The same, of what `count` rows from `first` on give to the tokens after them.
    using PredictionsReply = std::function<void(Result<PredictedRows>)>;
    qint64 readPredictions(std::uint32_t first, std::uint32_t count, QObject* context,
                           PredictionsReply reply);
    /// Asks the engine to give up a reading; it is answered all the same (with Cancelled, as a rule).
    void cancelReading(qint64 number) { m_engine.cancel(number); }
    /// True while something is being read.
    bool isReading() const { return !m_readings.empty(); }

signals:
    void changed();

private:
    using DataReply = std::function<void(const Result<FramedMessage>&)>;
    qint64 read(const QString& method, nlohmann::json params, QObject* context, DataReply reply);
    void setState(State state);
    void fail(const Error& error);
    nlohmann::json subject() const;
    void takeOffer(const Result<nlohmann::json>& answer);
    void takeSession(const Result<nlohmann::json>& answer);
    void takeOpened(const nlohmann::json& session);
    void takeLeft();
    void dropLeft();
    void end();
    /// The trace that is open is still the one that a request was made for.
    bool isCurrent(quint64 epoch) const { return epoch == m_epoch; }
    void reset();
    void dropSession(qint64 session);
    void takeDeath(const Error& why);

    EngineClient& m_engine;
    std::shared_ptr<const Trace> m_trace;
    QString m_model;
    State m_state = State::None;
    Offer m_offer;
    EngineProgress m_progress;
    Error m_failure;
    qint64 m_request = 0; ///< under way
    qint64 m_session = 0; ///< the engine's number
    nlohmann::json m_left; ///< by a run whose trace is not here yet; null: none
    std::set<qint64> m_readings; ///< under way
    bool m_hadRun = false;
    bool m_isDeclined = false;
    quint64 m_epoch = 0; ///< counts the traces and the engine's deaths
};

} // namespace headwater
