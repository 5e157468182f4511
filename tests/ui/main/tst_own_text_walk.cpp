// SPDX-License-Identifier: GPL-3.0-or-later
// A text of one's own, typed, run and looked at down to single words, with mouse and keys alone: map, hand
// and lists say the same of one pair.
#include "support/fetched_model.h"
#include "ui/inspector/fold_title.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/inspector_section.h"
#include "ui/main/made_windows.h"
#include "ui/main/message_bar.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/quantity_text.h"
#include "ui/map/tooltip_card.h"
#include "ui/map/view_geometry.h"
#include "ui/text/text_pane.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>
#include <QWheelEvent>

using namespace headwater;
using namespace headwater::testing;
using headwater::test::kPatienceMs;

class TestOwnTextWalk : public MadeWindows {
    Q_OBJECT

    std::unique_ptr<MainWindow> m_window;

    MapView* map() const { return m_window->map()->view(); }
    ViewState& view() const { return m_window->view(); }

    std::uint32_t tokenOf(const char* word) const
    {
        const Trace& trace = *view().trace();
        for (std::uint32_t token = trace.seqLen(); token-- > 0;) {
            const auto begin = trace.tokenOffsets()[token];
            const std::string_view text = trace.text().substr(begin, trace.tokenOffsets()[token + 1] - begin);
            if (text == word)
                return token;
        }
        return trace.seqLen();
    }

    /// A picture of the window as it is now, where a folder for them is named.
    void picture(const QString& name) const
    {
        if (const QString folder = qEnvironmentVariable("HEADWATER_WALK_PICTURES"); !folder.isEmpty())
            QVERIFY(m_window->grab().save(folder + '/' + name));
    }

private slots:
    void initTestCase()
    {
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
        qputenv("XDG_STATE_HOME", m_folder.path().toLocal8Bit()); // the fetched models stay where they are
        WindowOptions options = optionsOf(HEADWATER_PROGRAM);
        options.engineArguments = {"serve"};
        m_window = std::make_unique<MainWindow>(options);
        m_window->resize(1366, 768);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get(), kPatienceMs));
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
        picture("own-form.png");
        QTest::mouseClick(start, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->runSession().isRunning(), kPatienceMs);
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        QVERIFY2(view().trace() && view().trace()->isSealed(), qPrintable(m_window->messageBar()->text()));
        QCOMPARE(view().trace()->heads().size(), std::size_t{270});
    }

    /// The message goes by its cross, a head is named in the command box.
    void head_isNamed()
    {
        auto* const close = m_window->messageBar()->findChild<QAbstractButton*>("message_close");
        QVERIFY(close && close->isVisible());
        QTest::mouseClick(close, Qt::LeftButton);
        QTRY_VERIFY(!m_window->messageBar()->isVisible());
        QTest::keyClick(m_window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(qobject_cast<QLineEdit*>(QApplication::focusWidget()));
        QTest::keyClicks(QApplication::focusWidget(), "L7H2");
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QTRY_COMPARE(view().head(), (HeadId{7, 2}));
    }

    /// A word is clicked, the wheel goes down to it, and every pair around it comes exact.
    void word_isZoomedToExactPairs()
    {
        auto* const prose = m_window->findChild<TextPane*>()->prose();
        QTRY_VERIFY(prose->isIndexed());
        const std::uint32_t word = tokenOf(" lantern");
        QVERIFY(word < view().trace()->seqLen());
        QTRY_VERIFY(prose->isInView(word));
        QTest::mouseClick(prose->viewport(), Qt::LeftButton, Qt::NoModifier, prose->placeOf(word)->center());
        QTRY_VERIFY(view().locked().query);
        const std::uint32_t row = *view().locked().query;
        QTest::keyClick(map(), Qt::Key_0);
        for (int step = 0; step < 60 && view().viewport().tokensPerPixel > 0.05; ++step) {
            const QPointF at = pixelAt(view().viewport(), row - 8.5, row + 0.5);
            QVERIFY(QRectF(map()->rect()).contains(at));
            QWheelEvent event(at, map()->mapToGlobal(at), {}, {0, 120}, Qt::NoButton, Qt::NoModifier,
                              Qt::NoScrollPhase, false);
            QApplication::sendEvent(map(), &event);
        }
        QTRY_VERIFY_WITH_TIMEOUT(m_window->map()->tiles()->exactOnScreen(), kPatienceMs);
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        picture("own-words.png");
    }

    /// The pair that is clicked has one number: on the map, under the hand, in the row's list and in that of
    /// all heads.
    void onePair_hasOneNumber()
    {
        const std::uint32_t row = *view().locked().query;
        const auto exact = m_window->map()->tiles()->exactOnScreen();
        QVERIFY(exact);
        // The heaviest key of the row that is wholly in view.
        const auto inView = [&](std::uint32_t key) {
            const QRectF cell(pixelAt(view().viewport(), key, row),
                              pixelAt(view().viewport(), key + 1, row + 1));
            return QRectF(map()->rect()).contains(cell);
        };
        std::optional<std::uint32_t> heaviest;
        for (std::uint32_t other = exact->keys.begin; other < exact->keys.end && other <= row; ++other)
            if (inView(other) && (!heaviest || exact->at(row, other) > exact->at(row, *heaviest)))
                heaviest = other;
        QVERIFY(heaviest);
        const std::uint32_t key = *heaviest;
        const QPoint at = pixelAt(view().viewport(), key + 0.5, row + 0.5).toPoint();
        QTest::mouseMove(map(), at + QPoint(40, 0));
        QTest::mouseMove(map(), at);
        auto* const card = m_window->findChild<TooltipCard*>();
        const QString number = probabilityText(double(exact->at(row, key)));
        QTRY_COMPARE(card->content().value, number);
        QVERIFY(card->content().pill.endsWith("exact"));
        picture("own-hover.png");
        QTest::mouseClick(map(), Qt::LeftButton, Qt::NoModifier, at);
        QTRY_COMPARE(view().locked(), (TokenPair{row, key}));
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        auto* const inspector = m_window->findChild<InspectorPanel*>();
        const auto massOf = [](const MassTable* table, auto matches) -> std::optional<double> {
            for (const MassRow& line : table->massModel()->rows())
                if (matches(line))
                    return double(line.mass);
            return std::nullopt;
        };
        QTRY_VERIFY(massOf(inspector->reads(), [&](const MassRow& line) { return line.tokenAt == key; }));
        QTRY_COMPARE(probabilityText(*massOf(inspector->reads(),
                                             [&](const MassRow& line) { return line.tokenAt == key; })),
                     number);
        m_window->resize(1366, 1150); // where there is room for both lists
        QTRY_VERIFY(
            massOf(inspector->heads(), [&](const MassRow& line) { return line.head == view().head(); }));
        QCOMPARE(probabilityText(*massOf(inspector->heads(),
                                         [&](const MassRow& line) { return line.head == view().head(); })),
                 number);
        picture("own-pair.png");
    }
};

QTEST_MAIN(TestOwnTextWalk)
#include "tst_own_text_walk.moc"
