// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/prose_line.h"

#include "ui/text/line_breaks.h"
#include "ui/theme/fonts.h"

#include <QGlyphRun>
#include <QImage>
#include <QPainter>
#include <QTest>
#include <algorithm>
#include <string>

using namespace headwater;

namespace {

constexpr int kMargin = 20; ///< pixels of a picture around the line
constexpr double kOverhang = 2.5; ///< pixels that a glyph may reach over its own room
constexpr int kSize = 26;

/// A whole paragraph, laid out by Qt in one piece: where each line's letters really are. Lines are parted by
/// the separator that parts no paragraph.
class WholeParagraph {
public:
    WholeParagraph(const std::string& text, const std::vector<std::uint32_t>& lineBegins, bool isRightToLeft)
    {
        QString shown;
        for (std::size_t i = 0; i < lineBegins.size(); ++i) {
            const std::uint32_t begin = lineBegins[i];
            const std::size_t end = i + 1 < lineBegins.size() ? lineBegins[i + 1] : text.size();
            if (i > 0)
                shown += QChar(QChar::LineSeparator);
            for (std::size_t at = begin; at < end; ++at) {
                const bool isLead = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
                if (isLead && at > begin)
                    shown += QString::fromUtf8(text.data() + m_character,
                                               static_cast<qsizetype>(at - m_character));
                if (isLead)
                    m_character = at;
                m_unitOf.push_back(static_cast<int>(shown.size()));
            }
            shown += QString::fromUtf8(text.data() + m_character, static_cast<qsizetype>(end - m_character));
            m_lineOf.insert(m_lineOf.end(), end - begin, static_cast<int>(i));
        }
        m_unitOf.push_back(static_cast<int>(shown.size()));
        m_layout.setText(shown);
        m_layout.setFont(wordsFont(kSize));
        QTextOption option;
        option.setWrapMode(QTextOption::NoWrap);
        option.setTextDirection(isRightToLeft ? Qt::RightToLeft : Qt::LeftToRight);
        option.setAlignment(Qt::AlignLeft | Qt::AlignAbsolute);
        option.setFlags(QTextOption::IncludeTrailingSpaces);
        m_layout.setTextOption(option);
        m_layout.beginLayout();
        for (QTextLine line = m_layout.createLine(); line.isValid(); line = m_layout.createLine())
            line.setLineWidth(1e6);
        m_layout.endLayout();
    }

    /// Pixel columns with ink of the letters of bytes [from, to), all of one line.
    std::vector<double> inkOf(std::uint32_t from, std::uint32_t to) const
    {
        const QTextLine line = m_layout.lineAt(m_lineOf[from]);
        QImage picture(static_cast<int>(line.naturalTextWidth()) + 2 * kMargin, 60,
                       QImage::Format_Grayscale8);
        picture.fill(Qt::white);
        QPainter painter(&picture);
        const int last =
            to < m_lineOf.size() && m_lineOf[to] != m_lineOf[from] ? m_unitOf[to] - 1 : m_unitOf[to];
        for (const QGlyphRun& run : line.glyphRuns(m_unitOf[from], last - m_unitOf[from]))
            painter.drawGlyphRun(QPointF(kMargin, kMargin / 2), run);
        painter.end();
        std::vector<double> columns;
        for (int x = 0; x < picture.width(); ++x) {
            for (int y = 0; y < picture.height(); ++y) {
                if (qGray(picture.pixel(x, y)) < 128) {
                    columns.push_back(x + 0.5 - kMargin);
                    break;
                }
            }
        }
        return columns;
    }

private:
    QTextLayout m_layout;
    std::vector<int> m_unitOf; ///< of each byte
    std::vector<int> m_lineOf;
    std::size_t m_character = 0;
};

} // namespace

