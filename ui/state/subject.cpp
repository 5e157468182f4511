// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/subject.h"

#include <utility>

namespace headwater {

Subject::Subject(QObject* parent)
    : QObject(parent)
{
}

void Subject::setTrace(std::shared_ptr<const Trace> trace, bool keepView)
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

void Subject::setHead(HeadId head)
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

void Subject::previewHead(std::optional<HeadId> head)
{
    const HeadId before = shownHead();
    m_preview = head;
    if (shownHead() != before)
        emit shownHeadChanged();
}

void Subject::setHovered(const TokenPair& pair)
{
    if (pair == m_hovered)
        return;
    m_hovered = pair;
    emit hoveredChanged();
}

void Subject::setLocked(const TokenPair& pair)
{
    if (pair == m_locked)
        return;
    m_locked = pair;
    emit lockedChanged();
}

void Subject::setPredictions(std::shared_ptr<const Predictions> predictions)
{
    if (predictions == m_predictions)
        return;
    m_predictions = std::move(predictions);
    m_predictionsFailure.reset();
    emit predictionsChanged();
}

void Subject::failPredictions(Error failure)
{
    m_predictions.reset();
    m_predictionsFailure = std::move(failure);
    emit predictionsChanged();
}

} // namespace headwater
