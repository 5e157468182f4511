// SPDX-License-Identifier: Apache-2.0
#include "core/figure/figure_fonts.h"

#include "core/base/bidi_text.h"
#include "core/figure/cairo_painter.h"

#include <pango/pango.h> // before Qt: GLib names fields "signals"

#include <QRegularExpression>
#include <QSet>
#include <QTest>
#include <algorithm>
#include <cmath>

using namespace headwater;

namespace {

/// "font #glyph" of everything that a layout draws, sorted.
QStringList glyphsOf(FigureFonts& fonts, FigureFont font, const QString& text)
{
    const FigureFonts::Layout layout = fonts.layOut(text.toStdString(), font, 7);
    QStringList glyphs;
    const PangoLayoutLine* const line = pango_layout_get_line_readonly(layout.get(), 0);
    for (const GSList* at = line->runs; at != nullptr; at = at->next) {
        const auto* const run = static_cast<const PangoGlyphItem*>(at->data);
        PangoFontDescription* const face = pango_font_describe(run->item->analysis.font);
        const QString name = QString::fromUtf8(pango_font_description_get_family(face));
        pango_font_description_free(face);
        for (int i = 0; i < run->glyphs->num_glyphs; ++i)
            glyphs.append(QStringLiteral("%1 #%2").arg(name).arg(run->glyphs->glyphs[i].glyph));
    }
    std::sort(glyphs.begin(), glyphs.end());
    return glyphs;
}

/// In points.
double widthOf(FigureFonts& fonts, const std::string& text, FigureFont font, double sizePt)
{
    PangoRectangle logical;
    pango_layout_get_extents(fonts.layOut(text, font, sizePt).get(), nullptr, &logical);
    return logical.width / double{PANGO_SCALE};
}

/// The outlines that an SVG of a text is drawn with.
QSet<QString> outlinesOf(FigureFonts& fonts, FigureFont font, const QString& text)
{
    FigureSpec spec;
    spec.widthMm = 80;
    spec.heightMm = 10;
    FigureText item;
    item.text = text.toStdString();
    item.font = font;
    item.x = 2;
    item.y = 6;
    spec.groups.push_back({"title", {item}});
    const auto svg = paintFigure(spec, fonts, FigureFormat::Svg);
    QSet<QString> outlines;
    static const QRegularExpression path(QStringLiteral("<path[^>]* d=\"([^\"]+)\""));
    auto found = path.globalMatch(QString::fromStdString(svg ? *svg : std::string()));
    while (found.hasNext())
        outlines.insert(found.next().captured(1));
    return outlines;
}

} // namespace

class TestFigureFonts : public QObject {
    Q_OBJECT
private slots:
    void everyCharacter_isDrawnAsItself_data()
    {
        QTest::addColumn<int>("font");
        QTest::addColumn<QString>("text");
        for (const FigureFont font :
             {FigureFont::Sans, FigureFont::SansMedium, FigureFont::SansSemiBold, FigureFont::Mono}) {
            for (const char* const text : {" !=", " ->",    "==",  "===",          "<=",  "<!--", "-->",
                                           "|>",  "||",     "www", "<|im_start|>", "3x4", "(A)",  "fi ffl st",
                                           "--",  "x => y", "אל",  "מים",          "մն",  "մե",   "→⟶"})
                QTest::addRow("%d: %s", static_cast<int>(font), text)
                    << static_cast<int>(font) << QString::fromUtf8(text);
        }
    }

    void everyCharacter_isDrawnAsItself()
    {
        QFETCH(int, font);
        QFETCH(QString, text);
        auto fonts = FigureFonts::load();
        QVERIFY(fonts);
        const auto face = static_cast<FigureFont>(font);
        QStringList alone;
        QSet<QString> outlines;
        for (const QChar character : text) {
            alone += glyphsOf(*fonts, face, QString(character));
            outlines += outlinesOf(*fonts, face, QString(character));
        }
        std::sort(alone.begin(), alone.end());
        QCOMPARE(glyphsOf(*fonts, face, text), alone);
        QVERIFY(!outlines.isEmpty());
        QVERIFY(outlinesOf(*fonts, face, text) == outlines);
    }

    void quotations_turnNoSentenceRound()
    {
        auto fonts = FigureFonts::load();
        QVERIFY(fonts);
        const auto placeOf = [&fonts](const std::string& text, const char* part) {
            const FigureFonts::Layout layout = fonts->layOut(text, FigureFont::Sans, 7);
            PangoRectangle place;
            pango_layout_index_to_pos(layout.get(), static_cast<int>(text.find(part)), &place);
            return std::min(place.x, place.x + place.width);
        };
        const std::string quotation = isolated("שלום, 12");
        for (const std::string& text : {quotation + " 3", "a " + quotation + ": 3", quotation + " - b 3"}) {
            for (const char* const inside : {"ש", ",", "12"})
                QVERIFY2(placeOf(text, "3") > placeOf(text, inside), text.c_str());
            QVERIFY2(placeOf(text, "12") < placeOf(text, "ש"), text.c_str()); // as Hebrew is read
            const FigureFonts::Layout layout = fonts->layOut(text, FigureFont::Sans, 7);
            QCOMPARE(pango_layout_get_unknown_glyphs_count(layout.get()), 0);
        }
        QVERIFY(std::abs(widthOf(*fonts, quotation, FigureFont::Sans, 7)
                         - widthOf(*fonts, withoutIsolates(quotation), FigureFont::Sans, 7))
                < 1e-6);
    }

    void scriptsThatJoin_areShaped()
    {
        auto fonts = FigureFonts::load();
        QVERIFY(fonts);
        QStringList alone;
        for (const char* const letter : {"ش", "ي", "ء"})
            alone += glyphsOf(*fonts, FigureFont::Sans, QString::fromUtf8(letter));
        const QStringList joined = glyphsOf(*fonts, FigureFont::Sans, QString::fromUtf8("شيء"));
        QCOMPARE(joined.size(), alone.size());
        std::sort(alone.begin(), alone.end());
        QVERIFY(joined != alone);
        QCOMPARE(glyphsOf(*fonts, FigureFont::Mono, QString::fromUtf8("e\u0301")).size(), qsizetype{1});
        QVERIFY(widthOf(*fonts, "AV", FigureFont::Sans, 7)
                < widthOf(*fonts, "A", FigureFont::Sans, 7) + widthOf(*fonts, "V", FigureFont::Sans, 7));
    }
};

QTEST_GUILESS_MAIN(TestFigureFonts)
#include "tst_figure_fonts.moc"
