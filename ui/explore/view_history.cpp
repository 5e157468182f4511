// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/view_history.h"

#include <QUndoCommand>
#include <functional>
#include <utility>

namespace headwater {

namespace {

constexpr std::size_t kMaxPlaces = 200;
constexpr int kMaxUndo = 500;

constexpr int kNeverMerged = -1; // QUndoCommand's own word for it

enum ChangeKind { kNone, kHead, kMode, kViewport, kColours, kMask, kLock, kTextShade };

class ViewChange : public QUndoCommand {
public:
    using Apply = std::function<void(const ViewSnapshot&)>;
    ViewChange(Apply apply, int kind, qint64 at, const ViewSnapshot& before, const ViewSnapshot& after,
               const QString& text)
        : QUndoCommand(text)
        , m_apply(std::move(apply))
        , m_kind(kind)
        , m_at(at)
        , m_before(before)
        , m_after(after)
    {
    }

    int id() const override { return m_kind; }
    void undo() override { m_apply(m_before); }
    void redo() override
    {
        // Pushing a command calls redo() once, but the change has been made already.
        if (std::exchange(m_isNew, false))
            return;
        m_apply(m_after);
    }
    bool mergeWith(const QUndoCommand* other) override
    {
        const auto* const later = static_cast<const ViewChange*>(other);
        if (later->m_at - m_at > ViewHistory::kMergeMs)
            return false;
        m_at = later->m_at;
        m_after = later->m_after;
        // Back where it began (a double click gives the lock back): nothing to undo.
        setObsolete(m_before == m_after);
        return true;
    }

private:
    Apply m_apply;
    int m_kind;
    qint64 m_at;
    ViewSnapshot m_before;
    ViewSnapshot m_after;
    bool m_isNew = true;
};

} // namespace

ViewSnapshot snapshotOf(const ExploreView& view)
{
    return {view.subject.head(), view.map.mode(),       view.map.viewport(), view.map.colours(),
            view.map.mask(),     view.subject.locked(), view.text.shade()};
}

void applySnapshot(const ExploreView& view, const ViewSnapshot& snapshot)
{
    view.subject.setHead(snapshot.head);
    view.map.setMode(snapshot.mode);
    view.map.setColours(snapshot.colours);
    view.map.setMask(snapshot.mask);
    view.map.setViewport(snapshot.viewport);
    view.subject.setLocked(snapshot.locked);
    view.text.setShade(snapshot.textShade);
}

ViewHistory::ViewHistory(const ExploreView& view, QObject* parent)
    : History(parent)
    , m_view(view)
{
    m_clock.start();
    m_undo.setUndoLimit(kMaxUndo);
    connect(&view.subject, &Subject::headChanged, this, [this] { record(kHead, tr("head")); });
    connect(&view.map, &MapLook::modeChanged, this, [this] { record(kMode, tr("mode")); });
    connect(&view.map, &MapLook::viewportChanged, this, [this] { record(kViewport, tr("view")); });
    connect(&view.map, &MapLook::viewportRefitted, this, &ViewHistory::refit);
    connect(&view.map, &MapLook::coloursChanged, this, [this] { record(kColours, tr("colours")); });
    connect(&view.map, &MapLook::maskChanged, this, [this] { record(kMask, tr("mask")); });
    connect(&view.subject, &Subject::lockedChanged, this, [this] { record(kLock, tr("selection")); });
    connect(&view.text, &TextLook::shadeChanged, this, [this] { record(kTextShade, tr("shading")); });
    // An undone view is a place as any other.
    connect(&m_undo, &QUndoStack::indexChanged, this, [this] {
        m_last = snapshotOf(m_view);
        emit changed();
    });
    restart();
}

void ViewHistory::restart()
{
    m_undo.clear();
    m_last = snapshotOf(m_view);
    m_places = {here()};
    m_place = 0;
    m_refits.clear();
    m_lastKind = kNone;
    emit changed();
}

/// The whole map on a surface of another size is still the whole map, wherever it is remembered.
void ViewHistory::refit(const MapViewport& before)
{
    const MapViewport now = m_view.map.viewport();
    m_last.viewport = now;
    for (Place& place : m_places) {
        if (place.viewport == before)
            place.viewport = now;
    }
    for (auto& [from, to] : m_refits) {
        if (to == before)
            to = now;
    }
    // A view that nobody kept since it came needs no entry of its own: a dragged window edge makes hundreds.
    if (m_refits.empty() || m_keptAtRefit != m_kept)
        m_refits.emplace_back(before, now);
    m_keptAtRefit = m_kept;
}

void ViewHistory::apply(ViewSnapshot snapshot)
{
    for (const auto& [from, to] : m_refits) {
        if (from == snapshot.viewport) {
            snapshot.viewport = to;
            break;
        }
    }
    ++m_applying;
    applySnapshot(m_view, snapshot);
    --m_applying;
}

void ViewHistory::push(int kind, qint64 at, const ViewSnapshot& before, const ViewSnapshot& after,
                       const QString& text)
{
    ++m_kept;
    m_undo.push(new ViewChange([this](const ViewSnapshot& snapshot) { apply(snapshot); }, kind, at, before,
                               after, text));
}

void ViewHistory::record(int kind, const QString& text)
{
    const ViewSnapshot now = snapshotOf(m_view);
    if (m_applying > 0 || now == m_last) {
        m_last = now;
        return;
    }
    const qint64 at = m_clock.elapsed();
    push(kind, at, std::exchange(m_last, now), now, text);
    if (kind == kHead || kind == kViewport || kind == kLock)
        visit(kind, at);
}

void ViewHistory::visit(int kind, qint64 now)
{
    const bool sameMove = now - m_lastChange <= kMergeMs && m_lastKind != kNone && m_place > 0;
    m_lastChange = now;
    m_lastKind = kind;
    if (here() == m_places[m_place])
        return;
    if (sameMove) {
        m_places.resize(m_place + 1);
        m_places[m_place] = here();
        if (m_place > 0 && m_places[m_place - 1] == here()) {
            m_places.pop_back();
            --m_place;
        }
    } else {
        m_places.resize(m_place + 1);
        m_places.push_back(here());
        if (m_places.size() > kMaxPlaces)
            m_places.erase(m_places.begin());
        m_place = m_places.size() - 1;
    }
    emit changed();
}

void ViewHistory::goBack()
{
    if (canGoBack())
        show(m_place - 1);
}

void ViewHistory::goForward()
{
    if (canGoForward())
        show(m_place + 1);
}

void ViewHistory::show(std::size_t place)
{
    m_place = place;
    const Place target = m_places[place];
    const ViewSnapshot before = m_last; // recording below moves it along
    ++m_applying;
    m_view.subject.setHead(target.head);
    m_view.map.setViewport(target.viewport);
    m_view.subject.setLocked(target.locked);
    --m_applying;
    m_lastKind = kNone;
    m_last = snapshotOf(m_view);
    push(kNeverMerged, m_clock.elapsed(), before, m_last, tr("place"));
    emit changed();
}

} // namespace headwater