class TestProseLine : public QObject {
    Q_OBJECT

private slots:
    void everyToken_isWhereItsLettersAreDrawn_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("isRightToLeft");
        const std::tuple<const char*, const char*, bool> texts[] = {
            {"english", "The quick AVATAR brown fox != jumps over the lazy dog, and To it again.", false},
            {"hebrew in english", "The sign says שלום and then nothing more is written on it at all.", false},
            {"arabic in english",
             "He wrote لا شيء يبقى على حاله هنا أبدا يا صديقي and left it at that, then.", false},
            {"digits after arabic", "abc def عربي 123 456 عربي 789, 10 def 11", false},
            {"english in hebrew", "אמר לו: look at that (x = 3) ואז הלך הביתה בלי לומר דבר נוסף.", true},
            {"arabic", "السعر ١٢٣ أو 456 دولارا فقط (خصم 10%) لكل زبون جديد في المتجر", true},
            {"marks", "בְּרֵאשִׁית בָּרָא אֱלֹהִים e\u0301a\u0323\u0301 מְאֹד x", true},
            {"beyond the first plane", "𝕏 שלום 😀𝔸 עולם 𞤀𞤁 b", false},
            {"brackets", "f(שלום, [עולם]) -> {\"ערך\": 12.5, \"b\": <c>}", false},
            {"marks of direction", "a\u200fb שלום\u200e! c\u200dd א\u200db", false},
        };
        for (const auto& [name, text, isRightToLeft] : texts)
            QTest::newRow(name) << QByteArray(text) << isRightToLeft;
    }

    void everyToken_isWhereItsLettersAreDrawn()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, isRightToLeft);
        const std::string bytes = text.toStdString();
        QCOMPARE(paragraphAt(bytes, 3).isRightToLeft, isRightToLeft);
        for (const double width : {90.0, 170.0, 333.0, 5000.0}) {
            const std::vector<std::uint32_t> begins = indexLines(bytes, width, wordsFont(kSize), {})->begins;
            const WholeParagraph whole(bytes, begins, isRightToLeft);
            for (std::size_t i = 0; i < begins.size(); ++i) {
                const auto end =
                    i + 1 < begins.size() ? begins[i + 1] : static_cast<std::uint32_t>(bytes.size());
                for (const int charactersAToken : {1, 2, 3})
                    checkLine(bytes, begins[i], end, charactersAToken, whole);
                if (QTest::currentTestFailed())
                    return;
            }
        }
    }

    void cellsCoverTheLine()
    {
        const std::string text = "a שלום لا 12 \u200f𝕏 e\u0301 end";
        const ProseLine line(text, paragraphAt(text, 0), 0, static_cast<std::uint32_t>(text.size()),
                             wordsFont(13), Qt::gray);
        const auto whole = line.spansOf(0, static_cast<std::uint32_t>(text.size()));
        QCOMPARE(whole.size(), std::size_t{1});
        QCOMPARE(whole.front().x, 0.0);
        QVERIFY(std::abs(whole.front().width - line.width()) < 0.1);
        double sum = 0;
        for (std::uint32_t at = 0; at < text.size(); ++at) {
            const bool isLead = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
            const bool isMark = text.substr(at, 2) == "\u0301";
            for (const ProseLine::Span& span : line.spansOf(at, at + 1))
                sum += isLead && !isMark ? span.width : 0;
        }
        QVERIFY2(std::abs(sum - line.width()) < 0.5, qPrintable(QString::number(sum)));
        // Letters of a ligature share its room, the first one on the side where it is read first.
        const auto lam = static_cast<std::uint32_t>(text.find("لا"));
        const ProseLine::Span both = line.spansOf(lam, lam + 4).front();
        const ProseLine::Span right = line.spansOf(lam, lam + 2).front();
        const ProseLine::Span left = line.spansOf(lam + 2, lam + 4).front();
        QVERIFY(std::abs(left.x - both.x) < 0.01 && std::abs(left.width - both.width / 2) < 0.01);
        QVERIFY(std::abs(right.x - both.x - both.width / 2) < 0.01);
        QCOMPARE(line.byteAt(both.x + both.width * 0.75), lam);
        QCOMPARE(line.byteAt(both.x + both.width * 0.25), lam + 2);
        // A mark is where its letter is.
        const auto letter = static_cast<std::uint32_t>(text.find('e'));
        QCOMPARE(line.spansOf(letter + 1, letter + 3).front().x, line.spansOf(letter, letter + 1).front().x);
    }

    void escapesTurnNothing()
    {
        // In a Hebrew paragraph an escape reads as it is typed, and what stands about it keeps its place.
        const std::string text = "אב\x1bגד";
        const ProseLine line(text, paragraphAt(text, 0), 0, static_cast<std::uint32_t>(text.size()),
                             wordsFont(13), Qt::gray);
        const ProseLine::Span before = line.spansOf(0, 4).front();
        const ProseLine::Span escape = line.spansOf(4, 5).front();
        const ProseLine::Span after = line.spansOf(5, 9).front();
        QVERIFY(after.x + after.width <= escape.x + 0.1);
        QVERIFY(escape.x + escape.width <= before.x + 0.1);
        QVERIFY(
            std::abs(escape.width - QFontMetricsF(wordsFont(13)).horizontalAdvance(QStringLiteral("\\x1b")))
            < 1);
        QVERIFY(line.text().contains(QStringLiteral("\\x1b")));
    }

    void aParagraphHasOneDirection()
    {
        const std::string text = "12 \"שלום\" he said\nHe said שלום\n\n... ()\nx";
        QVERIFY(paragraphAt(text, 0).isRightToLeft);
        QCOMPARE(paragraphAt(text, 30).begin, static_cast<std::uint32_t>(text.find("He")));
        QVERIFY(!paragraphAt(text, 30).isRightToLeft);
        const auto blank = static_cast<std::uint32_t>(text.find("\n\n") + 1);
        QCOMPARE(paragraphAt(text, blank).begin, blank);
        QCOMPARE(paragraphAt(text, blank).end, blank);
        QVERIFY(!paragraphAt(text, blank + 1).isRightToLeft);
        QCOMPARE(paragraphAt(text, static_cast<std::uint32_t>(text.size())).end,
                 static_cast<std::uint32_t>(text.size()));
        QCOMPARE(paragraphAt({}, 0).end, 0u);
    }

