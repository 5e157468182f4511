// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log_code.h"
#include "core/reading/edge_query.h"
#include "core/reading/known_pair.h"
#include "made_trace.h"
#include "support/patience.h"
#include "ui/map/colour_panel.h"
#include "ui/map/colour_range.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/minimap.h"
#include "ui/map/profile_strip.h"
#include "ui/map/quantity_text.h"
#include "ui/map/raster_map_renderer.h"
#include "ui/map/token_strip.h"
#include "ui/map/tooltip_card.h"
#include "ui/map/view_geometry.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>
#include <cmath>
#include <set>

using namespace headwater;

namespace {

constexpr std::uint32_t kNeedleQuery = 3541;
constexpr std::uint32_t kNeedleKey = 2012;

testing::MadeTrace madeTrace()
{
    testing::MadeTrace made;
    made.seqLen = 4000;
    made.needleQuery = kNeedleQuery;
    made.needleKey = kNeedleKey;
    return made;
}

void wheel(QWidget* widget, const QPointF& at, int delta)
{
    QWheelEvent event(at, widget->mapToGlobal(at), {}, QPoint(0, delta), Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(widget, &event);
}

} // namespace

class TestMapPane : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void cleanup();

    void setTrace_opened_wholeMapIsShownAndComplete();
    void resize_throughNoHeight_keepsTheMapWhole();
    void paint_allTilesThere_equalsBruteForceOfEdges();
    void wheel_inAndOut_tokenUnderCursorStays();
    void wheel_withShiftTiltedOrOnAPad_movesAndDoesNotZoom();
    void hover_anyCell_answersWhatTheEdgesSay();
    void hover_beforeTheNextPicture_answersTheOneOnScreen();
    void hover_elsewhere_isShownAndNeverCovered();
    void click_cellOfManyPairs_locksTheWinner();
    void click_cursorGoesOn_locksTheClickedCell();
    void doubleClick_anywhere_zoomsAndKeepsTheLock();
    void strips_clickInTheFuture_neverLockAPairOfIt();
    void focus_byKeyboard_isShown();
    void description_hoverAndHead_namesThePairOfItsWeight();
    void click_future_locksTheRowAlone();
    void drag_left_pansAndKeepsTheTokenUnderTheHand();
    void drag_shift_zoomsToTheBox();
    void keys_arrowsAndHome_doWhatTheySay();
    void colours_changed_noTileIsMadeAgain();
    void profiles_lockedPair_showTheTracesOwnValues();
    void minimap_click_centresTheView();
    void growingTrace_newerSnapshot_keepsViewAndMarksAndShowsItsLayer();
    void resize_wholeMap_staysWholeAndIsNoStep();
    void wholeMap_anyPane_fillsIt();
    void modes_each_saysWhatIsDrawn();
    void colourPanel_typedFitAndMap_changeTheOneScale();
    void colourPanel_counts_nameTheCellsOfThisZoom();
    void names_everyControl_hasOne();

private:
    QPointF pixelOf(std::uint32_t query, std::uint32_t key) const;
    bool isComplete() const { return m_pane->status().tilesPending == 0; }
    MapView* view() const { return m_pane->view(); }

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;
    std::unique_ptr<Subject> m_subject;
    std::unique_ptr<MapLook> m_look;
    std::unique_ptr<ViewReader> m_reader;
    std::unique_ptr<MapPane> m_pane;
};

QPointF TestMapPane::pixelOf(std::uint32_t query, std::uint32_t key) const
{
    return pixelAt(m_look->viewport(), key + 0.5, query + 0.5);
}

void TestMapPane::initTestCase()
{
    applyTheme(*qApp, darkTheme());
    const auto trace =
        testing::writeMadeTrace(m_folder.filePath(QStringLiteral("made.hwt")).toStdString(), madeTrace());
    QVERIFY2(trace, trace ? "" : trace.error().text().c_str());
    m_trace = *trace;
}

void TestMapPane::init()
{
    m_subject = std::make_unique<Subject>();
    m_look = std::make_unique<MapLook>();
    m_reader = std::make_unique<ViewReader>(m_subject.get());
    m_pane = std::make_unique<MapPane>(m_subject.get(), m_look.get(), m_reader.get());
    m_pane->resize(1000, 760);
    m_pane->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_pane.get(), headwater::test::kPatienceMs));
    // The cursor of the test before must not hover over this one's map: it rests in the empty corner.
    QTest::mouseMove(m_pane.get(), QPoint(3, 3));
    QTRY_VERIFY(!view()->underMouse());
    m_subject->setTrace(m_trace);
    QTRY_VERIFY(isComplete());
}

void TestMapPane::cleanup()
{
    m_pane.reset();
    m_reader.reset();
    m_subject.reset();
}

void TestMapPane::setTrace_opened_wholeMapIsShownAndComplete()
{
    QCOMPARE(m_look->viewport(), wholeMap(4000, view()->size()));
    const MapStatus status = m_pane->status();
    QVERIFY(status.cacheBytes > 0);
    QCOMPARE(status.cacheBudget, TileSource::Options().cacheBytes + (std::size_t{320} << 20));
    QCOMPARE(status.renderer, QStringLiteral("CPU renderer"));
    QCOMPARE(status.quantity, QStringLiteral("p_model · selection exact"));
    QVERIFY(!status.failure);
    QVERIFY(status.cell.contains(QStringLiteral("16 × 16 tokens")));
    m_subject->setTrace(nullptr);
    QTRY_COMPARE(m_pane->status().cell, QString());
}

