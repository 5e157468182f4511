// SPDX-License-Identifier: GPL-3.0-or-later
// The window as a person uses it: a real platform (Xvfb), the real engine process, mouse and keys.
#include "core/model/builtin/needle_prompt.h"
#include "core/reading/edge_query.h"
#include "support/fetched_model.h"
#include "support/patience.h"
#include "ui/heads/head_grid.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/main/explore_of.h"
#include "ui/main/main_window.h"
#include "ui/main/message_bar.h"
#include "ui/main/script_runner.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/view_geometry.h"
#include "ui/text/text_pane.h"
#include "ui/theme/theme.h"
#include "ui/verdict/verdict_text.h"

#include <QApplication>
#include <QEventLoop>
#include <QFile>
#include <QProcess>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QWheelEvent>
#include <algorithm>
#include <csignal>

using namespace headwater;
using namespace headwater::testing;

class TestWindowWalk : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::unique_ptr<MainWindow> m_window;
    QString m_ownTrace;

    MapView* map() const { return exploreOf(*m_window).map()->view(); }
    Subject& subject() const { return m_window->subject(); }
    MapLook& look() const { return exploreOf(*m_window).mapLook(); }

    int runScript(const QStringList& commands, int timeoutMs = 60000)
    {
        ScriptRunner runner(*m_window, {commands, {}, false});
        QSignalSpy finished(&runner, &ScriptRunner::finished);
        runner.start();
        return finished.wait(timeoutMs) ? finished.first().first().toInt() : -1;
    }

    QString file(const char* name) const { return m_folder.filePath(QLatin1String(name)); }

    /// SmolLM2 on the story from the form, as far as `layers` finished layers and no further than its end.
    void runSmolLm(const QString& output, int layers)
    {
        const QString prompt = QStringLiteral(HEADWATER_SOURCE_DIR "/resources/samples/story-1k.txt");
        QCOMPARE(
            runScript({"run.new model=smollm2-135m prompt_file='" + prompt + "' output='" + output + "'"}),
            0);
        const RunSession& run = m_window->runSession();
        auto* const start = m_window->findChild<QPushButton*>("run_start_button");
        QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), 60000);
        // What follows is done as soon as the layer is there: the run does not wait for it.
        QEventLoop wait;
        connect(&run, &RunSession::layerFinished, &wait, [&] {
            if (run.finishedLayers() >= layers)
                wait.quit();
        });
        connect(&run, &RunSession::failed, &wait, &QEventLoop::quit);
        connect(&run, &RunSession::finished, &wait, &QEventLoop::quit);
        QTest::mouseClick(start, Qt::LeftButton);
        QVERIFY(run.isRunning());
        QTimer::singleShot(120000, &wait, &QEventLoop::quit);
        wait.exec();
        QVERIFY(run.finishedLayers() >= layers || !run.isRunning());
        QVERIFY2(run.isRunning(), qPrintable(m_window->messageBar()->text()));
    }

    static void wheel(QWidget* over, const QPointF& at, int steps)
    {
        QWheelEvent event(at, over->mapToGlobal(at), {}, {0, 120 * steps}, Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(over, &event);
    }

    InspectorPanel* inspector() const { return m_window->findChild<InspectorPanel*>(); }
    HeadGrid* grid() const { return m_window->findChild<HeadGrid*>(); }

    /// With the wheel and a click, as a hand does it.
    void pickHead(HeadId head)
    {
        QWidget* const over = grid()->viewport();
        const auto index = grid()->headLayout().indexOf(head);
        QVERIFY(index);
        const auto place = [&] { return grid()->placeOf(*index); };
        for (int turn = 0; turn < 200 && !over->rect().contains(place()); ++turn)
            wheel(over, over->rect().center(), place().top() < 0 ? 1 : -1);
        QVERIFY(over->rect().contains(place()));
        QTest::mouseClick(over, Qt::LeftButton, Qt::NoModifier, place().center());
        QVERIFY(subject().head() == head);
    }

    /// The inspector's list of reads against the trace's own row, in full.
    void compareReads()
    {
        const std::uint32_t row = *subject().locked().query;
        const HeadId head = subject().head();
        MassTable* const table = inspector()->reads();
        QTRY_VERIFY(table->massModel()->rowCount() > 0 && !table->massModel()->isStale());
        QVERIFY2(inspector()->readsNote().remove(QChar(0x2009)).startsWith(QString("row %1 · ").arg(row)),
                 qPrintable(inspector()->readsNote()));
        const std::vector<MassRow>& rows = table->massModel()->rows();
        if (subject().trace()->hasTokenRow(row)) {
            const Result<TokenRow> truth = subject().trace()->loadTokenRow(head.layer, head.head, row);
            QVERIFY(truth.has_value());
            QCOMPARE(rows.size(), std::min(truth->keys.size(), InspectorPanel::kMost));
            for (std::size_t i = 0; i < rows.size(); ++i) {
                QCOMPARE(rows[i].tokenAt, truth->keys[i]);
                QCOMPARE(static_cast<float>(rows[i].mass), truth->probability[i]);
            }
            QVERIFY(!inspector()->readsNote().contains("mean of"));
            return;
        }
        const auto edges = subject().trace()->loadEdges(head.layer, head.head);
        QVERIFY(edges.has_value());
        const std::vector<BlockEntry> truth = rowEntries(**edges, row);
        QCOMPARE(rows.size(), std::min(truth.size(), InspectorPanel::kMost));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            QCOMPARE(rows[i].tokenAt, truth[i].peakKey);
            QCOMPARE(static_cast<float>(rows[i].mass), truth[i].mass);
        }
        const std::uint32_t block = (*edges)->grid.blockQ;
        QVERIFY2(inspector()->readsNote().contains(QString("mean of %1 rows (its block)").arg(block)),
                 qPrintable(inspector()->readsNote()));
    }

    /// From the whole map to `pixels` device-independent pixels a query block, about one place.
    void flyTo(TokenPair pair, double pixels)
    {
        const HeadInfo* const head =
            subject().trace()->findHead(subject().head().layer, subject().head().head);
        QVERIFY(head);
        QTest::keyClick(map(), Qt::Key_0);
        const auto place = [&] { return pixelAt(look().viewport(), *pair.key + 0.5, *pair.query + 0.5); };
        const QPointF at = place();
        QVERIFY(QRectF(map()->rect()).contains(at));
        for (int step = 0; step < 80 && head->blockQ / look().viewport().tokensPerPixel < pixels; ++step) {
            wheel(map(), at, 1);
            QVERIFY(std::abs(place().x() - at.x()) <= 1 && std::abs(place().y() - at.y()) <= 1);
        }
        QVERIFY(head->blockQ / look().viewport().tokensPerPixel >= pixels);
        QCOMPARE(runScript({"view.wait"}), 0);
    }

