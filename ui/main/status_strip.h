// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/workspace.h"

#include <QStatusBar>
#include <map>
#include <vector>

class QLabel;

namespace headwater {

class EngineClient;
class RunSession;

/// The line at the bottom: the engine at the left, then what the shown workspace says.
class StatusStrip : public QStatusBar {
    Q_OBJECT
public:
    StatusStrip(const EngineClient& engine, const RunSession& session, QWidget* parent = nullptr);

    /// What the shown workspace says; what it says no more is empty.
    void setTexts(const std::vector<StatusText>& texts);

private:
    QLabel* addText(const QString& id, const QString& accessible, bool right);
    void showEngine();

    const EngineClient& m_engine;
    const RunSession& m_session;
    QLabel* m_dot = nullptr;
    QLabel* m_engineText = nullptr;
    std::map<QString, QLabel*> m_texts; ///< of workspaces, by id
};

} // namespace headwater
