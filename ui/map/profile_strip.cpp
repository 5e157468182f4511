// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/profile_strip.h"

#include "ui/bridge/when_seen.h"
#include "ui/map/profile_text.h"
#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace headwater {

ProfileStrip::ProfileStrip(Side side, Subject* subject, MapLook* look, ViewReader* reader, QWidget* parent)
    : QWidget(parent)
    , m_side(side)
    , m_subject(subject)
    , m_look(look)
    , m_reader(reader)
    , m_job(new BackgroundJob(this, BackgroundJob::Urgency::Hand))
{
    if (side == Side::Right) {
        setFixedWidth(kWidth);
        setAccessibleName(tr("Who reads the locked key"));
    } else {
        setFixedHeight(kHeight);
        setAccessibleName(tr("What the locked query reads"));
    }
    auto* const whenSeen = new WhenSeen(this, [this] { read(); });
    connect(subject, &Subject::lockedChanged, whenSeen, &WhenSeen::ask);
    connect(subject, &Subject::shownHeadChanged, whenSeen, &WhenSeen::ask);
    connect(reader, &ViewReader::readingChanged, whenSeen, &WhenSeen::ask);
    connect(reader, &ViewReader::exactChanged, this, [this, whenSeen](const ExactPart& part) {
        const auto tells = m_side == Side::Right ? tellsOfColumn : tellsOfRow;
        if (tells(part, *m_reader->reading().trace, m_subject->shownHead(), token()))
            whenSeen->ask();
    });
    connect(look, &MapLook::viewportChanged, this, [this] { update(); });
}

std::optional<std::uint32_t> ProfileStrip::token() const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const auto& wanted = m_side == Side::Right ? m_subject->locked().key : m_subject->locked().query;
    return trace && wanted && *wanted < trace->seqLen() ? wanted : std::nullopt;
}

void ProfileStrip::read()
{
    const std::optional<std::uint32_t> wanted = token();
    if (!wanted || !m_reader->shownHeadInfo()) {
        m_job->cancel();
        m_profile = {};
        update();
        emit profileChanged();
        return;
    }
    m_job->start(
        [reading = m_reader->reading(), head = m_subject->shownHead(), at = *wanted, side = m_side,
         headStop = m_reader->headStop()](const std::stop_token& stop) {
            if (stop.stop_requested())
                return Profile{};
            return side == Side::Right ? readColumnProfile(reading, head, at, headStop)
                                       : readRowProfile(reading, head, at, headStop);
        },
        [this](Profile profile) {
            m_profile = std::move(profile);
            if (m_profile.failure)
                m_reader->report(*m_profile.failure);
            setAccessibleDescription(QStringLiteral("%1 · %2").arg(note(), scaleNote()));
            update();
            emit profileChanged();
        });
}

QString ProfileStrip::note() const
{
    if (!token() || m_profile.bars.empty())
        return {};
    const QString token = thousandsOf(m_profile.token);
    if (m_profile.ofTokens()) {
        const QString keys = m_side == Side::Right ? tr("every row that may read key %1").arg(token)
            : m_profile.isWhole                    ? tr("every key of row %1").arg(token)
                                : tr("%1 heaviest keys of row %2").arg(m_profile.bars.size()).arg(token);
        const HeadInfo* const info = m_subject->trace()->findHead(m_profile.head.layer, m_profile.head.head);
        return m_profile.source == RowSource::Recorded || !info
            ? keys
            : QStringLiteral("%1 · %2").arg(keys,
                                            rowQuantityOf(*m_subject->trace(), *info, m_profile.source));
    }
    if (m_side == Side::Bottom)
        return tr("mean of %1 rows (the block of row %2)").arg(m_profile.block).arg(token);
    return tr("block of %1 keys, mean of each query block's rows").arg(m_profile.block);
}

float ProfileStrip::largest() const
{
    float most = 0;
    for (const Profile::Bar& bar : m_profile.bars)
        most = std::max(most, bar.value);
    return most;
}

