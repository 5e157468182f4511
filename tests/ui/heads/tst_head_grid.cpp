// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/head_grid.h"

#include "core/base/log_code.h"
#include "support/patience.h"
#include "ui/heads/head_panel.h"
#include "ui/heads/kept_mass_chart.h"
#include "ui/heads/ragged_trace.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QMouseEvent>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

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

    void aThumbnailShowsTheLargestCodeOfItsCells_data()
    {
        QTest::addColumn<bool>("hasContent");
        QTest::newRow("content") << true;
        QTest::newRow("of an older trace") << false;
    }

    void aThumbnailShowsTheLargestCodeOfItsCells()
    {
        QFETCH(bool, hasContent);
        const std::uint32_t side = m_trace->overviewSides().front();
        auto overview = m_trace->loadOverview(2, 1, side);
        QVERIFY(overview.has_value());
        QVERIFY(overview->content.size() == overview->max.size() && overview->content != overview->max);
        if (!hasContent)
            overview->content.clear();
        const std::vector<std::uint8_t>& codes = hasContent ? overview->content : overview->max;
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
                        most = std::max(most, codes[row * side + col]);
                }
                // Where nothing is kept there is no colour, least of all that of the scale's low end.
                const QRgb expected = cells * x / 20 < endRow && most > 0 ? lut.ofCode[most] : lut.background;
                QCOMPARE(image.pixel(static_cast<int>(x), static_cast<int>(y)), expected);
            }
        }
    }

    void contentHasAScaleOfItsOwn()
    {
        Overview faint;
        faint.content = {0, probabilityCode(1e-5F), probabilityCode(3e-4F), 0};
        const ColourScale scale = contentScale(faint, ColourScale::Map::Viridis);
        QVERIFY(scale.logarithmic && scale.map == ColourScale::Map::Viridis);
        QVERIFY(std::abs(scale.high / 3e-4 - 1) < 0.07); // a code's width
        QVERIFY(std::abs(scale.low / scale.high - 1e-3) < 1e-9);
        faint.content = {0, 0, 0, 0};
        QVERIFY(contentScale(faint, ColourScale::Map::Magma).low > 0);
    }

    void caption_saysWhereAPictureIsOfSomethingElse()
    {
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / "some.hwt";
        {
            Result<TraceWriter> writer = beginRaggedTrace(path, {3});
            QVERIFY(writer && writeRaggedLayer(*writer, 0, 3, 1000, Normaliser::Exact, 1) && writer->seal());
        }
        const auto trace = Trace::open(path);
        QVERIFY(trace);
        Subject subject;
        MapLook look;
        HeadGrid grid(&subject, &look);
        grid.resize(240, 300);
        subject.setTrace(*trace);
        grid.setHeads(headsByLayer(**trace), true);
        grid.show();
        QTRY_COMPARE(grid.thumbnails().numLoaded(), std::size_t{3});
        QCOMPARE(grid.thumbnails().numWithContent(), std::size_t{1});
        QVERIFY(grid.caption().contains(QStringLiteral("heads without one the largest probability")));
    }

    void hoverPreviewsAndClickLocks()
    {
        Subject subject;
        MapLook look;
        HeadGrid grid(&subject, &look);
        grid.resize(240, 300);
        subject.setTrace(m_trace);
        grid.setHeads(headsByLayer(*m_trace), true);
        grid.show();
        QTRY_COMPARE(grid.thumbnails().numLoaded(), m_trace->heads().size());
        QVERIFY(grid.caption().startsWith(QStringLiteral("mean mass without token 0")));

        const auto index = *grid.headLayout().indexOf({2, 1});
        QTest::mouseMove(grid.viewport(), grid.placeOf(index).center());
        QTRY_COMPARE(subject.shownHead(), (HeadId{2, 1}));
        QCOMPARE(subject.head(), (HeadId{0, 0}));
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(grid.viewport(), &leave);
        QCOMPARE(subject.shownHead(), (HeadId{0, 0}));

        QTest::mouseClick(grid.viewport(), Qt::LeftButton, {}, grid.placeOf(index).center());
        QCOMPARE(subject.head(), (HeadId{2, 1}));
        QTest::keyClick(&grid, Qt::Key_Right);
        QCOMPARE(subject.head(), (HeadId{2, 2}));
        QTest::keyClick(&grid, Qt::Key_Down);
        QCOMPARE(subject.head(), (HeadId{3, 2}));
        QTest::keyClick(&grid, Qt::Key_Up);
        QTest::keyClick(&grid, Qt::Key_Up);
        QCOMPARE(subject.head(), (HeadId{1, 0}));
    }

    void anotherOrderEndsThePreview()
    {
        Subject subject;
        MapLook look;
        HeadGrid grid(&subject, &look);
        grid.resize(240, 300);
        subject.setTrace(m_trace);
        grid.setHeads(headsByLayer(*m_trace), true);
        grid.show();
        QMouseEvent move(QEvent::MouseMove, grid.placeOf(7).center(), grid.placeOf(7).center(), Qt::NoButton,
                         Qt::NoButton, Qt::NoModifier);
        QCoreApplication::sendEvent(grid.viewport(), &move);
        QCOMPARE(subject.shownHead(), (HeadId{2, 1}));
        grid.setHeads(orderedHeads(*m_trace, HeadOrder::Entropy, true, {}), false);
        QCOMPARE(subject.shownHead(), subject.head());
    }

    void theSelectedThumbnailIsOutlined()
    {
        Subject subject;
        MapLook look;
        HeadGrid grid(&subject, &look);
        grid.setPalette(paletteOf(darkTheme()));
        grid.resize(240, 300);
        subject.setTrace(m_trace);
        grid.setHeads(headsByLayer(*m_trace), true);
        subject.setHead({2, 1});
        const QImage image = grid.viewport()->grab().toImage();
        const QRect place = grid.placeOf(*grid.headLayout().indexOf({2, 1}));
        QCOMPARE(image.pixelColor(place.center().x(), place.top() - 2), darkTheme().selected);
    }

    void theNameOfALayer_isWholeOrNotThere()
    {
        Subject subject;
        MapLook look;
        HeadGrid grid(&subject, &look);
        grid.setPalette(paletteOf(darkTheme()));
        grid.resize(240, 90);
        grid.show();
        subject.setTrace(m_trace);
        grid.setHeads(headsByLayer(*m_trace), true);
        QScrollBar* const bar = grid.verticalScrollBar();
        QVERIFY(bar->maximum() > 10);
        int shown = 0;
        for (int at = 0; at <= bar->maximum(); ++at) {
            bar->setValue(at);
            const QImage image = grid.viewport()->grab().toImage();
            for (int x = 0; x < grid.placeOf(0).left() - 4; ++x) {
                QCOMPARE(image.pixelColor(x, 0), darkTheme().dock);
                QCOMPARE(image.pixelColor(x, image.height() - 1), darkTheme().dock);
                for (int y = 0; y < image.height(); ++y)
                    shown += image.pixelColor(x, y) == darkTheme().dim ? 1 : 0;
            }
        }
        QVERIFY(shown > 0);
    }

    void theOrderIsWrittenAbove()
    {
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        HeadPanel panel(&subject, &look, &reader);
        panel.show();
        subject.setTrace(m_trace);
        panel.setOrder(HeadOrder::Entropy, true);
        QCOMPARE(panel.findChild<QComboBox*>(QStringLiteral("headOrder"))->currentText(),
                 QStringLiteral("entropy"));
        QCOMPARE(panel.grid()->headLayout().heads, orderedHeads(*m_trace, HeadOrder::Entropy, true, {}));
        QVERIFY(panel.note().isEmpty());

        panel.setOrder(HeadOrder::SelectionMass, true);
        QVERIFY(panel.note().contains(QStringLiteral("Lock a row")));
        subject.setLocked({990, 107});
        QTRY_COMPARE(panel.grid()->headLayout().heads.front(), (HeadId{1, 0}));
        QVERIFY2(panel.note().startsWith(QStringLiteral("what row 990 gives to key 107")),
                 qPrintable(panel.note()));
        subject.setLocked({500, 3});
        QTRY_VERIFY2(panel.note().contains(QStringLiteral("mean of 16 rows")), qPrintable(panel.note()));
    }

    void aFinishedLayer_leavesScrollHoverAndReads()
    {
        // Twelve layers of eight heads, written one by one as a run does.
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / "growing.hwt";
        auto writer = beginRaggedTrace(path, std::vector<int>(12, 8));
        QVERIFY2(writer.has_value(), writer ? "" : writer.error().text().c_str());
        for (int layer = 0; layer < 10; ++layer)
            QVERIFY(writeRaggedLayer(*writer, layer, 8).has_value());
        const auto before = Trace::open(path);
        QVERIFY2(before.has_value(), before ? "" : before.error().text().c_str());
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        HeadPanel panel(&subject, &look, &reader);
        panel.resize(260, 220);
        panel.show();
        subject.setTrace(*before);
        subject.setLocked({990, std::nullopt});
        for (const HeadOrder order : {HeadOrder::SelectionMass, HeadOrder::Entropy, HeadOrder::Layer}) {
            subject.setTrace(*before, true);
            panel.setOrder(order, true);
            QTRY_VERIFY2(!panel.note().contains(QStringLiteral("reading")), qPrintable(panel.note()));
            HeadGrid* const grid = panel.grid();
            QScrollBar* const bar = grid->verticalScrollBar();
            bar->setValue(bar->maximum() / 2);
            QVERIFY(bar->value() > 0);
            const auto shown = [&](std::size_t i) {
                return grid->viewport()->rect().contains(grid->placeOf(i));
            };
            std::size_t index = 0;
            while (index < grid->headLayout().heads.size()
                   && !(shown(index) && (*before)->findHead(grid->headLayout().heads[index].layer, 0)
                        && grid->headLayout().heads[index] != subject.head()))
                ++index;
            QVERIFY(index < grid->headLayout().heads.size());
            const HeadId hovered = grid->headLayout().heads[index];
            const QPointF at = grid->placeOf(index).center();
            QMouseEvent move(QEvent::MouseMove, at, at, Qt::NoButton, Qt::NoButton, Qt::NoModifier);
            QCoreApplication::sendEvent(grid->viewport(), &move);
            QCOMPARE(subject.shownHead(), hovered);
            const int scrolled = bar->value();
            const std::vector<HeadId> order0 = grid->headLayout().heads;
            QSignalSpy previews(&subject, &Subject::shownHeadChanged);

            const auto after = Trace::open(path); // another snapshot, as after a finished layer
            QVERIFY(after.has_value());
            subject.setTrace(*after, true);
            QCOMPARE(bar->value(), scrolled);
            QCOMPARE(subject.shownHead(), hovered);
            QCOMPARE(previews.size(), 0);
            QCOMPARE(grid->headLayout().heads, order0); // what was read is not forgotten meanwhile
        }
        QVERIFY(writeRaggedLayer(*writer, 10, 8).has_value());
        panel.setOrder(HeadOrder::Entropy, true);
        panel.grid()->verticalScrollBar()->setValue(40);
        const auto more = Trace::open(path);
        QVERIFY(more.has_value());
        subject.setTrace(*more, true);
        QCOMPARE(panel.grid()->headLayout().heads.size(), std::size_t{88});
        QCOMPARE(panel.grid()->verticalScrollBar()->value(), 40);
    }

    void theFilterLeavesWhatPasses_data()
    {
        QTest::addColumn<int>("order");
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("last");
        QTest::addColumn<double>("least");
        QTest::addColumn<bool>("readers");
        QTest::newRow("nothing") << int(HeadOrder::Layer) << -1 << -1 << -1.0 << false;
        QTest::newRow("layers") << int(HeadOrder::Layer) << 1 << 2 << -1.0 << false;
        QTest::newRow("from a layer") << int(HeadOrder::Entropy) << 2 << -1 << -1.0 << false;
        QTest::newRow("entropy") << int(HeadOrder::Entropy) << -1 << -1 << 2.5 << false;
        QTest::newRow("kept mass") << int(HeadOrder::KeptMass) << -1 << 2 << 0.5 << false;
        QTest::newRow("least has no meaning by layer") << int(HeadOrder::Layer) << -1 << -1 << 0.9 << false;
        QTest::newRow("selection") << int(HeadOrder::SelectionMass) << -1 << -1 << 0.1 << false;
        QTest::newRow("readers") << int(HeadOrder::Layer) << -1 << -1 << -1.0 << true;
        QTest::newRow("none passes") << int(HeadOrder::Entropy) << -1 << -1 << 99.0 << false;
    }

    void theFilterLeavesWhatPasses()
    {
        QFETCH(int, order);
        QFETCH(int, first);
        QFETCH(int, last);
        QFETCH(double, least);
        QFETCH(bool, readers);
        const auto by = static_cast<HeadOrder>(order);
        HeadFilter filter;
        if (first >= 0)
            filter.firstLayer = first;
        if (last >= 0)
            filter.lastLayer = last;
        if (least >= 0)
            filter.least = least;
        if (readers)
            filter.leastRead = 0.01;
        // Row 990 gives key 107 something in layer 1, head 0 alone (far key = 100 + 7 layer + head).
        HeadReads reads;
        for (const Result<std::vector<TokenRow>> rows = m_trace->loadTokenRows(990);
             const TokenRow& row : *rows) {
            HeadRead read{{row.layer, row.head}, 0, 107, false};
            for (std::size_t i = 0; i < row.keys.size(); ++i) {
                if (row.keys[i] == 107)
                    read.mass = row.probability[i];
            }
            reads.heads.push_back(read);
        }
        const std::vector<HeadId> all = orderedHeads(*m_trace, by, true, reads);
        std::vector<HeadId> expected;
        for (const HeadId head : all) {
            double mass = 0;
            for (const HeadRead& read : reads.heads)
                mass = read.head == head ? static_cast<double>(read.mass) : mass;
            const HeadStatistics& of = m_trace->findHead(head.layer, head.head)->statistics;
            const double value = by == HeadOrder::Entropy ? of.entropy
                : by == HeadOrder::KeptMass               ? of.keptMass.mean
                                                          : mass;
            if ((first >= 0 && head.layer < first) || (last >= 0 && head.layer > last)
                || (readers && !(mass >= 0.01)) || (by != HeadOrder::Layer && least >= 0 && value < least))
                continue;
            expected.push_back(head);
        }
        QCOMPARE(filteredHeads(*m_trace, all, filter, by, reads), expected);
    }

    void theFilterIsSetByKeyboardAndSaysHowManyItLeaves()
    {
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        HeadPanel panel(&subject, &look, &reader);
        panel.resize(260, 500);
        panel.show();
        panel.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&panel, headwater::test::kPatienceMs));
        subject.setTrace(m_trace);
        auto* const button = panel.findChild<QToolButton*>(QStringLiteral("headFilterButton"));
        QVERIFY(button->focusPolicy() & Qt::TabFocus);
        button->setFocus();
        QTest::keyClick(button, Qt::Key_Space);
        QVERIFY(panel.isFilterBarShown());
        auto* const first = panel.findChild<QSpinBox*>(QStringLiteral("headFilterFirst"));
        QVERIFY(first->hasFocus());
        QTest::keyClick(first, Qt::Key_Up);
        QCOMPARE(panel.filter().firstLayer, std::optional(1));
        QCOMPARE(panel.grid()->headLayout().heads.size(), std::size_t{8});
        QCOMPARE(panel.note(), QStringLiteral("8 of 13 heads"));
        QVERIFY(button->isChecked());

        panel.setOrder(HeadOrder::KeptMass, true);
        auto* const least = panel.findChild<QDoubleSpinBox*>(QStringLiteral("headFilterLeast"));
        QVERIFY(least->isVisible());
        least->setValue(50);
        QCOMPARE(panel.filter().least, std::optional(0.5));
        for (const HeadId head : panel.grid()->headLayout().heads)
            QVERIFY(m_trace->findHead(head.layer, head.head)->statistics.keptMass.mean >= 0.5);
        panel.setOrder(HeadOrder::Entropy, true); // 50 % of kept mass is no entropy
        QVERIFY(!panel.filter().least);
        QCOMPARE(panel.filter().firstLayer, std::optional(1));

        QTest::keyClick(first, Qt::Key_Escape);
        QVERIFY(!panel.isFilterBarShown());
        QVERIFY(button->isChecked()); // it still filters, and says so
        QTest::mouseClick(panel.findChild<QToolButton*>(QStringLiteral("headFilterClear")), Qt::LeftButton);
        panel.setFilter({});
        QCOMPARE(panel.grid()->headLayout().heads.size(), std::size_t{13});
        QVERIFY(!button->isChecked());
        QVERIFY(panel.note().isEmpty());
    }

    void onlyReaders_followsTheLock()
    {
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        HeadPanel panel(&subject, &look, &reader);
        panel.show();
        subject.setTrace(m_trace);
        panel.setFilter({{}, {}, {}, HeadFilter::kLeastRead});
        QVERIFY2(panel.note().contains(QStringLiteral("Lock a row")), qPrintable(panel.note()));
        subject.setLocked({990, 107});
        QTRY_COMPARE(panel.grid()->headLayout().heads, (std::vector<HeadId>{{1, 0}}));
        QVERIFY2(panel.note().startsWith(
                     QStringLiteral("1 of 13 heads · at least 1 % · what row 990 gives to key 107")),
                 qPrintable(panel.note()));
        // A whole row gives every key something: the same rule of it.
        ExactRow given;
        given.row = 500;
        given.firstHead = {0, 5, 6, 9, 13};
        given.lse.assign(13, 2.0F);
        for (int head = 0; head < 13; ++head)
            given.given[107].push_back(head == 4 ? 0.011F : head == 7 ? 0.6F : 0.0099F);
        subject.setLocked({500, 107});
        reader.addExact(given);
        QTRY_COMPARE(panel.grid()->headLayout().heads, (std::vector<HeadId>{{0, 4}, {2, 1}}));
        auto* const least = panel.findChild<QDoubleSpinBox*>(QStringLiteral("headFilterLeastRead"));
        QVERIFY(least && least->isEnabled());
        QCOMPARE(least->text(), QStringLiteral("1.00 %"));
        least->setValue(50);
        QCOMPARE(panel.filter().leastRead, std::optional(0.5));
        QTRY_COMPARE(panel.grid()->headLayout().heads, (std::vector<HeadId>{{2, 1}}));
        QVERIFY2(panel.note().startsWith(QStringLiteral("1 of 13 heads · at least 50 % · what row 500")),
                 qPrintable(panel.note()));
        subject.setTrace(nullptr);
        QVERIFY(!panel.filter().isActive()); // another trace begins with all its heads
        QVERIFY(!least->isEnabled());
    }

    void anOrderThatNeedsNoReads_isNotDisturbedByThem()
    {
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        HeadPanel panel(&subject, &look, &reader);
        panel.show();
        subject.setTrace(m_trace);
        subject.setLocked({990, 107});
        panel.setOrder(HeadOrder::SelectionMass, true); // begins to read
        QVERIFY(panel.note().contains(QStringLiteral("reading every head…")));
        panel.setOrder(HeadOrder::Layer, false);
        subject.setLocked({990, 108});
        QVERIFY(!panel.findChild<BackgroundJob*>()->isRunning());
    }

    void theFocusIsSeen()
    {
        Subject subject;
        MapLook look;
        HeadGrid grid(&subject, &look);
        grid.setPalette(paletteOf(darkTheme()));
        grid.resize(240, 300);
        subject.setTrace(m_trace);
        grid.setHeads(headsByLayer(*m_trace), true);
        grid.show();
        grid.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&grid, headwater::test::kPatienceMs));
        grid.clearFocus();
        const QPoint edge(grid.viewport()->width() / 2, 0);
        const QColor without = grid.viewport()->grab().toImage().pixelColor(edge);
        grid.setFocus(Qt::TabFocusReason);
        QVERIFY(grid.hasFocus());
        QVERIFY(grid.viewport()->grab().toImage().pixelColor(edge) != without);
    }

    void aBarOfTheChartShowsItsLayer()
    {
        Subject subject;
        KeptMassChart chart(&subject);
        chart.resize(300, 120);
        subject.setTrace(m_trace);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart, headwater::test::kPatienceMs));
        subject.setHead({0, 4});
        const QPointF bar = chart.chart()->mapToPosition(QPointF(2, 10), chart.chart()->series().front());
        QTest::mouseClick(chart.viewport(), Qt::LeftButton, {}, QPoint(static_cast<int>(bar.x()), 40));
        QCOMPARE(subject.head(), (HeadId{2, 2})); // the layer has no head 4
    }

    void closingEmptiesTheGrid()
    {
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        HeadPanel panel(&subject, &look, &reader);
        subject.setTrace(m_trace);
        subject.setTrace(nullptr);
        QVERIFY(panel.grid()->headLayout().heads.empty());
        QTest::mouseMove(panel.grid()->viewport(), QPoint(40, 40));
        QTest::keyClick(panel.grid(), Qt::Key_Right);
    }
};

QTEST_MAIN(TestHeadGrid)
#include "tst_head_grid.moc"
