// SPDX-License-Identifier: GPL-3.0-or-later
// A text of one's own, typed, run and looked at down to single words, with mouse and keys alone: map, hand
// and lists say the same of one pair.
#include "support/fetched_model.h"
#include "ui/main/message_bar.h"
#include "ui/main/walked_window.h"
#include "ui/text/text_pane.h"

#include <QAbstractButton>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>

using namespace headwater;
using namespace headwater::testing;
using headwater::test::kPatienceMs;

class TestOwnTextWalk : public WalkedWindow {
    Q_OBJECT

    std::uint32_t tokenOf(const char* word) const
    {
        const Trace& trace = *subject().trace();
        for (std::uint32_t token = trace.seqLen(); token-- > 0;) {
            const auto begin = trace.tokenOffsets()[token];
            const std::string_view text = trace.text().substr(begin, trace.tokenOffsets()[token + 1] - begin);
            if (text == word)
                return token;
        }
        return trace.seqLen();
    }

public:
    TestOwnTextWalk()
        : WalkedWindow("own")
    {
    }

private slots:
    void initTestCase()
    {
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
        showWindow();
    }

    void cleanupTestCase() { m_window.reset(); }

    void ownText_isTypedAndRun()
    {
        QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier);
        auto* const prompt = m_window->findChild<QPlainTextEdit*>("run_prompt");
        QTRY_VERIFY(prompt && prompt->isVisible());
        auto* const model = m_window->findChild<QLineEdit*>("run_model_edit");
        QTest::mouseDClick(model, Qt::LeftButton, Qt::NoModifier, model->rect().center());
        model->selectAll();
        QTest::keyClicks(model, "smollm2-135m");
        QTest::keyClick(model, Qt::Key_Tab);
        QTest::mouseClick(prompt->viewport(), Qt::LeftButton);
        QTest::keyClicks(
            prompt,
            "Marta keeps the blue lantern in the boathouse. Her brother Ivo mends the nets. In the "
            "evening the fishermen come back and the harbour is full of voices. Nobody but Marta knows "
            "where the key of the boathouse lies: under the third stone of the path. When the storm "
            "came, Ivo looked for a light. Where does Marta keep the blue lantern?");
        auto* const output = m_window->findChild<QLineEdit*>("run_output");
        QVERIFY(output);
        output->selectAll();
        QTest::keyClicks(output, m_folder.filePath("own.hwt"));
        auto* const start = m_window->findChild<QPushButton*>("run_start_button");
        QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kPatienceMs);
        const auto* const cost = m_window->findChild<QLabel*>("run_cost");
        QTRY_VERIFY2_WITH_TIMEOUT(cost->text().contains("for exact rows"), qPrintable(cost->text()),
                                  kPatienceMs);
        picture("form");
        QTest::mouseClick(start, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->runSession().isRunning(), kPatienceMs);
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        QVERIFY2(subject().trace() && subject().trace()->isSealed(),
                 qPrintable(m_window->messageBar()->text()));
        QCOMPARE(subject().trace()->heads().size(), std::size_t{270});
    }

    /// The message goes by its cross, a head is named in the command box.
    void head_isNamed()
    {
        auto* const close = m_window->messageBar()->findChild<QAbstractButton*>("message_close");
        QVERIFY(close && close->isVisible());
        QTest::mouseClick(close, Qt::LeftButton);
        QTRY_VERIFY(!m_window->messageBar()->isVisible());
        nameHead({7, 2});
    }

    /// A word is clicked, the wheel goes down to it, and every pair around it comes exact.
    void word_isZoomedToExactPairs()
    {
        auto* const prose = m_window->findChild<TextPane*>()->prose();
        QTRY_VERIFY(prose->isIndexed());
        const std::uint32_t word = tokenOf(" lantern");
        QVERIFY(word < subject().trace()->seqLen());
        QTRY_VERIFY(prose->isInView(word));
        QTest::mouseClick(prose->viewport(), Qt::LeftButton, Qt::NoModifier, prose->placeOf(word)->center());
        QTRY_VERIFY(subject().locked().query);
        const std::uint32_t row = *subject().locked().query;
        wheelDownTo({row - 8.5, row + 0.5}, 0.05);
        if (QTest::currentTestFailed())
            return;
        QTRY_VERIFY_WITH_TIMEOUT(exploreOf(*m_window).map()->tiles()->exactOnScreen(), kPatienceMs);
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        picture("words");
    }

    void onePair_hasOneNumber()
    {
        const std::uint32_t row = *subject().locked().query;
        const auto exact = exploreOf(*m_window).map()->tiles()->exactOnScreen();
        QVERIFY(exact);
        // The heaviest key of the row that is wholly in view.
        const auto inView = [&](std::uint32_t key) {
            const QRectF cell(pixelAt(look().viewport(), key, row),
                              pixelAt(look().viewport(), key + 1, row + 1));
            return QRectF(map()->rect()).contains(cell);
        };
        std::optional<std::uint32_t> heaviest;
        for (std::uint32_t other = exact->keys.begin; other < exact->keys.end && other <= row; ++other)
            if (inView(other) && (!heaviest || exact->at(row, other) > exact->at(row, *heaviest)))
                heaviest = other;
        QVERIFY(heaviest);
        Said said;
        lockPair({row, *heaviest}, said);
    }
};

QTEST_MAIN(TestOwnTextWalk)
#include "tst_own_text_walk.moc"
