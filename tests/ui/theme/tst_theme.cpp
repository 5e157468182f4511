// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/elided_label.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"
#include "ui/theme/style_sheet.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QFontInfo>
#include <QFontMetricsF>
#include <QGlyphRun>
#include <QLabel>
#include <QPainter>
#include <QRawFont>
#include <QTest>
#include <QTextLayout>
#include <QToolTip>
#include <algorithm>
#include <cmath>

using namespace headwater;

namespace {

double luminance(const QColor& colour)
{
    const auto linear = [](double part) {
        return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(static_cast<double>(colour.redF()))
        + 0.7152 * linear(static_cast<double>(colour.greenF()))
        + 0.0722 * linear(static_cast<double>(colour.blueF()));
}

/// WCAG 2 contrast ratio.
double contrast(const QColor& a, const QColor& b)
{
    const double bright = std::max(luminance(a), luminance(b));
    const double dark = std::min(luminance(a), luminance(b));
    return (bright + 0.05) / (dark + 0.05);
}

/// Which glyphs of which fonts draw a text, in the order of its characters.
QStringList glyphsOf(const QFont& font, const QString& text)
{
    QTextLayout layout(text, font);
    layout.beginLayout();
    layout.createLine().setLineWidth(1e6);
    layout.endLayout();
    QStringList glyphs;
    for (const QGlyphRun& run : layout.glyphRuns()) {
        for (const quint32 glyph : run.glyphIndexes())
            glyphs.append(QStringLiteral("%1 #%2").arg(run.rawFont().familyName()).arg(glyph));
    }
    return glyphs;
}

} // namespace

class TestTheme : public QObject {
    Q_OBJECT
private slots:
    void colours_everyText_isReadableEverywhere_data();
    void colours_everyText_isReadableEverywhere();
    void themeOf_paletteOfATheme_isThatTheme();
    void applyTheme_switched_allWidgetsFollow();
    void styleSheetOf_everyPlaceholder_isFilled();
    void elidedLabel_tooNarrow_endsInAnEllipsis();
    void fonts_bundled_areUsed();
    void fonts_everyRole_drawsEachCharacterAsItself_data();
    void fonts_everyRole_drawsEachCharacterAsItself();
    void fonts_widgets_haveThem();
    void fonts_scriptsThatJoin_areShaped();
    void drawTabular_everyNumber_hasTheWidthOfItsLength();
    void drawTabular_words_areShapedAsOne();
    void quotations_areIsolatedWholeOrByStretches();
    void tokenLabel_oddTokens_stayVisible_data();
    void tokenLabel_oddTokens_stayVisible();
    void thousandsOf_numbers_areGrouped();
};

void TestTheme::colours_everyText_isReadableEverywhere_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("dark") << true;
    QTest::newRow("light") << false;
}

void TestTheme::colours_everyText_isReadableEverywhere()
{
    QFETCH(bool, dark);
    const Theme& theme = dark ? darkTheme() : lightTheme();
    QCOMPARE(theme.dark, dark);
    for (const QColor& ground : {theme.window, theme.dock, theme.raised}) {
        for (const QColor& text : {theme.text, theme.dim})
            QVERIFY2(contrast(text, ground) >= 4.5,
                     qPrintable(text.name() + QStringLiteral(" on ") + ground.name()));
    }
    // Words in the colours of meaning stand on the window and in docks.
    for (const QColor& ground : {theme.window, theme.dock}) {
        for (const QColor& text : {theme.key, theme.selected, theme.good, theme.caution})
            QVERIFY2(contrast(text, ground) >= 4.4,
                     qPrintable(text.name() + QStringLiteral(" on ") + ground.name()));
        // Amber is the palest on white: it is used with its word beside it, never alone.
        QVERIFY2(contrast(theme.query, ground) >= 3.7, qPrintable(ground.name()));
    }
}

void TestTheme::themeOf_paletteOfATheme_isThatTheme()
{
    QCOMPARE(themeOf(paletteOf(darkTheme())).dark, true);
    QCOMPARE(themeOf(paletteOf(lightTheme())).dark, false);
}

void TestTheme::applyTheme_switched_allWidgetsFollow()
{
    QWidget parent;
    QComboBox combo(&parent);
    parent.show();
    for (const Theme* theme : {&darkTheme(), &lightTheme(), &darkTheme()}) {
        applyTheme(*qApp, *theme);
        QCOMPARE(themeOf(parent.palette()).dark, theme->dark);
        QCOMPARE(themeOf(combo.palette()).dark, theme->dark);
    }
}

void TestTheme::styleSheetOf_everyPlaceholder_isFilled()
{
    for (const Theme* theme : {&darkTheme(), &lightTheme()}) {
        const QString sheet = styleSheetOf(*theme);
        QVERIFY(!sheet.contains(QLatin1Char('%')));
        QVERIFY(sheet.contains(theme->dock.name()));
    }
}

