// SPDX-License-Identifier: GPL-3.0-or-later
// The window as a person uses it: a real platform (Xvfb), the real engine process, mouse and keys.
#include "core/model/model_loader.h"
#include "ui/heads/head_grid.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/main/explore_panels.h"
#include "ui/main/main_window.h"
#include "ui/main/message_bar.h"
#include "ui/main/script_runner.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/view_geometry.h"
#include "ui/run/needle_prompt.h"

#include <QApplication>
#include <QFile>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>
#include <algorithm>
#include <csignal>

using namespace headwater;

class TestWindowWalk : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::unique_ptr<MainWindow> m_window;

    MapView* map() const { return m_window->map()->view(); }
    ViewState& view() const { return m_window->view(); }

    int runScript(const QStringList& commands, int timeoutMs = 60000)
    {
        ScriptRunner runner(*m_window, {commands, {}, false});
        QSignalSpy finished(&runner, &ScriptRunner::finished);
        runner.start();
        return finished.wait(timeoutMs) ? finished.first().first().toInt() : -1;
    }

    QString file(const char* name) const { return m_folder.filePath(QLatin1String(name)); }

    static bool smolLmIsHere()
    {
        const std::vector<KnownModel> models = knownModels();
        return std::any_of(models.begin(), models.end(), [](const KnownModel& model) {
            return model.name == "smollm2-135m" && model.present;
        });
    }

    void wheel(const QPointF& at, int steps)
    {
        QWheelEvent event(at, map()->mapToGlobal(at), {}, {0, 120 * steps}, Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(map(), &event);
    }

private slots:
    void initTestCase()
    {
        WindowOptions options;
        options.engineProgram = HEADWATER_PROGRAM;
        options.panels = explorePanels();
        options.theme = "dark";
        options.restore = false;
        m_window = std::make_unique<MainWindow>(options);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }

    void cleanupTestCase() { m_window.reset(); }

    void runTheNeedle_andFollowItsAnswer()
    {
        QCOMPARE(runScript({"run.new model=builtin:needle output='" + file("needle.hwt") + "' text='"
                                + needlePrompt(4000) + "'",
                            "run.start", "run.wait"}),
                 0);
        QVERIFY(view().trace());
        QVERIFY2(m_window->messageBar()->text().contains("7421"), qPrintable(m_window->messageBar()->text()));
        auto* const answer = m_window->findChild<QPushButton*>("run_go_answer");
        QVERIFY(answer && answer->isVisible());
        QTest::mouseClick(answer, Qt::LeftButton);
        const TokenPair locked = view().locked();
        QVERIFY(locked.query && locked.key);
        // The key is inside the value that follows the planted key; the row is one of the answer's.
        const std::string text(view().trace()->text());
        const std::size_t planted = text.find("@gauge=7421");
        const std::uint32_t at = view().trace()->tokenOffsets()[*locked.key];
        QVERIFY(at >= planted && at < planted + 11);
        QVERIFY(*locked.query > view().trace()->seqLen() - 8);
    }

    void wheel_fliesFromTheWholeMapToOneBlock()
    {
        QCOMPARE(runScript({"view.zoom.all"}), 0);
        const TokenPair locked = view().locked();
        const HeadInfo* const head = view().trace()->findHead(view().head().layer, view().head().head);
        QVERIFY(head);
        const QPointF at = pixelAt(view().viewport(), *locked.key + 0.5, *locked.query + 0.5);
        const QPoint pixel(static_cast<int>(at.x()), static_cast<int>(at.y()));
        QVERIFY(map()->rect().contains(pixel));
        for (int step = 0; step < 60 && head->blockQ / view().viewport().tokensPerPixel < 100; ++step) {
            wheel(at, 1);
            const QPointF now = pixelAt(view().viewport(), *locked.key + 0.5, *locked.query + 0.5);
            QVERIFY(std::abs(now.x() - at.x()) <= 1 && std::abs(now.y() - at.y()) <= 1);
        }
        QVERIFY(head->blockQ / view().viewport().tokensPerPixel >= 100);
        QCOMPARE(runScript({"view.wait"}), 0);
        // Unlock by key, lock the cell again by hand.
        QTest::keyClick(map(), Qt::Key_Escape);
        QVERIFY(view().locked() == TokenPair{});
        QTest::mouseMove(map(), pixel);
        QTest::mouseClick(map(), Qt::LeftButton, Qt::NoModifier, pixel);
        QTRY_VERIFY(view().locked().query && view().locked().key);
        QCOMPARE(*view().locked().query / head->blockQ, *locked.query / head->blockQ);
        QCOMPARE(*view().locked().key / head->blockK, *locked.key / head->blockK);
    }

    void inspector_showsTheTracesOwnValues()
    {
        const std::uint32_t row = view().trace()->seqLen() - 2;
        QCOMPARE(runScript({QString("select.lock query=%1").arg(row)}), 0);
        const Result<TokenRow> truth =
            view().trace()->loadTokenRow(view().head().layer, view().head().head, row);
        QVERIFY(truth.has_value());
        const auto* const inspector = m_window->findChild<InspectorPanel*>();
        QVERIFY(inspector);
        QTRY_VERIFY(inspector->reads()->massModel()->rowCount() > 0);
        const std::vector<MassRow>& rows = inspector->reads()->massModel()->rows();
        for (std::size_t i = 0; i < std::min<std::size_t>(rows.size(), 10); ++i) {
            QCOMPARE(rows[i].tokenAt, truth->keys[i]);
            QCOMPARE(static_cast<float>(rows[i].mass), truth->probability[i]);
        }
    }

    void grid_clickLocksAHead()
    {
        auto* const grid = m_window->findChild<HeadGrid*>();
        QVERIFY(grid);
        const HeadGridLayout& layout = grid->headLayout();
        QVERIFY(layout.heads.size() > 2);
        const HeadId wanted = layout.heads[1];
        QTest::mouseClick(grid->viewport(), Qt::LeftButton, Qt::NoModifier, grid->placeOf(1).center());
        QVERIFY(view().head() == wanted);
        QTest::keyClick(m_window.get(), Qt::Key_BracketRight);
        QCOMPARE(view().head().layer, wanted.layer + 1);
    }

    void export_isAPdf()
    {
        QCOMPARE(runScript({"view.zoom.all", "file.export path='" + file("figure.pdf") + "'"}), 0);
        QFile figure(file("figure.pdf"));
        QVERIFY(figure.open(QIODevice::ReadOnly));
        QVERIFY(figure.read(5) == "%PDF-");
    }

    void smolLm_cancelledHalfWay_leavesItsFinishedLayersOnScreen()
    {
        if (!smolLmIsHere())
            QSKIP("smollm2-135m has not been fetched: headwater fetch smollm2-135m");
        const QString prompt = QStringLiteral(HEADWATER_SOURCE_DIR "/resources/samples/needle-2k-d50.txt");
        QCOMPARE(runScript({"run.new model=smollm2-135m prompt_file='" + prompt + "' output='"
                                + file("smol.hwt") + "'",
                            "run.start"}),
                 0);
        RunSession& run = m_window->runSession();
        QTRY_VERIFY_WITH_TIMEOUT(run.finishedLayers() >= 5 || !run.isRunning(), 120000);
        QVERIFY2(run.isRunning(), qPrintable(m_window->messageBar()->text()));
        auto* const cancel = m_window->findChild<QPushButton*>("run_bar_cancel");
        QVERIFY(cancel->isVisible());
        QTest::mouseClick(cancel, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!run.isRunning(), 30000);
        QCOMPARE(runScript({"view.wait"}), 0);
        QVERIFY(m_window->map()->isVisible());
        QCOMPARE(m_window->files().path(), file("smol.hwt"));
        const std::size_t heads = view().trace()->heads().size();
        QCOMPARE(heads, static_cast<std::size_t>(run.finishedLayers()) * 9);
        QVERIFY(heads >= 45 && heads < 270);
        QCOMPARE(m_window->findChild<HeadGrid*>()->headLayout().heads.size() >= heads, true);
        QVERIFY2(m_window->messageBar()->text().contains("cancelled"),
                 qPrintable(m_window->messageBar()->text()));
    }

    void engineKilled_theWindowLives()
    {
        QVERIFY(m_window->engine().processId() > 0);
        QCOMPARE(::kill(static_cast<pid_t>(m_window->engine().processId()), SIGKILL), 0);
        QTRY_COMPARE(m_window->engine().state(), EngineClient::State::Dead);
        QVERIFY(m_window->messageBar()->text().contains("signal 9"));
        const double before = view().viewport().tokensPerPixel;
        QTest::keyClick(map(), Qt::Key_Plus);
        QVERIFY(view().viewport().tokensPerPixel < before);
        auto* const restart = m_window->findChild<QPushButton*>("engine_restart");
        QVERIFY(restart && restart->isVisible());
        QTest::mouseClick(restart, Qt::LeftButton);
        QTRY_COMPARE(m_window->engine().state(), EngineClient::State::Idle);
    }
};

QTEST_MAIN(TestWindowWalk)
#include "tst_window_walk.moc"
