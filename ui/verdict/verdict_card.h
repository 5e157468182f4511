// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>

class QLabel;

namespace headwater {

struct VerdictText;
class Trace;

/// The details behind the pill: the verdict's two lines, the budget, and what the run noted. Floats over the
/// window; a click elsewhere or Esc closes it.
class VerdictCard : public QFrame {
    Q_OBJECT
public:
    explicit VerdictCard(QWidget* window);

    void showFor(const Trace& trace, const VerdictText& verdict, const QPoint& corner);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    QLabel* m_number = nullptr;
    QLabel* m_held = nullptr;
    QLabel* m_behaviour = nullptr;
    QLabel* m_budget = nullptr;
    QLabel* m_notes = nullptr;
};

} // namespace headwater
