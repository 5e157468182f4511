// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/explore/explore_view.h"
#include "ui/main/history.h"

#include <QElapsedTimer>
#include <QUndoStack>
#include <utility>
#include <vector>

namespace headwater {

/// Everything about a view that can be taken back.
struct ViewSnapshot {
    HeadId head;
    MapMode mode = MapMode::Max;
    MapViewport viewport;
    ColourScale colours;
    VisualMask mask;
    TokenPair locked;
    TextShade textShade = TextShade::Reads;
    bool operator==(const ViewSnapshot&) const = default;
};
ViewSnapshot snapshotOf(const ExploreView& view);
void applySnapshot(const ExploreView& view, const ViewSnapshot& snapshot);

/// Undo and redo of view, colours, mask and selection, and beside it the places visited (Alt+Left,
/// Alt+Right), as a browser keeps them. It only listens to what is shown: whoever changes that is recorded,
/// but for a whole map that follows its pane's size.
class ViewHistory : public History {
    Q_OBJECT
public:
    /// Changes of one kind that follow each other within this time are one step: a pan is one, not sixty.
    static constexpr qint64 kMergeMs = 500;

    explicit ViewHistory(const ExploreView& view, QObject* parent = nullptr);

    QUndoStack& undoStack() { return m_undo; }
    bool canUndo() const override { return m_undo.canUndo(); }
    bool canRedo() const override { return m_undo.canRedo(); }
    void undo() override { m_undo.undo(); }
    void redo() override { m_undo.redo(); }
    bool canGoBack() const override { return m_place > 0; }
    bool canGoForward() const override { return m_place + 1 < m_places.size(); }
    void goBack() override;
    void goForward() override;

    /// Forgets everything: a new trace begins with an empty past.
    void restart();

private:
    /// What a place is: colours and masks are not part of where one is.
    struct Place {
        HeadId head;
        MapViewport viewport;
        TokenPair locked;
        bool operator==(const Place&) const = default;
    };
    Place here() const { return {m_view.subject.head(), m_view.map.viewport(), m_view.subject.locked()}; }
    void record(int kind, const QString& text);
    void refit(const MapViewport& before);
    void apply(ViewSnapshot snapshot);
    void push(int kind, qint64 at, const ViewSnapshot& before, const ViewSnapshot& after,
              const QString& text);
    void visit(int kind, qint64 now);
    void show(std::size_t place);

    ExploreView m_view;
    QUndoStack m_undo;
    ViewSnapshot m_last;
    std::vector<Place> m_places;
    std::size_t m_place = 0;
    QElapsedTimer m_clock;
    int m_lastKind = 0;
    qint64 m_lastChange = 0;
    int m_applying = 0;
    std::vector<std::pair<MapViewport, MapViewport>> m_refits; ///< what was the whole map, what it is now
    quint64 m_kept = 0; ///< counts what went into the undo stack
    quint64 m_keptAtRefit = 0;
};

} // namespace headwater
