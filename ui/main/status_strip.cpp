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
    m_dot = addText("status_engine_dot", tr("Engine"), false);
    m_dot->setText(QStringLiteral("●"));
    m_engineText = addText("status_engine", tr("Engine"), false);
    m_cell = addText("status_cell", tr("What one cell is"), false);
    m_budget = addText("status_budget", tr("Blocks and budget"), false);
    m_tiles = addText("status_tiles", tr("Tiles pending"), true);
    m_cache = addText("status_cache", tr("Tile cache"), true);
    m_renderer = addText("status_renderer", tr("Renderer and frame time"), true);
    connect(&engine, &EngineClient::stateChanged, this, &StatusStrip::showEngine);
    connect(&session, &RunSession::progressChanged, this, &StatusStrip::showEngine);
    connect(&session, &RunSession::runningChanged, this, &StatusStrip::showEngine);
    showEngine();
}

QLabel* StatusStrip::addText(const char* name, const QString& accessible, bool right)
{
    // The engine's words and a trace's are of any length; what stands at the right are numbers.
    auto* const label = right ? new QLabel(this) : new ElidedLabel(this);
    label->setObjectName(QLatin1String(name));
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

void StatusStrip::setCell(const QString& text)
{
    m_cell->setText(text);
}
void StatusStrip::setBudget(const QString& text)
{
    m_budget->setText(text);
}
void StatusStrip::setTiles(const QString& text)
{
    m_tiles->setText(text);
}
void StatusStrip::setCache(const QString& text)
{
    m_cache->setText(text);
}
void StatusStrip::setRenderer(const QString& text)
{
    m_renderer->setText(text);
}

} // namespace headwater