/// Docks that are laid out leave the map no height for a moment.
void TestMapPane::resize_throughNoHeight_keepsTheMapWhole()
{
    MapLook look;
    MapNavigator navigator(m_subject.get(), &look, nullptr);
    navigator.setSize({900, 600});
    navigator.takeTrace();
    QCOMPARE(look.viewport(), wholeMap(m_trace->seqLen(), {900, 600}));
    for (const QSizeF& size : {QSizeF(900, 0), QSizeF(700, 0), QSizeF(700, 500)})
        navigator.setSize(size);
    QCOMPARE(look.viewport(), wholeMap(m_trace->seqLen(), {700, 500}));
    // What was no whole map stays where it is.
    const MapViewport near{100, 50, 0.25, 1};
    navigator.setViewport(near);
    for (const QSizeF& size : {QSizeF(700, 0), QSizeF(800, 500)})
        navigator.setSize(size);
    QCOMPARE(look.viewport(), near);
}

void TestMapPane::paint_allTilesThere_equalsBruteForceOfEdges()
{
    // The colour of every pixel, from the edges alone: at this scale a pixel lies inside one 16 × 16 block.
    view()->navigator().zoomToCell(kNeedleQuery, kNeedleKey, 2);
    QTRY_VERIFY(isComplete());
    const auto edges = m_trace->loadEdges(0, 0);
    QVERIFY(edges);
    RasterMapRenderer renderer;
    const MapFrame frame = m_pane->tiles()->frame(darkTheme());
    renderer.prepare(frame);
    const QImage& image = renderer.image();
    int needles = 0;
    for (int y = 0; y < image.height(); y += 3) {
        for (int x = 0; x < image.width(); x += 3) {
            const QPointF token = tokenAt(frame.viewport, {x + 0.5, y + 0.5});
            const bool onMap =
                token.x() >= 0 && token.y() < 4000 && token.y() >= 0 && token.x() + 4 < token.y();
            const double least = frame.viewport.queryTokensPerPixel();
            const bool onEdge = std::fmod(token.x(), 16) < 1 || std::fmod(token.x(), 16) > 15
                || std::fmod(token.y(), 16) < least || std::fmod(token.y(), 16) > 16 - least;
            if (!onMap || onEdge)
                continue;
            const auto edge = findCellEdge(**edges, 4, static_cast<std::uint32_t>(token.y()),
                                           static_cast<std::uint32_t>(token.x()));
            const QRgb expected = frame.colours.ofCode[edge ? probabilityCode(edge->peak) : 0];
            QCOMPARE(image.pixel(x, y), expected);
            needles += edge && edge->query == kNeedleQuery && edge->key == kNeedleKey;
        }
    }
    QVERIFY(needles > 0);
}

void TestMapPane::wheel_inAndOut_tokenUnderCursorStays()
{
    const QPointF at(301.5, 502.25);
    const QPointF token = tokenAt(m_look->viewport(), at);
    for (const int delta : {120, -120}) {
        for (int i = 0; i < 60; ++i) {
            wheel(view(), at, delta);
            const QPointF now = pixelAt(m_look->viewport(), token.x(), token.y());
            QVERIFY(std::hypot(now.x() - at.x(), now.y() - at.y()) < 1);
        }
    }
    QCOMPARE(m_look->viewport().tokensPerPixel, zoomLimits(4000, view()->size()).coarsest);
}

void TestMapPane::wheel_withShiftTiltedOrOnAPad_movesAndDoesNotZoom()
{
    struct Turn {
        QPoint pixels; ///< as pads give them
        QPoint angle;
        Qt::KeyboardModifiers keys;
        Qt::ScrollPhase phase;
        QPointF moved; ///< of the picture
    };
    const Turn turns[] = {
        {{}, {0, 120}, Qt::ShiftModifier, Qt::NoScrollPhase, {0, 60}},
        {{}, {0, -120}, Qt::ShiftModifier, Qt::NoScrollPhase, {0, -60}},
        {{}, {120, 0}, Qt::NoModifier, Qt::NoScrollPhase, {60, 0}}, // tilted: it zoomed once
        {{17, -9}, {34, -18}, Qt::NoModifier, Qt::ScrollUpdate, {17, -9}},
        {{}, {34, -18}, Qt::NoModifier, Qt::ScrollUpdate, {17, -9}}, // a pad that tells no pixels
    };
    const QPointF at(200, 150);
    const auto send = [&](const Turn& turn) {
        QWheelEvent event(at, view()->mapToGlobal(at), turn.pixels, turn.angle, Qt::NoButton, turn.keys,
                          turn.phase, false);
        QApplication::sendEvent(view(), &event);
    };
    for (const Turn& turn : turns) {
        view()->navigator().zoomToCell(2000, 1000, 1);
        const MapViewport before = m_look->viewport();
        const QPointF token = tokenAt(before, at);
        send(turn);
        QCOMPARE(m_look->viewport().tokensPerPixel, before.tokensPerPixel);
        const QPointF now = pixelAt(m_look->viewport(), token.x(), token.y()) - at;
        QVERIFY2((now - turn.moved).manhattanLength() < 1e-6,
                 qPrintable(QString("%1 %2").arg(now.x()).arg(now.y())));
    }
    view()->navigator().zoomToCell(2000, 1000, 1);
    send({{0, 9}, {0, 120}, Qt::ControlModifier, Qt::ScrollUpdate, {}}); // with Ctrl a pad zooms as well
    QVERIFY(m_look->viewport().tokensPerPixel < 1);
}

