// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/locked_place_reader.h"

#include "ui/bridge/known_exact.h"

#include <utility>

namespace headwater {

LockedPlaceReader::LockedPlaceReader(Subject& subject, ViewReader& reader, TraceSession& session,
                                     QObject* parent)
    : QObject(parent)
    , m_subject(subject)
    , m_reader(reader)
    , m_session(session)
{
    connect(&subject, &Subject::lockedChanged, this, &LockedPlaceReader::follow);
    connect(&subject, &Subject::headChanged, this, &LockedPlaceReader::follow);
    connect(&session, &TraceSession::changed, this, [this] {
        if (m_session.state() != TraceSession::State::Open) {
            m_question.reset();
            setFailure(std::nullopt);
            setReading(std::nullopt); // it went with its session
        }
        follow();
    });
}

bool LockedPlaceReader::isBusy() const
{
    const bool isWaiting = m_session.state() == TraceSession::State::Opening
        && (m_subject.locked().query || m_subject.locked().key);
    return m_reading || isWaiting;
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
    const Question question{m_subject.head(), m_subject.locked()};
    if (question != m_question) {
        m_question = question;
        m_next = Part::Row;
        setFailure(std::nullopt);
        giveUpUnlessOf(question);
    }
    while (!m_reading && m_next != Part::None) {
        const Part part = m_next;
        m_next = static_cast<Part>(static_cast<int>(part) + 1);
        if (isMissing(part, question))
            read(part, question);
    }
}

void LockedPlaceReader::giveUpUnlessOf(const Question& question)
{
    if (!m_reading || m_reading->number == 0)
        return;
    const Question& asked = m_reading->question;
    const bool isOfHead = asked.head == question.head;
    const bool isWanted = m_reading->part == Part::AllHeads ? asked.pair == question.pair
        : m_reading->part == Part::Row ? isOfHead && asked.pair.query == question.pair.query
                                       : isOfHead && asked.pair.key == question.pair.key;
    if (!isWanted)
        m_session.cancelReading(std::exchange(m_reading->number, 0));
}

bool LockedPlaceReader::isMissing(Part part, const Question& question) const
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
        return inTrace(row) && isOfMap
            && !isWindowKnown(reading, m_session, question.head, {*row, *row + 1}, {0, *row + 1});
    case Part::AllHeads:
        return inTrace(row) && !isRowKnown(reading, m_session, question.pair);
    case Part::Column:
        return inTrace(key) && isOfMap && m_session.offer().isExact
            && !isWindowKnown(reading, m_session, question.head, {*key, tokens}, {*key, *key + 1});
    case Part::None:
        break;
    }
    return false;
}

void LockedPlaceReader::read(Part part, const Question& question)
{
    const auto [row, key] = question.pair;
    const auto [layer, head] = question.head;
    const auto take = [this, question](const auto& given) { this->take(question, given); };
    setReading(Reading{part, question});
    const qint64 number = part == Part::Row
        ? m_session.readWindow(layer, head, {*row, *row + 1}, {0, *row + 1}, this, take)
        : part == Part::Column ? m_session.readColumn(layer, head, *key, this, take)
                               : m_session.readRow(*row, key, this, take);
    if (m_reading)
        m_reading->number = number;
}

template <class Given> void LockedPlaceReader::take(const Question& question, Result<Given> given)
{
    if (given)
        m_reader.addExact(std::move(*given)); // of an older place, too: it is true of that
    else if (question == m_question && given.error().code != ErrorCode::Cancelled)
        setFailure(given.error()); // not asked again by itself
    setReading(std::nullopt);
    follow(); // the rest of it, or what has been locked meanwhile
}

void LockedPlaceReader::setFailure(std::optional<Error> failure)
{
    const bool isSame = !failure && !m_failure;
    m_failure = std::move(failure);
    if (!isSame)
        emit failureChanged();
}

void LockedPlaceReader::setReading(std::optional<Reading> reading)
{
    m_reading = std::move(reading);
    tellBusy();
}

void LockedPlaceReader::tellBusy()
{
    const bool wasBusy = std::exchange(m_wasBusy, isBusy());
    if (wasBusy != m_wasBusy)
        emit busyChanged();
}

} // namespace headwater
