// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/profile_strip.h"

#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace headwater {

ProfileStrip::ProfileStrip(Side side, ViewState* state, MapTiles* tiles, QWidget* parent)
    : QWidget(parent)
    , m_side(side)
    , m_state(state)
    , m_tiles(tiles)
    , m_job(new BackgroundJob(this))
{
    if (side == Side::Right) {
        setFixedWidth(kWidth);
        setAccessibleName(tr("Who reads the locked key"));
    } else {
        setFixedHeight(kHeight);
        setAccessibleName(tr("What the locked query reads"));
    }
    connect(state, &ViewState::lockedChanged, this, &ProfileStrip::read);
    connect(state, &ViewState::shownHeadChanged, this, &ProfileStrip::read);
    connect(tiles, &MapTiles::sourceChanged, this, &ProfileStrip::read);
    connect(state, &ViewState::viewportChanged, this, [this] { update(); });
}

std::optional<std::uint32_t> ProfileStrip::token() const
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    const auto& wanted = m_side == Side::Right ? m_state->locked().key : m_state->locked().query;
    return trace && wanted && *wanted < trace->seqLen() ? wanted : std::nullopt;
}

void ProfileStrip::read()
{
    const std::optional<std::uint32_t> wanted = token();
    const std::shared_ptr<TileSource> source = m_tiles->source();
    if (!wanted || !source || !m_tiles->shownHeadInfo()) {
        m_job->cancel();
        m_profile = {};
        update();
        emit profileChanged();
        return;
    }
    m_job->start(
        [source, trace = m_state->trace(), head = m_state->shownHead(), at = *wanted,
         side = m_side](std::stop_token) {
            return side == Side::Right ? readColumnProfile(*source, *trace, head, at)
                                       : readRowProfile(*source, *trace, head, at);
        },
        [this](Profile profile) {
            m_profile = std::move(profile);
            setAccessibleDescription(note());
            update();
            emit profileChanged();
        });
}

QString ProfileStrip::note() const
{
    if (!token() || m_profile.bars.empty())
        return {};
    const QString token = thousandsOf(m_profile.token);
    if (m_profile.tokenExact)
        return tr("%1 heaviest keys of row %2").arg(m_profile.bars.size()).arg(token);
    if (m_side == Side::Bottom)
        return tr("mean of %1 rows (the block of row %2)").arg(m_profile.block).arg(token);
    return tr("block of %1 keys, mean of each query block's rows").arg(m_profile.block);
}

std::vector<float> ProfileStrip::pixelValues() const
{
    const bool right = m_side == Side::Right;
    const int length = right ? height() : width();
    std::vector<float> values(static_cast<std::size_t>(std::max(0, length)), 0.0F);
    const MapViewport& viewport = m_state->viewport();
    const double origin = right ? viewport.query : viewport.key;
    for (const Profile::Bar& bar : m_profile.bars) {
        const double from = (bar.tokens.begin - origin) / viewport.tokensPerPixel;
        const double to = (bar.tokens.end - origin) / viewport.tokensPerPixel;
        if (to < 0 || from >= length)
            continue;
        const int first = std::clamp(static_cast<int>(std::floor(from)), 0, length - 1);
        // A lone token of many must be seen: two pixels at least.
        const int least = m_profile.tokenExact ? first + 1 : first;
        const int last =
            std::clamp(static_cast<int>(std::ceil(to)) - 1, std::min(least, length - 1), length - 1);
        for (int i = first; i <= last; ++i)
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
    float most = 0;
    for (const Profile::Bar& bar : m_profile.bars)
        most = std::max(most, bar.value);
    const std::vector<float> values = pixelValues();
    // The scale is that of the whole profile, so that a bar keeps its length while the view moves; the square
    // root leaves small readers visible beside a sink.
    const double room = (right ? width() : height()) - 8;
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
        painter.drawText(QRectF(4, 2, width() - 8, 14), Qt::AlignRight | Qt::AlignTop, note());
    }
}

bool ProfileStrip::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString text = note();
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace headwater
