// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/view_reader.h"

#include "ui/bridge/background_job.h"

#include <utility>

namespace headwater {

ViewReader::ViewReader(Subject* subject, QObject* parent)
    : QObject(parent)
    , m_subject(subject)
{
    connect(subject, &Subject::traceChanged, this, &ViewReader::takeTrace);
    connect(subject, &Subject::shownHeadChanged, this, &ViewReader::stopHead);
    takeTrace();
}

ViewReader::~ViewReader()
{
    m_headStop.request_stop();
}

void ViewReader::stopHead()
{
    m_headStop.request_stop();
    m_headStop = std::stop_source();
}

void ViewReader::takeTrace()
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const std::shared_ptr<const Trace>& old = m_reading.trace;
    if (old && trace && isSameRun(*old, *trace)) {
        m_reading.trace = trace;
        m_reading.heads->setSource(std::make_shared<const TraceHeadSource>(trace));
    } else {
        if (old) {
            stopHead();
            BackgroundJob::leave([gone = std::move(m_reading)]() mutable { gone = {}; }); // frees its heads
        }
        m_reading = trace ? readingOf(trace) : TraceReading();
    }
    emit readingChanged();
}

const HeadInfo* ViewReader::shownHeadInfo() const
{
    const HeadId shown = m_subject->shownHead();
    return m_reading ? m_reading.trace->findHead(shown.layer, shown.head) : nullptr;
}

void ViewReader::addExact(std::shared_ptr<const ExactWindow> window)
{
    if (!m_reading)
        return;
    const ExactPart part = partOf(*window);
    for (const auto& gone : m_reading.exact->add(std::move(window)))
        emit exactChanged(partOf(*gone));
    emit exactChanged(part);
}

void ViewReader::addExact(ExactRow row)
{
    if (!m_reading)
        return;
    const ExactPart part = partOf(row);
    m_reading.exactRows->add(std::move(row));
    emit exactChanged(part);
}

void ViewReader::report(const Error& failure)
{
    if (failure.code != ErrorCode::Cancelled)
        emit readFailed(failure);
}

} // namespace headwater
