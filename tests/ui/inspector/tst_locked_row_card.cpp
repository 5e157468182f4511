// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/locked_row_card.h"

#include "core/trace/trace_writer.h"
#include "ui/bridge/view_reader.h"
#include "ui/inspector/row_offer.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using namespace headwater;

class TestLockedRowCard : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    /// A trace without heads whose tokens are these pieces of text.
    std::shared_ptr<const Trace> traceOf(const std::vector<std::string>& pieces,
                                         const std::vector<std::int32_t>& ids = {}) const
    {
        TraceWriter::Begin begin;
        begin.meta = nlohmann::json::object();
        begin.tokenOffsets = {0};
        for (const std::string& piece : pieces) {
            begin.text += piece;
            begin.tokenOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
        }
        begin.tokenIds = ids;
        begin.tokenIds.resize(pieces.size());
        begin.segments = {{"prompt", 0, static_cast<std::uint32_t>(pieces.size())}};
        begin.sentenceOffsets = {0, static_cast<std::uint32_t>(begin.text.size())};
        begin.headsPerLayer = {1};
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / "pieces.hwt";
        {
            Result<TraceWriter> writer = TraceWriter::create(path, begin, true);
            if (!writer || !writer->seal())
                return nullptr;
        }
        const auto trace = Trace::open(path);
        return trace ? *trace : nullptr;
    }

    static QString sentenceAt(const std::shared_ptr<const Trace>& trace, std::uint32_t row,
                              const std::shared_ptr<const Predictions>& predictions = nullptr)
    {
        Subject subject;
        ViewReader reader(&subject);
        LockedRowCard card(&subject, &reader);
        subject.setTrace(trace);
        subject.setLocked({row, std::nullopt});
        subject.setPredictions(predictions);
        return card.sentence();
    }

    /// Of "It is 7 4": three tokens of the prompt and a generated one. Words: 1 "4", 2 " and", 3 "and".
    static std::shared_ptr<Predictions> predictionsOf4(PredictedBy prompt)
    {
        auto made = std::make_shared<Predictions>();
        made->prompt = prompt;
        made->promptTokens = 3;
        made->wordIds = {1, 2, 3};
        made->wordBytes = {0, 1, 5, 8};
        made->words = "4 andand";
        made->rows.resize(4);
        for (RowPrediction& row : made->rows)
            row.likeliest[0] = {2, std::log(0.31F)};
        made->rows[0].following = std::log(0.12F);
        made->rows[1].following = std::log(0.00002F);
        made->rows[2].likeliest[0] = {1, std::log(0.94F)};
        made->rows[2].following = made->rows[2].likeliest[0].logprob;
        made->traced = {{1, std::log(0.93F)}};
        return made;
    }

