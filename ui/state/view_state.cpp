// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/view_state.h"

#include <utility>

namespace headwater {

ViewState::ViewState(QObject* parent)
    : QObject(parent)
{
}

void ViewState::setTrace(std::shared_ptr<const Trace> trace, bool keepView)
{
    if (trace == m_trace)
        return;
    m_trace = std::move(trace);
    m_predictions.reset();
    m_predictionsFailure.reset();
    if (!keepView) {
        m_preview.reset();
        m_hovered = {};
        m_locked = {};
        m_head = {};
        if (m_trace && !m_trace->heads().empty())
            m_head = {m_trace->heads().front().layer, m_trace->heads().front().head};
    }
    emit traceChanged();
    if (!keepView) {
        emit headChanged();
        emit shownHeadChanged();
        emit hoveredChanged();
        emit lockedChanged();
    }
}

void ViewState::setHead(HeadId head)
{
    const bool shown = shownHead() != head;
    m_preview.reset();
    if (head != m_head) {
        m_head = head;
        emit headChanged();
    }
    if (shown)
        emit shownHeadChanged();
}

void ViewState::previewHead(std::optional<HeadId> head)
{
    const HeadId before = shownHead();
    m_preview = head;
    if (shownHead() != before)
        emit shownHeadChanged();
}

void ViewState::setMode(MapMode mode)
{
    if (mode == m_mode)
        return;
    m_mode = mode;
    emit modeChanged();
}

void ViewState::setViewport(const MapViewport& viewport)
{
    if (viewport == m_viewport)
        return;
    m_viewport = viewport;
    emit viewportChanged();
}

void ViewState::refitViewport(const MapViewport& viewport)
{
    if (viewport == m_viewport)
        return;
    const MapViewport before = std::exchange(m_viewport, viewport);
    emit viewportRefitted(before);
    emit viewportChanged();
}

void ViewState::setColours(const ColourScale& colours)
{
    if (colours == m_colours)
        return;
    m_colours = colours;
    emit coloursChanged();
}

void ViewState::setMask(const VisualMask& mask)
{
    if (mask == m_mask)
        return;
    m_mask = mask;
    emit maskChanged();
}

void ViewState::setHovered(const TokenPair& pair)
{
    if (pair == m_hovered)
        return;
    m_hovered = pair;
    emit hoveredChanged();
}

void ViewState::setLocked(const TokenPair& pair)
{
    if (pair == m_locked)
        return;
    m_locked = pair;
    emit lockedChanged();
}

void ViewState::setTextShade(TextShade shade)
{
    if (shade == m_textShade)
        return;
    m_textShade = shade;
    emit textShadeChanged();
}

void ViewState::setTextInView(std::vector<TokenRange> tokens)
{
    if (tokens == m_textInView)
        return;
    m_textInView = std::move(tokens);
    emit textInViewChanged();
}

void ViewState::setPredictions(std::shared_ptr<const Predictions> predictions)
{
    if (predictions == m_predictions)
        return;
    m_predictions = std::move(predictions);
    m_predictionsFailure.reset();
    emit predictionsChanged();
}

void ViewState::failPredictions(Error failure)
{
    m_predictions.reset();
    m_predictionsFailure = std::move(failure);
    emit predictionsChanged();
}

} // namespace headwater
