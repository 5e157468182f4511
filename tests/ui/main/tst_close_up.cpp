// SPDX-License-Identifier: GPL-3.0-or-later
// Zoomed to single tokens, map, hand, words and lists say the same of one pair. (A window once said 0.976
// over a pair of which the list beside it said that it was not there: the number was another row's of the
// same block.)
#include "core/base/log_code.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/mass_table.h"
#include "ui/main/made_windows.h"
#include "ui/map/colour_lut.h"
#include "ui/map/known_pair_text.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/raster_map_renderer.h"
#include "ui/map/tooltip_card.h"
#include "ui/map/view_geometry.h"

#include <QLabel>
#include <QTest>
#include <set>

using namespace headwater;
using namespace headwater::testing;

namespace {

using State = KnownPair::State;

constexpr std::uint32_t kRow = 990; ///< that reads the needle, recorded token by token
constexpr std::uint32_t kNeedle = 212;
constexpr std::uint32_t kBlock = 16; ///< rows 976 to 991, of which those from 984 on are recorded

MadeTrace madeTrace()
{
    MadeTrace made;
    made.needleQuery = kRow;
    made.needleKey = kNeedle;
    made.needlePeak = 0.412F;
    for (std::uint32_t row = 984; row < 1000; ++row) {
        if (row == kRow)
            made.tokenRows.push_back({0, 0, row, {kNeedle, 0, row, row - 1}, {0.412F, 0.3F, 0.1F, 0.05F}});
        else
            made.tokenRows.push_back({0, 0, row, {0, row, row - 1, row / 2}, {0.5F, 0.2F, 0.1F, 0.05F}});
    }
    return made;
}

} // namespace

class TestCloseUp : public MadeWindows {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(prepare());
        m_trace = m_folder.filePath("close.hwt");
        QVERIFY(writeMadeTrace(m_trace.toStdString(), madeTrace()).has_value());
    }

    void onePair_mapHandAndLists_agree_data();
    void onePair_mapHandAndLists_agree();
    void pairToldFromAfar_isMeantItself();
    void legend_namesTheStatesOnScreen();
};

void TestCloseUp::onePair_mapHandAndLists_agree_data()
{
    QTest::addColumn<std::uint32_t>("row");
    QTest::addColumn<std::uint32_t>("key");
    QTest::addColumn<int>("state");
    QTest::addColumn<QString>("value");
    QTest::newRow("the needle, in its row") << kRow << kNeedle << int(State::Recorded) << "0.412";
    QTest::newRow("another row of its block, recorded")
        << 991U << 208U << int(State::BelowRecorded) << "not in its row's 4";
    QTest::newRow("a key of that row") << 991U << 991U / 2 << int(State::Recorded) << "0.0500";
    QTest::newRow("another row of its block, not recorded")
        << 980U << 208U << int(State::InBlock) << "only its block is known";
}

