// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/locked_row_reader.h"

#include <utility>

namespace headwater {

LockedRowReader::LockedRowReader(ViewState& view, ViewReader& reader, TraceSession& session, QObject* parent)
    : QObject(parent)
    , m_view(view)
    , m_reader(reader)
    , m_session(session)
{
    connect(&view, &ViewState::lockedChanged, this, &LockedRowReader::follow);
    connect(&view, &ViewState::headChanged, this, &LockedRowReader::follow);
    connect(&session, &TraceSession::changed, this, [this] {
        if (m_session.state() != TraceSession::State::Open) {
            m_refused.reset();
            setReading(false); // it went with its session
        }
        follow();
    });
}

bool LockedRowReader::isRowKnown(const TokenPair& pair) const
{
    const auto known = m_reader.reading().exactRows->find(*pair.query);
    return known && (!pair.key || known->given.contains(*pair.key));
}

void LockedRowReader::follow()
{
    const TraceReading& reading = m_reader.reading();
    const Question question{m_view.head(), m_view.locked()};
    const std::optional<std::uint32_t>& row = question.pair.query;
    if (m_isReading || m_session.state() != TraceSession::State::Open || !reading || !row
        || *row >= reading.trace->seqLen() || question == m_refused)
        return;
    const HeadInfo* const info = reading.trace->findHead(question.head.layer, question.head.head);
    // Where the map's own numbers are of the kept keys a row of another quantity would stand among them.
    const bool isOfMap = info && info->normaliser == Normaliser::Exact;
    if (isOfMap
        && !reading.exact->holding(question.head.layer, question.head.head, {*row, *row + 1}, {0, *row + 1}))
        readShownHead(question);
    else if (!isRowKnown(question.pair))
        readAllHeads(question);
}

void LockedRowReader::readShownHead(const Question& question)
{
    const std::uint32_t row = *question.pair.query;
    setReading(true);
    m_session.readWindow(question.head.layer, question.head.head, {row, row + 1}, {0, row + 1}, this,
                         [this, question](const Result<std::shared_ptr<const ExactWindow>>& window) {
                             take(question, window);
                         });
}

void LockedRowReader::readAllHeads(const Question& question)
{
    setReading(true);
    m_session.readRow(*question.pair.query, question.pair.key, this,
                      [this, question](const Result<ExactRow>& row) { take(question, row); });
}

template <class Given> void LockedRowReader::take(const Question& question, Result<Given> given)
{
    if (given)
        m_reader.addExact(std::move(*given));
    else
        m_refused = question;
    setReading(false);
    follow(); // the rest of it, or what has been locked meanwhile
}

void LockedRowReader::setReading(bool isReading)
{
    if (isReading == m_isReading)
        return;
    m_isReading = isReading;
    emit busyChanged();
}

} // namespace headwater
