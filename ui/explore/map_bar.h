// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>

class QLabel;
class QToolButton;

namespace headwater {

class CommandTable;
class Subject;

/// The strip over the map: which head it shows, and whether that is but a preview; what it shows of each cell
/// and what is masked; the way to a figure. What does not fit goes from the end.
class MapBar : public QFrame {
    Q_OBJECT
public:
    MapBar(CommandTable& commands, const Subject& subject, QWidget* parent);

    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showHead();
    void showParts();

    const Subject& m_subject;
    QLabel* m_head;
    QLabel* m_preview;
    QToolButton* m_export;
};

} // namespace headwater