private slots:
    void initTestCase()
    {
        // Its own settings; the fetched models stay where they are.
        qputenv("XDG_STATE_HOME", m_folder.path().toLocal8Bit());
        WindowOptions options;
        options.engineProgram = HEADWATER_PROGRAM;
        options.workspaces = {exploreWorkspace()};
        options.theme = "dark";
        options.restore = false;
        m_window = std::make_unique<MainWindow>(options);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get(), headwater::test::kPatienceMs));
    }

    void cleanupTestCase()
    {
        m_window.reset();
        if (!m_ownTrace.isEmpty())
            QFile::remove(m_ownTrace); // it went where a person's traces go
    }

    void sample_opensByItsButton()
    {
        auto* const button = m_window->findChild<QPushButton*>("welcome.file.sample");
        QVERIFY(button && button->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY(subject().trace());
        QVERIFY(m_window->files().path().endsWith("story.hwt"));
        QVERIFY(subject().trace()->isSealed());
        QCOMPARE(subject().trace()->heads().size(), std::size_t{270});
        QCOMPARE(runScript({"view.wait"}), 0);
        QVERIFY(exploreOf(*m_window).map()->isVisible());
        QVERIFY(m_window->findChild<QPushButton*>("verdict_pill")->text().startsWith("map holds "));
    }

    void needle_runsAndItsAnswerIsFollowed()
    {
        NeedlePromptSpec spec;
        spec.tokens = 4000;
        const Result<NeedlePrompt> prompt = makeNeedlePrompt(spec);
        QVERIFY(prompt.has_value());
        QFile text(file("needle.txt"));
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.write(prompt->text.data(), static_cast<qint64>(prompt->text.size()));
        text.close();
        QCOMPARE(runScript({"run.new model=builtin:needle output='" + file("needle.hwt") + "' prompt_file='"
                            + text.fileName() + "'"}),
                 0);
        auto* const start = m_window->findChild<QPushButton*>("run_start_button");
        QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), 60000);
        QTest::mouseClick(start, Qt::LeftButton);
        QVERIFY(m_window->runSession().isRunning());
        QCOMPARE(runScript({"run.wait"}), 0);
        const QString answer = QString::fromStdString(prompt->answer());
        QVERIFY2(m_window->messageBar()->text().contains(answer), qPrintable(m_window->messageBar()->text()));
        auto* const where = m_window->findChild<QPushButton*>("run_go_answer");
        QVERIFY(where && where->isVisible());
        QTest::mouseClick(where, Qt::LeftButton);
        const TokenPair locked = subject().locked();
        QVERIFY(locked.query && locked.key);
        // The key is inside the planted value (its own byte, or the one before it); the row is one of the
        // answer's.
        const NeedleRecord& record = prompt->records.front();
        const std::uint32_t at = subject().trace()->tokenOffsets()[*locked.key];
        QVERIFY(at + 1 >= record.valueBegin() && at < record.valueBegin() + record.value.size());
        QVERIFY(*locked.query > subject().trace()->seqLen() - 2 - answer.size());
    }

    void needleCommand_runsThePromptOfTheEngine()
    {
        QCOMPARE(runScript({"run.needle", "run.wait"}), 0);
        QVERIFY(subject().trace());
        const std::string text(subject().trace()->text());
        const std::size_t planted = text.find('@');
        const std::size_t value = text.find('=', planted) + 1;
        const QString answer =
            QString::fromStdString(text.substr(value, text.find_first_of(". \n", value) - value));
        QVERIFY(answer.size() >= 4);
        m_ownTrace = m_window->files().path();
        QVERIFY2(m_window->messageBar()->text().contains(answer.left(4)),
                 qPrintable(m_window->messageBar()->text() + " / " + answer));
    }

    void wheel_fliesFromTheWholeMapToOneBlock_andAClickLocksIt()
    {
        // The rest of the walk is on the sample.
        QCOMPARE(runScript({"file.sample"}), 0);
        const std::optional<Location> place = answerPlaceOf(*subject().trace());
        QVERIFY(place);
        pickHead(*place->head);
        const HeadId shown = subject().head();
        const auto edges = subject().trace()->loadEdges(shown.layer, shown.head);
        QVERIFY(edges.has_value());
        // The heaviest far edge of a row of the first half: none of the row table.
        const std::uint32_t row = subject().trace()->seqLen() / 2;
        QVERIFY(!subject().trace()->hasTokenRow(row));
        const BlockEntry edge = rowEntries(**edges, row).front();
        flyTo({edge.peakQuery, edge.peakKey}, 100);
        QTest::keyClick(map(), Qt::Key_Escape);
        QVERIFY(subject().locked() == TokenPair{});
        const QPointF at = pixelAt(look().viewport(), edge.peakKey + 0.5, edge.peakQuery + 0.5);
        const QPoint pixel(static_cast<int>(at.x()), static_cast<int>(at.y()));
        QTest::mouseMove(map(), pixel);
        QTest::mouseClick(map(), Qt::LeftButton, Qt::NoModifier, pixel);
        QTRY_VERIFY(subject().locked().query && subject().locked().key);
        const HeadInfo* const head = subject().trace()->findHead(shown.layer, shown.head);
        QCOMPARE(*subject().locked().query / head->blockQ, edge.peakQuery / head->blockQ);
        QCOMPARE(*subject().locked().key / head->blockK, edge.peakKey / head->blockK);
        QVERIFY(!subject().trace()->hasTokenRow(*subject().locked().query));
        compareReads(); // its block, and said to be one
    }

    void word_clickLocksARowOfTheRowTable()
    {
        auto* const prose = m_window->findChild<TextPane*>()->prose();
        const std::uint32_t word = subject().trace()->seqLen() - 2;
        QTRY_VERIFY(prose->isIndexed());
        prose->setFocus();
        QTest::keyClick(prose, Qt::Key_End);
        QTRY_VERIFY(prose->isInView(word));
        QTest::mouseClick(prose->viewport(), Qt::LeftButton, Qt::NoModifier, prose->placeOf(word)->center());
        QCOMPARE(subject().locked(), (TokenPair{word - 1, std::nullopt}));
        QVERIFY(subject().trace()->hasTokenRow(word - 1));
        compareReads(); // the trace's own row
    }

    void grid_clickPicksAHead_andKeysGoOn()
    {
        const HeadId wanted = grid()->headLayout().heads[grid()->headLayout().heads.size() / 2];
        pickHead(wanted);
        compareReads();
        QTest::keyClick(m_window.get(), Qt::Key_BracketRight);
        QCOMPARE(subject().head().layer, std::min(wanted.layer + 1, subject().trace()->numLayers() - 1));
    }

    void export_isAPdfWithItsFonts()
    {
        QTest::keyClick(map(), Qt::Key_0);
        QCOMPARE(runScript({"file.export path='" + file("figure.pdf") + "'"}), 0);
        const auto outputOf = [](const QString& program, const QStringList& arguments) {
            QProcess process;
            process.start(program, arguments);
            process.waitForFinished(-1);
            return process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0
                ? QString::fromUtf8(process.readAllStandardOutput())
                : QString();
        };
        const QStringList fonts =
            outputOf("pdffonts", {file("figure.pdf")}).split('\n', Qt::SkipEmptyParts).mid(2);
        QVERIFY(!fonts.isEmpty());
        for (const QString& font : fonts) { // name type encoding emb sub uni object
            const QStringList columns = font.simplified().split(' ');
            QVERIFY2(columns.size() >= 6 && columns.at(columns.size() - 5) == "yes", qPrintable(font));
        }
        const QString images = outputOf("pdfimages", {"-list", file("figure.pdf")});
        QVERIFY(images.contains("image") && !images.contains("jpeg"));
    }

    void smolLm_cancelledHalfWay_leavesItsFinishedLayersOnScreen()
    {
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
        runSmolLm(file("smol.hwt"), 14);
        if (QTest::currentTestFailed())
            return;
        const RunSession& run = m_window->runSession();
        auto* const cancel = m_window->findChild<QPushButton*>("run_bar_cancel");
        QVERIFY(cancel->isVisible());
        QTest::mouseClick(cancel, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!run.isRunning(), 30000);
        QCOMPARE(runScript({"view.wait"}), 0);
        QVERIFY(exploreOf(*m_window).map()->isVisible());
        QCOMPARE(m_window->files().path(), file("smol.hwt"));
        const std::size_t heads = subject().trace()->heads().size();
        QCOMPARE(heads, static_cast<std::size_t>(run.finishedLayers()) * 9);
        QVERIFY(heads >= 14 * 9 && heads < 270);
        // The finished layers are on screen: every thumbnail in view is the picture of its head's overview.
        QTRY_COMPARE(grid()->thumbnails().numLoaded(), heads);
        grid()->verticalScrollBar()->setValue(0);
        QCoreApplication::processEvents();
        const QImage screen = grid()->viewport()->grab().toImage();
        const Trace& trace = *subject().trace();
        const int side = grid()->headLayout().side;
        std::size_t compared = 0;
        for (std::size_t i = 0; i < grid()->headLayout().heads.size(); ++i) {
            const HeadId head = grid()->headLayout().heads[i];
            const QRect place = grid()->placeOf(i);
            if (!trace.findHead(head.layer, head.head) || head == subject().head()
                || !grid()->viewport()->rect().contains(place))
                continue;
            const auto overview = trace.loadOverview(head.layer, head.head, trace.overviewSides().front());
            QVERIFY(overview.has_value() && showsContent(*overview, MapMode::Max));
            const ColourLut lut =
                makeColourLut(contentScale(*overview, look().colours().map), MapMode::Max, 1, darkTheme());
            const QImage expected = thumbnailOf(*overview, trace.seqLen(), side, lut, MapMode::Max);
            // Two pixels in from the edge: a neighbour's outline may lie on the edge itself.
            const QRect inner(2, 2, side - 4, side - 4);
            QCOMPARE(screen.copy(inner.translated(place.topLeft())).convertToFormat(QImage::Format_RGB32),
                     expected.copy(inner));
            ++compared;
        }
        QVERIFY2(compared >= 9, qPrintable(QString::number(compared)));
        QVERIFY2(m_window->messageBar()->text().contains("cancelled"),
                 qPrintable(m_window->messageBar()->text()));
    }

    void smolLm_engineKilledInTheRun_leavesItsFinishedLayersOnScreen()
    {
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
        runSmolLm(file("killed.hwt"), 5);
        if (QTest::currentTestFailed())
            return;
        const RunSession& run = m_window->runSession();
        QCOMPARE(::kill(static_cast<pid_t>(m_window->engine().processId()), SIGKILL), 0);
        QTRY_VERIFY_WITH_TIMEOUT(!run.isRunning(), 30000);
        QCOMPARE(m_window->engine().state(), EngineClient::State::Dead);
        const QString said = m_window->messageBar()->text();
        QVERIFY2(said.contains("signal 9")
                     && said.contains(
                         QString("The trace holds its %1 finished layers.").arg(run.finishedLayers())),
                 qPrintable(said));
        QTRY_VERIFY(!m_window->findChild<QWidget*>("run_bar")->isVisible());
        // What was told to be finished is there, of a layer that was not told of perhaps one more.
        QTRY_VERIFY(!m_window->files().isBusy());
        QCOMPARE(m_window->files().path(), file("killed.hwt"));
        QVERIFY(!subject().trace()->isSealed());
        const std::size_t layers = subject().trace()->heads().size() / 9;
        const auto told = static_cast<std::size_t>(run.finishedLayers());
        QVERIFY2(layers == told || layers == told + 1, qPrintable(QString::number(layers)));
        QVERIFY(exploreOf(*m_window).map()->isVisible());
        pickHead({4, 3});
        QTest::keyClick(map(), Qt::Key_0);
        const double before = look().viewport().tokensPerPixel;
        QTest::keyClick(map(), Qt::Key_Plus);
        QVERIFY(look().viewport().tokensPerPixel < before);
        auto* const restart = m_window->findChild<QPushButton*>("engine_restart");
        QVERIFY(restart && restart->isVisible());
        QTest::mouseClick(restart, Qt::LeftButton);
        QTRY_COMPARE(m_window->engine().state(), EngineClient::State::Idle);
    }

    void engineKilled_theWindowLives()
    {
        QVERIFY(m_window->engine().processId() > 0);
        QCOMPARE(::kill(static_cast<pid_t>(m_window->engine().processId()), SIGKILL), 0);
        QTRY_COMPARE(m_window->engine().state(), EngineClient::State::Dead);
        QVERIFY(m_window->messageBar()->text().contains("signal 9"));
        QTest::keyClick(map(), Qt::Key_0);
        const double before = look().viewport().tokensPerPixel;
        QTest::keyClick(map(), Qt::Key_Plus);
        QVERIFY(look().viewport().tokensPerPixel < before);
        auto* const restart = m_window->findChild<QPushButton*>("engine_restart");
        QVERIFY(restart && restart->isVisible());
        QTest::mouseClick(restart, Qt::LeftButton);
        QTRY_COMPARE(m_window->engine().state(), EngineClient::State::Idle);
    }
};

QTEST_MAIN(TestWindowWalk)
#include "tst_window_walk.moc"
