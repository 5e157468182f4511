// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/file_name.h"
#include "support/patience.h"
#include "ui/bridge/trace_session.h"
#include "ui/state/subject.h"
#include "ui/state/text_look.h"

#include <QTest>
#include <memory>
#include <vector>

namespace headwater::testing {

/// How the engine's stand-in describes a session of this trace that it has opened.
inline nlohmann::json openedOf(const Trace& trace)
{
    return {{"session", 1},
            {"trace", textOfPath(trace.path())},
            {"tokens", trace.seqLen()},
            {"created", trace.meta().value("created", nlohmann::json())}};
}

/// Its answer that something went wrong.
inline nlohmann::json failureOf(const char* code, const char* message)
{
    return {{"error", code}, {"message", message}};
}

/// A view on a trace and its session, of an engine that answers as it is told (fake_engine, `sessions`). The
/// target defines FAKE_ENGINE.
struct AskedSession {
    EngineClient engine;
    TraceSession session{engine};
    Subject subject;
    TextLook textLook;
    std::vector<qint64> asked; ///< numbers of the requests that it has begun and does not answer

    /// `sessions`: what it answers, by method. Unless they say otherwise it opens one.
    AskedSession(nlohmann::json sessions, const std::shared_ptr<const Trace>& trace)
        : engine(QStringLiteral(FAKE_ENGINE), {QStringLiteral("sessions"), QString::fromStdString([&] {
                                                   sessions.emplace("open", openedOf(*trace));
                                                   return sessions.dump();
                                               }())})
    {
        QObject::connect(&engine, &EngineClient::progress, &subject,
                         [this](const EngineProgress& progress) { asked.push_back(progress.id); });
        subject.setTrace(trace);
        session.setTrace(trace);
    }

    bool open()
    {
        session.open();
        return QTest::qWaitFor([this] { return session.state() == TraceSession::State::Open; },
                               headwater::test::kPatienceMs);
    }

    /// The requests that it has been told to give up, in this order; none where it does not answer.
    std::vector<qint64> givenUp()
    {
        std::optional<std::vector<qint64>> numbers;
        engine.request(QStringLiteral("status"), {}, &subject, [&](const Result<nlohmann::json>& answer) {
            numbers = answer ? answer->at("cancelled").get<std::vector<qint64>>() : std::vector<qint64>();
        });
        static_cast<void>(QTest::qWaitFor([&] { return numbers.has_value(); }, headwater::test::kPatienceMs));
        return numbers.value_or(std::vector<qint64>());
    }
};

} // namespace headwater::testing
