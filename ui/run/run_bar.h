// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>

class QLabel;
class QProgressBar;
class QPushButton;

namespace headwater {

class RunSession;

/// How far the run is, above the map in which its layers appear. Hidden while nothing runs.
class RunBar : public QFrame {
    Q_OBJECT
public:
    explicit RunBar(RunSession& session, QWidget* parent = nullptr);

private:
    void update();

    RunSession& m_session;
    QLabel* m_text = nullptr;
    QLabel* m_generated = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_cancel = nullptr;
};

} // namespace headwater
