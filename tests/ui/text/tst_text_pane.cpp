// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/text_pane.h"

#include "core/reading/predicted_rows.h"
#include "core/trace/made_predictions.h"
#include "support/patience.h"
#include "ui/map/made_trace.h"
#include "ui/text/word_shade.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QGlyphRun>
#include <QMouseEvent>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTest>
#include <QTextLayout>
#include <numeric>
#include <random>

using namespace headwater;
using namespace headwater::testing;

class TestTextPane : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    struct Parts {
        Subject subject;
        MapLook look;
        TextLook textLook;
        ViewReader reader{&subject};
        TextPane pane{&subject, &look, &textLook, &reader};
    };

    std::shared_ptr<const Trace> writeTrace(const char* name, std::uint32_t seqLen) const
    {
        MadeTrace made;
        made.seqLen = seqLen;
        made.layers = 1;
        made.heads = 1;
        made.block = seqLen > 100000 ? 64 : 16;
        const auto trace = writeMadeTrace(std::filesystem::path(m_folder.path().toStdString()) / name, made);
        return trace ? *trace : nullptr;
    }

    static std::unique_ptr<Parts> openParts(const std::shared_ptr<const Trace>& trace)
    {
        auto parts = std::make_unique<Parts>();
        parts->pane.setPalette(paletteOf(darkTheme()));
        parts->pane.resize(1000, 220);
        parts->pane.show();
        parts->subject.setTrace(trace);
        return parts;
    }

    static QColor colourUnder(ProseView* view, std::uint32_t token)
    {
        const QRect place = *view->placeOf(token);
        // Between the box's border and the letters.
        return view->viewport()->grab().toImage().pixelColor(place.center().x(), place.top() + 3);
    }

    /// A trace of one token a character.
    std::shared_ptr<const Trace> writeLetters(const char* name, const QString& text) const
    {
        MadeTokens tokens;
        for (const uint letter : text.toUcs4()) {
            const char32_t one = letter;
            tokens.text += QString::fromUcs4(&one, 1).toStdString();
            tokens.offsets.push_back(static_cast<std::uint32_t>(tokens.text.size()));
        }
        tokens.sentences.push_back(static_cast<std::uint32_t>(tokens.text.size()));
        MadeTrace made;
        made.layers = made.heads = 1;
        made.needleKey = made.needleQuery = 0;
        made.seqLen = static_cast<std::uint32_t>(tokens.offsets.size() - 1);
        made.tokens = tokens;
        const auto trace = writeMadeTrace(std::filesystem::path(m_folder.path().toStdString()) / name, made);
        return trace ? *trace : nullptr;
    }

    /// The first and last column of what two pictures have different.
    static std::pair<int, int> changedColumns(const QImage& a, const QImage& b)
    {
        std::pair<int, int> columns{a.width(), -1};
        for (int x = 0; x < a.width(); ++x) {
            for (int y = 0; y < a.height(); ++y) {
                if (a.pixel(x, y) != b.pixel(x, y)) {
                    columns.first = std::min(columns.first, x);
                    columns.second = x;
                }
            }
        }
        return columns;
    }

