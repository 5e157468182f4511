// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/head_grid.h"

#include "ui/heads/head_panel.h"
#include "ui/heads/kept_mass_chart.h"
#include "ui/heads/ragged_trace.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QMouseEvent>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

class TestHeadGrid : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

    static std::vector<HeadId> headsOf(const std::vector<int>& perLayer)
    {
        std::vector<HeadId> heads;
        for (int layer = 0; layer < static_cast<int>(perLayer.size()); ++layer) {
            for (int head = 0; head < perLayer[static_cast<std::size_t>(layer)]; ++head)
                heads.push_back({layer, head});
        }
        return heads;
    }

private slots:
    void initTestCase()
    {
        auto trace =
            writeRaggedTrace(std::filesystem::path(m_folder.path().toStdString()) / "r.hwt", {5, 1, 3, 4});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        m_trace = *trace;
    }

    void layoutNeverOverlaps_data()
    {
        QTest::addColumn<QList<int>>("perLayer");
        QTest::addColumn<int>("width");
        QTest::newRow("one") << QList<int>{1} << 240;
        QTest::newRow("ragged") << QList<int>{3, 1, 0, 9} << 240;
        QTest::newRow("wide layers fold") << QList<int>(30, 32) << 240;
        QTest::newRow("narrow") << QList<int>{40, 2} << 30;
    }

    void layoutNeverOverlaps()
    {
        QFETCH(QList<int>, perLayer);
        QFETCH(int, width);
        const std::vector<HeadId> heads = headsOf({perLayer.begin(), perLayer.end()});
        for (const bool isByLayer : {true, false}) {
            const HeadGridLayout layout = layOutHeads(heads, isByLayer, width);
            QCOMPARE(layout.cells.size(), heads.size());
            for (std::size_t i = 0; i < heads.size(); ++i) {
                QCOMPARE(layout.indexAt(layout.cells[i].center()), std::optional(i));
                QCOMPARE(layout.indexOf(heads[i]), std::optional(i));
                QVERIFY(layout.cells[i].bottom() < layout.height);
                QVERIFY(width < 60 || layout.cells[i].right() <= width);
                const bool sameLine = i > 0 && layout.cells[i].y() == layout.cells[i - 1].y();
                QVERIFY(i == 0 || !layout.cells[i].intersects(layout.cells[i - 1]));
                QVERIFY(!isByLayer || !sameLine || heads[i].layer == heads[i - 1].layer);
            }
        }
    }

    void neighboursFollowTheLines()
    {
        const HeadGridLayout layout = layOutHeads(headsOf({5, 1, 3}), true, 240);
        QCOMPARE(layout.neighbour(0, 1, 0), 1u);
        QCOMPARE(layout.neighbour(0, -1, 0), 0u);
        QCOMPARE(layout.neighbour(3, 0, 1), 5u); // layer 1 has one head
        QCOMPARE(layout.neighbour(5, 0, 1), 6u);
        QCOMPARE(layout.neighbour(8, 0, 1), 8u);
        QCOMPARE(layout.neighbour(8, 0, -1), 5u);
    }

    void aThumbnailShowsTheLargestCodeOfItsCells()
    {
        const std::uint32_t side = m_trace->overviewSides().front();
        const auto overview = m_trace->loadOverview(2, 1, side);
        QVERIFY(overview.has_value());
        const ColourLut lut = makeColourLut({}, MapMode::Max, 1, darkTheme());
        const std::uint32_t cell = 1u << overview->level;
        const std::uint32_t cells = (m_trace->seqLen() + cell - 1) / cell;
        const int pixels = 20;
        const QImage image = thumbnailOf(*overview, m_trace->seqLen(), pixels, lut, MapMode::Max);
        for (std::uint32_t y = 0; y < 20; ++y) {
            for (std::uint32_t x = 0; x < 20; ++x) {
                std::uint8_t most = 0;
                const std::uint32_t endRow = std::max(cells * y / 20 + 1, cells * (y + 1) / 20);
                const std::uint32_t endCol = std::max(cells * x / 20 + 1, cells * (x + 1) / 20);
                for (std::uint32_t row = cells * y / 20; row < endRow; ++row) {
                    for (std::uint32_t col = cells * x / 20; col < endCol; ++col)
                        most = std::max(most, overview->max[row * side + col]);
                }
                const QRgb expected = cells * x / 20 < endRow ? lut.ofCode[most] : lut.background;
                QCOMPARE(image.pixel(static_cast<int>(x), static_cast<int>(y)), expected);
            }
        }
    }

    void hoverPreviewsAndClickLocks()
    {
        ViewState state;
        HeadGrid grid(&state);
        grid.resize(240, 300);
        state.setTrace(m_trace);
        grid.setHeads(headsByLayer(*m_trace), true);
        grid.show();
        QTRY_COMPARE(grid.thumbnails().numLoaded(), m_trace->heads().size());

        const auto index = *grid.headLayout().indexOf({2, 1});
        QTest::mouseMove(grid.viewport(), grid.placeOf(index).center());
        QTRY_COMPARE(state.shownHead(), (HeadId{2, 1}));
        QCOMPARE(state.head(), (HeadId{0, 0}));
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(grid.viewport(), &leave);
        QCOMPARE(state.shownHead(), (HeadId{0, 0}));

        QTest::mouseClick(grid.viewport(), Qt::LeftButton, {}, grid.placeOf(index).center());
        QCOMPARE(state.head(), (HeadId{2, 1}));
        QTest::keyClick(&grid, Qt::Key_Right);
        QCOMPARE(state.head(), (HeadId{2, 2}));
        QTest::keyClick(&grid, Qt::Key_Down);
        QCOMPARE(state.head(), (HeadId{3, 2}));
        QTest::keyClick(&grid, Qt::Key_Up);
        QTest::keyClick(&grid, Qt::Key_Up);
        QCOMPARE(state.head(), (HeadId{1, 0}));
    }

    void anotherOrderEndsThePreview()
    {
        ViewState state;
        HeadGrid grid(&state);
        grid.resize(240, 300);
        state.setTrace(m_trace);
        grid.setHeads(headsByLayer(*m_trace), true);
        grid.show();
        QMouseEvent move(QEvent::MouseMove, grid.placeOf(7).center(), grid.placeOf(7).center(), Qt::NoButton,
                         Qt::NoButton, Qt::NoModifier);
        QCoreApplication::sendEvent(grid.viewport(), &move);
        QCOMPARE(state.shownHead(), (HeadId{2, 1}));
        grid.setHeads(orderedHeads(*m_trace, HeadOrder::Entropy, true, {}), false);
        QCOMPARE(state.shownHead(), state.head());
    }

    void theSelectedThumbnailIsOutlined()
    {
        ViewState state;
        HeadGrid grid(&state);
        grid.setPalette(paletteOf(darkTheme()));
        grid.resize(240, 300);
        state.setTrace(m_trace);
        grid.setHeads(headsByLayer(*m_trace), true);
        state.setHead({2, 1});
        const QImage image = grid.viewport()->grab().toImage();
        const QRect place = grid.placeOf(*grid.headLayout().indexOf({2, 1}));
        QCOMPARE(image.pixelColor(place.center().x(), place.top() - 2), darkTheme().selected);
    }

    void theOrderIsWrittenAbove()
    {
        ViewState state;
        MapTiles tiles(&state);
        HeadPanel panel(&state, &tiles);
        state.setTrace(m_trace);
        panel.setOrder(HeadOrder::Entropy, true);
        QCOMPARE(panel.findChild<QComboBox*>(QStringLiteral("headOrder"))->currentText(),
                 QStringLiteral("entropy"));
        QCOMPARE(panel.grid()->headLayout().heads, orderedHeads(*m_trace, HeadOrder::Entropy, true, {}));
        QVERIFY(panel.note().isEmpty());

        panel.setOrder(HeadOrder::SelectionMass, true);
        QVERIFY(panel.note().contains(QStringLiteral("Lock a row")));
        state.setLocked({990, 107});
        QTRY_COMPARE(panel.grid()->headLayout().heads.front(), (HeadId{1, 0}));
        QVERIFY2(panel.note().startsWith(QStringLiteral("what row 990 gives to key 107")),
                 qPrintable(panel.note()));
        state.setLocked({500, 3});
        QTRY_VERIFY2(panel.note().contains(QStringLiteral("mean of 16 rows")), qPrintable(panel.note()));
    }

    void aBarOfTheChartShowsItsLayer()
    {
        ViewState state;
        KeptMassChart chart(&state);
        chart.resize(300, 120);
        state.setTrace(m_trace);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        state.setHead({0, 4});
        const QPointF bar = chart.chart()->mapToPosition(QPointF(2, 10), chart.chart()->series().front());
        QTest::mouseClick(chart.viewport(), Qt::LeftButton, {}, QPoint(static_cast<int>(bar.x()), 40));
        QCOMPARE(state.head(), (HeadId{2, 2})); // the layer has no head 4
    }

    void closingEmptiesTheGrid()
    {
        ViewState state;
        MapTiles tiles(&state);
        HeadPanel panel(&state, &tiles);
        state.setTrace(m_trace);
        state.setTrace(nullptr);
        QVERIFY(panel.grid()->headLayout().heads.empty());
        QTest::mouseMove(panel.grid()->viewport(), QPoint(40, 40));
        QTest::keyClick(panel.grid(), Qt::Key_Right);
    }
};

QTEST_MAIN(TestHeadGrid)
#include "tst_head_grid.moc"
