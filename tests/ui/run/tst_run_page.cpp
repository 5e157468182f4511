// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_page.h"

#include "core/options/option_json.h"
#include "support/patience.h"
#include "ui/bridge/engine_client.h"
#include "ui/run/prompt_editor.h"
#include "ui/run/run_estimate.h"
#include "ui/run/run_session.h"
#include "ui/run/terms_question.h"
#include "ui/run/turns_editor.h"

#include <QApplication>
#include <QComboBox>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <memory>
#include <nlohmann/json.hpp>

using namespace headwater;

class TestRunPage : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    struct Parts {
        EngineClient engine{QStringLiteral(FAKE_ENGINE), {}};
        RunSession session{engine};
        RunPage page{engine, session};
        QString label(const char* name) const { return page.findChild<QLabel*>(QLatin1String(name))->text(); }
        QString text(const char* name) const
        {
            return page.findChild<QPlainTextEdit*>(QLatin1String(name))->toPlainText();
        }
        QPushButton* start() const
        {
            return page.findChild<QPushButton*>(QStringLiteral("run_start_button"));
        }
    };

    QString textFile(qint64 bytes)
    {
        QFile file(m_folder.filePath(QStringLiteral("prompt.txt")));
        if (!file.open(QIODevice::WriteOnly) || file.write(QByteArray(bytes, 'a')) != bytes)
            qFatal("cannot write a prompt");
        return file.fileName();
    }

