// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/background_job.h"
#include "ui/bridge/view_reader.h"
#include "ui/bridge/when_seen.h"
#include "ui/state/text_look.h"
#include "ui/text/prose_view.h"

#include <QWidget>
#include <vector>

class QLabel;

namespace headwater {

class LossLegend;

/// The prompt as prose, shaded by what the locked row reads or by the loss of each word. A click on a word
/// locks the row before it, which it follows. When the locked key lies far from the locked row a second
/// column stands beside the text and shows the key, with how many tokens lie between the two.
class TextPane : public QWidget {
    Q_OBJECT
public:
    TextPane(Subject* subject, MapLook* mapLook, TextLook* textLook, ViewReader* reader,
             QWidget* parent = nullptr);

    ProseView* prose() const { return m_prose; }
    ProseView* keyProse() const { return m_keyProse; }
    QString caption() const;
    /// "… 5 921 tokens …" between the columns; empty while there is one, or nothing between them.
    QString gap() const;

public slots:
    /// Marked until the next search; ascending as in isInSpans().
    void setFindHits(const std::vector<headwater::TokenRange>& hits);
    /// Brings a hit into view and lets it stand out; locks nothing.
    void showHit(const headwater::TokenRange& hit);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void connectView(ProseView* view);
    void takeTrace();
    void follow();
    void showGap();
    /// To whom it may give losses: which words are seen.
    void tellView();
    void readShade();
    void showLosses();
    void takeShade(Profile profile);
    void say(const QString& text);
    QString captionOf(const Profile& profile) const;
    QString lossCaption() const;
    QString lossOf(std::uint32_t token, const Predictions& predictions) const;
    /// Words in view without a loss, and how many there are.
    std::pair<std::uint32_t, std::uint32_t> unknownInView() const;

    Subject* m_subject;
    MapLook* m_mapLook;
    TextLook* m_textLook;
    ViewReader* m_reader;
    BackgroundJob* m_job;
    WhenSeen* m_shade; ///< reads it
    QLabel* m_caption;
    QLabel* m_gap;
    LossLegend* m_legend; ///< shown with losses
    ProseView* m_keyProse; ///< the left column; hidden while the key is near
    ProseView* m_prose;
};

} // namespace headwater