void TestMapPane::hover_anyCell_answersWhatTheEdgesSay()
{
    const auto edges = m_trace->loadEdges(0, 0);
    QVERIFY(edges);
    const HeadShape shape{{4000, 16, 16}, HeadKind::Global, 0};
    int inside = 0;
    std::mt19937 random(4);
    for (const double scale : {7.0, 2.0, 1.0, 0.3}) {
        view()->navigator().zoomToCell(kNeedleQuery, kNeedleKey, scale);
        QTRY_VERIFY(isComplete());
        for (int probe = 0; probe < 12; ++probe) {
            QPoint at(static_cast<int>(random() % static_cast<unsigned>(view()->width())),
                      static_cast<int>(random() % static_cast<unsigned>(view()->height())));
            if (probe == 0)
                at = pixelOf(kNeedleQuery, kNeedleKey).toPoint();
            if (m_pane->findChild<Minimap*>()->geometry().contains(at))
                continue;
            QTest::mouseMove(view(), at);
            const auto cell = cellAt(m_pane->tiles()->frame(darkTheme()), at);
            const QPointF token = tokenAt(m_look->viewport(), QPointF(at) + QPointF(0.5, 0.5));
            if (!cell) {
                QVERIFY(token.x() + 2 * scale > token.y() || token.y() >= 4000 - scale || token.x() < 0
                        || token.y() < 0);
                QTRY_VERIFY(!view()->hoveredCell());
                continue;
            }
            QTRY_VERIFY(view()->answer() && view()->answer()->cell == *cell);
            const auto& found = view()->answer()->edge;
            if (cell->level < 4) { // inside a block: what is known of this one pair
                const KnownPair pair = knownPair({shape, **edges}, cell->queries.begin, cell->keys.begin);
                QCOMPARE(view()->answer()->pair->state, pair.state);
                QCOMPARE(found.has_value(), pair.block.has_value());
                QCOMPARE(m_subject->hovered(), (TokenPair{pair.row, pair.key}));
                inside += pair.state == KnownPair::State::InBlock;
                continue;
            }
            const auto expected = findCellEdge(**edges, cell->level, cell->queries.begin, cell->keys.begin);
            QVERIFY(!view()->answer()->pair);
            QCOMPARE(found.has_value(), expected.has_value());
            if (!expected)
                continue;
            QCOMPARE(found->query, expected->query);
            QCOMPARE(found->key, expected->key);
            QCOMPARE(found->peak, expected->peak);
            QCOMPARE(found->edgesInCell, expected->edgesInCell);
            QCOMPARE(m_subject->hovered(), (TokenPair{expected->query, expected->key}));
        }
    }
    QVERIFY(inside > 0);
}

void TestMapPane::hover_beforeTheNextPicture_answersTheOneOnScreen()
{
    view()->navigator().zoomToCell(kNeedleQuery, kNeedleKey, 0.5);
    QTRY_VERIFY(isComplete());
    QCoreApplication::processEvents(); // the picture
    const QPointF at = pixelOf(kNeedleQuery, kNeedleKey);
    const auto move = [this, &at] {
        QMouseEvent event(QEvent::MouseMove, at, view()->mapToGlobal(at), Qt::NoButton, Qt::NoButton,
                          Qt::NoModifier);
        QApplication::sendEvent(view(), &event);
    };
    const auto holds = [this](std::uint32_t query, std::uint32_t key) {
        const std::optional<MapCell>& cell = view()->hoveredCell();
        return cell && query >= cell->queries.begin && query < cell->queries.end && key >= cell->keys.begin
            && key < cell->keys.end;
    };
    QVERIFY(QTest::qWaitForWindowExposed(m_pane.get(), headwater::test::kPatienceMs));
    QTest::mouseMove(view(), at.toPoint());
    QTRY_VERIFY(view()->underMouse());
    move();
    QVERIFY(holds(kNeedleQuery, kNeedleKey));
    // The view has moved on, but nobody has seen that yet: the cursor is on what is drawn.
    MapViewport moved = m_look->viewport();
    moved.key -= 64;
    moved.query -= 64;
    m_look->setViewport(moved);
    move();
    QVERIFY(holds(kNeedleQuery, kNeedleKey));
    QTest::mousePress(view(), Qt::LeftButton, Qt::NoModifier, at.toPoint());
    QTest::mouseRelease(view(), Qt::LeftButton, Qt::NoModifier, at.toPoint());
    QCOMPARE(m_subject->locked().query.value_or(0) / 16, kNeedleQuery / 16);
    QCOMPARE(m_subject->locked().key.value_or(0) / 16, kNeedleKey / 16);
    // With the new picture the resting cursor is on another cell.
    QTRY_VERIFY(holds(kNeedleQuery - 64, kNeedleKey - 64));
}

