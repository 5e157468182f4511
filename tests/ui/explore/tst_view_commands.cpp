// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/map/made_trace.h"
#include "ui/explore/view_commands.h"

#include "ui/explore/explore_workspace.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/view_geometry.h"

#include <QAction>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;

class TestViewCommands : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        testing::MadeTrace made;
        made.seqLen = kLength;
        const auto trace = testing::writeMadeTrace(m_folder.filePath("made.hwt").toStdString(), made);
        QVERIFY(trace);
        m_trace = *trace;
    }

    void init()
    {
        m_window = std::make_unique<QWidget>();
        m_subject = std::make_unique<Subject>();
        m_look = std::make_unique<MapLook>();
        m_text = std::make_unique<TextLook>();
        m_reader = std::make_unique<ViewReader>(m_subject.get());
        m_map = std::make_unique<MapPane>(m_subject.get(), m_look.get(), m_reader.get());
        m_map->resize(1000, 700);
        m_map->show();
        m_commands = new CommandTable(commandsWith({exploreWorkspace()}), m_window.get());
        m_views = new ViewCommands(*m_commands, ExploreView{*m_subject, *m_look, *m_text},
                                   m_map->view()->navigator(), m_window.get());
        m_subject->setTrace(m_trace);
    }

    void cleanup()
    {
        m_window.reset();
        m_map.reset();
        m_reader.reset();
        m_subject.reset();
    }

    void range_beyondProbabilities_isRefused_data()
    {
        QTest::addColumn<QString>("low");
        QTest::addColumn<QString>("high");
        QTest::addColumn<bool>("taken");
        QTest::newRow("inside") << "0.01"
                                << "0.5" << true;
        QTest::newRow("whole") << "0.0001"
                               << "1" << true;
        QTest::newRow("above one") << "0.01"
                                   << "7" << false;
        QTest::newRow("low above one") << "2"
                                       << "7" << false;
        QTest::newRow("upside down") << "0.5"
                                     << "0.1" << false;
        QTest::newRow("log at zero") << "0"
                                     << "0.1" << false;
        QTest::newRow("not a number") << "nan"
                                      << "1" << false;
    }

    void range_beyondProbabilities_isRefused()
    {
        QFETCH(QString, low);
        QFETCH(QString, high);
        QFETCH(bool, taken);
        const ColourScale before = m_look->colours();
        const auto line = parseCommandCall("view.range low=" + low + " high=" + high);
        QVERIFY(line);
        QCOMPARE(m_commands->run(line->id, line->arguments).has_value(), taken);
        QCOMPARE(m_look->colours() == before, !taken || low == "0.0001");
    }

    void textShade_followsItsCommand()
    {
        const auto run = [this](const char* line) {
            const auto call = parseCommandCall(QString::fromLatin1(line));
            return m_commands->run(call->id, call->arguments).has_value();
        };
        QAction* const action = m_commands->action("view.text.loss");
        QVERIFY(!action->isChecked());
        QVERIFY(run("view.text.loss"));
        QCOMPARE(m_text->shade(), TextShade::Loss);
        QVERIFY(action->isChecked());
        QVERIFY(run("view.text.loss on=on"));
        QCOMPARE(m_text->shade(), TextShade::Loss);
        QVERIFY(run("view.text.loss on=off"));
        QCOMPARE(m_text->shade(), TextShade::Reads);
        QVERIFY(!action->isChecked());
        m_text->setShade(TextShade::Loss); // by undo, or by a view that is restored
        QVERIFY(action->isChecked());
        QVERIFY(!run("view.text.loss on=maybe"));
    }

    void rangeReset_isWhatItsHelpSays()
    {
        m_look->setColours({ColourScale::Map::Viridis, false, 0.1, 0.5});
        QVERIFY(m_commands->run("view.range.reset"));
        QCOMPARE(m_look->colours(), (ColourScale{ColourScale::Map::Viridis, true, 1e-4, 1.0}));
    }

    void goTo_besideTheEdges_showsLittleBeyondThem()
    {
        for (const std::uint32_t token : {0U, 3U, kLength / 2, kLength - 1}) {
            QVERIFY(m_views->goTo({std::nullopt, token, token}, 0.2));
            const MapViewport view = m_look->viewport();
            const QSizeF size = m_map->view()->size();
            const QPointF first = tokenAt(view, {0, 0});
            const QPointF end = tokenAt(view, {size.width(), size.height()});
            QVERIFY(first.x() >= -0.051 * (end.x() - first.x())
                    && first.y() >= -0.051 * (end.y() - first.y()));
            QVERIFY(end.x() <= kLength + 0.051 * (end.x() - first.x()));
            QVERIFY(end.y() <= kLength + 0.051 * (end.y() - first.y()));
            QVERIFY(QRectF(first, end).contains(QPointF(token + 0.5, token + 0.5)));
        }
    }

    void goTo_inSight_doesNotMove()
    {
        QVERIFY(m_views->goTo({std::nullopt, 500U, 480U}, 0.5));
        const MapViewport view = m_look->viewport();
        QVERIFY(m_views->goTo({std::nullopt, 510U, 490U}));
        QCOMPARE(m_look->viewport(), view);
        QCOMPARE(m_subject->locked(), (TokenPair{510U, 490U}));
    }

    void zoomToBlock_fillsTwoThirdsOfThePane_data()
    {
        QTest::addColumn<QSize>("pane");
        QTest::addColumn<std::uint32_t>("blockQ");
        QTest::addColumn<std::uint32_t>("blockK");
        QTest::addColumn<int>("query");
        QTest::addColumn<int>("key");
        for (const QSize& pane : {QSize(1000, 700), QSize(500, 900), QSize(1800, 500)}) {
            const auto row = [&pane](const char* name, std::uint32_t blockQ, std::uint32_t blockK, int query,
                                     int key) {
                QTest::addRow("%s in %d x %d", name, pane.width(), pane.height())
                    << pane << blockQ << blockK << query << key;
            };
            row("a pair", 16, 16, 600, 200);
            row("the first pair", 16, 16, 0, 0);
            row("the last pair, of a cut block", 16, 16, 999, 999);
            row("blocks of 4", 4, 4, 601, 203);
            row("long blocks", 64, 32, 600, 200);
            row("wide blocks", 16, 64, 600, 200);
            row("a row alone", 16, 16, 600, -1);
            row("a key alone", 16, 16, -1, 200);
        }
        QTest::addRow("a short text, drawn stretched")
            << QSize(1500, 400) << std::uint32_t{64} << std::uint32_t{64} << 600 << 300;
    }

    void zoomToBlock_fillsTwoThirdsOfThePane()
    {
        QFETCH(QSize, pane);
        QFETCH(std::uint32_t, blockQ);
        QFETCH(std::uint32_t, blockK);
        QFETCH(int, query);
        QFETCH(int, key);
        testing::MadeTrace made;
        made.seqLen = kLength;
        const QString path = m_folder.filePath(QString("blocks-%1-%2.hwt").arg(blockQ).arg(blockK));
        if (!QFile::exists(path)) {
            auto writer = testing::createMadeTrace(path.toStdString(), made);
            QVERIFY(writer);
            for (int layer = 0; layer < made.layers; ++layer) {
                std::vector<TraceWriter::FinishedHead> heads(static_cast<std::size_t>(made.heads));
                for (TraceWriter::FinishedHead& head : heads) {
                    head.record = oneBlock(layer, static_cast<int>(&head - heads.data()), blockQ, blockK);
                    HeadSums sums(head.record.shape(), head.record.normaliser, kLength);
                    sums.add(head.record);
                    head.takeSums(sums);
                }
                QVERIFY(writer->writeLayer(layer, heads, 0));
            }
            QVERIFY(writer->seal());
        }
        const auto trace = Trace::open(path.toStdString());
        QVERIFY(trace);
        m_subject->setTrace(*trace);
        QWidget* const view = m_map->view();
        m_map->resize(m_map->size() + pane - view->size());
        QCOMPARE(view->size(), pane);
        TokenPair pair;
        if (query >= 0)
            pair.query = static_cast<std::uint32_t>(query);
        if (key >= 0)
            pair.key = static_cast<std::uint32_t>(key);
        m_subject->setLocked(pair);
        QVERIFY(m_commands->run("view.zoom.lock").has_value());
        const auto blockOf = [](std::uint32_t token, std::uint32_t size) {
            return std::pair(double(token / size * size),
                             double(std::min(token / size * size + size, kLength)));
        };
        const auto [q0, q1] = blockOf(pair.query ? *pair.query : *pair.key, blockQ);
        const auto [k0, k1] = blockOf(pair.key ? *pair.key : *pair.query, blockK);
        const QRectF block(pixelAt(m_look->viewport(), k0, q0), pixelAt(m_look->viewport(), k1, q1));
        const double share = std::max(block.width() / pane.width(), block.height() / pane.height());
        QVERIFY2(std::abs(share - 2.0 / 3) < 1e-3, qPrintable(QString::number(share)));
        const QPointF off = block.center() - QRectF(QPointF(), pane).center();
        QVERIFY2(std::abs(off.x()) < 1 && std::abs(off.y()) < 1,
                 qPrintable(QString("%1 %2").arg(off.x()).arg(off.y())));
    }

    void zoom_inAndOut_isTheMapsOwn()
    {
        m_subject->setLocked({600U, 200U});
        const MapViewport whole = m_look->viewport();
        const QPointF at = pixelAt(whole, 200.5, 600.5);
        QVERIFY(m_commands->run("view.zoom.in").has_value());
        QVERIFY(std::abs(m_look->viewport().tokensPerPixel * 2 - whole.tokensPerPixel) < 1e-12);
        const QPointF now = pixelAt(m_look->viewport(), 200.5, 600.5);
        QVERIFY(std::abs(now.x() - at.x()) < 1 && std::abs(now.y() - at.y()) < 1);
        QVERIFY(m_commands->run("view.zoom.all").has_value());
        QCOMPARE(m_look->viewport(), wholeMap(kLength, m_map->view()->size()));
        m_subject->setTrace(nullptr);
        QVERIFY(!m_commands->run("view.zoom.in").has_value());
    }

