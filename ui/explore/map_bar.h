// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>

class QLabel;
class QToolButton;

namespace headwater {

class CommandTable;
class Subject;

/// The strip over the map: which head it shows, and whether that is but a preview; what it shows of each cell
/// and what is masked; the way to a figure. In a narrow pane the last goes first, then words become shorter.
class MapBar : public QFrame {
    Q_OBJECT
public:
    MapBar(CommandTable& commands, const Subject& subject, QWidget* parent);

    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showHead();
    /// How much of everything there is room for, from all of it down.
    enum class Room { All, NoExport, ShortWords, Least };
    void showParts();
    void fit(Room room);
    void setCompact(bool isCompact);

    const Subject& m_subject;
    QLabel* m_head;
    QLabel* m_preview;
    QToolButton* m_export;
    QToolButton* m_sinks = nullptr;
    QToolButton* m_diagonal = nullptr;
};

} // namespace headwater
