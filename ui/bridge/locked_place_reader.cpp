// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/locked_place_reader.h"

#include "ui/bridge/known_exact.h"

#include <utility>

namespace headwater {

LockedPlaceReader::LockedPlaceReader(ViewState& view, ViewReader& reader, TraceSession& session,
                                     QObject* parent)
    : QObject(parent)
    , m_view(view)
    , m_reader(reader)
    , m_session(session)
{
    connect(&view, &ViewState::lockedChanged, this, &LockedPlaceReader::follow);
    connect(&view, &ViewState::headChanged, this, &LockedPlaceReader::follow);
    connect(&session, &TraceSession::changed, this, [this] {
        if (m_session.state() != TraceSession::State::Open) {
            m_question.reset();
            setFailure(std::nullopt);
            setReading(false); // it went with its session
        }
        follow();
    });
}

bool LockedPlaceReader::isBusy() const
{
    const bool isWaiting =
        m_session.state() == TraceSession::State::Opening && (m_view.locked().query || m_view.locked().key);
    return m_isReading || isWaiting;
}

void LockedPlaceReader::tryAgain()
{
    m_question.reset();
    follow();
}

void LockedPlaceReader::follow()
{
    tellBusy();
    const TraceReading& reading = m_reader.reading();
    if (!m_session.isReadable() || !reading)
        return;
    const Question question{m_view.head(), m_view.locked()};
    if (question != m_question) {
        m_question = question;
        m_next = Part::Row;
        setFailure(std::nullopt);
    }
    while (!m_isReading && m_next != Part::None) {
        const Part part = m_next;
        m_next = static_cast<Part>(static_cast<int>(part) + 1);
        ask(part, question);
    }
}

void LockedPlaceReader::ask(Part part, const Question& question)
{
    const TraceReading& reading = m_reader.reading();
    const std::uint32_t tokens = reading.trace->seqLen();
    const auto inTrace = [tokens](std::optional<std::uint32_t> token) { return token && *token < tokens; };
    const auto [row, key] = question.pair;
    const HeadInfo* const info = reading.trace->findHead(question.head.layer, question.head.head);
    // Where the map's own numbers are of the kept keys a row of another quantity would stand among them, and
    // there are no sums of whole rows to make a column of.
    const bool isOfMap = info && info->normaliser == Normaliser::Exact;
    switch (part) {
    case Part::Row:
        if (inTrace(row) && isOfMap
            && !isWindowKnown(reading, m_session, question.head, {*row, *row + 1}, {0, *row + 1}))
            readRow(question);
        break;
    case Part::AllHeads:
        if (inTrace(row) && !isRowKnown(reading, m_session, question.pair))
            readAllHeads(question);
        break;
    case Part::Column:
        if (inTrace(key) && isOfMap && m_session.offer().isExact
            && !isWindowKnown(reading, m_session, question.head, {*key, tokens}, {*key, *key + 1}))
            readColumn(question);
        break;
    case Part::None:
        break;
    }
}

void LockedPlaceReader::readRow(const Question& question)
{
    const std::uint32_t row = *question.pair.query;
    setReading(true);
    m_session.readWindow(question.head.layer, question.head.head, {row, row + 1}, {0, row + 1}, this,
                         [this, question](const Result<std::shared_ptr<const ExactWindow>>& window) {
                             take(question, window);
                         });
}

void LockedPlaceReader::readColumn(const Question& question)
{
    setReading(true);
    m_session.readColumn(question.head.layer, question.head.head, *question.pair.key, this,
                         [this, question](const Result<std::shared_ptr<const ExactWindow>>& column) {
                             take(question, column);
                         });
}

void LockedPlaceReader::readAllHeads(const Question& question)
{
    setReading(true);
    m_session.readRow(*question.pair.query, question.pair.key, this,
                      [this, question](const Result<ExactRow>& row) { take(question, row); });
}

template <class Given> void LockedPlaceReader::take(const Question& question, Result<Given> given)
{
    if (given)
        m_reader.addExact(std::move(*given));
    else if (question == m_question)
        setFailure(given.error()); // not asked again by itself
    setReading(false);
    follow(); // the rest of it, or what has been locked meanwhile
}

void LockedPlaceReader::setFailure(std::optional<Error> failure)
{
    const bool isSame = !failure && !m_failure;
    m_failure = std::move(failure);
    if (!isSame)
        emit failureChanged();
}

void LockedPlaceReader::setReading(bool isReading)
{
    m_isReading = isReading;
    tellBusy();
}

void LockedPlaceReader::tellBusy()
{
    const bool wasBusy = std::exchange(m_wasBusy, isBusy());
    if (wasBusy != m_wasBusy)
        emit busyChanged();
}

} // namespace headwater