void TestMapPane::hover_elsewhere_isShownAndNeverCovered()
{
    auto* card = m_pane->findChild<TooltipCard*>();
    QVERIFY(card);
    QVERIFY(!card->isVisible());
    for (const std::uint32_t query : {100U, 2000U, kNeedleQuery, 3999U}) {
        for (const std::uint32_t key : {0U, query / 2, query}) {
            m_subject->setHovered({query, key});
            const auto answered = [&] {
                return card->isVisible() && view()->answer() && view()->answer()->cell.queries.begin == query
                    && view()->answer()->cell.keys.begin == key;
            };
            QTRY_VERIFY(answered());
            const QRectF cell = view()->markedRect().translated(view()->pos());
            const QRectF shape = QRectF(card->geometry()).adjusted(10, 10, -10, -10);
            QVERIFY2(!shape.intersects(cell), qPrintable(QStringLiteral("%1 %2").arg(query).arg(key)));
        }
    }
    m_subject->setHovered({kNeedleQuery, kNeedleKey});
    QTRY_COMPARE(card->content().value, QStringLiteral("0.412"));
    QCOMPARE(card->content().query->word, QStringLiteral("is"));
    QCOMPARE(card->content().key->word, QStringLiteral("7421"));
    QVERIFY(card->content().pill.startsWith(QStringLiteral("p_model")));
    m_subject->setHovered({});
    QTRY_VERIFY(!card->isVisible());
}

void TestMapPane::click_cellOfManyPairs_locksTheWinner()
{
    QTest::mouseClick(view(), Qt::LeftButton, {}, pixelOf(kNeedleQuery, kNeedleKey).toPoint());
    QTRY_COMPARE(m_subject->locked(), (TokenPair{kNeedleQuery, kNeedleKey}));
}

void TestMapPane::click_cursorGoesOn_locksTheClickedCell()
{
    // The cursor is over another cell before the clicked one's winner is known.
    for (int round = 0; round < 5; ++round) {
        m_subject->setLocked({});
        QTest::mouseClick(view(), Qt::LeftButton, {}, pixelOf(kNeedleQuery, kNeedleKey).toPoint());
        QTest::mouseMove(view(), pixelOf(3000 + 40 * static_cast<std::uint32_t>(round), 700).toPoint());
        QTRY_VERIFY(view()->answer() && view()->answer()->cell.keys.begin < 800);
        QTRY_COMPARE(m_subject->locked(), (TokenPair{kNeedleQuery, kNeedleKey}));
    }
}

void TestMapPane::doubleClick_anywhere_zoomsAndKeepsTheLock()
{
    m_subject->setLocked({kNeedleQuery, kNeedleKey});
    const double scale = m_look->viewport().tokensPerPixel;
    const QPoint at = pixelOf(2500, 700).toPoint();
    QTest::mouseClick(view(), Qt::LeftButton, {}, at);
    QTest::mouseDClick(view(), Qt::LeftButton, {}, at);
    QVERIFY(m_look->viewport().tokensPerPixel < scale / 3);
    QTRY_VERIFY(view()->answer());
    QCOMPARE(m_subject->locked(), (TokenPair{kNeedleQuery, kNeedleKey}));
}

void TestMapPane::strips_clickInTheFuture_neverLockAPairOfIt()
{
    TokenStrip* strips[2] = {};
    for (TokenStrip* strip : m_pane->findChildren<TokenStrip*>())
        strips[strip->width() > strip->height() ? 0 : 1] = strip;
    m_subject->setLocked({1000U, 500U});
    QTest::mouseClick(strips[0], Qt::LeftButton, {}, QPoint(static_cast<int>(pixelOf(0, 3000).x()), 40));
    QVERIFY(!m_subject->locked().query && m_subject->locked().key.value() > 2900);
    QTest::mouseClick(strips[1], Qt::LeftButton, {}, QPoint(40, static_cast<int>(pixelOf(1000, 0).y())));
    QVERIFY(!m_subject->locked().key && m_subject->locked().query.value() < 1100);
    QTest::mouseClick(strips[0], Qt::LeftButton, {}, QPoint(static_cast<int>(pixelOf(0, 200).x()), 40));
    QVERIFY(m_subject->locked().query && m_subject->locked().key);
}