QString ProfileStrip::scaleNote() const
{
    if (!token() || m_profile.bars.empty())
        return {};
    return tr("√ scale to %1").arg(probabilityText(static_cast<double>(largest()), m_profile.source));
}

QString ProfileStrip::valueAt(int pixel) const
{
    const Profile::Bar* found = nullptr;
    for (const Profile::Bar& bar : m_profile.bars) {
        const auto pixels = pixelsOf(bar);
        if (pixels && pixel >= pixels->first && pixel <= pixels->second
            && (!found || bar.value > found->value))
            found = &bar;
    }
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!token() || !found || !trace || found->tokens.end > trace->seqLen())
        return {};
    return barText(*trace, m_side == Side::Bottom, found->tokens, found->value, m_profile.source);
}

std::optional<std::pair<int, int>> ProfileStrip::pixelsOf(const Profile::Bar& bar) const
{
    const bool right = m_side == Side::Right;
    const int length = right ? height() : width();
    const MapViewport viewport = m_look->viewport();
    const double origin = right ? viewport.query : viewport.key;
    const double scale = right ? viewport.queryTokensPerPixel() : viewport.tokensPerPixel;
    const double from = (bar.tokens.begin - origin) / scale;
    const double to = (bar.tokens.end - origin) / scale;
    if (to < 0 || from >= length || length <= 0)
        return std::nullopt;
    const int first = std::clamp(static_cast<int>(std::floor(from)), 0, length - 1);
    // A lone token of many must be seen: two pixels at least. Where all are known none is alone.
    const bool isLone = m_profile.ofTokens() && !m_profile.isWhole;
    const int least = std::min(isLone ? first + 1 : first, length - 1);
    return std::pair{first, std::clamp(static_cast<int>(std::ceil(to)) - 1, least, length - 1)};
}

std::vector<float> ProfileStrip::pixelValues() const
{
    const int length = m_side == Side::Right ? height() : width();
    std::vector<float> values(static_cast<std::size_t>(std::max(0, length)), 0.0F);
    for (const Profile::Bar& bar : m_profile.bars) {
        const auto pixels = pixelsOf(bar);
        for (int i = pixels ? pixels->first : 0; pixels && i <= pixels->second; ++i)
            values[static_cast<std::size_t>(i)] = std::max(values[static_cast<std::size_t>(i)], bar.value);
    }
    return values;
}

void ProfileStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = themeOf(palette());
    const bool right = m_side == Side::Right;
    if (!token() || m_profile.bars.empty())
        return;
    const float most = largest();
    const std::vector<float> values = pixelValues();
    // The scale is that of the whole profile, so that a bar keeps its length while the view moves; the square
    // root leaves small readers visible beside a sink.
    const double room = right ? width() - 8 : height() - 8 - kCaption;
    painter.setPen(Qt::NoPen);
    painter.setBrush(right ? theme.key : theme.query);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!(values[i] > 0) || !(most > 0))
            continue;
        const double length = std::max(1.0, room * std::sqrt(static_cast<double>(values[i] / most)));
        const double at = static_cast<double>(i);
        painter.drawRect(right ? QRectF(4, at, length, 1) : QRectF(at, height() - 2 - length, 1, length));
    }
    if (!right) {
        painter.setFont(wordsFont(11));
        painter.setPen(theme.dim);
        const QString caption = QStringLiteral("%1 · %2").arg(note(), scaleNote());
        const QRectF place(4, 2, width() - 8, kCaption);
        painter.drawText(place, Qt::AlignRight | Qt::AlignTop,
                         QFontMetricsF(painter.font()).elidedText(caption, Qt::ElideRight, place.width()));
    }
}

bool ProfileStrip::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString value = valueAt(m_side == Side::Right ? help->pos().y() : help->pos().x());
        const QString text = note();
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(),
                               value.isEmpty() ? text : QStringLiteral("%1\n%2").arg(value, text), this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace headwater