void TestTheme::elidedLabel_tooNarrow_endsInAnEllipsis()
{
    ElidedLabel label;
    label.setFont(wordsFont(13));
    label.setText(QStringLiteral("spread over the tokens of each key block"));
    const auto picture = [&label](int width) {
        label.resize(width, 20);
        return label.grab().toImage();
    };
    // Wide enough it is an ordinary label; too narrow it is what an elided text looks like, and text() whole.
    QLabel plain;
    plain.setFont(label.font());
    plain.setText(label.text());
    plain.resize(500, 20);
    QCOMPARE(picture(500), plain.grab().toImage());
    plain.setText(QFontMetrics(label.font()).elidedText(label.text(), Qt::ElideRight, 120));
    QVERIFY(plain.text().endsWith(QChar(0x2026)));
    plain.resize(120, 20);
    QCOMPARE(picture(120), plain.grab().toImage());
    QVERIFY(label.text().endsWith(QStringLiteral("block")));
    QVERIFY(label.minimumSizeHint().width() < 10); // it holds nothing wide
}

void TestTheme::fonts_bundled_areUsed()
{
    QCOMPARE(QFontInfo(wordsFont(13)).family(), QStringLiteral("Headwater Sans"));
    QCOMPARE(QFontInfo(tokensFont(12)).family(), QStringLiteral("Headwater Mono"));
    QVERIFY(QFontInfo(tokensFont(12)).fixedPitch());
    QCOMPARE(QFontInfo(wordsFont(26, QFont::DemiBold)).pixelSize(), 26);
}

void TestTheme::fonts_everyRole_drawsEachCharacterAsItself_data()
{
    QTest::addColumn<QFont>("font");
    QTest::addColumn<QString>("text");
    const std::pair<const char*, QFont> roles[] = {{"words", wordsFont(13)},
                                                   {"medium", wordsFont(11, QFont::Medium)},
                                                   {"semi-bold", wordsFont(26, QFont::DemiBold)},
                                                   {"tokens", tokensFont(12)},
                                                   {"titles", titleFont()}};
    const char* const texts[] = {" !=",   "->",    "<-",  "=>",   "==",    "===",  "<=",  ">=",
                                 "<!--",  "-->",   "|>",  "<|",   "||",    "&&",   "::",  "//",
                                 "/*",    "www",   "##",  "**",   "...",   "<|im_start|>", "<|im_end|>",
                                 "[|]",   "0x1F",  "3x4", "(A)",  "A-B",   "1:2",  "+-",  "fi ffl st ct",
                                 "--",    "---",   "~~>", "!!",   "?.",    "<$>",  "</>", "\\n",
                                 "אל",    "מים",   "մն",  "и́х", "→⟶",  "中文"};
    for (const auto& [role, font] : roles) {
        // The desktop's fonts, too: where it lacks ours, and for characters that ours lack.
        QFont fallback = font;
        fallback.setFamilies({QStringLiteral("DejaVu Sans")});
        for (const char* const text : texts) {
            QTest::addRow("%s: %s", role, text) << font << QString::fromUtf8(text);
            QTest::addRow("%s of the desktop: %s", role, text) << fallback << QString::fromUtf8(text);
        }
    }
}

void TestTheme::fonts_everyRole_drawsEachCharacterAsItself()
{
    QFETCH(QFont, font);
    QFETCH(QString, text);
    QStringList alone;
    for (const uint character : text.toUcs4()) {
        const char32_t one = character;
        // A combining mark is composed with its letter: the text's own shape is compared without it.
        if (QChar::category(one) != QChar::Mark_NonSpacing)
            alone += glyphsOf(font, QString::fromUcs4(&one, 1));
    }
    QStringList together = glyphsOf(font, text.remove(QChar(0x301)));
    // Runs of two fonts or directions come one after the other.
    std::sort(alone.begin(), alone.end());
    std::sort(together.begin(), together.end());
    QCOMPARE(together, alone);
}

void TestTheme::fonts_widgets_haveThem()
{
    applyTheme(*qApp, darkTheme());
    QLabel label(QStringLiteral("a"));
    label.setProperty("role", QStringLiteral("mono"));
    label.ensurePolished();
    const QString text = QString::fromUtf8("<- אל");
    const qsizetype characters = text.size();
    for (const QFont& font : {QApplication::font(), QApplication::font("QMenu"), QToolTip::font(), label.font()})
        QCOMPARE(glyphsOf(font, text).size(), characters);
    QCOMPARE(QFontInfo(label.font()).family(), QStringLiteral("Headwater Mono"));
}