void TestMapPane::focus_byKeyboard_isShown()
{
    QPushButton other(m_pane.get());
    other.show();
    QApplication::setActiveWindow(m_pane.get());
    other.setFocus();
    QTRY_VERIFY(!view()->hasFocus());
    const QImage without = view()->grabImage();
    view()->setFocus(Qt::TabFocusReason);
    QTRY_VERIFY(view()->hasFocus());
    const QImage with = view()->grabImage();
    QCOMPARE(QColor(with.pixel(1, 1)), darkTheme().selected);
    QCOMPARE(QColor(with.pixel(with.width() - 2, with.height() - 2)), darkTheme().selected);
    // The hand needs no frame to know where it is.
    QTest::mousePress(view(), Qt::LeftButton, {}, QPoint(5, 300));
    QTest::mouseRelease(view(), Qt::LeftButton, {}, QPoint(5, 300));
    QVERIFY(QColor(view()->grabImage().pixel(1, 1)) != darkTheme().selected);
    // Nor is a modifier held for a click a key to move by.
    QTest::keyClick(view(), Qt::Key_Shift, Qt::ShiftModifier);
    QTest::keyClick(view(), Qt::Key_Control, Qt::ControlModifier);
    QVERIFY(QColor(view()->grabImage().pixel(1, 1)) != darkTheme().selected);
    QTest::keyClick(view(), Qt::Key_Down);
    QCOMPARE(QColor(view()->grabImage().pixel(1, 1)), darkTheme().selected);
}

void TestMapPane::description_hoverAndHead_namesThePairOfItsWeight()
{
    m_subject->setLocked({100U, 50U});
    QTest::mouseMove(view(), pixelOf(kNeedleQuery, kNeedleKey).toPoint());
    QTRY_VERIFY(view()->answer() && view()->answer()->edge);
    const QString needle = QStringLiteral("layer 0 head 0, query 3541 'is', key 2012 '7421', weight 0.412");
    QTRY_VERIFY2(view()->accessibleDescription().startsWith(needle),
                 qPrintable(view()->accessibleDescription()));
    // Close up the cursor is on a pair of the block that is not its largest: it has no weight.
    view()->navigator().zoomToCell(kNeedleQuery, kNeedleKey, 0.05);
    QTest::mouseMove(view(), pixelOf(kNeedleQuery + 1, kNeedleKey - 1).toPoint());
    QTRY_VERIFY(m_subject->hovered() == (TokenPair{kNeedleQuery + 1, kNeedleKey - 1}));
    const QString beside =
        QStringLiteral("only its block is known, at most 0.413, its largest at query 3541, key 2012");
    QTRY_VERIFY2(view()->accessibleDescription().endsWith(beside),
                 qPrintable(view()->accessibleDescription()));
    QVERIFY(view()->accessibleDescription().startsWith(QStringLiteral("layer 0 head 0, query 3542 ")));
    // Another head is not described by this one's weight.
    m_subject->setHead({1, 1});
    QVERIFY(view()->accessibleDescription().startsWith(QStringLiteral("layer 1 head 1")));
    QVERIFY(!view()->accessibleDescription().contains(QStringLiteral("0.412"))
            || (view()->answer() && view()->answer()->head == HeadId{1, 1}));
    // Without a cursor it is the lock that is described, wherever the keys move it.
    QTest::mouseMove(m_pane.get(), QPoint(3, 3));
    QTRY_VERIFY(!view()->underMouse());
    m_subject->setHead({0, 0});
    m_subject->setLocked({kNeedleQuery, kNeedleKey + 1});
    QTest::keyClick(view(), Qt::Key_Left);
    QTRY_VERIFY2(view()->accessibleDescription().startsWith(needle),
                 qPrintable(view()->accessibleDescription()));
    m_subject->setLocked({100U, std::nullopt});
    QVERIFY(view()->accessibleDescription().contains(QStringLiteral("query 100 ")));
    QVERIFY(!view()->accessibleDescription().contains(QStringLiteral("weight")));
}

void TestMapPane::click_future_locksTheRowAlone()
{
    const QPoint at = pixelOf(1000, 2500).toPoint();
    QTest::mouseClick(view(), Qt::LeftButton, {}, at);
    QVERIFY(m_subject->locked().query && !m_subject->locked().key);
}

void TestMapPane::drag_left_pansAndKeepsTheTokenUnderTheHand()
{
    view()->navigator().zoomToCell(2000, 1000, 1);
    const QPoint from(200, 200);
    const QPoint to(260, 170);
    const QPointF token = tokenAt(m_look->viewport(), from);
    QTest::mousePress(view(), Qt::LeftButton, {}, from);
    QTest::mouseMove(view(), QPoint(230, 185));
    QTest::mouseMove(view(), to);
    QTest::mouseRelease(view(), Qt::LeftButton, {}, to);
    const QPointF now = pixelAt(m_look->viewport(), token.x(), token.y());
    QVERIFY(std::abs(now.x() - to.x()) < 1 && std::abs(now.y() - to.y()) < 1);
    QCOMPARE(m_subject->locked(), TokenPair{});
}

void TestMapPane::drag_shift_zoomsToTheBox()
{
    const QPoint from(100, 300);
    const QPoint to(180, 360);
    const QPointF a = tokenAt(m_look->viewport(), from);
    const QPointF b = tokenAt(m_look->viewport(), to);
    QTest::mousePress(view(), Qt::LeftButton, Qt::ShiftModifier, from);
    QMouseEvent move(QEvent::MouseMove, QPointF(to), view()->mapToGlobal(QPointF(to)), Qt::NoButton,
                     Qt::LeftButton, Qt::ShiftModifier);
    QApplication::sendEvent(view(), &move);
    QTest::mouseRelease(view(), Qt::LeftButton, Qt::ShiftModifier, to);
    const QRectF shown(tokenAt(m_look->viewport(), {0, 0}),
                       tokenAt(m_look->viewport(), QPointF(view()->width(), view()->height())));
    QVERIFY(shown.adjusted(-1, -1, 1, 1).contains(QRectF(a, b)));
    QVERIFY(shown.width() < 3 * (b.x() - a.x()) && shown.height() < 3 * (b.y() - a.y()));
}

