// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/prediction_loader.h"

#include <optional>
#include <utility>

namespace headwater {

PredictionLoader::PredictionLoader(Subject& subject, const TextLook& look, QObject* parent)
    : QObject(parent)
    , m_subject(subject)
    , m_look(look)
    , m_job(new BackgroundJob(this))
{
    connect(&subject, &Subject::traceChanged, this, &PredictionLoader::load);
    connect(&subject, &Subject::lockedChanged, this, &PredictionLoader::load);
    connect(&look, &TextLook::shadeChanged, this, &PredictionLoader::load);
}

void PredictionLoader::load()
{
    const std::shared_ptr<const Trace> trace = m_subject.trace();
    if (m_asked == trace && trace)
        return;
    m_job->cancel();
    m_asked.reset();
    const bool isWanted = m_subject.locked().query || m_look.shade() == TextShade::Loss;
    if (!trace || !trace->hasPredictions() || !isWanted)
        return;
    m_asked = trace;
    using Loaded = std::optional<Result<std::shared_ptr<const Predictions>>>;
    m_job->start(
        [trace](const std::stop_token& stop) {
            return stop.stop_requested() ? Loaded() : Loaded(trace->loadPredictions());
        },
        [this](Loaded loaded) {
            if (!loaded)
                return;
            if (*loaded)
                return m_subject.setPredictions(std::move(**loaded));
            m_subject.failPredictions(loaded->error());
            if (loaded->error().code != ErrorCode::Unavailable) // a run goes on: it is opened again
                emit failed(loaded->error());
        });
}

} // namespace headwater
