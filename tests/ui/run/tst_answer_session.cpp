// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/answer_session.h"

#include "support/patience.h"
#include "ui/run/answer_card.h"
#include "ui/run/run_page.h"
#include "ui/run/run_session.h"

#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTest>

using namespace headwater;

class TestAnswerSession : public QObject {
    Q_OBJECT

    static RunRequest requestOf(const char* model)
    {
        RunRequest request;
        request.model = model;
        request.prompt = "hello";
        return request;
    }

private slots:
    void anAnswer_comesTokenByToken()
    {
        EngineClient engine{QStringLiteral(FAKE_ENGINE), {}};
        AnswerSession session(engine);
        AnswerCard card(session);
        QVERIFY(card.isHidden());
        QStringList seen;
        connect(&session, &AnswerSession::changed, this, [&] {
            if (seen.isEmpty() || seen.last() != session.text())
                seen.append(session.text());
        });
        RunRequest request = requestOf("answers:Paris");
        request.sampling.temperature = 0.5;
        session.start(request);
        QVERIFY(session.isRunning());
        QVERIFY(!card.isHidden());
        QTRY_VERIFY(!session.isRunning());
        QCOMPARE(seen,
                 (QStringList{QString(), QStringLiteral("P"), QStringLiteral("Pa"), QStringLiteral("Par"),
                              QStringLiteral("Pari"), QStringLiteral("Paris")}));
        QVERIFY(!session.hasFailed());
        QCOMPARE(session.state(),
                 QStringLiteral("4 tokens in 2 s, the model ended it · 512 of the prompt's 746 tokens "
                                "from the last one's cache"));
        QCOMPARE(card.findChild<QPlainTextEdit*>(QStringLiteral("run_answer_text"))->toPlainText(),
                 QStringLiteral("Paris"));
        session.start(requestOf("answers:Rome"));
        QTRY_VERIFY(!session.isRunning());
        QCOMPARE(session.text(), QStringLiteral("Rome"));
        QCOMPARE(card.findChild<QPlainTextEdit*>(QStringLiteral("run_answer_text"))->toPlainText(),
                 QStringLiteral("Rome"));
    }

    /// The end of a long answer is in sight, unless somebody reads further up.
    void aLongAnswer_isFollowed()
    {
        EngineClient engine{QStringLiteral(FAKE_ENGINE), {}};
        AnswerSession session(engine);
        AnswerCard card(session);
        card.resize(400, 200);
        card.show();
        const std::string lines = "answers:" + std::string(60, '\n');
        session.start(requestOf(lines.c_str()));
        QTRY_VERIFY(!session.isRunning());
        const QScrollBar* const bar =
            card.findChild<QPlainTextEdit*>(QStringLiteral("run_answer_text"))->verticalScrollBar();
        QVERIFY(bar->maximum() > 0);
        QCOMPARE(bar->value(), bar->maximum());
    }

    /// A form that generates nothing with its run still gets an answer when it asks for one.
    void noTokens_areTheVerbsOwnNumber()
    {
        EngineClient engine{QStringLiteral(FAKE_ENGINE), {}};
        AnswerSession session(engine);
        RunRequest request = requestOf("answers:Paris");
        request.generate = 0;
        session.start(request);
        QTRY_VERIFY(!session.isRunning());
        QVERIFY2(session.state().contains(QStringLiteral("the model ended it")), qPrintable(session.state()));
        request.generate = 4;
        session.start(request);
        QTRY_VERIFY(!session.isRunning());
        QVERIFY2(session.state().contains(QStringLiteral("as many as")), qPrintable(session.state()));
    }

    void cancel_endsIt_andWhatWasSaidStays()
    {
        EngineClient engine{QStringLiteral(FAKE_ENGINE), {}};
        AnswerSession session(engine);
        session.start(requestOf("tokens:Once upon"));
        QTRY_COMPARE(session.text(), QStringLiteral("Once upon"));
        QVERIFY(engine.hasRun());
        session.cancel();
        QTRY_VERIFY(!session.isRunning());
        QVERIFY(!session.hasFailed());
        QCOMPARE(session.state(), QStringLiteral("Cancelled"));
        QCOMPARE(session.text(), QStringLiteral("Once upon"));
    }

    void anError_isSaid()
    {
        for (const char* program : {FAKE_ENGINE, "/no/such/program"}) {
            EngineClient engine{QLatin1String(program), {}};
            AnswerSession session(engine);
            session.start(requestOf("refuse"));
            QVERIFY(session.isRunning());
            QTRY_VERIFY(!session.isRunning());
            QVERIFY(session.hasFailed());
            QVERIFY(!session.state().isEmpty());
        }
    }

    /// In the form: one button begins and cancels it, and a run takes the engine.
    void theForm_asksAndCancels()
    {
        EngineClient engine{QStringLiteral(FAKE_ENGINE), {}};
        RunSession run(engine);
        RunPage page(engine, run);
        auto* const button = page.findChild<QPushButton*>(QStringLiteral("run_generate_button"));
        auto* const text = page.findChild<QPlainTextEdit*>(QStringLiteral("run_answer_text"));
        auto* const state = page.findChild<QLabel*>(QStringLiteral("run_answer_state"));
        QVERIFY(button && text && state);
        RunRequest request = requestOf("tokens:Once upon");
        request.prompt.clear();
        page.setRequest(request);
        QVERIFY(!button->isEnabled());
        request.prompt = "hello";
        page.setRequest(request);
        QVERIFY(button->isEnabled());
        button->click();
        QCOMPARE(button->text(), QStringLiteral("Cancel"));
        QVERIFY(page.isAsking()); // scripts wait for it
        QTRY_COMPARE(text->toPlainText(), QStringLiteral("Once upon"));
        button->click();
        QTRY_COMPARE(state->text(), QStringLiteral("Cancelled"));
        QCOMPARE(button->text(), QStringLiteral("Generate only"));
        button->click();
        QTRY_COMPARE(text->toPlainText(), QStringLiteral("Once upon"));
        run.start(requestOf("layers:1"));
        QTRY_COMPARE(state->text(), QStringLiteral("Cancelled"));
        QTRY_VERIFY(!run.isRunning());
        QTRY_VERIFY(button->isEnabled());
    }
};

QTEST_MAIN(TestAnswerSession)
#include "tst_answer_session.moc"