void TestMapPane::keys_arrowsAndHome_doWhatTheySay()
{
    m_subject->setLocked({2000U, 1000U});
    QTest::keyClick(view(), Qt::Key_Left);
    QCOMPARE(m_subject->locked(), (TokenPair{2000U, 984U}));
    QTest::keyClick(view(), Qt::Key_Down, Qt::ShiftModifier);
    QCOMPARE(m_subject->locked(), (TokenPair{2016U, 984U}));
    const double scale = m_look->viewport().tokensPerPixel;
    view()->navigator().zoomBy(2);
    QVERIFY(std::abs(m_look->viewport().tokensPerPixel - scale / 2) < 1e-9 * scale);
    const double left = m_look->viewport().key;
    QTest::keyClick(view(), Qt::Key_Right, Qt::ControlModifier);
    QVERIFY(m_look->viewport().key > left);
    QTest::keyClick(view(), Qt::Key_Home);
    QCOMPARE(m_look->viewport(), wholeMap(4000, view()->size()));
    // One token at a time once tokens can be told apart.
    view()->navigator().zoomToCell(2016, 984, 0.05);
    QTest::keyClick(view(), Qt::Key_Right);
    QCOMPARE(m_subject->locked().key.value(), 985U);
}

void TestMapPane::colours_changed_noTileIsMadeAgain()
{
    const auto tilesOf = [this] {
        std::vector<const Tile*> tiles;
        for (const TilePlacement& placement : m_pane->tiles()->frame(darkTheme()).tiles)
            tiles.push_back(placement.tile.get());
        return tiles;
    };
    const std::vector<const Tile*> before = tilesOf();
    const QImage picture = view()->grabImage();
    ColourScale scale;
    scale.map = ColourScale::Map::Viridis;
    scale.low = 0.01;
    m_look->setColours(scale);
    QCOMPARE(m_pane->status().tilesPending, std::size_t{0});
    QCOMPARE(tilesOf(), before);
    QVERIFY(view()->grabImage() != picture);
}

void TestMapPane::profiles_lockedPair_showTheTracesOwnValues()
{
    const auto strips = m_pane->findChildren<ProfileStrip*>();
    QCOMPARE(strips.size(), 2);
    const auto edges = m_trace->loadEdges(0, 0);
    QVERIFY(edges);
    m_subject->setLocked({kNeedleQuery, kNeedleKey});
    QTRY_VERIFY(!strips[0]->profile().bars.empty() && !strips[1]->profile().bars.empty());
    const Profile& readers = strips[0]->profile();
    const Profile& reads = strips[1]->profile();
    QCOMPARE(readers.bars.size(), columnEntries(**edges, kNeedleKey).size());
    QCOMPARE(reads.bars.size(), rowEntries(**edges, kNeedleQuery).size());
    QVERIFY(!reads.ofTokens());
    QVERIFY(strips[1]->note().contains(QStringLiteral("16 rows")));
    const auto needle = std::find_if(reads.bars.begin(), reads.bars.end(), [](const Profile::Bar& bar) {
        return bar.tokens.begin == kNeedleKey / 16 * 16;
    });
    QVERIFY(needle != reads.bars.end());
    QVERIFY(std::abs(static_cast<double>(needle->value) - 0.412 / 4) < 1e-3);
    // Lengths have a scale and a value each.
    const auto largest = [](const Profile& profile) {
        float most = 0;
        for (const Profile::Bar& bar : profile.bars)
            most = std::max(most, bar.value);
        return probabilityText(static_cast<double>(most));
    };
    QCOMPARE(strips[1]->scaleNote(), QStringLiteral("√ scale to ") + largest(reads));
    QCOMPARE(strips[0]->scaleNote(), QStringLiteral("√ scale to ") + largest(readers));
    QCOMPARE(strips[1]->valueAt(static_cast<int>(pixelOf(0, kNeedleKey).x())),
             QStringLiteral("keys 2\u2009000–2\u2009015: ")
                 + probabilityText(static_cast<double>(needle->value)));
    QVERIFY(strips[1]->valueAt(static_cast<int>(pixelOf(0, 3800).x())).isEmpty()); // the row's future
    // A row of the row table shows its own keys.
    m_subject->setLocked({3999U, 0U});
    QTRY_VERIFY(strips[1]->profile().token == 3999 && strips[1]->profile().ofTokens());
    QCOMPARE(strips[1]->profile().bars.size(), std::size_t{4});
    QCOMPARE(strips[1]->profile().bars.front().value, 0.5F);
}