void TestCloseUp::onePair_mapHandAndLists_agree()
{
    QFETCH(const std::uint32_t, row);
    QFETCH(const std::uint32_t, key);
    QFETCH(const int, state);
    QFETCH(const QString, value);
    const auto window = openWindow();
    QVERIFY(window);
    const QString zoom = QStringLiteral("view.goto query=%1 key=%2 zoom=0.05").arg(row).arg(key);
    QCOMPARE(runScript(*window, {zoom, "view.wait"}), 0);
    auto* pane = window->findChild<MapPane*>();
    auto* card = window->findChild<TooltipCard*>();
    QVERIFY(pane && card && QTest::qWaitForWindowExposed(window.get(), headwater::test::kPatienceMs));

    // The map: the pair's own colour, or none.
    const MapFrame frame = pane->tiles()->frame(darkTheme());
    QCOMPARE(frame.level, 0U);
    RasterMapRenderer renderer;
    renderer.prepare(frame);
    const QRectF place(pixelAt(frame.viewport, key, row), pixelAt(frame.viewport, key + 1, row + 1));
    std::set<QRgb> seen;
    for (int y = static_cast<int>(place.top()) + 2; y < static_cast<int>(place.bottom()) - 1; ++y) {
        for (int x = static_cast<int>(place.left()) + 2; x < static_cast<int>(place.right()) - 1; ++x)
            seen.insert(renderer.image().pixel(x, y));
    }
    std::set<QRgb> expected{frame.colours.background};
    if (state == int(State::Recorded))
        expected = {frame.colours.ofCode[probabilityCode(row == kRow ? 0.412F : 0.05F)]};
    else if (state == int(State::InBlock))
        expected.insert(frame.colours.somewhere);
    QCOMPARE(seen, expected);

    // The hand on it, from elsewhere.
    QTest::mouseMove(pane, QPoint(3, 3));
    QTRY_VERIFY(!pane->view()->underMouse());
    QTest::mouseMove(pane->view(), place.center().toPoint());
    QTRY_VERIFY(pane->view()->answer() && pane->view()->answer()->pair);
    QTRY_COMPARE(pane->view()->answer()->pair->key, key);
    QCOMPARE(pane->view()->answer()->pair->row, row);
    QCOMPARE(int(pane->view()->answer()->pair->state), state);
    QCOMPARE(window->subject().hovered(), (TokenPair{row, key}));
    QTRY_COMPARE(card->content().value, value);
    QCOMPARE(card->content().query->label, QStringLiteral("query %1").arg(row));
    QCOMPARE(card->content().key->label, QStringLiteral("key %1").arg(key));
    const QString words = card->content().aggregate + card->content().rank + card->content().keeps;
    if (state == int(State::BelowRecorded)) {
        QCOMPARE(card->content().aggregate, QStringLiteral("this pair: at most 0.0501"));
        QVERIFY2(!words.contains("0.41"), qPrintable(words));
    } else if (state == int(State::InBlock)) {
        QCOMPARE(card->content().aggregate, QStringLiteral("this pair: at most 0.413, the block's largest"));
        QVERIFY2(words.contains("largest, 0.412, at query 990 × key 212"), qPrintable(words));
    }
    const QString heard = pane->view()->accessibleDescription();
    QVERIFY2(heard.contains(value) && heard.contains(QStringLiteral("query %1 ").arg(row)),
             qPrintable(heard));
    QCOMPARE(heard.contains("weight"), state == int(State::Recorded));

    // The lock, and the lists beside the map.
    QTest::mouseClick(pane->view(), Qt::LeftButton, {}, place.center().toPoint());
    QCOMPARE(window->subject().locked(), (TokenPair{row, key}));
    auto* inspector = window->findChild<InspectorPanel*>();
    QVERIFY(inspector);
    if (state == int(State::InBlock))
        return; // the lists speak of blocks, and say so
    const MassTable* reads = inspector->reads();
    QTRY_COMPARE(reads->model()->rowCount(), 4);
    bool isListed = false;
    for (int i = 0; i < 4; ++i)
        isListed = isListed || reads->rowAt(i).tokenAt == key;
    QTRY_COMPARE(isListed, state == int(State::Recorded));
    const MassTable* heads = inspector->heads();
    QTRY_COMPARE(heads->model()->rowCount(), 4);
    for (int i = 0; i < 4; ++i)
        QCOMPARE(heads->rowAt(i).massText.contains("not in its"), state == int(State::BelowRecorded));
}

/// A word hovered in the text means its own pair, at any zoom.
void TestCloseUp::pairToldFromAfar_isMeantItself()
{
    const auto window = openWindow();
    QVERIFY(window);
    QCOMPARE(runScript(*window, {"view.zoom.all", "view.wait"}), 0);
    auto* pane = window->findChild<MapPane*>();
    auto* card = window->findChild<TooltipCard*>();
    QVERIFY(pane->tiles()->level() > 0 || pane->view()->height() > 700);
    window->subject().setHovered({991, 208});
    QTRY_COMPARE(card->content().value, QStringLiteral("not in its row's 4"));
    window->subject().setHovered({kRow, kNeedle});
    QTRY_COMPARE(card->content().value, QStringLiteral("0.412"));
    window->subject().setHovered({979, kNeedle});
    QTRY_COMPARE(card->content().value, QStringLiteral("only its block is known"));
    // No pair of it is kept, recorded or read.
    exploreOf(*window).mapLook().setMode(MapMode::Missed);
    QTRY_VERIFY(card->content().value.contains('%'));
}

void TestCloseUp::legend_namesTheStatesOnScreen()
{
    const auto window = openWindow();
    QVERIFY(window);
    const auto says = [&](const char* name) {
        const auto* label = window->findChild<QLabel*>(QString(name));
        return label && label->isVisibleTo(window.get()) ? label->text() : QString();
    };
    QCOMPARE(runScript(*window, {"view.goto query=900 key=300 zoom=4", "view.wait"}), 0);
    QTRY_COMPARE(says("colourNotKept"), QStringLiteral("not kept: at most 0.00201 a key"));
    QCOMPARE(says("colourSomewhere"), QString());
    QCOMPARE(says("colourBelowRecorded"), QString());
    QCOMPARE(runScript(*window, {"view.goto query=990 key=212 zoom=0.05", "view.wait"}), 0);
    QTRY_COMPARE(says("colourSomewhere"), QStringLiteral("somewhere in this block"));
    QTRY_COMPARE(says("colourBelowRecorded"), QStringLiteral("not in its row's 4: at most 0.0501"));
    // Rows that are known by block only.
    QCOMPARE(runScript(*window, {"view.goto query=500 key=212 zoom=0.05", "view.wait"}), 0);
    QTRY_COMPARE(says("colourBelowRecorded"), QString());
    QCOMPARE(says("colourSomewhere"), QStringLiteral("somewhere in this block"));
    exploreOf(*window).mapLook().setMode(MapMode::Count);
    QCOMPARE(says("colourSomewhere"), QString());
    QCOMPARE(says("colourNotKept"), QStringLiteral("not kept: at most 0.00201 a key"));
}

QTEST_MAIN(TestCloseUp)
#include "tst_close_up.moc"
