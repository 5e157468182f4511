// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/strip_layout.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QWidget>
#include <filesystem>
#include <vector>

namespace headwater {

/// The strip of one axis beside the map: ticks and sentence brackets, then sentences, then words; the locked
/// token, the hovered one and the hits of a search are marked.
class TokenStrip : public QWidget {
    Q_OBJECT
public:
    enum class Axis { Key, Query };
    TokenStrip(Axis axis, Subject* subject, MapLook* look, QWidget* parent = nullptr);

    /// Ascending as in isInSpans(); none of them is the current one.
    void setFindHits(const std::vector<TokenRange>& hits);
    void setCurrentHit(const TokenRange& hit);
    std::span<const TokenRange> findHits() const { return m_hits; }
    const std::optional<TokenRange>& currentHit() const { return m_currentHit; }
    StripLayout layoutNow() const;

    static constexpr int kKeyHeight = 84;
    static constexpr int kQueryWidth = 132; ///< ten letters of a sentence, and the numbers

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    void takeTrace();
    StripRequest request() const;
    double length() const;
    double origin() const; ///< token at the strip's beginning
    double tokensPerPixel() const; ///< of this axis
    void paintItem(QPainter& painter, const StripItem& item) const;
    void paintWord(QPainter& painter, const StripItem& item) const;
    void paintSentence(QPainter& painter, const StripItem& item) const;
    void paintNumber(QPainter& painter, const StripItem& item) const;
    void paintLockedKey(QPainter& painter, StripDetail detail) const;
    void paintHits(QPainter& painter) const;
    void paintHit(QPainter& painter, const TokenRange& hit, bool isCurrent) const;

    Axis m_axis;
    Subject* m_subject;
    MapLook* m_look;
    std::filesystem::path m_path;
    std::vector<std::uint32_t> m_sentences;
    std::vector<TokenRange> m_hits;
    std::optional<TokenRange> m_currentHit;
};

} // namespace headwater