private slots:
    void blanksAreThoseOfTheText()
    {
        const auto trace = traceOf({"It", " is", " ", "7", "4", "2", ",", "\n", "no more"});
        QVERIFY(trace);
        QCOMPARE(sentenceAt(trace, 0), QStringLiteral("“It” is followed by “is”"));
        QCOMPARE(sentenceAt(trace, 1), QStringLiteral("“It is” is followed by “␣”"));
        QCOMPARE(sentenceAt(trace, 3), QStringLiteral("“It is 7” is followed by “4”"));
        QCOMPARE(sentenceAt(trace, 4), QStringLiteral("“It is 74” is followed by “2”"));
        QCOMPARE(sentenceAt(trace, 5), QStringLiteral("“It is 742” is followed by “,”"));
        QCOMPARE(sentenceAt(trace, 8), QStringLiteral("“It is 742, no more” is the last"));
    }

    void whatTheRowGaveStandsBesideWhatFollows()
    {
        const auto trace = traceOf({"It", " is", " 7", "4"}, {0, 0, 5, 1});
        QVERIFY(trace);
        const auto made = predictionsOf4(PredictedBy::Model);
        QCOMPARE(sentenceAt(trace, 0, made),
                 QStringLiteral("“It” is followed by “is” (p 0.120; the model's first choice “and”, 0.310)"));
        QCOMPARE(
            sentenceAt(trace, 1, made),
            QStringLiteral("“It is” is followed by “7” (p 2.0e-5; the model's first choice “and”, 0.310)"));
        QCOMPARE(sentenceAt(trace, 2, made),
                 QStringLiteral("“It is 7” is followed by “4” (p 0.940, the model's first choice)"));
        QCOMPARE(sentenceAt(trace, 3, made),
                 QStringLiteral(
                     "“It is 74” is the last; the decoding's first choice after it is “and” (p 0.310)"));
        // Of what: a sparse forward is not the model.
        QCOMPARE(sentenceAt(trace, 2, predictionsOf4(PredictedBy::SparseForward)),
                 QStringLiteral("“It is 7” is followed by “4” (p 0.940, the sparse forward's first choice)"));
        // The row of the map would have chosen otherwise.
        made->traced = {{2, std::log(0.48F)}};
        QCOMPARE(sentenceAt(trace, 2, made),
                 QStringLiteral("“It is 7” is followed by “4” (p 0.940, the model's first choice; the traced "
                                "row's “and”, 0.480)"));
        made->rows[0].likeliest[0].id = 9; // in no list of words
        QVERIFY(sentenceAt(trace, 0, made).contains(QStringLiteral("first choice token 9, 0.310")));
    }

    /// " and" and "and" are two tokens.
    void wordsThatOnlyBlanksTellApart_showThem()
    {
        const auto trace = traceOf({"one", "and", " 7", "4"}, {0, 3, 5, 1});
        QVERIFY(trace);
        const QString sentence = sentenceAt(trace, 0, predictionsOf4(PredictedBy::Model));
        QVERIFY2(
            sentence.contains(QStringLiteral("followed by “and” (p 0.120; the model's first choice “␣and”")),
            qPrintable(sentence));
    }

    void aWordWithoutItsBlankSaysSo()
    {
        const auto trace = traceOf({"one", " and", " 7", "4"}, {0, 2, 5, 1});
        QVERIFY(trace);
        const auto made = predictionsOf4(PredictedBy::Model);
        made->rows[0].likeliest[0].id = 3;
        const QString sentence = sentenceAt(trace, 0, made);
        QVERIFY2(sentence.contains(QStringLiteral("first choice “and” without a blank, 0.310")),
                 qPrintable(sentence));
    }

    void withoutPredictions_theCardSaysHowToGetThem()
    {
        const auto trace = traceOf({"It", " is"});
        QVERIFY(trace);
        Subject subject;
        ViewReader reader(&subject);
        LockedRowCard card(&subject, &reader);
        subject.setTrace(trace);
        subject.setLocked({0, std::nullopt});
        const QString help = card.findChild<QLabel*>("lockedRowWords")->toolTip();
        QVERIFY2(help.contains(QStringLiteral("--predictions on")), qPrintable(help));
        QVERIFY(!card.sentence().contains(QStringLiteral("choice")));
    }

    void whatCouldNotBeComputed_isSaidUntilItIs()
    {
        EngineClient engine(QStringLiteral("/no/such/engine"), {});
        TraceSession session(engine);
        Subject subject;
        ViewReader reader(&subject);
        LockedRowCard card(&subject, &reader);
        card.offer()->setSession(&session);
        card.show();
        card.offer()->setFailure(Error{ErrorCode::Io, "the disk went away", "session.row"});
        auto* const button = card.findChild<QPushButton*>("rowOfferButton");
        QTRY_COMPARE(card.findChild<QLabel*>("rowOfferText")->text(),
                     QStringLiteral("Cannot be computed: session.row: the disk went away"));
        QCOMPARE(button->text(), QStringLiteral("Try again"));
        QSignalSpy retried(card.offer(), &RowOffer::retried);
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(retried.size(), 1);
        card.offer()->setFailure(Error{ErrorCode::Unsupported, "no column", "session.column"});
        QTRY_VERIFY(card.findChild<QLabel*>("rowOfferText")->text().contains(QStringLiteral("no column")));
        QVERIFY(!button->isVisible());
        card.offer()->setFailure({});
        QTRY_VERIFY(!card.offer()->isVisible());
    }

    void aLongTextIsCutAtTheLeft()
    {
        const auto trace = traceOf({"a", " b", " c", " d", "e", "f", "g", "h", "i", "j", "k"});
        QVERIFY(trace);
        QCOMPARE(sentenceAt(trace, 9), QStringLiteral("“…b c defghij” is followed by “k”"));
    }

    void aLongTokenIsCutBetweenLetters()
    {
        const std::string letter = "\xf0\x9d\x95\x8f"; // of two code units
        std::string word;
        for (int i = 0; i < 30; ++i)
            word += letter;
        const auto trace = traceOf({"one", " " + word, " two"});
        QVERIFY(trace);
        Subject subject;
        ViewReader reader(&subject);
        LockedRowCard card(&subject, &reader);
        subject.setTrace(trace);
        subject.setLocked({1, std::nullopt});
        const QString shown = card.findChild<QLabel*>("lockedRowWords")->text();
        const QString cut = QString::fromStdString(letter).repeated(11) + QChar(0x2026);
        QVERIFY2(shown.contains("one " + cut), qPrintable(shown));
        QCOMPARE(shown.count("one"), 1);
        QVERIFY(!shown.contains(QChar(0xfffd)));
    }
};

QTEST_MAIN(TestLockedRowCard)
#include "tst_locked_row_card.moc"
