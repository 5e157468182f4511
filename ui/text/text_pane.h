// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/background_job.h"
#include "ui/map/map_tiles.h"
#include "ui/text/prose_view.h"

#include <QWidget>
#include <vector>

class QLabel;

namespace headwater {

/// The prompt as prose, shaded by what the locked row reads. A click on a word locks the row that predicts
/// it. When the locked key lies far from the locked row a second column stands beside the text and shows the
/// key, with how many tokens lie between the two.
class TextPane : public QWidget {
    Q_OBJECT
public:
    TextPane(ViewState* state, MapTiles* tiles, QWidget* parent = nullptr);

    ProseView* prose() const { return m_prose; }
    ProseView* keyProse() const { return m_keyProse; }
    QString caption() const;
    /// "… 5 921 tokens …" between the columns; empty while there is one, or nothing between them.
    QString gap() const;

public slots:
    /// Marked until the next search; ascending as in isInSpans().
    void setFindHits(const std::vector<headwater::TokenSpan>& hits);
    /// Brings a hit into view and lets it stand out; locks nothing.
    void showHit(const headwater::TokenSpan& hit);

private:
    void connectView(ProseView* view);
    void takeTrace();
    void follow();
    void showGap();
    void readShade();
    void takeShade(Profile profile);
    void say(const QString& text);
    QString captionOf(const Profile& profile) const;

    ViewState* m_state;
    MapTiles* m_tiles;
    BackgroundJob* m_job;
    QLabel* m_caption;
    QLabel* m_gap;
    ProseView* m_keyProse; ///< the left column; hidden while the key is near
    ProseView* m_prose;
};

} // namespace headwater
