// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStatusBar>

class QLabel;

namespace headwater {

class EngineClient;
class RunSession;

/// The line at the bottom. Left: the engine, what one cell is, blocks and budget. Right: tiles pending,
/// cache, renderer.
class StatusStrip : public QStatusBar {
    Q_OBJECT
public:
    StatusStrip(const EngineClient& engine, const RunSession& session, QWidget* parent = nullptr);

    void setCell(const QString& text);
    void setBudget(const QString& text);
    void setTiles(const QString& text);
    void setCache(const QString& text);
    void setRenderer(const QString& text);

private:
    QLabel* addText(const char* name, const QString& accessible, bool right);
    void showEngine();

    const EngineClient& m_engine;
    const RunSession& m_session;
    QLabel* m_dot = nullptr;
    QLabel* m_engineText = nullptr;
    QLabel* m_cell = nullptr;
    QLabel* m_budget = nullptr;
    QLabel* m_tiles = nullptr;
    QLabel* m_cache = nullptr;
    QLabel* m_renderer = nullptr;
};

} // namespace headwater