private:
    void checkLine(const std::string& bytes, std::uint32_t begin, std::uint32_t end, int charactersAToken,
                   const WholeParagraph& whole)
    {
        const ProseLine line(bytes, paragraphAt(bytes, begin), begin, end, wordsFont(kSize), Qt::gray);
        for (std::uint32_t from = begin, to = begin; from < end; from = to) {
            for (int i = 0; i < charactersAToken && to < end; ++i) {
                do
                    ++to;
                while (to < end
                       && ((static_cast<unsigned char>(bytes[to]) & 0xC0) == 0x80 || isMarkAt(bytes, to)));
            }
            const std::vector<double> ink = whole.inkOf(from, to);
            const std::vector<ProseLine::Span> spans = line.spansOf(from, to);
            QVERIFY(!spans.empty());
            const QString token = QStringLiteral("“%1” at byte %2 of line %3–%4")
                                      .arg(QString::fromStdString(bytes.substr(from, to - from)))
                                      .arg(from)
                                      .arg(begin)
                                      .arg(end);
            for (const double x : ink) {
                const bool isInside =
                    std::any_of(spans.begin(), spans.end(), [x](const ProseLine::Span& span) {
                        return x > span.x - kOverhang && x < span.x + span.width + kOverhang;
                    });
                QVERIFY2(isInside, qPrintable(token + QStringLiteral(": ink at %1").arg(x)));
            }
            const bool hasBlank = bytes.substr(from, to - from).find(' ') != std::string::npos;
            for (const ProseLine::Span& span : spans) {
                const bool hasInk = std::any_of(ink.begin(), ink.end(), [&span](double x) {
                    return x > span.x - 1 && x < span.x + span.width + 1;
                });
                QVERIFY2(hasInk || hasBlank || span.width < 1,
                         qPrintable(token + QStringLiteral(": nothing from %1").arg(span.x)));
                if (charactersAToken == 1 && span.width > 0) {
                    const std::uint32_t under = line.byteAt(span.x + span.width / 2);
                    QVERIFY2(under >= from && under < to, qPrintable(token));
                }
            }
        }
    }

    /// Marks belong to the letter before them, as characters that only join do, and alef is one glyph with
    /// lam.
    static bool isMarkAt(const std::string& bytes, std::uint32_t at)
    {
        if (at >= 2 && bytes.substr(at - 2, 4) == "لا")
            return true;
        const QString rest = QString::fromStdString(bytes.substr(at, 4));
        const QChar first = rest.isEmpty() ? QChar() : rest.front();
        return first.isMark() || first == QChar(0x200D);
    }
};

QTEST_MAIN(TestProseLine)
#include "tst_prose_line.moc"