private slots:
    void initTestCase() { qputenv("XDG_DATA_HOME", m_folder.path().toLocal8Bit()); }

    void request_comesBackAsItWasSet()
    {
        Parts parts;
        RunRequest request;
        request.model = "/a/model.gguf";
        request.prompt = "line\nline";
        request.output = "/out/t.hwt";
        request.chat = "off";
        request.textTokens = TextTokens::Control;
        request.select.selection = Selection::Stream;
        request.select.propagation = Propagation::Propagated;
        request.select.keepKeys = 192;
        request.select.keepPeak = 0.25;
        request.select.blockQ = 128;
        request.select.blockK = 16;
        request.generate = 3;
        request.predictions = PredictionChoice::On;
        request.check = true;
        request.expect = "42"; // which has no field
        request.select.treeLevels = 3;
        request.select.beam = 5;
        request.select.open = 77;
        request.select.probe = StreamProbe::Middle;
        request.select.seed = 18446744073709551615u;
        request.threads = 2;
        parts.page.setRequest(request);
        QVERIFY(jsonOf(RunVerb, parts.page.request()) == jsonOf(RunVerb, request));
        parts.page.setRequest(RunRequest());
        RunRequest plain = parts.page.request();
        plain.output.clear();
        QVERIFY(jsonOf(RunVerb, plain) == jsonOf(RunVerb, RunRequest()));
    }

    void aFile_isShownWithItsSize()
    {
        Parts parts;
        RunRequest request;
        request.promptFile = textFile(34930).toStdString();
        parts.page.setRequest(request);
        QVERIFY2(parts.label("run_prompt_file").contains(QStringLiteral("34 KiB of text")),
                 qPrintable(parts.label("run_prompt_file")));
        request.promptFile = "/no/such/prompt.txt";
        parts.page.setRequest(request);
        QVERIFY(!parts.label("run_prompt_file").contains(QStringLiteral("0 B")));
        QVERIFY(parts.label("run_prompt_file").contains(QStringLiteral("unknown length")));
    }

    void cost_isOfTheFormAsItIs()
    {
        Parts parts;
        parts.page.setModel(QStringLiteral("large"));
        parts.page.setPromptText(QStringLiteral("What is the code?"));
        parts.page.show();
        QTRY_COMPARE(parts.label("run_tokens"), QStringLiteral("17 tokens"));
        QVERIFY(parts.label("run_cost").contains(QStringLiteral("9 GiB")));
        QVERIFY(!parts.start()->isEnabled());
        // Another model: neither the refusal nor the numbers of the first are shown while it is asked.
        parts.page.setModel(QStringLiteral("quick"));
        QCOMPARE(parts.label("run_cost"), QStringLiteral("estimating…"));
        QCOMPARE(parts.label("run_tokens"), QStringLiteral("counting tokens…"));
        QTRY_VERIFY(parts.label("run_cost").contains(QStringLiteral("less than a second")));
        QVERIFY(parts.label("run_cost").startsWith(QStringLiteral("17 tokens")));
        QVERIFY(!parts.label("run_cost").contains(QStringLiteral("about 0 s")));
        QVERIFY(parts.start()->isEnabled());
        QVERIFY(parts.label("run_cost").contains(QStringLiteral("· with predictions")));
        parts.page.setModel(QStringLiteral("another"));
        QTRY_VERIFY(parts.label("run_cost").contains(QStringLiteral("about 2 s")));
        QVERIFY(
            parts.label("run_cost").contains(QStringLiteral("about 2 s, 1 s of it for at most 16 tokens")));
        QVERIFY(parts.label("run_cost").contains(QStringLiteral("without predictions")));
        // Without recording: asked after it, and of the form as it is.
        QTRY_VERIFY2(
            parts.label("run_cost")
                .endsWith(QStringLiteral("\nGenerate only: about 5 s for at most 16 tokens · 3.0 MiB")),
            qPrintable(parts.label("run_cost")));
        auto* const generate = parts.page.findChild<QSpinBox*>(QStringLiteral("run_generate"));
        generate->setValue(0);
        QVERIFY(!parts.label("run_cost").contains(QStringLiteral("Generate only")));
        QTRY_VERIFY2(parts.label("run_cost").endsWith(QStringLiteral("for at most 64 tokens · 3.0 MiB")),
                     qPrintable(parts.label("run_cost")));
        QVERIFY(!parts.label("run_cost").contains(QStringLiteral("of it for")));
        parts.page.setPromptText({});
        QVERIFY(parts.label("run_cost").isEmpty());
        QVERIFY(!parts.start()->isEnabled());
    }

    /// Of a model without a chat format the form says that the text is raw, unless that was asked for.
    void rawText_isSaid()
    {
        Parts parts;
        parts.page.setPromptText(QStringLiteral("hello"));
        parts.page.show();
        parts.page.setModel(QStringLiteral("base"));
        QTRY_VERIFY2(
            parts.label("run_cost").contains(QStringLiteral("raw text: the model has no chat format")),
            qPrintable(parts.label("run_cost")));
        auto* const chat = parts.page.findChild<QComboBox*>(QStringLiteral("run_chat"));
        chat->setCurrentIndex(chat->findData(QStringLiteral("off")));
        QTRY_VERIFY(parts.label("run_cost").contains(QStringLiteral("tokens")));
        QVERIFY(!parts.label("run_cost").contains(QStringLiteral("raw text")));
        chat->setCurrentIndex(0);
        parts.page.setModel(QStringLiteral("another"));
        QTRY_VERIFY(parts.label("run_cost").contains(QStringLiteral("tokens")));
        QVERIFY(!parts.label("run_cost").contains(QStringLiteral("raw text")));
    }

    /// The name of a file of turns has no place in the form; a prompt that is written goes before it.
    void namedTurns_stayUntilAPromptIsWritten()
    {
        Parts parts;
        RunRequest request;
        request.turns = "/some/turns.json";
        parts.page.setRequest(request);
        QVERIFY(parts.page.request().hasPrompt());
        QCOMPARE(parts.page.request().turns, request.turns);
        parts.page.setPromptText(QStringLiteral("hello"));
        QVERIFY(parts.page.request().turns.empty());
    }

    void conversation_comesBackAsItWasSet()
    {
        Parts parts;
        RunRequest request;
        request.turns = R"([{"content":"s\nt","role":"system"},{"content":"u","role":"user"},)"
                        R"({"content":"a","role":"assistant"},{"content":"v","role":"user"}])";
        parts.page.setRequest(request);
        QCOMPARE(parts.text("run_turn_1"), QStringLiteral("u"));
        QCOMPARE(parts.text("run_turn_2"), QStringLiteral("a"));
        QCOMPARE(parts.page.findChild<QComboBox*>(QStringLiteral("run_turn_role_2"))->currentText(),
                 QStringLiteral("Assistant"));
        QCOMPARE(parts.text("run_prompt"), QStringLiteral("v"));
        QCOMPARE(parts.page.request().turns, request.turns);
        QVERIFY(parts.page.request().system.empty());
        QVERIFY(parts.page.request().prompt.empty());
        // Without turns before the prompt system and prompt stand by themselves.
        request.turns = R"([{"content":"s","role":"system"},{"content":"u","role":"user"}])";
        parts.page.setRequest(request);
        QVERIFY(parts.page.request().turns.empty());
        QCOMPARE(parts.page.request().system, std::string("s"));
        QCOMPARE(parts.page.request().prompt, std::string("u"));
    }

    void escape_goesBack_andKeepsWhatWasFilledIn()
    {
        Parts parts;
        parts.page.setPromptText(QStringLiteral("and now?"));
        parts.page.show();
        QSignalSpy closed(&parts.page, &RunPage::closeRequested);
        for (const char* field : {"run_prompt", "run_output", "run_close"}) {
            closed.clear();
            QTest::keyClick(parts.page.findChild<QWidget*>(QLatin1String(field)), Qt::Key_Escape);
            QCOMPARE(closed.count(), 1);
        }
        QCOMPARE(parts.page.request().prompt, std::string("and now?"));
    }

    /// By keyboard alone: turns are added, spoken by one and the other in turn, and removed.
    void turns_areAddedAndRemoved()
    {
        Parts parts;
        parts.page.setModel(QStringLiteral("quick"));
        parts.page.setPromptText(QStringLiteral("and now?"));
        parts.page.show();
        auto* const add = parts.page.findChild<QToolButton*>(QStringLiteral("run_add_turn"));
        for (const char* words : {"one", "two"}) {
            QTest::keyClick(add, Qt::Key_Space);
            QTest::keyClicks(parts.page.focusWidget(), QLatin1String(words));
        }
        QCOMPARE(parts.page.request().turns,
                 std::string(R"([{"content":"one","role":"user"},{"content":"two","role":"assistant"},)"
                             R"({"content":"and now?","role":"user"}])"));
        QTRY_VERIFY(parts.start()->isEnabled());
        parts.page.setPromptText({}); // what was said before is no prompt
        QVERIFY(!parts.start()->isEnabled());
        parts.page.setPromptText(QStringLiteral("and now?"));
        parts.page.findChild<QWidget*>(QStringLiteral("run_turn_2"))->setFocus();
        QTest::keyClick(parts.page.focusWidget(), Qt::Key_Tab); // from turn 2 to what removes it
        QCOMPARE(parts.page.focusWidget()->objectName(), QStringLiteral("run_turn_remove_2"));
        QTest::keyClick(parts.page.focusWidget(), Qt::Key_Space);
        QCOMPARE(parts.page.focusWidget()->objectName(), QStringLiteral("run_turn_1"));
        QTest::mouseClick(parts.page.findChild<QToolButton*>(QStringLiteral("run_turn_remove_1")),
                          Qt::LeftButton);
        QVERIFY(parts.page.request().turns.empty());
        QCOMPARE(parts.page.request().prompt, std::string("and now?"));
        QCOMPARE(parts.page.focusWidget(), add);
    }

    void conversationFile_isOpenedOrSaysWhatIsWrong()
    {
        Parts parts;
        parts.page.show();
        auto* const turns = parts.page.findChild<TurnsEditor*>();
        auto* const error = parts.page.findChild<QLabel*>(QStringLiteral("run_turns_error"));
        const auto written = [&](const char* name, const QByteArray& json) {
            QFile file(m_folder.filePath(QLatin1String(name)));
            if (!file.open(QIODevice::WriteOnly) || file.write(json) != json.size())
                qFatal("cannot write turns");
            return file.fileName();
        };
        const auto dropped = [](const QString& path) {
            auto data = std::make_unique<QMimeData>();
            data->setUrls({QUrl::fromLocalFile(path)});
            return data;
        };
        const QString good = written("good.json",
                                     R"([{"role": "user", "content": "a"}, {"role": "assistant", )"
                                     R"("content": "b"}, {"role": "user", "content": "c"}])");
        const QString bad = written("bad.json",
                                    R"([{"role": "user", "content": "a"}, {"role": "tool", )"
                                    R"("content": "b"}])");
        turns->openFile(bad);
        QVERIFY(error->isVisible());
        QCOMPARE(error->text(),
                 QStringLiteral("bad.json: turn 1: role 'tool', expected system, user or assistant"));
        QVERIFY(parts.page.request().turns.empty());
        // A file that is no conversation is the window's: it may be a prompt.
        QVERIFY(!TurnsEditor::isConversation(*dropped(bad)));
        QVERIFY(!TurnsEditor::isConversation(*dropped(textFile(5))));
        const auto data = dropped(good);
        QVERIFY(TurnsEditor::isConversation(*data));
        QDropEvent drop(QPointF(5, 5), Qt::CopyAction, data.get(), Qt::LeftButton, Qt::NoModifier);
        static_cast<QObject&>(parts.page).event(&drop);
        QVERIFY(!error->isVisible());
        QCOMPARE(parts.text("run_turn_2"), QStringLiteral("b"));
        QCOMPARE(parts.text("run_prompt"), QStringLiteral("c"));
    }

    /// What the engine has against a conversation stands at it, and there is nothing to start.
    void refusedTurns_areSaidAtTheTurns()
    {
        Parts parts;
        RunRequest request;
        request.model = "no turns";
        request.turns = R"([{"content":"a","role":"user"},{"content":"b","role":"user"}])";
        parts.page.setRequest(request);
        parts.page.show();
        auto* const error = parts.page.findChild<QLabel*>(QStringLiteral("run_turns_error"));
        QTRY_VERIFY(error->isVisible());
        QCOMPARE(error->text(), QStringLiteral("turn 1 is the user's"));
        QVERIFY(!parts.start()->isEnabled());
        parts.page.setModel(QStringLiteral("quick"));
        QVERIFY(!error->isVisible());
        QTRY_VERIFY(parts.start()->isEnabled());
    }

    void estimate_answersOfAnOlderFormAreDropped()
    {
        EngineClient engine{QStringLiteral(FAKE_ENGINE), {}};
        RunEstimate estimate(engine);
        RunRequest request;
        request.prompt = "12345";
        estimate.ask(request);
        QVERIFY(estimate.isAsking());
        QTRY_COMPARE(estimate.tokens(), 5);
        request.prompt = "123456789";
        estimate.ask(request);
        QCOMPARE(estimate.tokens(), -1);
        QVERIFY(estimate.text().isEmpty());
        QTRY_COMPARE(estimate.tokens(), 9);
        estimate.ask(RunRequest()); // no prompt: nothing to ask
        QVERIFY(!estimate.isAsking());
        QCOMPARE(estimate.tokens(), 0);
    }

    void estimate_withoutAnEngine_endsAndSaysWhy()
    {
        EngineClient engine{QStringLiteral("/no/such/program"), {}};
        RunEstimate estimate(engine);
        RunRequest request;
        request.prompt = "hello";
        estimate.ask(request);
        QTRY_VERIFY(!estimate.isAsking());
        QVERIFY2(estimate.refusal().contains(QStringLiteral("/no/such/program")),
                 qPrintable(estimate.refusal()));
    }

    void output_followsTheModelUntilItIsTyped()
    {
        Parts parts;
        auto* const output = parts.page.findChild<QLineEdit*>(QStringLiteral("run_output"));
        parts.page.setModel(QStringLiteral("/m/first.gguf"));
        QVERIFY(output->text().contains(QStringLiteral("/first-")));
        parts.page.setModel(QStringLiteral("/m/second.gguf"));
        QVERIFY(output->text().contains(QStringLiteral("/second-")));
        output->setText(QStringLiteral("/mine.hwt"));
        parts.page.setModel(QStringLiteral("/m/third.gguf"));
        QCOMPARE(output->text(), QStringLiteral("/mine.hwt"));
    }

    void models_areTheEngines_andTheChoiceStays()
    {
        Parts parts;
        parts.page.setModel(QStringLiteral("/m/mine.gguf"));
        parts.page.show();
        QTRY_VERIFY(!parts.engine.hello().models.empty());
        auto* const model = parts.page.findChild<QComboBox*>(QStringLiteral("run_model"));
        QCOMPARE(model->count(), 6);
        QCOMPARE(model->itemText(0), QStringLiteral("builtin:needle"));
        QCOMPARE(model->currentText(), QStringLiteral("/m/mine.gguf"));
    }

    void start_isOffWhileARunGoesOn()
    {
        Parts parts;
        parts.page.setPromptText(QStringLiteral("hello"));
        parts.page.show();
        QTRY_VERIFY(parts.start()->isEnabled());
        QSignalSpy asked(&parts.page, &RunPage::startRequested);
        QTest::mouseClick(parts.start(), Qt::LeftButton);
        QCOMPARE(asked.size(), 1);
        RunRequest request;
        request.model = "wait";
        request.prompt = "hello";
        parts.session.start(request);
        QVERIFY(!parts.start()->isEnabled());
        parts.session.cancel();
        QTRY_VERIFY(parts.start()->isEnabled());
    }

    void editor_textAndFileTakeTurns()
    {
        PromptEditor editor;
        QSignalSpy changed(&editor, &PromptEditor::changed);
        editor.setText(QStringLiteral("typed"));
        QCOMPARE(editor.text(), QStringLiteral("typed"));
        QVERIFY(editor.file().isEmpty());
        editor.setFile(QStringLiteral("/a.txt"), 2048);
        QVERIFY(editor.text().isEmpty());
        QCOMPARE(editor.file(), QStringLiteral("/a.txt"));
        QCOMPARE(changed.size(), 2);
        editor.show();
        QTest::mouseClick(editor.findChild<QPushButton*>(QStringLiteral("run_prompt_type")), Qt::LeftButton);
        QVERIFY(editor.file().isEmpty());
        QVERIFY(editor.findChild<QPlainTextEdit*>(QStringLiteral("run_prompt"))->isVisible());
    }

    void aModelThatIsNotHere_canBeFetched()
    {
        Parts parts;
        parts.page.setPromptText(QStringLiteral("hello"));
        parts.page.show();
        auto* const model = parts.page.findChild<QComboBox*>(QStringLiteral("run_model"));
        auto* const fetch = parts.page.findChild<QPushButton*>(QStringLiteral("run_model_fetch"));
        QTRY_VERIFY(model->findText(QStringLiteral("absent")) >= 0);
        parts.page.setModel(QStringLiteral("builtin:needle"));
        QVERIFY(fetch->isHidden());
        QTRY_VERIFY(parts.start()->isEnabled());
        parts.page.setModel(QStringLiteral("/a/file.gguf")); // whatever it is, it cannot be fetched
        QVERIFY(fetch->isHidden());

        parts.page.setModel(QStringLiteral("broken"));
        QVERIFY(fetch->isVisible());
        QVERIFY(!parts.start()->isEnabled());
        QVERIFY2(parts.label("run_cost").contains(QStringLiteral("not here yet")),
                 qPrintable(parts.label("run_cost")));
        QTest::mouseClick(fetch, Qt::LeftButton);
        QTRY_VERIFY2(parts.label("run_cost").contains(QStringLiteral("no network")),
                     qPrintable(parts.label("run_cost")));
        QVERIFY(!parts.page.isAsking() || !parts.start()->isEnabled());

        parts.page.setModel(QStringLiteral("endless"));
        QTest::mouseClick(fetch, Qt::LeftButton);
        QTRY_VERIFY(parts.label("run_cost").contains(QStringLiteral("fetching endless")));
        QTRY_COMPARE(parts.label("run_cost"),
                     QStringLiteral("fetching endless · 45 MiB of 97 MiB · 12 s left"));
        QVERIFY(parts.page.isAsking());
        parts.page.setModel(QStringLiteral("absent")); // another one: what is fetched is not its news
        QTRY_VERIFY2(parts.label("run_cost").contains(QStringLiteral("not here yet")),
                     qPrintable(parts.label("run_cost")));
        parts.page.setModel(QStringLiteral("endless"));
        QTRY_VERIFY(parts.label("run_cost").contains(QStringLiteral("fetching endless")));
        QTest::mouseClick(fetch, Qt::LeftButton); // stops it
        QTRY_VERIFY(parts.label("run_cost").contains(QStringLiteral("not here yet")));

        parts.page.setModel(QStringLiteral("absent"));
        QTest::mouseClick(fetch, Qt::LeftButton);
        QTRY_VERIFY(fetch->isHidden());
        QCOMPARE(model->currentText(), QStringLiteral("absent"));
        QTRY_VERIFY(parts.start()->isEnabled());
        QVERIFY(!parts.label("run_cost").contains(QStringLiteral("not here")));
    }

    /// Nothing is fetched before the terms are accepted, and what is asked once is not asked again.
    void termsOfAModel_areAskedOnce()
    {
        Parts parts;
        parts.page.setPromptText(QStringLiteral("hello"));
        parts.page.show();
        auto* const model = parts.page.findChild<QComboBox*>(QStringLiteral("run_model"));
        auto* const fetch = parts.page.findChild<QPushButton*>(QStringLiteral("run_model_fetch"));
        QTRY_VERIFY(model->findText(QStringLiteral("under terms")) >= 0);
        parts.page.setModel(QStringLiteral("under terms"));
        const auto question = [&parts] { return parts.page.findChild<TermsQuestion*>(); };
        QVERIFY(!question());

        // Enter alone, and Escape, accept nothing.
        for (const Qt::Key no : {Qt::Key_Return, Qt::Key_Escape}) {
            QTest::mouseClick(fetch, Qt::LeftButton);
            QVERIFY(question() && question()->isVisible() && question()->isModal());
            auto* const text = question()->findChild<QLabel*>(QStringLiteral("terms_text"));
            QVERIFY(text->text().contains(QStringLiteral("Terms &lt;of&gt; Use")));
            QVERIFY(text->text().contains(QStringLiteral("href=\"https://example.org/terms\"")));
            QVERIFY(text->openExternalLinks());
            QVERIFY(QTest::qWaitForWindowActive(question(), headwater::test::kPatienceMs));
            QTest::keyClick(question()->focusWidget(), no);
            QTRY_VERIFY(!question());
            QTRY_VERIFY(!parts.page.isAsking());
            QCOMPARE(fetch->text(), QStringLiteral("Fetch it"));
            QVERIFY2(parts.label("run_cost").contains(QStringLiteral("not here yet")),
                     qPrintable(parts.label("run_cost")));
        }

        // By keys alone: Tab to the button, Space.
        QTest::mouseClick(fetch, Qt::LeftButton);
        QVERIFY(QTest::qWaitForWindowActive(question(), headwater::test::kPatienceMs));
        auto* const accept = question()->findChild<QPushButton*>(QStringLiteral("terms_accept"));
        for (int step = 0; step < 4 && !accept->hasFocus(); ++step)
            QTest::keyClick(question()->focusWidget(), Qt::Key_Tab);
        QVERIFY(accept->hasFocus());
        QTest::keyClick(accept, Qt::Key_Space);
        QTRY_VERIFY(fetch->isHidden());
        QVERIFY(!question());
        QTRY_VERIFY(parts.start()->isEnabled());
    }

    /// The download failed after the terms were accepted: it is tried again without a question.
    void acceptedTerms_outliveAFailure()
    {
        Parts parts;
        parts.page.setPromptText(QStringLiteral("hello"));
        parts.page.show();
        auto* const model = parts.page.findChild<QComboBox*>(QStringLiteral("run_model"));
        auto* const fetch = parts.page.findChild<QPushButton*>(QStringLiteral("run_model_fetch"));
        QTRY_VERIFY(model->findText(QStringLiteral("broken under terms")) >= 0);
        parts.page.setModel(QStringLiteral("broken under terms"));
        QTest::mouseClick(fetch, Qt::LeftButton);
        auto* const question = parts.page.findChild<TermsQuestion*>();
        QVERIFY(question);
        QTest::mouseClick(question->findChild<QPushButton*>(QStringLiteral("terms_accept")), Qt::LeftButton);
        QTRY_VERIFY2(parts.label("run_cost").contains(QStringLiteral("no network")),
                     qPrintable(parts.label("run_cost")));
        QTest::mouseClick(fetch, Qt::LeftButton);
        QVERIFY(!parts.page.findChild<TermsQuestion*>());
        QVERIFY(parts.page.isAsking());
        QTRY_VERIFY2(parts.label("run_cost").contains(QStringLiteral("no network")),
                     qPrintable(parts.label("run_cost")));
    }
};

QTEST_MAIN(TestRunPage)
#include "tst_run_page.moc"
