// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/message_frames.h"
#include "core/base/result.h"
#include "ui/bridge/engine_progress.h"

#include <QObject>
#include <QPointer>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

namespace headwater {

/// Terms that a model comes under, and that are asked before it is fetched.
struct EngineTerms {
    QString name;
    QString url;
    bool accepted = false;
};

/// A model that can be named without a path, as the engine knows it.
struct EngineModel {
    QString name;
    QString description;
    QString license;
    bool present = false;
    std::optional<EngineTerms> terms;
};

/// What `initialize` told.
struct EngineHello {
    QString version;
    QString gemm;
    std::vector<EngineModel> models;
    int threads = 0;
    quint64 memoryAvailable = 0;
};

/// The engine process `headwater serve`, spoken to as docs/engine_protocol.md says. It is started by the
/// first request, at nice 10, and its death costs nothing but the requests that were under way. Threads: the
/// UI thread; nothing here waits, except the destructor (at most 2 s, for a run to close its trace).
class EngineClient : public QObject {
    Q_OBJECT
public:
    enum class State { Stopped, Starting, Idle, Running, Dead };

    EngineClient(QString program, QStringList arguments, QObject* parent = nullptr);
    ~EngineClient() override;

    const QString& program() const { return m_program; }
    State state() const { return m_state; }
    const EngineHello& hello() const { return m_hello; }
    qint64 processId() const;
    /// A run or an answer is under way: what is asked now comes behind it, as the engine does one at a time.
    bool hasRun() const;

    /// Starts the process when there is none (also after it died).
    void start();

    /// `reply` is called once, in the UI thread, unless `context` dies first. Errors: those of the engine by
    /// their code; Unavailable when the process cannot be started or dies before it answers.
    using Reply = std::function<void(Result<nlohmann::json>)>;
    qint64 request(const QString& method, nlohmann::json params, QObject* context, Reply reply);

    /// The same for answers that bring numbers beside their JSON: the result is the body.
    using DataReply = std::function<void(Result<FramedMessage>)>;
    qint64 requestData(const QString& method, nlohmann::json params, QObject* context, DataReply reply);

    /// Asks the engine to give up a request; it is still answered (with Cancelled, as a rule).
    void cancel(qint64 id);

signals:
    void stateChanged();
    void helloChanged();
    void progress(const headwater::EngineProgress& progress);
    void token(qint64 id, const QString& text);
    /// The process is gone and was not meant to be; `why` is a sentence.
    void died(const QString& why);

private:
    struct Pending {
        QPointer<QObject> context;
        DataReply reply;
        bool isRun = false;
    };
    void launch();
    void setState(State state);
    void send(const nlohmann::json& message);
    void readMessages();
    void take(FramedMessage received);
    void takeNotification(const std::string& method, const nlohmann::json& params);
    void takeHello(const Result<nlohmann::json>& answer);
    void settleState();
    void end(const QString& why);

    QString m_program;
    QStringList m_arguments;
    std::unique_ptr<QProcess> m_process;
    FrameReader m_frames{"engine", FrameReader::kLargestAttachment};
    std::map<qint64, Pending> m_pending;
    qint64 m_lastId = 0;
    State m_state = State::Stopped;
    EngineHello m_hello;
    QByteArray m_diagnostics; ///< the end of its standard error
};

/// Where the engine program is: beside this program, or beside its folder in a build tree. Never empty.
QString findEngineProgram();

} // namespace headwater
