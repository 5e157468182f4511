// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/prediction_loader.h"

#include <optional>
#include <utility>

namespace headwater {

PredictionLoader::PredictionLoader(ViewState& view, QObject* parent)
    : QObject(parent)
    , m_view(view)
    , m_job(new BackgroundJob(this))
{
    connect(&view, &ViewState::traceChanged, this, &PredictionLoader::load);
    connect(&view, &ViewState::lockedChanged, this, &PredictionLoader::load);
    connect(&view, &ViewState::textShadeChanged, this, &PredictionLoader::load);
}

void PredictionLoader::load()
{
    const std::shared_ptr<const Trace> trace = m_view.trace();
    if (m_asked == trace && trace)
        return;
    m_job->cancel();
    m_asked.reset();
    const bool isWanted = m_view.locked().query || m_view.textShade() == TextShade::Loss;
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
                return m_view.setPredictions(std::move(**loaded));
            m_view.failPredictions(loaded->error());
            if (loaded->error().code != ErrorCode::Unavailable) // a run goes on: it is opened again
                emit failed(loaded->error());
        });
}

} // namespace headwater
