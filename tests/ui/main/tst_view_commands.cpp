// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/map/made_trace.h"
#include "ui/main/view_commands.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/view_geometry.h"

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
        m_state = std::make_unique<ViewState>();
        m_map = std::make_unique<MapPane>(m_state.get());
        m_map->resize(1000, 700);
        m_map->show();
        m_commands = new CommandTable(explorerCommands(), m_window.get());
        m_views = new ViewCommands(*m_commands, *m_state, m_map->view()->navigator(), m_window.get());
        m_state->setTrace(m_trace);
    }

    void cleanup()
    {
        m_window.reset();
        m_map.reset();
        m_state.reset();
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
        const ColourScale before = m_state->colours();
        const auto line = parseCommandCall("view.range low=" + low + " high=" + high);
        QVERIFY(line);
        QCOMPARE(m_commands->run(line->id, line->arguments).has_value(), taken);
        QCOMPARE(m_state->colours() == before, !taken || low == "0.0001");
    }

    void rangeReset_isWhatItsHelpSays()
    {
        m_state->setColours({ColourScale::Map::Viridis, false, 0.1, 0.5});
        QVERIFY(m_commands->run("view.range.reset"));
        QCOMPARE(m_state->colours(), (ColourScale{ColourScale::Map::Viridis, true, 1e-4, 1.0}));
    }

    void goTo_besideTheEdges_showsLittleBeyondThem()
    {
        for (const std::uint32_t token : {0U, 3U, kLength / 2, kLength - 1}) {
            QVERIFY(m_views->goTo({std::nullopt, token, token}, 0.2));
            const MapViewport view = m_state->viewport();
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
        const MapViewport view = m_state->viewport();
        QVERIFY(m_views->goTo({std::nullopt, 510U, 490U}));
        QCOMPARE(m_state->viewport(), view);
        QCOMPARE(m_state->locked(), (TokenPair{510U, 490U}));
    }

    void zoom_inAndOut_isTheMapsOwn()
    {
        m_state->setLocked({600U, 200U});
        const MapViewport whole = m_state->viewport();
        const QPointF at = pixelAt(whole, 200.5, 600.5);
        QVERIFY(m_commands->run("view.zoom.in").has_value());
        QVERIFY(std::abs(m_state->viewport().tokensPerPixel * 2 - whole.tokensPerPixel) < 1e-12);
        const QPointF now = pixelAt(m_state->viewport(), 200.5, 600.5);
        QVERIFY(std::abs(now.x() - at.x()) < 1 && std::abs(now.y() - at.y()) < 1);
        QVERIFY(m_commands->run("view.zoom.all").has_value());
        QCOMPARE(m_state->viewport(), wholeMap(kLength, m_map->view()->size()));
        m_state->setTrace(nullptr);
        QVERIFY(!m_commands->run("view.zoom.in").has_value());
    }

private:
    static constexpr std::uint32_t kLength = 1000;
    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;
    std::unique_ptr<QWidget> m_window;
    std::unique_ptr<ViewState> m_state;
    std::unique_ptr<MapPane> m_map;
    CommandTable* m_commands = nullptr;
    ViewCommands* m_views = nullptr;
};

QTEST_MAIN(TestViewCommands)
#include "tst_view_commands.moc"
