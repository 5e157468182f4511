// SPDX-License-Identifier: GPL-3.0-or-later
// Close up, the pairs on screen come exact from a real engine: map, hand, legend and status against what the
// command line's session gives.
#include "core/base/log_code.h"
#include "ui/main/recorded_windows.h"
#include "ui/map/colour_lut.h"
#include "ui/map/exact_offer.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/quantity_text.h"
#include "ui/map/raster_map_renderer.h"
#include "ui/map/tooltip_card.h"
#include "ui/map/view_geometry.h"

#include <QLabel>
#include <QPushButton>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

class TestExactWindow : public RecordedWindows {
    Q_OBJECT

private:
    /// The only colour inside a pair's cell; nothing where there are several.
    static std::optional<QRgb> colourOf(const MapFrame& frame, std::uint32_t row, std::uint32_t key)
    {
        RasterMapRenderer renderer;
        renderer.prepare(frame);
        const QRectF place(pixelAt(frame.viewport, key, row), pixelAt(frame.viewport, key + 1, row + 1));
        std::set<QRgb> seen;
        for (int y = static_cast<int>(place.top()) + 2; y < static_cast<int>(place.bottom()) - 1; ++y)
            for (int x = static_cast<int>(place.left()) + 2; x < static_cast<int>(place.right()) - 1; ++x)
                seen.insert(renderer.image().pixel(x, y));
        return seen.size() == 1 ? std::optional(*seen.begin()) : std::nullopt;
    }

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void pairsOnScreen_comeByThemselves_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("quantity");
        QTest::newRow("observed") << QStringList{"--generate", "4"} << "p_model";
        QTest::newRow("kept") << QStringList{"--generate", "4", "--select", "tree", "--keep-keys", "128"}
                              << "p_stream";
    }

    void pairsOnScreen_comeByThemselves()
    {
        QFETCH(const QStringList, options);
        QFETCH(const QString, quantity);
        const QString path = record("trace.hwt", options);
        QVERIFY(!path.isEmpty());
        const auto window = open(path);
        QVERIFY(window);
        constexpr std::uint32_t kRow = 700;
        constexpr std::uint32_t kKey = 651;
        QCOMPARE(runScript(*window,
                           {"select.head layer=2 head=1",
                            QString("view.goto query=%1 key=%2 zoom=0.06").arg(kRow).arg(kKey)}),
                 0);
        auto* pane = exploreOf(*window).map();
        QTRY_VERIFY_WITH_TIMEOUT(pane->tiles()->exactOnScreen(), headwater::test::kPatienceMs);
        QCOMPARE(runScript(*window, {"view.wait"}), 0);
        const std::shared_ptr<const ExactWindow> exact = pane->tiles()->exactOnScreen();
        QVERIFY(exact && exact->isExact);
        QCOMPARE(exact->isModel, quantity == "p_model");

        // Every pair in view has the colour of its own number.
        const MapFrame frame = pane->tiles()->frame(darkTheme());
        QCOMPARE(frame.level, 0U);
        const auto onScreen = pane->tiles()->pairsOnScreen();
        QVERIFY(onScreen);
        int compared = 0;
        for (std::uint32_t row = onScreen->rows.begin + 1; row + 1 < onScreen->rows.end; row += 3) {
            for (std::uint32_t key = onScreen->keys.begin + 1; key + 1 < onScreen->keys.end && key < row;
                 key += 4) {
                const auto colour = colourOf(frame, row, key);
                QVERIFY(colour);
                const float p = exact->at(row, key);
                QCOMPARE(*colour, frame.colours.ofCode[std::max<std::uint8_t>(1, probabilityCode(p))]);
                ++compared;
            }
        }
        QVERIFY(compared > 10);

        // The hand says the same, and what it is.
        const QRectF place(pixelAt(frame.viewport, kKey, kRow), pixelAt(frame.viewport, kKey + 1, kRow + 1));
        auto* const card = window->findChild<TooltipCard*>();
        hover(pane, place.center().toPoint(), card);
        QTRY_COMPARE(card->content().value, probabilityText(double(exact->at(kRow, kKey))));
        QCOMPARE(card->content().pill, quantity + " · exact");
        QVERIFY(card->content().aggregate.contains("from the engine"));

        // So do legend and status, and nothing is offered any more.
        const auto* const legend = window->findChild<QLabel*>("colourExact");
        QVERIFY(legend && legend->isVisible() && legend->text().contains(quantity));
        QVERIFY(!window->findChild<QLabel*>("colourSomewhere")->isVisible());
        QVERIFY(pane->status().cell.contains("exact"));
        QVERIFY(!pane->exactOffer()->isVisible());

        // What was read stays when the session goes.
        QCOMPARE(runScript(*window, {"view.exact.close"}), 0);
        QVERIFY(pane->tiles()->exactOnScreen());
    }

    void wholePattern_isOneCommand()
    {
        const QString path = record("whole.hwt", {"--generate", "0"});
        const auto window = open(path);
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"select.head layer=2 head=0", "view.exact.head", "view.wait"}), 0);
        const auto& reading = exploreOf(*window).map()->tiles()->reader().reading();
        const std::uint32_t tokens = reading.trace->seqLen();
        QTRY_VERIFY_WITH_TIMEOUT(reading.exact->holding(2, 0, {0, tokens}, {0, tokens}),
                                 headwater::test::kPatienceMs);
        const auto whole = reading.exact->holding(2, 0, {0, tokens}, {0, tokens});
        for (const std::uint32_t row : {0U, 1U, 300U, tokens - 1}) {
            double sum = 0;
            for (std::uint32_t key = 0; key < tokens; ++key)
                sum += double(whole->at(row, key));
            QVERIFY(std::abs(sum - 1) < 1e-5);
        }
    }

    void modelThatIsNotThere_isSaidWithAWayOut()
    {
        const QString path = record("lost.hwt", {"--generate", "0"});
        const auto window = open(path, m_folder.filePath("no-such-engine"));
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"view.goto query=700 key=651 zoom=0.06"}), 0);
        auto* const offer = exploreOf(*window).map()->exactOffer();
        QTRY_VERIFY_WITH_TIMEOUT(offer->isVisible(), headwater::test::kPatienceMs);
        QVERIFY(offer->findChild<QLabel*>("exactOfferText")->text().contains("could not be started"));
        QCOMPARE(offer->findChild<QPushButton*>("exactOfferButton")->text(), QString("Try again"));
        QVERIFY(!offer->isBusy());
    }

    void farOut_nothingIsOffered()
    {
        const QString path = record("far.hwt", {"--generate", "0"});
        const auto window = open(path);
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"view.zoom.all", "view.wait"}), 0);
        QTest::qWait(300);
        QVERIFY(!exploreOf(*window).map()->exactOffer()->isVisible());
        QCOMPARE(runScript(*window, {"view.exact"}), 69);
    }
};

QTEST_MAIN(TestExactWindow)
#include "tst_exact_window.moc"
