// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/options/option_json.h"
#include "core/options/random_options.h"
#include "ui/main/made_windows.h"

#include "support/patience.h"
#include "ui/main/message_bar.h"
#include "ui/map/map_pane.h"
#include "ui/run/run_page.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStringEncoder>
#include <QTest>
#include <QUrl>
#include <filesystem>

using namespace headwater;
using namespace headwater::testing;

class TestMainWindowRun : public MadeWindows {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void open_whatIsNoTrace_isABar_notADialog()
    {
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"file.open path=/no/such/file.hwt"}), 66);
        QVERIFY(window->messageBar()->isVisible());
        QVERIFY(window->messageBar()->text().contains("/no/such/file.hwt"));
        QVERIFY(!window->subject().trace());
    }

    void form_isWalkedByTab_withATextOrAFile_data()
    {
        QTest::addColumn<QString>("prompt");
        QTest::newRow("text") << "text=words";
        QTest::newRow("file") << "prompt_file='" + m_folder.filePath("walked.txt") + "'";
    }

    void form_isWalkedByTab_withATextOrAFile()
    {
        QFETCH(QString, prompt);
        QFile file(m_folder.filePath("walked.txt"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("words\n") > 0);
        file.close();
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"run.new " + prompt}), 0);
        window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(window.get(), headwater::test::kPatienceMs));
        window->findChild<QWidget*>("run_model")->setFocus();
        QStringList reached;
        for (int step = 0; step < 40; ++step) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            reached.append(QApplication::focusWidget()->objectName());
        }
        for (const char* name : {"run_model_browse", "run_select", "run_check", "run_output", "run_close"})
            QVERIFY2(reached.contains(name), qPrintable(name + (": " + reached.join(" "))));
        QCOMPARE(reached.contains("run_prompt"), prompt.startsWith("text"));
        QCOMPARE(reached.contains("run_prompt_type"), !prompt.startsWith("text"));
    }

    /// Also below a refusal of three lines.
    void form_keepsItsButtonsOnALaptopsScreen()
    {
        const auto window = makeWindow();
        window->resize(1366, 768);
        const QString model = "/m/refused-" + QString("long/").repeated(70) + "model.gguf";
        QCOMPARE(runScript(*window, {"run.new model='" + model + "' text=hello", "view.wait"}), 0);
        auto* const seen = window->findChild<QLabel*>("run_model_seen");
        QTRY_VERIFY2(seen->text().startsWith("Does not run: "), qPrintable(seen->text()));
        QTRY_VERIFY(seen->height() > 2 * seen->fontMetrics().height());
        QCOMPARE(window->size(), QSize(1366, 768));
        for (const char* name : {"run_start_button", "run_close", "run_output"}) {
            const auto* const control = window->findChild<QWidget*>(name);
            QTRY_VERIFY2(control->visibleRegion().boundingRect() == control->rect(), name);
        }
    }

    void textOfAnotherEncoding_isOfferedForConversion_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("offer");
        const QString text = QStringLiteral("Zwölf 日本語\n");
        QStringEncoder utf16(QStringConverter::Utf16LE, QStringConverter::Flag::WriteBom);
        const QByteArray marked = utf16.encode(text);
        QTest::newRow("UTF-16") << marked << "Convert from UTF-16LE";
        QTest::newRow("byte-order mark") << "\xEF\xBB\xBF" + text.toUtf8() << "Leave it out";
    }

    void textOfAnotherEncoding_isOfferedForConversion()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, offer);
        const QString path = m_folder.filePath("encoded.txt");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
        file.close();
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"file.open path='" + path + "'"}), 0);
        // Until then it is the file, byte for byte.
        QVERIFY(window->findChild<QLabel*>("run_prompt_file")->text().contains(path));
        QVERIFY2(window->messageBar()->text().contains(path), qPrintable(window->messageBar()->text()));
        auto* const convert = window->messageBar()->findChild<QAbstractButton*>("convert_prompt");
        QVERIFY(convert);
        QCOMPARE(convert->text(), offer);
        convert->click();
        auto* const editor = window->findChild<QPlainTextEdit*>("run_prompt");
        QTRY_COMPARE(editor->toPlainText(), QStringLiteral("Zwölf 日本語\n"));
        QTRY_VERIFY(!window->messageBar()->text().contains(path));
    }

    void nameThatIsNoUtf8_opensAndIsRemembered()
    {
        const std::filesystem::path odd = (m_folder.path().toStdString() + "/caf\xe9\n.hwt");
        std::filesystem::copy_file(m_trace.toStdString(), odd,
                                   std::filesystem::copy_options::overwrite_existing);
        const QString uri = QStringLiteral("file://") + m_folder.path() + QStringLiteral("/caf%E9%0A.hwt");
        const auto window = makeWindow();
        QMimeData dropped;
        dropped.setUrls({QUrl::fromEncoded(uri.toLatin1())});
        QDragEnterEvent enter({100, 100}, Qt::CopyAction, &dropped, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(window.get(), &enter);
        QDropEvent drop(QPointF(100, 100), Qt::CopyAction, &dropped, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(window.get(), &drop);
        QTRY_VERIFY2(window->subject().trace(), qPrintable(window->messageBar()->text()));
        QCOMPARE(window->subject().trace()->path(), odd);
        QCOMPARE(window->files().recent(), QStringList{uri});
        QCOMPARE(runScript(*window, {"file.open path='" + m_trace + "'", "file.recent.2"}), 0);
        QTRY_COMPARE(window->subject().trace()->path(), odd);
        QVERIFY(window->files().shows(uri));
        std::filesystem::remove(odd); // Qt's own removal of the folder would not
    }

    void run_showsItsTraceAsSoonAsALayerIsThere()
    {
        const auto window = makeWindow();
        QSignalSpy layers(&window->runSession(), &RunSession::layerFinished);
        QCOMPARE(
            runScript(*window, {"run.new model='trace:" + m_trace + "' text=hello", "run.start", "run.wait"}),
            0);
        QCOMPARE(layers.size(), 2);
        QVERIFY(window->findChild<QPushButton*>("run_go_answer")->isVisible());
        QVERIFY(window->subject().trace());
        QCOMPARE(QString::fromStdString(window->subject().trace()->path().string()), m_trace);
        QVERIFY(exploreOf(*window).map()->isVisible());
        QVERIFY2(window->messageBar()->text().contains("7421"), qPrintable(window->messageBar()->text()));
    }

    void run_saysThatItsSessionCouldNotBeKept()
    {
        const auto window = makeWindow();
        QCOMPARE(runScript(*window,
                           {"run.new model='unkept:" + m_trace + "' text=hello", "run.start", "run.wait"}),
                 0);
        const QString said = window->messageBar()->text();
        QVERIFY2(said.startsWith("Finished: 100 tokens in ")
                     && said.contains("Its session could not be kept: the scratch file is full"),
                 qPrintable(said));
    }

    void run_doesNotTakeTheWindowFromAnotherTrace_butOffersItsOwn()
    {
        const QString other = m_folder.filePath("other.hwt");
        QVERIFY(writeMadeTrace(other.toStdString(), MadeTrace{}).has_value());
        const auto window = makeWindow();
        // The run begins, another trace is opened, and only then come the run's layers and its end.
        QCOMPARE(runScript(*window, {"file.open path='" + other + "'"}), 0);
        window->files().followRun();
        QCOMPARE(runScript(*window, {"file.open path='" + other + "'"}), 0);
        QVERIFY(!window->files().isFollowingRun());
        RunRequest request;
        request.model = "trace:" + m_trace.toStdString();
        request.prompt = "hello";
        QSignalSpy layers(&window->runSession(), &RunSession::layerFinished);
        QSignalSpy finished(&window->runSession(), &RunSession::finished);
        window->runSession().start(request);
        QTRY_COMPARE(finished.size(), 1);
        QCOMPARE(layers.size(), 2);
        QTRY_VERIFY(!window->files().isBusy());
        QCOMPARE(window->files().path(), other);
        // Its answer is not in the open trace: what is offered is to open it.
        QVERIFY(!window->findChild<QPushButton*>("run_go_answer"));
        QVERIFY(!window->findChild<QPushButton*>("run_copy_command"));
        auto* const open = window->findChild<QPushButton*>("run_open");
        QVERIFY(open && open->isVisible());
        QTest::mouseClick(open, Qt::LeftButton);
        QTRY_COMPARE(window->files().path(), m_trace);
    }

    void run_isStillFollowedAfterAFailedOpenAndADroppedText()
    {
        const auto window = makeWindow();
        window->files().followRun();
        QCOMPARE(runScript(*window, {"file.open path=/no/such/file.hwt"}), 66);
        QVERIFY(window->files().isFollowingRun());
        QFile text(m_folder.filePath("next.txt"));
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.write("the next prompt");
        text.close();
        QCOMPARE(runScript(*window, {"file.open path='" + text.fileName() + "'"}), 0);
        QVERIFY(window->files().isFollowingRun());
        window->files().refresh(m_trace);
        QTRY_COMPARE(window->files().path(), m_trace); // its first layer is shown
    }

    /// The command's arguments are the options of a run, within the same bounds and with the same words.
    void runNew_refusesWhatTheTableRefuses()
    {
        const auto window = makeWindow();
        int refusals = 0;
        for (const OptionRow& row : optionRows()) {
            for (const auto& [text, json] : headwater::test::outsideOf(row)) {
                if (!row.isOf(RunVerb))
                    continue;
                const QMap<QString, QString> values{
                    {QString::fromStdString(row.parameter), QString::fromStdString(text)}};
                const auto refused = window->commands().run("run.new", CommandArguments(values));
                QVERIFY2(!refused, row.parameter.c_str());
                QCOMPARE(refused.error().message, valueOfText(row, text).error().message);
                QCOMPARE(refused.error().context, row.parameter);
                ++refusals;
            }
        }
        QVERIFY(refusals >= 20);
        QCOMPARE(
            runScript(*window,
                      {"run.new model=m text=t keep_keys=4194304 tree_levels=6 seed=7 expect=x check=on"}),
            0);
        const RunRequest asked = window->findChild<RunPage*>("run_page")->request();
        QCOMPARE(asked.select.keepKeys, 4194304u);
        QCOMPARE(asked.select.treeLevels, 6u);
        QCOMPARE(asked.select.seed, std::uint64_t{7});
        QCOMPARE(asked.expect.value_or(""), std::string("x"));
    }

    void runNeedle_leavesTheFormAlone()
    {
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"run.new model=smollm2-135m text='my own words'", "run.needle"}), 0);
        QVERIFY(window->runSession().isRunning());
        QCOMPARE(window->runSession().request().model, std::string("builtin:needle"));
        const nlohmann::json params = jsonOf(RunVerb, window->runSession().request());
        QVERIFY2(!params.contains("text") && params.contains("output"), params.dump().c_str());
        QCOMPARE(window->findChild<QPlainTextEdit*>("run_prompt")->toPlainText(), QString("my own words"));
        QCOMPARE(window->findChild<QComboBox*>("run_model")->currentText(), QString("smollm2-135m"));
        QCOMPARE(runScript(*window, {"run.cancel", "run.wait"}), 0);
    }

    void run_engineThatCannotStart_isOneMessage_andNoRun()
    {
        const auto window = makeWindow("/no/such/engine");
        RunRequest request;
        request.prompt = "hello";
        window->runSession().start(request);
        QTRY_VERIFY(!window->runSession().isRunning());
        QVERIFY(!window->findChild<QWidget*>("run_bar")->isVisible());
        QTRY_VERIFY(window->findChild<QPushButton*>("run_again"));
        QVERIFY2(window->messageBar()->text().count("/no/such/engine") == 1,
                 qPrintable(window->messageBar()->text()));
        QVERIFY(window->findChild<QPushButton*>("engine_restart")->isVisible());
    }

    void errors_standBesideNotices_withAButtonEach()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"file.open path=/no/such/file.hwt"}), 66);
        QCOMPARE(runScript(*window, {"file.open path=/no/such/other.hwt"}), 66);
        QCOMPARE(runScript(*window, {"find.text text=Helsinki"}), 0);
        const QString said = window->messageBar()->text();
        for (const char* part : {"/no/such/file.hwt", "/no/such/other.hwt", "hit 1 of"})
            QVERIFY2(said.contains(part), qPrintable(said));
        for (const QWidget* const card : window->messageBar()->findChildren<QWidget*>("message_card"))
            QVERIFY2(!card->findChildren<QPushButton*>().isEmpty(), qPrintable(said));
        QCOMPARE(runScript(*window, {"find.text text=7421"}), 0); // the next search speaks in the same line
        QVERIFY(!window->messageBar()->text().contains("Helsinki"));
        QVERIFY(window->messageBar()->text().contains("/no/such/file.hwt"));
        for (int i = 0; i < 8; ++i)
            QCOMPARE(runScript(*window, {QString("file.open path=/no/such/%1.hwt").arg(i)}), 66);
        QVERIFY(window->messageBar()->text().count('\n') < static_cast<int>(MessageBar::kMostLines));
        const auto closes = window->messageBar()->findChildren<QAbstractButton*>("message_close");
        for (QAbstractButton* const close : closes)
            QTest::mouseClick(close, Qt::LeftButton);
        QVERIFY(!window->messageBar()->isVisible());
    }

    void drop_opensATrace_andATextBeginsARun()
    {
        const auto window = makeWindow();
        const auto drop = [&](const QString& path) {
            QMimeData data;
            data.setUrls({QUrl::fromLocalFile(path)});
            QDragEnterEvent enter({100, 100}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(window.get(), &enter);
            QVERIFY(enter.isAccepted());
            QDropEvent event(QPointF(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(window.get(), &event);
        };
        drop(m_trace);
        QTRY_COMPARE(window->files().path(), m_trace);
        QFile text(m_folder.filePath("prompt.txt"));
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.write("What is the code?");
        text.close();
        drop(text.fileName());
        QTRY_VERIFY(window->findChild<QWidget*>("run_page")->isVisible());
        QCOMPARE(window->findChild<QPlainTextEdit*>("run_prompt")->toPlainText(),
                 QString("What is the code?"));
        QTRY_COMPARE(window->findChild<QLabel*>("run_tokens")->text(), QString("17 tokens"));
    }

    void run_cancelled_saysSo_andRestsOnTheForm()
    {
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"run.new model=wait text=hello", "run.start"}), 0);
        QVERIFY(window->runSession().isRunning());
        QVERIFY(window->findChild<QWidget*>("run_bar")->isVisible());
        QCOMPARE(runScript(*window, {"run.cancel", "run.wait"}), 0);
        QVERIFY(!window->runSession().isRunning());
        QVERIFY(window->messageBar()->text().contains("cancelled"));
        QVERIFY(!window->findChild<QWidget*>("run_bar")->isVisible());
    }

    void engineDeath_leavesTheWindow_andOffersARestart()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"run.new model=kill text=hello", "run.start", "run.wait"}), 69);
        auto* const restart = window->findChild<QPushButton*>("engine_restart");
        QVERIFY(restart && restart->isVisible());
        QCOMPARE(window->engine().state(), EngineClient::State::Dead);
        QTest::mouseClick(restart, Qt::LeftButton);
        QTRY_COMPARE(window->engine().state(), EngineClient::State::Idle);
        QVERIFY(window->subject().trace());
    }
};

QTEST_MAIN(TestMainWindowRun)
#include "tst_main_window_run.moc"