private slots:
    void everyLetterIsMarkedWhereItIs_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("hebrew in english")
            << QString::fromUtf8("The sign says שלום and then nothing more is written on it at all.");
        QTest::newRow("arabic in english") << QString::fromUtf8("One says صديق قديم 12 and goes away (نعم).");
        QTest::newRow("english in hebrew") << QString::fromUtf8("אמר לו: look (x = 3) ואז הלך הביתה.");
    }

    void everyLetterIsMarkedWhereItIs()
    {
        QFETCH(QString, text);
        const std::shared_ptr<const Trace> trace = writeLetters("letters.hwt", text);
        QVERIFY(trace);
        auto parts = openParts(trace);
        parts->pane.resize(800, 120); // one column, one line
        ProseView* const prose = parts->pane.prose();
        QTRY_VERIFY(prose->isIndexed());
        QCOMPARE(prose->numLines(), std::size_t{1});
        // Where Qt draws each letter, and where the line itself begins.
        QTextLayout layout(text, wordsFont(13));
        QTextOption option;
        option.setTextDirection(text.isRightToLeft() ? Qt::RightToLeft : Qt::LeftToRight);
        option.setAlignment(Qt::AlignLeft | Qt::AlignAbsolute);
        layout.setTextOption(option);
        layout.beginLayout();
        QTextLine line = layout.createLine();
        line.setLineWidth(1e6);
        layout.endLayout();
        const QImage plain = prose->viewport()->grab().toImage();
        const double margin = 4;
        const double begin =
            text.isRightToLeft() ? prose->viewport()->width() - margin - line.naturalTextWidth() : margin;
        for (int at = 0; at < text.size(); ++at) {
            if (text.at(at).isSpace())
                continue;
            const QGlyphRun run = line.glyphRuns(at, 1).front();
            const double left = begin + run.positions().front().x();
            const double right =
                left + run.rawFont().advancesForGlyphIndexes(run.glyphIndexes().mid(0, 1)).front().x();
            const auto token = static_cast<std::uint32_t>(at);
            parts->subject.setLocked({std::nullopt, token});
            // The box lies 2.5 pixels about the letter.
            const auto [first, last] = changedColumns(plain, prose->viewport()->grab().toImage());
            const QString what = QStringLiteral("%1 “%2”: marked %3–%4, drawn %5–%6")
                                     .arg(at)
                                     .arg(text.at(at))
                                     .arg(first)
                                     .arg(last)
                                     .arg(left)
                                     .arg(right);
            QVERIFY2(std::abs(first - (left - 2.5)) < 3 && std::abs(last - (right + 2.5)) < 3,
                     qPrintable(what));
            // The hand finds it where it is seen.
            const QPoint middle(static_cast<int>((left + right) / 2), prose->placeOf(token)->center().y());
            QVERIFY2(prose->tokenAt(middle) == token, qPrintable(what));
        }
    }

    void keysGoOnAsTheParagraphIsRead()
    {
        auto parts =
            openParts(writeLetters("keys_rtl.hwt", QString::fromUtf8("שלום עולם, מה שלומך\nand on")));
        ProseView* const prose = parts->pane.prose();
        QTRY_VERIFY(prose->isIndexed());
        const auto press = [prose](int key) {
            QTest::keyClick(prose, static_cast<Qt::Key>(key));
            return prose->cursor().value_or(1000);
        };
        QCOMPARE(press(Qt::Key_Home), 0u);
        QCOMPARE(press(Qt::Key_Left), 1u); // to the left is on
        QVERIFY(prose->placeOf(1)->left() < prose->placeOf(0)->left());
        QVERIFY(prose->placeOf(0)->right() > prose->viewport()->width() / 3); // a column's right edge
        QCOMPARE(press(Qt::Key_Right), 0u);
        QCOMPARE(press(Qt::Key_Right), 0u);
        for (std::uint32_t token = 1; token <= 21; ++token)
            QCOMPARE(press(token <= 20 ? Qt::Key_Left : Qt::Key_Right),
                     token); // the next paragraph is English
        // What is right of a Hebrew line begins it, what is left of it ends it.
        const int y = prose->placeOf(0)->center().y();
        QCOMPARE(prose->tokenNear({prose->placeOf(0)->right() + 3, y}), std::optional(0u));
        QCOMPARE(prose->tokenNear({5, y}), std::optional(18u));
    }

    void aMillionTokensCostWhatIsInView()
    {
        const std::shared_ptr<const Trace> trace = writeTrace("million.hwt", 1u << 20);
        QVERIFY(trace);
        auto parts = openParts(trace);
        ProseView* const prose = parts->pane.prose();
        prose->viewport()->grab();
        const std::size_t page =
            2 * static_cast<std::size_t>(prose->viewport()->height() / 21); // two columns
        QVERIFY(prose->linesLaidOut() <= 2 * page); // before the index is there, and at once
        QTRY_VERIFY(prose->isIndexed());
        QVERIFY(prose->numLines() > 20000);
        prose->viewport()->grab();
        QVERIFY(prose->linesLaidOut() <= 3 * page);

        std::mt19937_64 random(1);
        std::size_t before = prose->linesLaidOut();
        QScrollBar* const bar = prose->verticalScrollBar();
        for (int i = 0; i < 50; ++i) {
            bar->setValue(static_cast<int>(random() % static_cast<std::uint64_t>(bar->maximum())));
            prose->viewport()->grab();
        }
        QVERIFY(prose->linesLaidOut() - before <= 50 * page);

        before = prose->linesLaidOut();
        for (int i = 0; i < 50; ++i) {
            const auto token = static_cast<std::uint32_t>(random() % trace->seqLen());
            prose->reveal(token);
            QVERIFY(prose->isInView(token));
        }
        QVERIFY(prose->linesLaidOut() - before <= 2 * 50 * page);

        QTest::keyClick(prose, Qt::Key_End);
        QVERIFY(prose->isInView(trace->seqLen() - 1));
        QTest::keyClick(prose, Qt::Key_Home);
        QCOMPARE(prose->topByte(), 0u);
        QCOMPARE(prose->cursor(), std::optional(0u));
        QTest::keyClick(prose, Qt::Key_PageDown);
        QVERIFY(bar->value() > 0);
        QVERIFY(prose->isInView(*prose->cursor()));
    }

    void byKeyboard_aWordIsLockedAndTextCopied()
    {
        const std::shared_ptr<const Trace> trace = writeTrace("keys.hwt", 1000);
        auto parts = openParts(trace);
        ProseView* const prose = parts->pane.prose();
        QTRY_VERIFY(prose->isIndexed());
        parts->pane.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&parts->pane, headwater::test::kPatienceMs));
        prose->clearFocus();
        const QImage unfocused = prose->viewport()->grab().toImage();
        prose->setFocus(Qt::TabFocusReason);
        QVERIFY(prose->viewport()->grab().toImage() != unfocused); // one sees where the keys go
        QVERIFY(!prose->cursor());
        QTest::keyClick(prose, Qt::Key_Right);
        QCOMPARE(prose->cursor(), std::optional(0u)); // the first key shows the cursor
        for (int i = 0; i < 40; ++i)
            QTest::keyClick(prose, Qt::Key_Right);
        QCOMPARE(prose->cursor(), std::optional(40u));
        QTest::keyClick(prose, Qt::Key_Return);
        QCOMPARE(parts->subject.locked(), (TokenPair{39, std::nullopt}));

        // Down and up again ends in the same line, near the same place.
        const QRect before = *prose->placeOf(40);
        QTest::keyClick(prose, Qt::Key_Down);
        const QRect below = *prose->placeOf(*prose->cursor());
        QVERIFY(below.top() > before.top() || below.left() > before.right() + 100); // the next line or column
        QVERIFY(below.left() <= before.center().x() + 40 && below.right() + 40 >= before.center().x());
        QTest::keyClick(prose, Qt::Key_Up);
        QCOMPARE(prose->placeOf(*prose->cursor())->top(), before.top());

        for (int i = 0; i < 1000 && *prose->cursor() > 10; ++i)
            QTest::keyClick(prose, Qt::Key_Left);
        QCOMPARE(prose->cursor(), std::optional(10u));
        QTest::keyClick(prose, Qt::Key_Return, Qt::ShiftModifier);
        QCOMPARE(parts->subject.locked(), (TokenPair{39, 10}));

        QTest::keySequence(prose, QKeySequence::Copy);
        QCOMPARE(QApplication::clipboard()->text(),
                 QString::fromStdString(std::string(trace->tokenText(10))));
        for (int i = 0; i < 3; ++i)
            QTest::keyClick(prose, Qt::Key_Right, Qt::ShiftModifier);
        const auto offsets = trace->tokenOffsets();
        const QString expected =
            QString::fromStdString(std::string(trace->text().substr(offsets[10], offsets[14] - offsets[10])));
        QTest::keySequence(prose, QKeySequence::Copy);
        QCOMPARE(QApplication::clipboard()->text(), expected);
        QTest::keyClick(prose, Qt::Key_Left); // without Shift there is no selection any more
        QCOMPARE(prose->copyText(), QString::fromStdString(std::string(trace->tokenText(12))));
        QTest::keyClick(prose, Qt::Key_End);
        QCOMPARE(prose->cursor(), std::optional(trace->seqLen() - 1));
        QTest::keyClick(prose, Qt::Key_Right);
        QCOMPARE(prose->cursor(), std::optional(trace->seqLen() - 1));
    }

    void withoutLosses_thePaneSaysSo()
    {
        const std::shared_ptr<const Trace> trace = writeTrace("small.hwt", 1000);
        auto parts = openParts(trace);
        auto* const legend = parts->pane.findChild<QWidget*>("lossLegend");
        parts->subject.setLocked({500, std::nullopt});
        QVERIFY(legend->isHidden());
        QVERIFY(parts->textLook.inView().empty());
        parts->textLook.setShade(TextShade::Loss);
        QVERIFY(legend->isHidden()); // of nothing
        QVERIFY2(parts->pane.caption().contains("--predictions on"), qPrintable(parts->pane.caption()));

        // What cannot be read is not waited for.
        parts->subject.failPredictions({ErrorCode::BadFormat, "is damaged", "array 'logprob'"});
        QVERIFY2(parts->pane.caption().startsWith("the losses cannot be read")
                     && parts->pane.caption().contains("array 'logprob'"),
                 qPrintable(parts->pane.caption()));
    }

    /// Some losses, as a session gives them: the words without one are hatched, and counted.
    void wordsWithoutALoss_areHatched()
    {
        const std::shared_ptr<const Trace> trace = writeTrace("some.hwt", 1000);
        auto parts = openParts(trace);
        ProseView* const prose = parts->pane.prose();
        QTRY_VERIFY(prose->isIndexed());
        prose->verticalScrollBar()->setValue(0);
        parts->textLook.setShade(TextShade::Loss);
        QCOMPARE(parts->textLook.inView().size(), std::size_t{1});
        const TokenRange seen = parts->textLook.inView().front();
        QCOMPARE(std::pair(seen.begin, seen.end), prose->tokensInView());
        QVERIFY(seen.begin == 0 && seen.end > 40);
        PredictedRows rows{4, std::vector<RowPrediction>(10), {}, PredictedBy::SparseForward};
        for (RowPrediction& row : rows.rows)
            row.following = -4;
        parts->subject.setPredictions(std::make_shared<const Predictions>(
            joined(noPredictions(1000, PredictedBy::SparseForward), rows)));
        QCOMPARE(parts->pane.caption(),
                 QString("shaded by loss, −ln p of each word · of 10 of the %1 in view, the others hatched · "
                         "of the sparse forward")
                     .arg(seen.end - 1));
        const auto* const legend = parts->pane.findChild<QWidget*>("lossLegend");
        QCOMPARE(legend->accessibleDescription(), QString("Hatched: not computed yet"));
        const auto isHatched = [&](std::uint32_t token) {
            const QRect place = *prose->placeOf(token);
            const QImage image = prose->viewport()->grab().toImage();
            int hatched = 0;
            for (int y = place.top() + 3; y < place.bottom() - 3; ++y)
                for (int x = place.left(); x < place.right(); ++x)
                    hatched += image.pixelColor(x, y) == unknownShade(darkTheme()).color() ? 1 : 0;
            return hatched > 3;
        };
        for (std::uint32_t token = 1; token < 20; ++token)
            QCOMPARE(isHatched(token), token < 5 || token > 14);
        QVERIFY(!isHatched(0)); // has none
        QCOMPARE(colourUnder(prose, 9), wordShade(darkTheme(), ColourScale::Map::Magma, 0.5));
        parts->subject.setHovered({std::nullopt, 30u});
        QVERIFY2(parts->pane.caption().endsWith("its loss is not computed yet"),
                 qPrintable(parts->pane.caption()));
        // A pane that nobody sees shows nothing, and neither does one that shows something else.
        parts->pane.hide();
        QVERIFY(parts->textLook.inView().empty());
        parts->pane.show();
        QVERIFY(!parts->textLook.inView().empty());
        parts->textLook.setShade(TextShade::Reads);
        QVERIFY(parts->textLook.inView().empty());
    }

    void wordsAreShadedByTheirLoss()
    {
        MadeTrace spec;
        spec.layers = spec.heads = 1;
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / "losses.hwt";
        {
            Result<TraceWriter> writer = createMadeTrace(path, spec);
            QVERIFY(writer && writeMadeLayer(*writer, spec, 0));
            std::vector<std::int32_t> ids(spec.seqLen);
            std::iota(ids.begin(), ids.end(), 0); // as the made trace has them
            QVERIFY(writer->setMeta("model", {{"vocab_size", std::uint64_t{made::kVocabulary}}}));
            const Result<void> written = writer->writePredictions(made::predictions(ids, spec.seqLen));
            QVERIFY2(written, written ? "" : written.error().text().c_str());
            QVERIFY(writer->seal());
        }
        const auto opened = Trace::open(path);
        QVERIFY(opened && (*opened)->hasPredictions());
        const std::shared_ptr<const Trace> trace = *opened;
        auto parts = openParts(trace);
        ProseView* const prose = parts->pane.prose();
        auto* const legend = parts->pane.findChild<QWidget*>("lossLegend");
        QTRY_VERIFY(prose->isIndexed());
        parts->subject.setLocked({500, std::nullopt});
        parts->textLook.setShade(TextShade::Loss);
        QVERIFY(legend->isHidden());
        QCOMPARE(parts->pane.caption(), QString("reading the losses…"));

        auto made = std::make_shared<Predictions>();
        made->promptTokens = 990;
        made->rows.resize(1000);
        for (std::size_t row = 0; row < 999; ++row)
            made->rows[row].following = -0.01F;
        made->rows[11].following = -4; // of token 12
        made->rows[20].following = -12; // of token 21, more than the scale
        made->rows[994].following = -0.5F;
        prose->verticalScrollBar()->setValue(0);
        parts->subject.setPredictions(made);
        QVERIFY(!legend->isHidden());
        const QString caption = parts->pane.caption();
        QVERIFY2(caption.contains("mean 0.03 nat") && caption.endsWith("of the model"), qPrintable(caption));
        const QColor small = colourUnder(prose, 15);
        const QColor half = colourUnder(prose, 12);
        const QColor full = colourUnder(prose, 21);
        const auto share = [](double of) { return wordShade(darkTheme(), ColourScale::Map::Magma, of); };
        QCOMPARE(small, share(double(0.01F) / 8));
        QCOMPARE(half, share(0.5));
        QCOMPARE(full, share(1));
        QVERIFY(small != half && half != full);
        // The first token has none.
        QCOMPARE(colourUnder(prose, 0), darkTheme().dock);

        // The word under the hand says its own, and of what it is.
        parts->subject.setHovered({std::nullopt, 12u});
        QVERIFY2(parts->pane.caption().endsWith("loss 4.00 nat (p 0.0183), of the model"),
                 qPrintable(parts->pane.caption()));
        parts->subject.setHovered({std::nullopt, 995u});
        QVERIFY2(parts->pane.caption().endsWith("of the decoding"), qPrintable(parts->pane.caption()));
        parts->subject.setHovered({std::nullopt, 0u});
        QVERIFY2(parts->pane.caption().contains("has no loss"), qPrintable(parts->pane.caption()));

        // Another head or row has no part in it; back again it has.
        parts->subject.setHovered({});
        parts->subject.setLocked({400, std::nullopt});
        QCOMPARE(parts->pane.caption(), caption);
        parts->textLook.setShade(TextShade::Reads);
        QVERIFY(legend->isHidden());
        QTRY_VERIFY(parts->pane.caption().startsWith("shaded by what row 400 reads"));
        prose->verticalScrollBar()->setValue(0);
        QVERIFY(colourUnder(prose, 21) != full);
    }

    void aClickLocksTheRowBeforeTheWord()
    {
        auto parts = openParts(writeTrace("small.hwt", 1000));
        ProseView* const prose = parts->pane.prose();
        QTRY_VERIFY(prose->isIndexed());
        const QRect place = *prose->placeOf(40);
        QCOMPARE(prose->tokenAt(place.center()), std::optional(40u));
        QTest::mouseClick(prose->viewport(), Qt::LeftButton, {}, place.center());
        QCOMPARE(parts->subject.locked(), (TokenPair{39, std::nullopt}));
        QTest::mouseClick(prose->viewport(), Qt::LeftButton, Qt::ControlModifier,
                          prose->placeOf(10)->center());
        QCOMPARE(parts->subject.locked(), (TokenPair{39, 10}));
        QTest::mouseClick(prose->viewport(), Qt::LeftButton, Qt::ControlModifier,
                          prose->placeOf(45)->center());
        QCOMPARE(parts->subject.locked(), (TokenPair{39, 10})); // a query cannot read its future
        QTest::mouseClick(prose->viewport(), Qt::LeftButton, {}, prose->placeOf(0)->center());
        QCOMPARE(parts->subject.locked(), (TokenPair{0, std::nullopt}));
    }

    void aDragSelects_andLocksNothing()
    {
        const std::shared_ptr<const Trace> trace = writeTrace("small.hwt", 1000);
        auto parts = openParts(trace);
        ProseView* const prose = parts->pane.prose();
        QTRY_VERIFY(prose->isIndexed());
        const auto textOf = [&trace](std::uint32_t begin, std::uint32_t end) {
            const auto offsets = trace->tokenOffsets();
            return QString::fromStdString(
                std::string(trace->text().substr(offsets[begin], offsets[end] - offsets[begin])));
        };
        const auto drag = [prose](const QPoint& from, const QPoint& to) {
            QTest::mousePress(prose->viewport(), Qt::LeftButton, {}, from);
            for (const QPoint& at : {(from + to) / 2, to}) {
                QMouseEvent move(QEvent::MouseMove, at, prose->viewport()->mapToGlobal(at), Qt::NoButton,
                                 Qt::LeftButton, {});
                QCoreApplication::sendEvent(prose->viewport(), &move);
            }
            QTest::mouseRelease(prose->viewport(), Qt::LeftButton, {}, to);
        };
        const QColor plain = colourUnder(prose, 12);
        drag(prose->placeOf(10)->center(), prose->placeOf(14)->center());
        QCOMPARE(prose->copyText(), textOf(10, 15));
        QVERIFY(colourUnder(prose, 12) != plain);
        drag(prose->placeOf(40)->center(), prose->placeOf(30)->center()); // backwards
        QCOMPARE(prose->copyText(), textOf(30, 41));
        // Beyond the end of a line its last word is meant.
        drag(prose->placeOf(0)->center(),
             QPoint(prose->viewport()->width() / 2 - 10, prose->placeOf(0)->center().y()));
        QVERIFY(prose->copyText().size() > textOf(0, 8).size());
        QVERIFY(prose->placeOf(*prose->cursor())->top() == prose->placeOf(0)->top());
        QCOMPARE(parts->subject.locked(), TokenPair{});
        prose->setFocus();
        QTest::keySequence(prose, QKeySequence::Copy);
        QCOMPARE(QApplication::clipboard()->text(), prose->copyText());
        // A click lets it go and locks, as ever.
        QTest::mouseClick(prose->viewport(), Qt::LeftButton, {}, prose->placeOf(40)->center());
        QCOMPARE(parts->subject.locked(), (TokenPair{39, std::nullopt}));
        QCOMPARE(prose->copyText(), textOf(40, 41));
    }

    void hoverGoesBothWays()
    {
        auto parts = openParts(writeTrace("small.hwt", 1000));
        ProseView* const prose = parts->pane.prose();
        QTRY_VERIFY(prose->isIndexed());
        parts->subject.setLocked({39, std::nullopt});
        QTest::mouseMove(prose->viewport(), prose->placeOf(20)->center());
        QTRY_COMPARE(parts->subject.hovered(), (TokenPair{39, 20}));
        QTest::mouseMove(prose->viewport(), prose->placeOf(50)->center());
        QTRY_COMPARE(parts->subject.hovered(), (TokenPair{std::nullopt, 50}));
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(prose->viewport(), &leave);
        QCOMPARE(parts->subject.hovered(), TokenPair{});

        const QColor plain = colourUnder(prose, 30);
        parts->subject.setHovered({std::nullopt, 30});
        QVERIFY(colourUnder(prose, 30) != plain);
    }

    void shadesWhatTheRowReads()
    {
        const std::shared_ptr<const Trace> trace = writeTrace("small.hwt", 1000);
        auto parts = openParts(trace);
        ProseView* const prose = parts->pane.prose();
        QTRY_VERIFY(prose->isIndexed());
        const QColor dock = darkTheme().dock;
        parts->subject.setLocked({990, std::nullopt}); // of the row table: reads 0, 990, 989 and 495
        QTRY_VERIFY2(parts->pane.caption().startsWith(
                         QStringLiteral("shaded by what row 990 reads, its 4 heaviest keys · ")),
                     qPrintable(parts->pane.caption()));
        QVERIFY(!parts->pane.caption().contains(QStringLiteral("mean of")));
        QVERIFY(prose->isInView(990));
        QVERIFY(colourUnder(prose, 989) != dock);
        QCOMPARE(colourUnder(prose, 985), dock);

        parts->subject.setLocked({500, std::nullopt});
        QTRY_VERIFY2(parts->pane.caption().contains(QStringLiteral("mean of 16 rows (its block)")),
                     qPrintable(parts->pane.caption()));
        const auto edges = trace->loadEdges(0, 0);
        const HeadEdges& kept = **edges;
        for (std::uint32_t token = 480; token < 528; token += 16) {
            const auto begin = kept.keyBlock.begin() + static_cast<std::ptrdiff_t>(kept.rowPtr[31]);
            const auto end = kept.keyBlock.begin() + static_cast<std::ptrdiff_t>(kept.rowPtr[32]);
            const bool isKept = std::find(begin, end, token / 16) != end;
            QVERIFY(prose->isInView(token + 5));
            QCOMPARE(colourUnder(prose, token + 5) != dock, isKept);
        }
    }

    void aFarKeyHasAColumnOfItsOwn()
    {
        auto parts = openParts(writeTrace("long.hwt", 8000));
        QTRY_VERIFY(parts->pane.prose()->isIndexed());
        QVERIFY(!parts->pane.keyProse()->isIndexed()); // put away, it takes no time from the others
        parts->subject.setLocked({940, 212});
        QVERIFY(parts->pane.keyProse()->isVisible());
        QTRY_VERIFY(parts->pane.keyProse()->isIndexed());
        QTRY_VERIFY(parts->pane.keyProse()->isInView(212));
        QTRY_VERIFY(parts->pane.prose()->isInView(940));
        // What is left out between the columns is said, and follows their scrolling.
        const auto between = [&parts] {
            return parts->pane.prose()->tokensInView().first - parts->pane.keyProse()->tokensInView().second;
        };
        QTRY_COMPARE(parts->pane.gap(), QStringLiteral("… %1 tokens …").arg(between()));
        QVERIFY(between() > 0 && between() < 940 - 212);
        parts->pane.keyProse()->verticalScrollBar()->setValue(
            parts->pane.keyProse()->verticalScrollBar()->value() + 1);
        QCOMPARE(parts->pane.gap(), QStringLiteral("… %1 tokens …").arg(between()));
        parts->pane.keyProse()->reveal(5000); // the columns overlap: nothing is left out
        QVERIFY(parts->pane.gap().isEmpty());
        parts->subject.setLocked({940, 935});
        QVERIFY(!parts->pane.keyProse()->isVisible());
        QVERIFY(parts->pane.gap().isEmpty());
        QTRY_VERIFY(parts->pane.prose()->isInView(940));
    }

    void hitsAreMarked()
    {
        auto parts = openParts(writeTrace("small.hwt", 1000));
        ProseView* const prose = parts->pane.prose();
        QTRY_VERIFY(prose->isIndexed());
        const QColor plain = colourUnder(prose, 12);
        const QColor after = colourUnder(prose, 14);
        parts->pane.setFindHits({{12, 14}, {700, 701}});
        QVERIFY(colourUnder(prose, 12) != plain);
        QVERIFY(colourUnder(prose, 13) != plain); // to its last token
        QCOMPARE(colourUnder(prose, 14), after);
        const QColor other = colourUnder(prose, 12);
        parts->pane.showHit({12, 14});
        QVERIFY(colourUnder(prose, 12) != other); // the one that is looked at
        QVERIFY(colourUnder(prose, 13) != other);
        parts->pane.showHit({700, 701});
        QVERIFY(prose->isInView(700));
        QCOMPARE(parts->subject.locked(), TokenPair{});
        parts->pane.setFindHits({});
        prose->reveal(12);
        QCOMPARE(colourUnder(prose, 12), plain);
    }

    void aTokenThatShowsNothingHasABox()
    {
        MadeTrace made;
        made.layers = made.heads = 1;
        TraceWriter::Begin begin;
        begin.meta = nlohmann::json::object();
        begin.text = "one\ntwo";
        begin.tokenOffsets = {0, 0, 3, 4, 7}; // an empty first token, and a newline
        begin.tokenIds.resize(4);
        begin.segments = {{"prompt", 0, 4}};
        begin.sentenceOffsets = {0, 7};
        begin.headsPerLayer = {1};
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / "empty.hwt";
        {
            auto writer = TraceWriter::create(path, begin, true);
            QVERIFY2(writer.has_value(), writer ? "" : writer.error().text().c_str());
            QVERIFY(writer->seal().has_value());
        }
        const auto trace = Trace::open(path);
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        auto parts = openParts(*trace);
        ProseView* const prose = parts->pane.prose();
        QTRY_VERIFY(prose->isIndexed());
        QCOMPARE(prose->numLines(), 2u);
        const QImage plain = prose->viewport()->grab().toImage();
        for (const std::uint32_t token : {0u, 2u}) {
            parts->subject.setLocked({token, std::nullopt});
            QVERIFY(prose->viewport()->grab().toImage() != plain);
        }
    }

    void closingEmptiesIt()
    {
        auto parts = openParts(writeTrace("small.hwt", 1000));
        parts->subject.setLocked({500, 3});
        parts->subject.setTrace(nullptr);
        parts->pane.grab();
        QVERIFY(parts->pane.caption().isEmpty());
        QVERIFY(!parts->pane.prose()->tokenAt({10, 10}));
    }
};

QTEST_MAIN(TestTextPane)
#include "tst_text_pane.moc"
