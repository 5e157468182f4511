// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figure/figure_dialog.h"
#include "ui/main/made_windows.h"

#include "core/trace/verify.h"
#include "support/patience.h"
#include "ui/heads/head_panel.h"
#include "ui/inspector/fold_title.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/main/command_box.h"
#include "ui/main/message_bar.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"

#include <QAbstractButton>
#include <QAction>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QThread>
#include <atomic>
#include <cmath>

using namespace headwater;
using namespace headwater::testing;

class TestMainWindow : public MadeWindows {
    Q_OBJECT

    /// Flips a bit of a trace where `verify` then names both: looks for the place, as the format is not ours.
    static bool damageChunk(const QString& path, const char* head, const char* field)
    {
        QFile file(path);
        if (!file.open(QIODevice::ReadWrite))
            return false;
        for (qint64 at = 0; at < file.size(); at += 61) {
            const auto flip = [&file, at] {
                char byte = 0;
                file.seek(at);
                file.getChar(&byte);
                file.seek(at);
                file.putChar(static_cast<char>(byte ^ 0x10));
                file.flush();
            };
            flip();
            // Of the bytes of a blob alone, and thus of the seal.
            if (const auto report = verifyTrace(path.toStdString()); report && report->damage.size() <= 2) {
                for (const Error& error : report->damage) {
                    if (error.text().find(head) != std::string::npos
                        && error.text().find(field) != std::string::npos)
                        return true;
                }
            }
            flip();
        }
        return false;
    }

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void open_showsTheTrace()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QVERIFY(window->subject().trace());
        QVERIFY(exploreOf(*window).map()->isVisible());
        QCOMPARE(window->findChild<QLabel*>("subject_file")->text(), QString("made.hwt"));
        const auto* const pill = window->findChild<QPushButton*>("verdict_pill");
        QVERIFY(pill->isVisible());
        QCOMPARE(pill->text(), QString("map holds 96.4 % of attention"));
        QCOMPARE(exploreOf(*window).map()->status().tilesPending, std::size_t{0});
    }

    void script_goesToAPlace()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window,
                           {"view.goto layer=1 head=1 query=940 key=212 zoom=0.5", "view.mode mode=count",
                            "view.range low=0.01 high=0.5", "view.mask.sinks on=on"}),
                 0);
        const Subject& subject = window->subject();
        const MapLook& look = exploreOf(*window).mapLook();
        QVERIFY(subject.head() == (HeadId{1, 1}));
        QVERIFY(subject.locked() == (TokenPair{940u, 212u}));
        QCOMPARE(look.viewport().tokensPerPixel, 0.5);
        QCOMPARE(look.mode(), MapMode::Count);
        QCOMPARE(look.colours().low, 0.01);
        QVERIFY(look.mask().sinks);
        QVERIFY(window->commands().action("view.mode.count")->isChecked());
        QVERIFY(window->findChild<QAbstractButton*>("button.view.mode.count")->isChecked());
        QVERIFY(!window->findChild<QAbstractButton*>("button.view.mode.max")->isChecked());
    }

    void script_wrong_endsWithItsExitCode_data()
    {
        QTest::addColumn<QString>("command");
        QTest::newRow("unknown command") << "view.fly";
        QTest::newRow("unknown parameter") << "view.goto lyer=3";
        QTest::newRow("no such head") << "select.head layer=70 head=0";
        QTest::newRow("beyond the text") << "view.goto query=1000";
        QTest::newRow("future") << "view.goto query=10 key=11";
        QTest::newRow("range upside down") << "view.range low=1 high=0.1";
        QTest::newRow("mode") << "view.mode mode=sum";
    }

    void script_wrong_endsWithItsExitCode()
    {
        QFETCH(QString, command);
        const auto window = openWindow();
        QVERIFY(window);
        const ViewSnapshot before = snapshotOf(exploreOf(*window).view());
        QCOMPARE(runScript(*window, {command, "view.mode mode=count"}), 64);
        QVERIFY(snapshotOf(exploreOf(*window).view()) == before); // the rest is not run
    }

    void box_escapeGivesUpWhatWasTyped()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"select.lock query=300 key=100"}), 0);
        auto* const box = window->findChild<CommandBox*>("command_box");
        QTest::keyClick(window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QTest::keyClicks(box, "theme");
        QTest::keyClick(box, Qt::Key_Escape);
        QVERIFY(box->text().isEmpty());
        QVERIFY(!box->list()->isVisible());
        QVERIFY(window->subject().locked() == (TokenPair{300u, 100u}));
    }

    void box_takesAPlaceByKeyboard()
    {
        const auto window = openWindow();
        QVERIFY(window);
        auto* const box = window->findChild<CommandBox*>("command_box");
        QTest::keyClick(window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(box->list()->isVisible());
        QTest::keyClicks(box, "L1H1");
        QTest::keyClick(box, Qt::Key_Return);
        QVERIFY(window->subject().head() == (HeadId{1, 1}));
        QVERIFY(!box->list()->isVisible());
        box->openFor(CommandBox::Prefer::Commands);
        QTest::keyClicks(box, "missed");
        QTest::keyClick(box, Qt::Key_Return);
        QCOMPARE(exploreOf(*window).mapLook().mode(), MapMode::Missed);
        box->openFor(CommandBox::Prefer::Commands);
        QTest::keyClick(box, Qt::Key_Escape);
        QVERIFY(!box->list()->isVisible());
    }

    void undo_andBack_returnTheView()
    {
        const auto window = openWindow();
        QVERIFY(window);
        const MapViewport whole = exploreOf(*window).mapLook().viewport();
        QCOMPARE(runScript(*window, {"view.goto query=500 key=300 zoom=0.1"}), 0);
        QVERIFY(exploreOf(*window).mapLook().viewport() != whole);
        window->commands().action("go.back")->trigger();
        QVERIFY(exploreOf(*window).mapLook().viewport() == whole);
        window->commands().action("go.forward")->trigger();
        QCOMPARE(exploreOf(*window).mapLook().viewport().tokensPerPixel, 0.1);
        window->commands().action("edit.undo")->trigger();
        QVERIFY(exploreOf(*window).mapLook().viewport() == whole);
    }

    void heads_areFilteredByCommand()
    {
        const auto window = openWindow();
        QVERIFY(window);
        auto* const panel = window->findChild<HeadPanel*>();
        QCOMPARE(runScript(*window, {"heads.filter first_layer=1"}), 0);
        QCOMPARE(panel->grid()->headLayout().heads, (std::vector<HeadId>{{1, 0}, {1, 1}}));
        QCOMPARE(runScript(*window, {"heads.filter least=0.5"}), 64); // of what?
        QCOMPARE(runScript(*window, {"heads.sort order=kept_mass", "heads.filter least=0.97"}), 0);
        QVERIFY(panel->grid()->headLayout().heads.empty());
        QCOMPARE(runScript(*window, {"heads.filter readers=on"}), 0);
        QCOMPARE(panel->filter().leastRead, std::optional(HeadFilter::kLeastRead));
        QCOMPARE(runScript(*window, {"heads.filter readers=0.05"}), 0);
        QCOMPARE(panel->filter().leastRead, std::optional(0.05));
        QCOMPARE(runScript(*window, {"heads.filter readers=1.5"}), 64);
        QCOMPARE(runScript(*window, {"heads.filter.clear"}), 0);
        QCOMPARE(panel->grid()->headLayout().heads.size(), std::size_t{4});
        QVERIFY(!panel->isFilterBarShown());
        QTest::keyClick(window.get(), Qt::Key_H, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(panel->isFilterBarShown());
    }

    void inspector_foldsByCommand()
    {
        auto window = openWindow();
        QVERIFY(window);
        QVERIFY(!window->commands().action("inspector.reads")->isEnabled()); // nothing is locked
        QCOMPARE(runScript(*window, {"select.lock query=900 key=700"}), 0);
        for (const QString part : {"reads", "heads", "readers", "profile"}) {
            auto* const title = window->findChild<FoldTitle*>(part + "Title");
            QVERIFY(title);
            const bool wasFolded = title->isFolded();
            QCOMPARE(runScript(*window, {"inspector." + part}), 0);
            QCOMPARE(title->isFolded(), !wasFolded);
        }
    }

    void verdict_cardAndPillSayTheSame()
    {
        // 84.39 % would round to 84.4; 99.96 % to 100.0.
        for (const auto& [share, text] : {std::pair(0.84396, "84.3 %"), std::pair(0.9996, "99.9 %")}) {
            const QString path = m_folder.filePath(QString("kept%1.hwt").arg(share));
            QVERIFY(writeKeptTrace(path, share, nlohmann::json::object()));
            const auto window = makeWindow();
            QCOMPARE(runScript(*window, {"file.open path='" + path + "'", "help.verdict"}), 0);
            QCOMPARE(window->findChild<QLabel*>("verdict_number")->text(), QString(text));
            QVERIFY(window->findChild<QPushButton*>("verdict_pill")->text().contains(text));
            QVERIFY(window->findChild<QLabel*>("verdict_held")->text().contains(text));
        }
        const QString path = m_folder.filePath("unknown.hwt");
        QVERIFY(writeKeptTrace(path, std::nan(""), nlohmann::json::object()));
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"file.open path='" + path + "'", "help.verdict"}), 0);
        QCOMPARE(window->findChild<QLabel*>("verdict_number")->text(), QString("unknown"));
    }

    void verdict_opensAndCloses()
    {
        const auto window = openWindow();
        QVERIFY(window);
        auto* const card = window->findChild<QWidget*>("verdict_card");
        QTest::mouseClick(window->findChild<QPushButton*>("verdict_pill"), Qt::LeftButton);
        QVERIFY(card->isVisible());
        QVERIFY(window->findChild<QLabel*>("verdict_held")->text().contains("96.4 %"));
        QTest::keyClick(card, Qt::Key_Escape);
        QVERIFY(!card->isVisible());
    }

    void damagedChunk_isNamedInABar_andCostsOnlyItsHead()
    {
        const QString path = m_folder.filePath("damaged.hwt");
        QVERIFY(writeMadeTrace(path.toStdString(), MadeTrace{}).has_value());
        QVERIFY(damageChunk(path, "layer 1, head 0", "field mass"));
        const auto window = makeWindow();
        // Another head is whole, and so is its map.
        QCOMPARE(runScript(*window, {"file.open path='" + path + "'", "select.head layer=0 head=1"}), 0);
        QVERIFY(window->messageBar()->text().isEmpty());
        // Asked for all heads, the window says which one is damaged, and shows the others.
        QCOMPARE(runScript(*window, {"select.lock query=500 key=300"}), 65);
        const QString said = window->messageBar()->text();
        for (const char* part : {"damaged.hwt", "layer 1, head 0", "chunk at row", "field mass"})
            QVERIFY2(said.contains(part), qPrintable(said));
        QCOMPARE(said.count("layer 1, head 0"), 1); // several lists ask for it
        QTRY_COMPARE(window->findChild<InspectorPanel*>()->heads()->model()->rowCount(), 3);
        // It is not said again for every view.
        QTest::mouseClick(window->findChild<QAbstractButton*>("message_close"), Qt::LeftButton);
        QCOMPARE(runScript(*window, {"select.head layer=1 head=0"}), 0);
        QVERIFY(window->messageBar()->text().isEmpty());
        // Opened anew it is news again, of the shown head without anything locked.
        QCOMPARE(runScript(*window,
                           {"file.close", "file.open path='" + path + "'", "select.head layer=1 head=0",
                            "view.wait"}),
                 65);
        QVERIFY(window->messageBar()->text().contains("layer 1, head 0"));
    }

    void export_writesTheViewAsAFigure()
    {
        const auto window = openWindow();
        QVERIFY(window);
        const QString path = m_folder.filePath("figure.svg");
        QCOMPARE(runScript(*window,
                           {"view.goto layer=1 head=0 query=900 key=700 zoom=0.2",
                            "file.export width=16cm path='" + path + "'"}),
                 0);
        QFile figure(path);
        QVERIFY(figure.open(QIODevice::ReadOnly));
        QVERIFY(figure.read(1000).contains("<svg"));
        QFile sidecar(path + ".json");
        if (!sidecar.exists())
            sidecar.setFileName(m_folder.filePath("figure.json"));
        QVERIFY(sidecar.open(QIODevice::ReadOnly));
        const auto options = nlohmann::json::parse(sidecar.readAll().toStdString());
        QVERIFY2(options.dump().find("\"layer\":1") != std::string::npos, options.dump().c_str());
        QCOMPARE(options["options"]["with_caption"], true);
        QCOMPARE(runScript(*window, {"file.export with_title=off with_caption=off path='" + path + "'"}), 0);
        QFile bare(path + ".json");
        QVERIFY(bare.open(QIODevice::ReadOnly));
        const auto bareOptions = nlohmann::json::parse(bare.readAll().toStdString())["options"];
        QCOMPARE(bareOptions["with_title"], false);
        QCOMPARE(bareOptions["with_caption"], false);
        QCOMPARE(runScript(*window, {"file.export width=28mm path='" + path + "'"}), 0);
        QVERIFY2(window->messageBar()->text().contains("It had no room for: colour bar"),
                 qPrintable(window->messageBar()->text()));
        QCOMPARE(runScript(*window, {"file.export width=11mm path='" + path + "'"}), 64);
        QCOMPARE(runScript(*window, {"file.export path=/no/such/folder/figure.pdf"}), 73);
        QCOMPARE(runScript(*window, {"file.export path=figure.bmp"}), 64);
    }

    void export_withoutAPath_asksInTheDialog()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"select.head layer=1 head=1", "select.lock query=900 key=700"}), 0);
        QVERIFY(window->commands().run("file.export", CommandArguments()).has_value());
        auto* const dialog = window->findChild<FigureDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        QVERIFY2(dialog->path().endsWith("-L1H1.pdf"), qPrintable(dialog->path()));
        QTRY_VERIFY(dialog->isDrawn());
        QVERIFY(dialog->options().markedQueries == (std::vector<TokenRange>{{900, 901}}));
        const QString path = m_folder.filePath("asked.svg");
        dialog->findChild<QLineEdit*>("figure_path")->setText(path);
        QTest::mouseClick(dialog->findChild<QPushButton*>("figure_export"), Qt::LeftButton);
        QTRY_VERIFY2(window->messageBar()->text().contains("The figure is in " + path),
                     qPrintable(window->messageBar()->text()));
        QFile described(path + ".json");
        QVERIFY(described.open(QIODevice::ReadOnly));
        const auto options = nlohmann::json::parse(described.readAll().toStdString())["options"];
        QCOMPARE(options["mark_query"].dump(), std::string("[[900,901]]"));
    }

    void export_thatTakesLong_saysSo_andCanBeCancelled()
    {
        // The real writer, held until somebody stops it or the test lets it go.
        std::atomic<bool> hold = true;
        auto options = optionsOf(FAKE_ENGINE);
        const HeatmapWriter held = [&hold](std::shared_ptr<const Trace> trace,
                                           const HeatmapFigureOptions& figure,
                                           const std::filesystem::path& path, const std::stop_token& stop) {
            while (hold && !stop.stop_requested())
                QThread::msleep(5);
            return heatmapWriter()(std::move(trace), figure, path, stop);
        };
        options.workspaces = {exploreWorkspace(held)};
        const auto window = std::make_unique<MainWindow>(options);
        window->show();
        QCOMPARE(runScript(*window, {"file.open path='" + m_trace + "'"}), 0);
        const QString path = m_folder.filePath("long.pdf");
        const auto begin = [&] {
            QVERIFY(window->commands().run("file.export", CommandArguments({{"path", path}})).has_value());
            QVERIFY(window->messageBar()->text().isEmpty()); // not of what is done in a moment
            QTRY_VERIFY(window->findChild<QPushButton*>("file_export_cancel"));
            QVERIFY2(window->messageBar()->text().contains("Writing the figure to " + path),
                     qPrintable(window->messageBar()->text()));
        };
        QVERIFY(!window->commands().action("file.export.cancel")->isEnabled());
        begin();
        QVERIFY(window->commands().action("file.export.cancel")->isEnabled());
        QTest::mouseClick(window->findChild<QPushButton*>("file_export_cancel"), Qt::LeftButton);
        QTRY_VERIFY2(window->messageBar()->text().contains("cancelled: nothing was written to " + path),
                     qPrintable(window->messageBar()->text()));
        QVERIFY(!QFile::exists(path));
        QVERIFY(window->isSettled());
        window->messageBar()->clear();
        begin();
        hold = false;
        QTRY_VERIFY(window->messageBar()->text().contains("The figure is in " + path));
        QVERIFY(!window->findChild<QPushButton*>("file_export_cancel"));
        QVERIFY(QFile::exists(path));
    }

    void screenshot_isThePictureOfTheWindow()
    {
        const auto window = openWindow();
        QVERIFY(window);
        const QString path = m_folder.filePath("shot.png");
        QCOMPARE(runScript(*window, {"view.wait"}, path), 0);
        const QImage image(path);
        QCOMPARE(image.size(), window->size() * window->devicePixelRatioF());
        QCOMPARE(runScript(*window, {"view.wait"}, "/no/such/folder/shot.png"), 73);
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
