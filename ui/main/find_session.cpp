// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/find_session.h"

#include <utility>

namespace headwater {

FindSession::FindSession(QObject* parent)
    : QObject(parent)
    , m_job(this, BackgroundJob::Urgency::Hand)
{
    connect(&m_job, &BackgroundJob::runningChanged, this, &FindSession::searchingChanged);
}

void FindSession::search(std::shared_ptr<const Trace> trace, const QString& text,
                         std::optional<LetterCase> letterCase)
{
    if (text.isEmpty() || !trace) {
        clear();
        return;
    }
    m_wanted = text;
    const LetterCase wanted = letterCase.value_or(m_matchesCase ? LetterCase::Matched : LetterCase::Ignored);
    m_job.start(
        [trace = std::move(trace), needle = text.toStdString(), wanted](std::stop_token stop) {
            return searchText(*trace, needle, wanted, kMaxHits, std::move(stop));
        },
        [this](TextHits hits) {
            m_hits = std::move(hits);
            m_text = m_wanted;
            m_current.reset();
            emit findHitsChanged(m_hits.spans);
            emit finished();
        });
}

void FindSession::clear()
{
    m_job.cancel();
    m_wanted.clear();
    m_text.clear();
    m_hits = {};
    m_current.reset();
    emit findHitsChanged(m_hits.spans);
}

void FindSession::step(int direction)
{
    const std::size_t count = m_hits.spans.size();
    if (count == 0)
        return;
    if (!m_current)
        m_current = direction > 0 ? 0 : count - 1;
    else
        m_current = (*m_current + count + (direction > 0 ? 1 : count - 1)) % count;
    emit currentChanged(m_hits.spans[*m_current]);
}

} // namespace headwater
