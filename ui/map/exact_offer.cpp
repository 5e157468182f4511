// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/exact_offer.h"

#include "ui/bridge/known_exact.h"
#include "ui/theme/fonts.h"

#include <QLabel>
#include <algorithm>
#include <utility>

namespace headwater {
namespace {

constexpr int kSettlingMs = 150;
constexpr std::uint64_t kMostPairs = std::uint64_t{1} << 20; ///< of a screen: 4 MiB
constexpr double kAround = 0.25; ///< of the screen to each side, so that a small step asks nothing

TokenRange widened(TokenRange range, std::uint32_t seqLen)
{
    const auto more = static_cast<std::uint32_t>((range.end - range.begin) * kAround) + 8;
    // Whole cells of every level below the blocks.
    const std::uint32_t begin = (range.begin - std::min(range.begin, more)) / 256 * 256;
    const auto end = static_cast<std::uint32_t>(
        std::min<std::uint64_t>((std::uint64_t{range.end} + more + 255) / 256 * 256, seqLen));
    return {begin, end};
}

bool overlap(TokenRange a, TokenRange b)
{
    return a.begin < b.end && b.begin < a.end;
}

std::uint64_t pairsOf(TokenRange rows, TokenRange keys)
{
    return std::uint64_t{rows.end - rows.begin} * (keys.end - keys.begin);
}

} // namespace

ExactOffer::ExactOffer(Subject* subject, MapLook* look, MapTiles* tiles, QWidget* parent)
    : SessionOffer(QStringLiteral("exactOffer"), tr("Exact pairs"), QBoxLayout::LeftToRight, new QLabel,
                   parent)
    , m_subject(subject)
    , m_look(look)
    , m_tiles(tiles)
{
    setProperty("card", true);
    setAttribute(Qt::WA_StyledBackground);
    layout()->setContentsMargins(10, 4, 4, 4);
    layout()->setSpacing(10);
    connect(this, &SessionOffer::asked, this, [this] { static_cast<void>(compute()); });
    m_settling.setSingleShot(true);
    m_settling.setInterval(kSettlingMs);
    connect(&m_settling, &QTimer::timeout, this, &ExactOffer::follow);
    const auto soon = [this] { m_settling.start(); };
    connect(look, &MapLook::viewportChanged, this, soon);
    connect(subject, &Subject::headChanged, this, soon);
    connect(look, &MapLook::modeChanged, this, soon);
    connect(tiles, &MapTiles::sourceChanged, this, [this] {
        m_wanted.reset();
        m_reading.reset();
        m_refused.reset();
        m_failure.clear();
        m_asked = false;
        m_settling.start();
    });
}

void ExactOffer::setSession(TraceSession* session)
{
    SessionOffer::setSession(session);
    connect(session, &TraceSession::changed, this, &ExactOffer::follow);
    m_settling.start();
}

bool ExactOffer::isBusy() const
{
    return session() && (m_reading || (m_wanted && session()->state() == TraceSession::State::Opening));
}

/// What is on screen; none where there is nothing to compute, or more than a screen should hold.
std::optional<ExactOffer::Part> ExactOffer::onScreen() const
{
    const auto pairs = m_tiles->pairsOnScreen();
    if (!session() || !pairs || pairsOf(pairs->rows, pairs->keys) > kMostPairs)
        return std::nullopt;
    return Part{m_subject->head(), pairs->rows, pairs->keys};
}

bool ExactOffer::isKnown(const Part& part) const
{
    const TraceReading& reading = m_tiles->reader().reading();
    return reading.exact && isWindowKnown(reading, *session(), part.head, part.rows, part.keys);
}

Result<void> ExactOffer::canAsk() const
{
    if (session()->isPossible())
        return {};
    const QString why = session()->isRunUnderWay() ? tr("the engine is at work for a run or an answer")
                                                   : tr("the trace is still being written");
    return Error{ErrorCode::Unavailable, why.toStdString(), {}};
}

void ExactOffer::follow()
{
    using State = TraceSession::State;
    const bool wasBusy = isBusy();
    if (session() && session()->isDeclined()) {
        m_asked = false;
        m_wanted.reset();
    }
    if (m_reading && !session()->isReading()) // it went with its session
        m_reading.reset();
    if (session() && m_wanted && session()->isReadable() && !m_reading)
        read(*std::exchange(m_wanted, std::nullopt));
    const std::optional<Part> part = onScreen();
    if (part)
        giveUpUnlessOf(*part);
    if (part && session()->isPossible() && !isKnown(*part) && !m_reading && part != m_refused) {
        switch (session()->state()) {
        case State::None:
            session()->estimate();
            break;
        case State::Offered:
            if (session()->offer().refusal.isEmpty()
                && (m_asked || (!session()->isDeclined() && session()->offer().seconds < kBySelfSeconds))) {
                m_wanted = part;
                session()->open();
            }
            break;
        case State::Open:
            read(*part);
            break;
        default:
            break;
        }
    }
    say();
    if (wasBusy != isBusy())
        emit busyChanged();
}

void ExactOffer::read(const Part& part)
{
    const std::uint32_t seqLen = m_tiles->grid().seqLen;
    Part whole = part;
    whole.rows = widened(part.rows, seqLen);
    whole.keys = widened(part.keys, seqLen);
    if (pairsOf(whole.rows, whole.keys) > 4 * kMostPairs)
        whole = part;
    m_reading = part;
    m_request = session()->readWindow(
        whole.head.layer, whole.head.head, whole.rows, whole.keys, this,
        [this, part](const Result<std::shared_ptr<const ExactWindow>>& window) { take(part, window); });
}

void ExactOffer::giveUpUnlessOf(const Part& part)
{
    if (!m_reading || m_request == 0 || m_asked)
        return;
    const bool isSeen = m_reading->head == part.head && overlap(m_reading->rows, part.rows)
        && overlap(m_reading->keys, part.keys);
    if (!isSeen)
        session()->cancelReading(std::exchange(m_request, 0));
}

void ExactOffer::take(const Part& part, const Result<std::shared_ptr<const ExactWindow>>& window)
{
    m_reading.reset();
    m_request = 0;
    m_asked = false;
    if (window) {
        m_failure.clear();
        m_tiles->reader().addExact(*window);
        if (!isKnown(part)) // asked again it would be no better
            m_refused = part;
    } else if (window.error().code != ErrorCode::Cancelled) {
        m_refused = part;
        m_failure = QString::fromStdString(window.error().text());
    }
    emit busyChanged();
    m_settling.start(); // the view may have moved on
}

Result<void> ExactOffer::compute()
{
    const std::optional<Part> part = onScreen();
    if (!part)
        return Error{
            ErrorCode::Unavailable, tr("the map shows no single pairs here: zoom in").toStdString(), {}};
    HEADWATER_TRY(canAsk());
    m_refused.reset();
    m_asked = true;
    m_wanted = part;
    if (session()->state() != TraceSession::State::Open)
        session()->open();
    follow();
    return {};
}

Result<void> ExactOffer::computeWhole()
{
    const HeadInfo* const info = m_tiles->shownHeadInfo();
    const std::uint32_t tokens = m_tiles->grid().seqLen;
    if (!session() || !info || tokens > kWholePatternTokens)
        return Error{
            ErrorCode::Unavailable,
            tr("a whole pattern is computed of at most %1 tokens").arg(kWholePatternTokens).toStdString(),
            {}};
    HEADWATER_TRY(canAsk());
    m_asked = true;
    m_wanted = Part{m_subject->head(), {0, tokens}, {0, tokens}};
    if (session()->state() != TraceSession::State::Open)
        session()->open();
    follow();
    return {};
}

void ExactOffer::say()
{
    using State = TraceSession::State;
    const std::optional<Part> part = onScreen();
    const bool isWanted = part && !session()->isRunUnderWay() && !isKnown(*part);
    const bool isOpening = m_wanted && session()->state() == State::Opening;
    if (!session() || !(isWanted || isOpening))
        return offer({});
    if (session()->state() == State::Open && !m_failure.isEmpty())
        return showText(m_failure, tr("Try again"));
    offer(part ? tr("Compute these %1 × %2 pairs exactly")
                     .arg(thousandsOf(part->rows.end - part->rows.begin),
                          thousandsOf(part->keys.end - part->keys.begin))
               : tr("Compute the whole pattern exactly"));
}

} // namespace headwater
