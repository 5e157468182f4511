// SPDX-License-Identifier: GPL-3.0-or-later
// What the strips beside the map paint: captions, numbers and hits, none over another.
#include "support/patience.h"
#include "ui/map/made_trace.h"
#include "ui/map/profile_strip.h"
#include "ui/map/token_strip.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

class TestAxisStrips : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

    static int pixelsOf(const QImage& image, const QRect& place, const QColor& colour)
    {
        int count = 0;
        for (int y = place.top(); y <= place.bottom(); ++y) {
            for (int x = place.left(); x <= place.right(); ++x)
                count += image.pixelColor(x, y) == colour ? 1 : 0;
        }
        return count;
    }

private slots:
    void initTestCase()
    {
        QApplication::setPalette(paletteOf(darkTheme()));
        loadFonts();
        const auto trace = writeMadeTrace(m_folder.filePath(QStringLiteral("a.hwt")).toStdString(), {});
        QVERIFY(trace.has_value());
        m_trace = *trace;
    }

    static void loadFonts() { applyColours(*qApp, darkTheme()); }

    void profile_barsEndBelowTheCaption()
    {
        Subject subject;
        MapLook look;
        ViewReader reader(&subject);
        ProfileStrip strip(ProfileStrip::Side::Bottom, &subject, &look, &reader);
        strip.resize(500, ProfileStrip::kHeight);
        strip.show();
        subject.setTrace(m_trace);
        look.setViewport({0, 0, 2, 1}); // the whole row is in view, and with it its largest bar
        subject.setLocked({500, std::nullopt});
        QTRY_VERIFY(!strip.profile().bars.empty());
        const QImage image = strip.grab().toImage();
        const QRect caption(0, 0, image.width(), 2 + ProfileStrip::kCaption);
        QCOMPARE(pixelsOf(image, caption, darkTheme().query), 0);
        QVERIFY(pixelsOf(image, caption, darkTheme().dim) > 20); // the words themselves
        QVERIFY(pixelsOf(image, QRect(0, caption.bottom() + 1, image.width(), 8), darkTheme().query) > 0);
    }

    void lockedKey_atTheRightEdge_hasItsCaptionBesideItsMark()
    {
        Subject subject;
        MapLook look;
        TokenStrip strip(TokenStrip::Axis::Key, &subject, &look);
        strip.resize(600, TokenStrip::kKeyHeight);
        strip.show();
        subject.setTrace(m_trace);
        look.setViewport({0, 0, 1, 1});
        constexpr int kCaptionEnd = TokenStrip::kKeyHeight - 31; // above the numbers
        const auto mark = [&](std::uint32_t key) {
            subject.setLocked({std::nullopt, key});
            // The row of the mark, and a little to both sides.
            return strip.grab().toImage().copy(static_cast<int>(key) - 5, 0, 11, kCaptionEnd);
        };
        const QImage inTheMiddle = mark(212);
        QVERIFY(pixelsOf(inTheMiddle, inTheMiddle.rect(), darkTheme().key) > 5);
        QCOMPARE(mark(590), inTheMiddle);
        // And the caption is there, to the left.
        const QImage whole = strip.grab().toImage();
        QVERIFY(pixelsOf(whole, QRect(500, 0, 80, kCaptionEnd), darkTheme().key) > 20);
    }

    void queryAxis_withSentences_keepsItsNumbers()
    {
        Subject subject;
        MapLook look;
        TokenStrip strip(TokenStrip::Axis::Query, &subject, &look);
        strip.resize(TokenStrip::kQueryWidth, 700);
        strip.show();
        subject.setTrace(m_trace);
        look.setViewport({0, 0, 0.5, 1}); // some 22 pixels a sentence
        const StripLayout layout = strip.layoutNow();
        QCOMPARE(layout.detail, StripDetail::Sentences);
        const auto count = [&layout](StripItem::Kind kind) {
            return std::count_if(layout.items.begin(), layout.items.end(), [kind](const StripItem& item) {
                return item.kind == kind && item.textTo > item.textFrom;
            });
        };
        QVERIFY(count(StripItem::Kind::Tick) >= 5);
        QVERIFY(count(StripItem::Kind::Sentence) >= 10);
        // In columns of their own: between them nothing is painted.
        const QImage image = strip.grab().toImage();
        const QColor ground = image.pixelColor(0, image.height() - 1);
        int emptyColumns = 0;
        for (int x = 60; x < TokenStrip::kQueryWidth - 12; ++x)
            emptyColumns += pixelsOf(image, QRect(x, 0, 1, image.height()), ground) == image.height() ? 1 : 0;
        QVERIFY2(emptyColumns >= 5, qPrintable(QString::number(emptyColumns)));
    }

    void words_atTheEnds_areWholeOrNotThere()
    {
        for (const auto axis : {TokenStrip::Axis::Key, TokenStrip::Axis::Query}) {
            Subject subject;
            MapLook look;
            TokenStrip strip(axis, &subject, &look);
            const bool isKey = axis == TokenStrip::Axis::Key;
            strip.resize(isKey ? 600 : TokenStrip::kQueryWidth, isKey ? TokenStrip::kKeyHeight : 600);
            strip.show();
            subject.setTrace(m_trace);
            for (int step = 0; step < 40; ++step) { // from token to token, by parts of one
                const double origin = 100 + 0.3 * step;
                look.setViewport({origin, origin, 1 / 17.0, 1});
                QCOMPARE(strip.layoutNow().detail, StripDetail::Words);
                const QImage image = strip.grab().toImage();
                const int last = isKey ? image.width() - 1 : image.height() - 1;
                const QColor ground = image.pixelColor(isKey ? 300 : 0, 0);
                for (const int edge : {0, last}) {
                    const QRect line =
                        isKey ? QRect(edge, 0, 1, image.height()) : QRect(0, edge, image.width(), 1);
                    QVERIFY2(pixelsOf(image, line, ground) == line.width() * line.height(),
                             qPrintable(QString("%1 %2 %3").arg(isKey).arg(origin).arg(edge)));
                }
            }
        }
    }

    void lockedRow_atTheEnd_keepsItsNumberInside()
    {
        Subject subject;
        MapLook look;
        TokenStrip strip(TokenStrip::Axis::Query, &subject, &look);
        strip.resize(TokenStrip::kQueryWidth, 500);
        subject.setTrace(m_trace);
        look.setViewport({0, 0, 2, 1});
        for (const std::uint32_t row : {0U, 999U}) {
            subject.setLocked({row, std::nullopt});
            for (const StripItem& item : strip.layoutNow().items) {
                if (item.kind == StripItem::Kind::Locked)
                    QVERIFY(item.textFrom >= 0 && item.textTo <= 500);
            }
        }
    }

    void hits_areBlueOnBothAxes_fromFirstToLastToken()
    {
        for (const auto axis : {TokenStrip::Axis::Key, TokenStrip::Axis::Query}) {
            Subject subject;
            MapLook look;
            TokenStrip strip(axis, &subject, &look);
            const bool isKey = axis == TokenStrip::Axis::Key;
            strip.resize(isKey ? 600 : TokenStrip::kQueryWidth, isKey ? TokenStrip::kKeyHeight : 600);
            strip.show();
            subject.setTrace(m_trace);
            look.setViewport({0, 0, 0.1, 1}); // ten pixels a token
            strip.setFindHits({{5, 6}, {20, 23}});
            const QColor blue = darkTheme().selected;
            const auto blueOf = [&](std::uint32_t token) {
                const QImage image = strip.grab().toImage();
                const int at = static_cast<int>(token) * 10;
                const QRect place =
                    isKey ? QRect(at, image.height() - 12, 10, 12) : QRect(image.width() - 12, at, 12, 10);
                return pixelsOf(image, place, blue);
            };
            QVERIFY(blueOf(5) > 0);
            QCOMPARE(blueOf(7), 0);
            for (const std::uint32_t token : {20U, 21U, 22U})
                QVERIFY(blueOf(token) > 0);
            QCOMPARE(blueOf(24), 0);
            const int before = blueOf(21);
            strip.setCurrentHit({20, 23});
            QVERIFY(blueOf(21) > before); // the one that is looked at
        }
    }
};

QTEST_MAIN(TestAxisStrips)
#include "tst_axis_strips.moc"
