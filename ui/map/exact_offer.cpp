// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/exact_offer.h"

#include "core/base/text.h"
#include "ui/theme/fonts.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <algorithm>

namespace headwater {
namespace {

constexpr int kSettlingMs = 150;
constexpr double kBySelfSeconds = 1;
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

std::uint64_t pairsOf(TokenRange rows, TokenRange keys)
{
    return std::uint64_t{rows.end - rows.begin} * (keys.end - keys.begin);
}

} // namespace

ExactOffer::ExactOffer(ViewState* state, MapTiles* tiles, QWidget* parent)
    : QFrame(parent)
    , m_state(state)
    , m_tiles(tiles)
    , m_text(new QLabel(this))
    , m_button(new QPushButton(this))
{
    setObjectName(QStringLiteral("exactOffer"));
    setAccessibleName(tr("Exact pairs"));
    setProperty("card", true);
    setAttribute(Qt::WA_StyledBackground);
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(10, 4, 4, 4);
    layout->setSpacing(10);
    m_text->setObjectName(QStringLiteral("exactOfferText"));
    m_text->setProperty("role", QStringLiteral("dim"));
    m_button->setObjectName(QStringLiteral("exactOfferButton"));
    m_button->setFocusPolicy(Qt::TabFocus);
    m_button->setAccessibleName(tr("Exact pairs: compute, cancel or try again"));
    layout->addWidget(m_button);
    layout->addWidget(m_text);
    connect(m_button, &QPushButton::clicked, this, &ExactOffer::press);
    m_settling.setSingleShot(true);
    m_settling.setInterval(kSettlingMs);
    connect(&m_settling, &QTimer::timeout, this, &ExactOffer::follow);
    const auto soon = [this] { m_settling.start(); };
    connect(state, &ViewState::viewportChanged, this, soon);
    connect(state, &ViewState::headChanged, this, soon);
    connect(state, &ViewState::modeChanged, this, soon);
    connect(tiles, &MapTiles::sourceChanged, this, [this] {
        m_wanted.reset();
        m_reading.reset();
        m_refused.reset();
        m_failure.clear();
        m_asked = false;
        m_isDeclined = false;
        m_settling.start();
    });
    hide();
}

void ExactOffer::setSession(TraceSession* session)
{
    m_session = session;
    connect(session, &TraceSession::changed, this, &ExactOffer::follow);
    m_settling.start();
}

bool ExactOffer::isBusy() const
{
    return m_session && (m_reading || (m_wanted && m_session->state() == TraceSession::State::Opening));
}

/// What is on screen; none where there is nothing to compute, or more than a screen should hold.
std::optional<ExactOffer::Part> ExactOffer::onScreen() const
{
    const auto pairs = m_tiles->pairsOnScreen();
    if (!m_session || !pairs || pairsOf(pairs->rows, pairs->keys) > kMostPairs)
        return std::nullopt;
    return Part{m_state->head(), pairs->rows, pairs->keys};
}

bool ExactOffer::isKnown(const Part& part) const
{
    const TraceReading& reading = m_tiles->reader().reading();
    return reading.exact
        && reading.exact->holding(part.head.layer, part.head.head, part.rows, part.keys) != nullptr;
}

void ExactOffer::follow()
{
    using State = TraceSession::State;
    const bool wasBusy = isBusy();
    if (m_reading && !m_session->isReading()) // it went with its session
        m_reading.reset();
    if (m_session && m_wanted && m_session->state() == State::Open && !m_reading)
        read(*std::exchange(m_wanted, std::nullopt));
    const std::optional<Part> part = onScreen();
    if (part && !isKnown(*part) && !m_reading && part != m_refused) {
        switch (m_session->state()) {
        case State::None:
            m_session->estimate();
            break;
        case State::Offered:
            if (m_session->offer().refusal.isEmpty()
                && (m_asked || (!m_isDeclined && m_session->offer().seconds < kBySelfSeconds))) {
                m_wanted = part;
                m_session->open();
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
    m_session->readWindow(
        whole.head.layer, whole.head.head, whole.rows, whole.keys, this,
        [this, part](const Result<std::shared_ptr<const ExactWindow>>& window) { take(part, window); });
}

void ExactOffer::take(const Part& part, const Result<std::shared_ptr<const ExactWindow>>& window)
{
    m_reading.reset();
    m_asked = false;
    if (window) {
        m_failure.clear();
        m_tiles->addExact(*window);
    } else {
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
    if (!m_session->isPossible())
        return Error{ErrorCode::Unavailable, tr("the trace is still being written").toStdString(), {}};
    m_refused.reset();
    m_isDeclined = false;
    m_asked = true;
    m_wanted = part;
    if (m_session->state() != TraceSession::State::Open)
        m_session->open();
    follow();
    return {};
}

Result<void> ExactOffer::computeWhole()
{
    const HeadInfo* const info = m_tiles->shownHeadInfo();
    const std::uint32_t tokens = m_tiles->grid().seqLen;
    if (!m_session || !info || tokens > kWholePatternTokens)
        return Error{
            ErrorCode::Unavailable,
            tr("a whole pattern is computed of at most %1 tokens").arg(kWholePatternTokens).toStdString(),
            {}};
    if (!m_session->isPossible())
        return Error{ErrorCode::Unavailable, tr("the trace is still being written").toStdString(), {}};
    m_isDeclined = false;
    m_asked = true;
    m_wanted = Part{m_state->head(), {0, tokens}, {0, tokens}};
    if (m_session->state() != TraceSession::State::Open)
        m_session->open();
    follow();
    return {};
}

void ExactOffer::decline()
{
    m_isDeclined = true;
    m_asked = false;
    m_wanted.reset();
}

void ExactOffer::press()
{
    using State = TraceSession::State;
    switch (m_session->state()) {
    case State::Opening:
        decline();
        m_session->cancel();
        return;
    case State::Failed:
        if (m_session->failure().code == ErrorCode::NotFound
            || m_session->failure().code == ErrorCode::InvalidArgument) {
            emit modelWanted();
            return;
        }
        [[fallthrough]];
    default:
        static_cast<void>(compute());
    }
}

void ExactOffer::say()
{
    using State = TraceSession::State;
    const std::optional<Part> part = onScreen();
    if (!m_session || !((part && !isKnown(*part)) || (m_wanted && m_session->state() == State::Opening))) {
        showText({}, {});
        return;
    }
    const TraceSession::Offer& offer = m_session->offer();
    const QString pairs = part ? tr("Compute these %1 × %2 pairs exactly")
                                     .arg(thousandsOf(part->rows.end - part->rows.begin),
                                          thousandsOf(part->keys.end - part->keys.begin))
                               : QString();
    switch (m_session->state()) {
    case State::Offered:
        if (!offer.refusal.isEmpty()) {
            showText(tr("Exact pairs: %1").arg(offer.refusal), {});
        } else {
            QString cost = (offer.isOnDisk ? tr("about %1, opens a session of %2 on disk")
                                           : tr("about %1, opens a session of %2"))
                               .arg(QString::fromStdString(humanSeconds(offer.seconds)),
                                    QString::fromStdString(humanBytes(offer.bytes)));
            if (!offer.isExact)
                cost += tr(", over keys rounded to two digits");
            showText(cost, pairs);
        }
        break;
    case State::Opening: {
        const EngineProgress& progress = m_session->progress();
        QString text = progress.total > 0 && progress.phase == QLatin1String("session")
            ? tr("Opening a session: %1 %").arg(progress.done * 100 / progress.total)
            : tr("Opening a session");
        if (progress.secondsLeft >= 1)
            text += tr(" · about %1 left").arg(QString::fromStdString(humanSeconds(progress.secondsLeft)));
        showText(text, tr("Cancel"));
        break;
    }
    case State::Failed: {
        const Error& failure = m_session->failure();
        const bool isOfModel =
            failure.code == ErrorCode::NotFound || failure.code == ErrorCode::InvalidArgument;
        showText(tr("Exact pairs: %1").arg(QString::fromStdString(failure.text())),
                 isOfModel ? tr("Choose the model…") : tr("Try again"));
        break;
    }
    case State::Open:
        if (!m_failure.isEmpty())
            showText(m_failure, tr("Try again"));
        else
            showText({}, {}); // it takes a moment
        break;
    case State::None:
    case State::Estimating:
        showText({}, {});
        break;
    }
}

void ExactOffer::showText(const QString& text, const QString& button)
{
    const bool changed = m_text->text() != text || m_button->text() != button;
    m_text->setText(text);
    m_text->setVisible(!text.isEmpty());
    m_button->setText(button);
    m_button->setVisible(!button.isEmpty());
    setVisible(!text.isEmpty() || !button.isEmpty());
    if (changed) {
        adjustSize();
        emit placeChanged();
    }
}

} // namespace headwater