void TestMapPane::minimap_click_centresTheView()
{
    auto* minimap = m_pane->findChild<Minimap*>();
    QVERIFY(minimap && minimap->isVisible());
    QCOMPARE(minimap->width(), Minimap::kLargeSide);
    view()->navigator().zoomToCell(3000, 500, 1);
    QTRY_COMPARE(minimap->width(), Minimap::kSmallSide);
    QTest::mouseClick(minimap, Qt::LeftButton, {}, QPoint(21, 42));
    // The picture has a frame of 4 pixels.
    const double scale = 4000.0 / (Minimap::kSmallSide - 8);
    const QPointF centre =
        tokenAt(m_look->viewport(), QPointF(view()->width() / 2.0, view()->height() / 2.0));
    QVERIFY(std::abs(centre.x() - 17 * scale) < 1 && std::abs(centre.y() - 38 * scale) < 1);
}

void TestMapPane::growingTrace_newerSnapshot_keepsViewAndMarksAndShowsItsLayer()
{
    const std::filesystem::path path = m_folder.filePath(QStringLiteral("grows.hwt")).toStdString();
    auto writer = testing::createMadeTrace(path, madeTrace());
    QVERIFY(writer && testing::writeMadeLayer(*writer, madeTrace(), 0));
    const auto first = Trace::open(path);
    QVERIFY(first);
    QCOMPARE((*first)->heads().size(), std::size_t{2});
    m_subject->setTrace(*first);
    QTRY_VERIFY(isComplete());
    view()->navigator().zoomToCell(2000, 1000, 1);
    m_pane->setFindHits({{30, 31}, {70, 74}, {2000, 2001}});
    const MapViewport viewport = m_look->viewport();
    // The head that is not there yet says so, and is drawn as soon as a newer snapshot holds it.
    m_subject->setHead({1, 1});
    QVERIFY(!m_pane->tiles()->shownHeadInfo());
    const QImage waiting = view()->grabImage();
    QVERIFY(testing::writeMadeLayer(*writer, madeTrace(), 1));
    const auto second = Trace::open(path);
    QVERIFY(second);
    QCOMPARE((*second)->heads().size(), std::size_t{4});
    m_subject->setTrace(*second, true);
    QCOMPARE(m_look->viewport(), viewport);
    QCOMPARE(m_subject->head(), (HeadId{1, 1}));
    QVERIFY(m_pane->tiles()->shownHeadInfo());
    QTRY_VERIFY(isComplete());
    QTRY_VERIFY(view()->grabImage() != waiting);
    const std::vector<TokenRange> marks{{30, 31}, {70, 74}, {2000, 2001}};
    for (const TokenStrip* strip : m_pane->findChildren<TokenStrip*>())
        QVERIFY(std::equal(marks.begin(), marks.end(), strip->findHits().begin(), strip->findHits().end()));
    // Another file has other tokens.
    m_subject->setTrace(m_trace);
    for (const TokenStrip* strip : m_pane->findChildren<TokenStrip*>())
        QVERIFY(strip->findHits().empty());
}

void TestMapPane::resize_wholeMap_staysWholeAndIsNoStep()
{
    QSignalSpy refitted(m_look.get(), &MapLook::viewportRefitted);
    m_pane->resize(820, 700);
    QTRY_COMPARE(m_look->viewport(), wholeMap(4000, view()->size()));
    QVERIFY(!refitted.isEmpty());
    // A part of the map is left where it is.
    view()->navigator().zoomToCell(2000, 1000, 1);
    refitted.clear();
    const MapViewport viewport = m_look->viewport();
    m_pane->resize(900, 760);
    QTRY_COMPARE(m_pane->tiles()->surface(), view()->size());
    QCOMPARE(m_look->viewport(), viewport);
    QVERIFY(refitted.isEmpty());
}

void TestMapPane::wholeMap_anyPane_fillsIt()
{
    const QPointF end = pixelAt(m_look->viewport(), 4000, 4000);
    QVERIFY(std::abs(end.x() - view()->width()) < 1e-6 && std::abs(end.y() - view()->height()) < 1e-6);
    QVERIFY(view()->width() != view()->height());
    // The last row's diagonal cell lies in the lower right corner.
    QTest::mouseMove(view(), QPoint(view()->width() - 1, view()->height() - 1));
    QTRY_VERIFY(view()->hoveredCell());
    QCOMPARE(view()->hoveredCell()->queries.end, 4000U);
    QCOMPARE(view()->hoveredCell()->keys.end, 4000U);
}

void TestMapPane::modes_each_saysWhatIsDrawn()
{
    m_look->setMode(MapMode::Count);
    QVERIFY(m_pane->status().cell.contains(QStringLiteral("number of kept blocks")));
    m_look->setMode(MapMode::Missed);
    QVERIFY(m_pane->status().cell.contains(QStringLiteral("missed mass")));
    m_look->setMode(MapMode::Max);
    const auto* minimap = m_pane->findChild<Minimap*>();
    const auto whole = [minimap] { return const_cast<Minimap*>(minimap)->grab().toImage(); };
    const QPointF sink = pixelOf(3000, 2);
    const QColor open(view()->grabImage().pixel(static_cast<int>(sink.x()), static_cast<int>(sink.y())));
    QVERIFY(open != darkTheme().raised);
    // A pixel of the minimap's diagonal: its picture has a frame of 4, and is there when its overview is
    // read.
    const QPoint small(64, 64);
    QTRY_VERIFY(QColor(whole().pixel(small)) != darkTheme().window);
    QVERIFY(QColor(whole().pixel(small)) != darkTheme().raised);
    m_look->setMask({true, true});
    QCOMPARE(QColor(whole().pixel(small)), darkTheme().raised);
    const QColor masked(view()->grabImage().pixel(static_cast<int>(sink.x()), static_cast<int>(sink.y())));
    QCOMPARE(masked, darkTheme().raised);
}

