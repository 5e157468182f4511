// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/head_order.h"
#include "ui/heads/head_grid_layout.h"
#include "ui/heads/thumbnail_store.h"

#include <QAbstractScrollArea>
#include <filesystem>
#include <map>
#include <optional>
#include <vector>

namespace headwater {

/// Layers × heads as thumbnails in one scrolling widget: hover previews a head in the map, a click or the
/// arrow keys lock it. Paints only what is in view.
class HeadGrid : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit HeadGrid(Subject* subject, MapLook* look, QWidget* parent = nullptr);

    /// `isByLayer`: rows of layers with their labels; otherwise one after the other. Another order is shown
    /// from its beginning.
    void setHeads(std::vector<HeadId> heads, bool isByLayer);
    /// The same order with more or other heads in it (a run goes on): scroll, hover and preview stay.
    void updateHeads(std::vector<HeadId> heads);
    /// What the heads are ordered by, as text: under each thumbnail, and in its tooltip where that does not
    /// tell it anyway (`title`: what the numbers are).
    struct Values {
        QString title;
        std::map<HeadId, QString> texts;
    };
    void setValues(Values values);
    /// What a head's tooltip says, one fact a line.
    QString factsOf(HeadId head) const;
    const HeadGridLayout& headLayout() const { return m_layout; }
    const ThumbnailStore& thumbnails() const { return m_store; }
    /// What the thumbnails show, and on which scale; empty while there is none.
    QString caption() const;
    /// Where a head's thumbnail is on the viewport.
    QRect placeOf(std::size_t index) const;

    QSize sizeHint() const override { return {240, 480}; }
    QSize minimumSizeHint() const override { return {120, 90}; }

signals:
    void thumbnailsChanged();

protected:
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    struct Picture {
        QImage image;
        std::shared_ptr<const Overview> overview; ///< it was made of
    };

    void takeTrace();
    void arrange();
    void wantVisible();
    void forgetPictures();
    void hover(std::optional<std::size_t> index);
    void showHead(HeadId head);
    void scrollTo(std::size_t index);
    const QImage* pictureOf(HeadId head);
    ColourLut lutOf(const Overview& overview, const HeadInfo& info);
    void paintCell(QPainter& painter, std::size_t index, const QRect& place);

    Subject* m_subject;
    MapLook* m_look;
    ThumbnailStore m_store;
    std::vector<HeadId> m_heads;
    bool m_isByLayer = true;
    Values m_values;
    HeadGridLayout m_layout;
    std::map<HeadId, Picture> m_pictures; ///< in the present size and colours
    std::map<std::uint64_t, ColourLut> m_luts; ///< by capacity
    std::optional<std::size_t> m_hovered;
    std::filesystem::path m_path; ///< of the trace shown
};

/// What is known of a head, one fact a line.
QString headFacts(const Trace& trace, HeadId head);

} // namespace headwater
