// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/status_strip.h"

#include "ui/bridge/engine_client.h"
#include "ui/run/run_session.h"
#include "ui/theme/elided_label.h"

#include <QLabel>
#include <QStyle>

namespace headwater {

StatusStrip::StatusStrip(const EngineClient& engine, const RunSession& session, QWidget* parent)
    : QStatusBar(parent)
    , m_engine(engine)
    , m_session(session)
{
    setObjectName(QStringLiteral("status_strip"));
    setAccessibleName(tr("Status"));
    setSizeGripEnabled(false);
    setContentsMargins(6, 0, 6, 0);
    m_dot = addText(QStringLiteral("engine_dot"), tr("Engine"), false);
    m_dot->setText(QStringLiteral("●"));
    m_engineText = addText(QStringLiteral("engine"), tr("Engine"), false);
    connect(&engine, &EngineClient::stateChanged, this, &StatusStrip::showEngine);
    connect(&session, &RunSession::progressChanged, this, &StatusStrip::showEngine);
    connect(&session, &RunSession::runningChanged, this, &StatusStrip::showEngine);
    showEngine();
}

QLabel* StatusStrip::addText(const QString& id, const QString& accessible, bool right)
{
    auto* const label = new ElidedLabel(this); // its words are of any length
    label->setObjectName(QStringLiteral("status_") + id);
    label->setAccessibleName(accessible);
    label->setProperty("role", QStringLiteral("dim"));
    label->setTextFormat(Qt::PlainText);
    if (right)
        addPermanentWidget(label);
    else
        addWidget(label);
    return label;
}

void StatusStrip::showEngine()
{
    QString text;
    QString role = QStringLiteral("good");
    switch (m_engine.state()) {
    case EngineClient::State::Stopped:
        text = tr("engine not started");
        role = QStringLiteral("dim");
        break;
    case EngineClient::State::Starting:
        text = tr("engine starting");
        role = QStringLiteral("dim");
        break;
    case EngineClient::State::Idle:
        text = tr("engine idle");
        break;
    case EngineClient::State::Running:
        text = m_session.isRunning() ? tr("engine: %1").arg(progressText(m_session.progress()))
                                     : tr("engine busy");
        break;
    case EngineClient::State::Dead:
        text = tr("engine ended");
        role = QStringLiteral("caution");
        break;
    }
    m_engineText->setText(text);
    if (m_dot->property("role") != role) {
        m_dot->setProperty("role", role);
        m_dot->style()->unpolish(m_dot);
        m_dot->style()->polish(m_dot);
    }
}

void StatusStrip::setTexts(const std::vector<StatusText>& texts)
{
    std::map<QString, QLabel*> gone = m_texts;
    for (const StatusText& text : texts) {
        QLabel*& label = m_texts[QLatin1String(text.id)];
        if (!label)
            label = addText(QLatin1String(text.id), text.name, text.isAtRight);
        label->setText(text.text);
        gone.erase(QLatin1String(text.id));
    }
    for (const auto& [id, label] : gone)
        label->clear();
}

} // namespace headwater