void TestMapPane::colourPanel_typedFitAndMap_changeTheOneScale()
{
    ColourPanel panel(m_subject.get(), m_look.get(), m_pane->tiles());
    panel.show();
    panel.show();
    auto* low = panel.findChild<QLineEdit*>(QStringLiteral("colourLow"));
    auto* map = panel.findChild<QComboBox*>(QStringLiteral("colourMap"));
    low->setFocus();
    low->selectAll();
    QTest::keyClicks(low, QStringLiteral("0.02"));
    QTest::keyClick(low, Qt::Key_Return);
    QCOMPARE(m_look->colours().low, 0.02);
    low->selectAll();
    QTest::keyClicks(low, QStringLiteral("7"));
    QTest::keyClick(low, Qt::Key_Return);
    QCOMPARE(m_look->colours().low, 0.02);
    QVERIFY(low->property("invalid").toBool());
    map->setCurrentIndex(map->findText(QStringLiteral("cividis · linear")));
    emit map->activated(map->currentIndex());
    QCOMPARE(m_look->colours().map, ColourScale::Map::Cividis);
    QVERIFY(!m_look->colours().logarithmic);
    panel.fit();
    QTRY_COMPARE(m_look->colours().low, 0.0);
    QVERIFY(m_look->colours().high >= 0.85 && m_look->colours().high <= 1);
}

void TestMapPane::colourPanel_counts_nameTheCellsOfThisZoom()
{
    ColourPanel panel(m_subject.get(), m_look.get(), m_pane->tiles());
    panel.show();
    auto* high = panel.findChild<QLineEdit*>(QStringLiteral("colourHigh"));
    auto* range = panel.findChild<ColourRange*>();
    const auto says = [&panel](const QString& text) {
        for (const QLabel* label : panel.findChildren<QLabel*>()) {
            if (label->text() == text)
                return true;
        }
        return false;
    };
    testing::MadeTrace made;
    made.seqLen = 60000;
    made.layers = 1;
    made.heads = 1;
    const auto trace =
        testing::writeMadeTrace(m_folder.filePath(QStringLiteral("long.hwt")).toStdString(), made);
    QVERIFY(trace);
    m_subject->setTrace(*trace);
    m_look->setMode(MapMode::Count);
    std::set<int> seen;
    for (const double scale : {130.0, 70.0, 40.0, 1.0}) {
        view()->navigator().zoomTo(scale);
        const auto blocks = static_cast<int>(m_pane->tiles()->blocksPerCell());
        seen.insert(blocks);
        QVERIFY(says(QStringLiteral("kept blocks in a cell, 0 to %1").arg(blocks)));
        QCOMPARE(panel.findChild<QLineEdit*>(QStringLiteral("colourLow"))->text(), QStringLiteral("0"));
        QCOMPARE(range->valueText(0), QStringLiteral("nothing kept")); // what the bar begins with
        QCOMPARE(high->text(), QString::number(blocks));
        QCOMPARE(range->capacity(), static_cast<double>(blocks));
        QCOMPARE(range->valueText(1e6), QStringLiteral("%1 kept blocks").arg(blocks));
    }
    QVERIFY(seen.size() >= 3 && seen.contains(1));
    // No histogram of another quantity above the bar: its room stays empty.
    panel.resize(300, 200);
    panel.show();
    const QImage bare = range->grab().toImage();
    const QColor ground(bare.pixel(range->width() / 2, 1));
    for (int x = 8; x < range->width() - 8; ++x) {
        for (int y = 0; y < 40; ++y)
            QCOMPARE(QColor(bare.pixel(x, y)), ground);
    }
    m_look->setMode(MapMode::Max);
    QCOMPARE(high->text(), QStringLiteral("1.0"));
}

void TestMapPane::names_everyControl_hasOne()
{
    ColourPanel panel(m_subject.get(), m_look.get(), m_pane->tiles());
    panel.show();
    for (const QWidget* root :
         {static_cast<const QWidget*>(m_pane.get()), static_cast<const QWidget*>(&panel)}) {
        for (const QWidget* widget : root->findChildren<QWidget*>()) {
            const bool label = widget->inherits("QLabel");
            const bool inner = widget->parentWidget()->inherits("QComboBox")
                || widget->parentWidget()->inherits("QAbstractItemView")
                || widget->inherits("QComboBoxPrivateContainer")
                || widget->parentWidget()->inherits("QComboBoxPrivateContainer");
            if (!label && !inner)
                QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
        }
    }
}

QTEST_MAIN(TestMapPane)
#include "tst_map_pane.moc"