void TestTheme::fonts_scriptsThatJoin_areShaped()
{
    // Arabic letters take the form of their place, marks sit on their letters, and letters are kerned.
    for (const QFont& font : {wordsFont(13), tokensFont(12)}) {
        const QStringList joined = glyphsOf(font, QString::fromUtf8("شيء"));
        QStringList alone;
        for (const char* const letter : {"ش", "ي", "ء"})
            alone += glyphsOf(font, QString::fromUtf8(letter));
        QCOMPARE(joined.size(), alone.size());
        QVERIFY(joined != alone);
        QCOMPARE(glyphsOf(font, QString::fromUtf8("e\u0301")).size(), qsizetype{1});
    }
    const QFontMetricsF metrics(wordsFont(13));
    QVERIFY(metrics.horizontalAdvance(QStringLiteral("AV"))
            < metrics.horizontalAdvance(QLatin1Char('A')) + metrics.horizontalAdvance(QLatin1Char('V')));
}

void TestTheme::drawTabular_everyNumber_hasTheWidthOfItsLength()
{
    const QFontMetricsF metrics(wordsFont(13));
    const double width = tabularWidth(metrics, QStringLiteral("0.888"));
    for (const char* text : {"0.111", "0.412", "7.941"})
        QCOMPARE(tabularWidth(metrics, QString::fromLatin1(text)), width);
}

void TestTheme::drawTabular_words_areShapedAsOne()
{
    const auto picture = [](const auto& draw) {
        QImage image(160, 24, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        painter.setFont(wordsFont(13));
        draw(painter);
        return image;
    };
    const QString words = isolated(QString::fromUtf8("سلام 12 e\u0301𝕏"));
    const QImage whole = picture([&](QPainter& painter) {
        painter.drawText(QPointF(0, QFontMetricsF(painter.font(), painter.device()).ascent()), words);
    });
    const QImage tabular = picture([&](QPainter& painter) {
        drawTabular(painter, QRectF(0, 0, 160, 24), Qt::AlignLeft | Qt::AlignTop, words);
    });
    QCOMPARE(tabular, whole);
    const QFontMetricsF metrics(wordsFont(13));
    QCOMPARE(tabularWidth(metrics, words), metrics.horizontalAdvance(words));
}

void TestTheme::quotations_areIsolatedWholeOrByStretches()
{
    const QString word = QString::fromUtf8("שלום, x");
    QCOMPARE(isolated(word), QChar(0x2068) + word + QChar(0x2069));
    QVERIFY(!QString(isolated(word) + QStringLiteral(" is said")).isRightToLeft());
    QCOMPARE(isolated(QStringLiteral("a, b")), QStringLiteral("a, b"));
    QCOMPARE(withoutIsolates(isolated(word)), word);
    QCOMPARE(leftToRight(word), QString::fromUtf8("\u2068שלום\u2069, x"));
    QCOMPARE(leftToRight(isolated(word)), isolated(word));
}

void TestTheme::tokenLabel_oddTokens_stayVisible_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("label");
    QTest::newRow("word") << QByteArray(" magic") << QStringLiteral("magic");
    QTest::newRow("newline") << QByteArray("\n\n") << QString::fromUtf8("⏎⏎");
    QTest::newRow("space") << QByteArray("  ") << QString::fromUtf8("␣␣");
    QTest::newRow("tab") << QByteArray("\tif") << QString::fromUtf8("⇥if");
    QTest::newRow("half a character") << QByteArray("\xe2\x82") << QString(2, QChar(0xfffd));
    QTest::newRow("control") << QByteArray("a\x01", 2) << QString::fromUtf8("a\xef\xbf\xbd");
    QTest::newRow("empty") << QByteArray() << QString();
    QTest::newRow("long") << QByteArray(60, 'x') << QString(23, QLatin1Char('x')) + QChar(0x2026);
    const QByteArray cut(22, 'x');
    const QString kept = QString(22, QLatin1Char('x')) + QChar(0x2026);
    QTest::newRow("long, at a mark") << cut + "e\u0301 and more" << kept;
    QTest::newRow("long, at a letter of two units") << cut + "𝕏 and more" << kept;
    QTest::newRow("turns the rest round")
        << QByteArray("a\u202eb\u2069") << QString::fromUtf8("a\ufffdb\ufffd");
    QTest::newRow("from right to left") << QByteArray(" שלום,") << QString::fromUtf8("שלום,");
}

void TestTheme::tokenLabel_oddTokens_stayVisible()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, label);
    QCOMPARE(tokenLabel(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size()))), label);
}

void TestTheme::thousandsOf_numbers_areGrouped()
{
    QCOMPARE(thousandsOf(0), QStringLiteral("0"));
    QCOMPARE(thousandsOf(999), QStringLiteral("999"));
    QCOMPARE(thousandsOf(7941), QString::fromUtf8("7\u2009941"));
    QCOMPARE(thousandsOf(1048576), QString::fromUtf8("1\u2009048\u2009576"));
}

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
