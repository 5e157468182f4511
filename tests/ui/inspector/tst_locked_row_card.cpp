// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/locked_row_card.h"

#include "core/trace/trace_writer.h"

#include <QLabel>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;

class TestLockedRowCard : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    /// A trace without heads whose tokens are these pieces of text.
    std::shared_ptr<const Trace> traceOf(const std::vector<std::string>& pieces) const
    {
        TraceWriter::Begin begin;
        begin.meta = nlohmann::json::object();
        begin.tokenOffsets = {0};
        for (const std::string& piece : pieces) {
            begin.text += piece;
            begin.tokenOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
        }
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

    static QString sentenceAt(const std::shared_ptr<const Trace>& trace, std::uint32_t row)
    {
        ViewState state;
        LockedRowCard card(&state);
        state.setTrace(trace);
        state.setLocked({row, std::nullopt});
        return card.sentence();
    }

private slots:
    void blanksAreThoseOfTheText()
    {
        const auto trace = traceOf({"It", " is", " ", "7", "4", "2", ",", "\n", "no more"});
        QVERIFY(trace);
        QCOMPARE(sentenceAt(trace, 0), QStringLiteral("predicts “is” after It"));
        QCOMPARE(sentenceAt(trace, 1), QStringLiteral("predicts “␣” after It is"));
        QCOMPARE(sentenceAt(trace, 3), QStringLiteral("predicts “4” after It is 7"));
        QCOMPARE(sentenceAt(trace, 4), QStringLiteral("predicts “2” after It is 74"));
        QCOMPARE(sentenceAt(trace, 5), QStringLiteral("predicts “,” after It is 742"));
        QCOMPARE(sentenceAt(trace, 8), QStringLiteral("predicts what comes after It is 742, no more"));
    }

    void aLongTextIsCutAtTheLeft()
    {
        const auto trace = traceOf({"a", " b", " c", " d", "e", "f", "g", "h", "i", "j", "k"});
        QVERIFY(trace);
        QCOMPARE(sentenceAt(trace, 9), QStringLiteral("predicts “k” after …b c defghij"));
    }

    void aLongTokenIsCutBetweenLetters()
    {
        const std::string letter = "\xf0\x9d\x95\x8f"; // of two code units
        std::string word;
        for (int i = 0; i < 30; ++i)
            word += letter;
        const auto trace = traceOf({"one", " " + word, " two"});
        QVERIFY(trace);
        ViewState state;
        LockedRowCard card(&state);
        state.setTrace(trace);
        state.setLocked({1, std::nullopt});
        const QString shown = card.findChild<QLabel*>("lockedRowWords")->text();
        const QString cut = QString::fromStdString(letter).repeated(11) + QChar(0x2026);
        QVERIFY2(shown.contains("one " + cut), qPrintable(shown));
        QCOMPARE(shown.count("one"), 1);
        QVERIFY(!shown.contains(QChar(0xfffd)));
    }
};

QTEST_MAIN(TestLockedRowCard)
#include "tst_locked_row_card.moc"
