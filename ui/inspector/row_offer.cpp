// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/row_offer.h"

#include "ui/bridge/known_exact.h"
#include "ui/bridge/when_seen.h"
#include "ui/theme/fonts.h"
#include "ui/theme/wrapped_label.h"

namespace headwater {
namespace {

WrappedLabel* makeWords()
{
    auto* const words = new WrappedLabel;
    words->setFont(wordsFont(11));
    return words;
}

} // namespace

RowOffer::RowOffer(Subject* subject, ViewReader* reader, QWidget* card)
    : SessionOffer(QStringLiteral("rowOffer"), tr("Exact rows"), QBoxLayout::LeftToRight, makeWords(), card)
    , m_subject(subject)
    , m_reader(reader)
    , m_seen(new WhenSeen(card, [this] { follow(); }))
{
    layout()->setContentsMargins(0, 0, 0, 0);
    layout()->removeWidget(words()); // they want a line of their own, where there are any
    words()->setParent(card);
    connect(subject, &Subject::lockedChanged, m_seen, &WhenSeen::ask);
    connect(reader, &ViewReader::exactChanged, this, [this](const ExactPart& part) {
        if (tellsOfHeads(part, m_subject->locked()))
            m_seen->ask();
    });
    connect(reader, &ViewReader::readingChanged, this, [this] {
        m_isAsked = false;
        m_seen->ask();
    });
    connect(this, &SessionOffer::asked, this, &RowOffer::press);
}

void RowOffer::setSession(TraceSession* session)
{
    SessionOffer::setSession(session);
    connect(session, &TraceSession::changed, m_seen, &WhenSeen::ask);
    m_seen->ask();
}

void RowOffer::setFailure(const std::optional<Error>& failure)
{
    m_failure = failure;
    m_seen->ask();
}

bool RowOffer::isWanted() const
{
    const TraceReading& reading = m_reader->reading();
    const std::optional<std::uint32_t> row = m_subject->locked().query;
    return session() && session()->isPossible() && reading && row && *row < reading.trace->seqLen()
        && !isRowKnown(reading, *session(), m_subject->locked());
}

void RowOffer::press()
{
    if (m_failure)
        return emit retried();
    m_isAsked = true;
    session()->allow();
    if (session()->state() == TraceSession::State::Offered)
        session()->open();
    else
        session()->estimate();
}

void RowOffer::follow()
{
    using State = TraceSession::State;
    if (m_failure) {
        // What the engine cannot do it cannot do the second time.
        return showText(tr("Cannot be computed: %1").arg(QString::fromStdString(m_failure->text())),
                        m_failure->code == ErrorCode::Unsupported ? QString() : tr("Try again"));
    }
    if (!isWanted())
        return offer({});
    if (session()->isDeclined())
        m_isAsked = false;
    if (session()->state() == State::None && session()->isEngineUp())
        session()->estimate(); // and comes back here
    const State state = session()->state();
    const QString what = tr("Compute exactly");
    // The engine may have died: asked for, it is started again.
    const bool isGone = state == State::Failed && !m_isAsked && !session()->isEngineUp()
        && session()->failure().code == ErrorCode::Unavailable;
    if (state == State::None || isGone)
        return showText({}, what); // what it costs is not known yet
    const bool isRefused = state == State::Offered && !session()->offer().refusal.isEmpty();
    if (state == State::Offered && !isRefused && m_isAsked && session()->offer().seconds < kBySelfSeconds)
        return session()->open();
    if (state == State::Failed && !m_isAsked && session()->remedy() == TraceSession::Remedy::NameModel)
        return showText(tr("Exact rows need the model that made the trace."), tr("Choose the model…"));
    // Nobody has asked: what cannot be had is not mentioned.
    if ((isRefused || state == State::Failed) && !m_isAsked)
        return offer({});
    offer(what);
}

} // namespace headwater