private:
    /// A head of these blocks that keeps the first of each row and its own.
    static HeadRecord oneBlock(int layer, int head, std::uint32_t blockQ, std::uint32_t blockK)
    {
        HeadRecord record;
        record.layer = layer;
        record.head = head;
        record.grid = {kLength, blockQ, blockK};
        record.numRows = kLength;
        record.rowPtr = {0};
        for (std::uint32_t q = 0; q < record.grid.numQueryBlocks(); ++q) {
            record.keyBlock.push_back(0);
            record.peak.push_back(0.9F);
            record.mass.push_back(0.9F);
            record.peakAt.push_back(0);
            record.rowPtr.push_back(static_cast<std::uint32_t>(record.keyBlock.size()));
        }
        record.lse.assign(kLength, 1.0F);
        record.missed.assign(kLength, 0.1F);
        record.missedPeak.assign(kLength, 0.01F);
        record.tokenZero.assign(record.grid.numQueryBlocks(), 0.0F);
        record.extras.resize((kLength + kTileRows - 1) / kTileRows);
        return record;
    }

    static constexpr std::uint32_t kLength = 1000;
    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;
    std::unique_ptr<QWidget> m_window;
    std::unique_ptr<Subject> m_subject;
    std::unique_ptr<MapLook> m_look;
    std::unique_ptr<TextLook> m_text;
    std::unique_ptr<ViewReader> m_reader;
    std::unique_ptr<MapPane> m_map;
    CommandTable* m_commands = nullptr;
    ViewCommands* m_views = nullptr;
};

QTEST_MAIN(TestViewCommands)
#include "tst_view_commands.moc"
