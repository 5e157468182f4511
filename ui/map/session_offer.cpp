// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/session_offer.h"

#include "core/base/text.h"

#include <QLabel>
#include <QPushButton>

namespace headwater {

SessionOffer::SessionOffer(const QString& id, const QString& subject, QBoxLayout::Direction direction,
                           QLabel* text, QWidget* parent)
    : QFrame(parent)
    , m_subject(subject)
    , m_text(text)
    , m_button(new QPushButton(this))
{
    setObjectName(id);
    setAccessibleName(subject);
    m_text->setParent(this);
    m_text->setObjectName(id + QStringLiteral("Text"));
    m_text->setProperty("role", QStringLiteral("dim"));
    m_button->setObjectName(id + QStringLiteral("Button"));
    m_button->setFocusPolicy(Qt::TabFocus);
    m_button->setAccessibleName(tr("%1: compute, cancel or try again").arg(subject));
    auto* const box = new QBoxLayout(direction, this);
    box->addWidget(m_button);
    box->addWidget(m_text);
    connect(m_button, &QPushButton::clicked, this, &SessionOffer::press);
    hide();
}

void SessionOffer::setSession(TraceSession* session)
{
    m_session = session;
}

void SessionOffer::press()
{
    if (m_session->state() == TraceSession::State::Opening)
        return m_session->cancel();
    switch (m_session->remedy()) {
    case TraceSession::Remedy::NameModel:
        return emit modelWanted();
    case TraceSession::Remedy::OpenTrace:
        return emit traceWanted();
    case TraceSession::Remedy::TryAgain:
        return emit asked();
    }
}

QString SessionOffer::failureText() const
{
    const Error& failure = m_session->failure();
    if (m_session->remedy() == TraceSession::Remedy::OpenTrace)
        return tr("the trace's file is not in its place any more, or cannot be read: %1")
            .arg(QString::fromStdString(Error{failure.code, failure.context, {}}.text()));
    return QString::fromStdString(failure.text());
}

QString SessionOffer::remedyText() const
{
    switch (m_session->remedy()) {
    case TraceSession::Remedy::NameModel:
        return tr("Choose the model…");
    case TraceSession::Remedy::OpenTrace:
        return tr("Open the trace…");
    case TraceSession::Remedy::TryAgain:
        break;
    }
    return tr("Try again");
}

QString SessionOffer::costText() const
{
    const TraceSession::Offer& offer = m_session->offer();
    const QString cost = (offer.isOnDisk ? tr("about %1, opens a session of %2 on disk")
                                         : tr("about %1, opens a session of %2"))
                             .arg(QString::fromStdString(humanSeconds(offer.seconds)),
                                  QString::fromStdString(humanBytes(offer.bytes)));
    return offer.isExact ? cost : cost + tr(", over keys rounded to two digits");
}

QString SessionOffer::progressText() const
{
    const EngineProgress& progress = m_session->progress();
    const QString text = progress.total > 0 && progress.phase == QLatin1String("session")
        ? tr("Opening a session: %1 %").arg(progress.done * 100 / progress.total)
        : tr("Opening a session");
    return progress.secondsLeft < 1
        ? text
        : text + tr(" · about %1 left").arg(QString::fromStdString(humanSeconds(progress.secondsLeft)));
}

void SessionOffer::offer(const QString& what)
{
    using State = TraceSession::State;
    if (what.isEmpty() || !m_session)
        return showText({}, {});
    switch (m_session->state()) {
    case State::Offered:
        if (const QString& refusal = m_session->offer().refusal; !refusal.isEmpty())
            return showText(tr("%1: %2").arg(m_subject, refusal), {});
        return showText(costText(), what);
    case State::Opening:
        return showText(progressText(), tr("Cancel"));
    case State::Failed:
        return showText(tr("%1: %2").arg(m_subject, failureText()), remedyText());
    case State::None:
    case State::Estimating:
    case State::Open: // it takes a moment
        break;
    }
    showText({}, {});
}

void SessionOffer::showText(const QString& text, const QString& button)
{
    const bool changed = m_text->text() != text || m_button->text() != button;
    m_text->setText(text);
    m_text->setToolTip(text);
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
