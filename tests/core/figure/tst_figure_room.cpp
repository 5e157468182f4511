// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_layout.h"

#include "core/base/bidi_text.h"
#include "core/figure/cairo_painter.h"
#include "core/figure/heatmap_colours.h"
#include "core/figure/heatmap_panels.h"
#include "core/figure/heatmap_places.h"
#include "core/figure/heatmap_words.h"
#include "core/figure/label_spans.h"
#include "core/figure/short_text.h"
#include "core/figure/text_box.h"

#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <random>

using namespace headwater;

namespace {

constexpr double kTolerance = 0.01; // mm

std::string repeated(const std::string& text, int times)
{
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

/// Texts of people: none, short, endless, without a place to break, of other scripts, with marks on marks,
/// one letter wider than a small page, blanks.
const std::vector<std::string>& words()
{
    static const std::vector<std::string> kWords{"L14 · H3",
                                                 "",
                                                 "   ",
                                                 "Reads of the harbour",
                                                 repeated("a title of many words ", 300),
                                                 repeated("W", 4000),
                                                 repeated("i", 9000),
                                                 "organisation/" + repeated("model-with-a-name-", 12)
                                                     + "Instruct-Q4_K_M",
                                                 repeated("注意力の地図", 100),
                                                 "انتباه النموذج إلى الكلمات",
                                                 repeated("خريطة ", 400),
                                                 "תשומת לב of the model",
                                                 "a" + repeated("\u0301", 60) + "e" + repeated("\u0330", 60),
                                                 "\uFDFD",
                                                 "👩🏽‍🔬🇩🇪 figure",
                                                 "\u202E\u2066turned\u2069"};
    return kWords;
}

const std::vector<std::string>& tokenWords()
{
    static const std::vector<std::string> kWords{"x",
                                                 "␣the",
                                                 "",
                                                 "Åg|",
                                                 "WWWWWWWWWWWW…",
                                                 "注意力の地図注意力の",
                                                 "انتباه",
                                                 "a\u0301\u0302\u0303\u0330",
                                                 "\uFDFD",
                                                 "ffi",
                                                 "<|im_start|>"};
    return kWords;
}

template <class Value> Value oneOf(std::mt19937& random, const std::vector<Value>& values)
{
    return values[random() % values.size()];
}

struct Figure {
    HeatmapContent content;
    HeatmapFigureOptions options;
};

Figure figureOf(unsigned seed)
{
    std::mt19937 random(seed);
    Figure made;
    HeatmapFigureOptions& options = made.options;
    const double top = random() % 5 == 0 ? 2000 : 120;
    options.widthMm = 10 * std::pow(top / 10, static_cast<double>(random() % 1000) / 1000);
    options.quantity =
        oneOf<CellQuantity>(random, {CellQuantity::Max, CellQuantity::Count, CellQuantity::Missed});
    options.limits = oneOf<ScaleLimits>(random,
                                        {{1e-4, 1, true},
                                         {0, 1, false},
                                         {1e-4, 1.1e-3, true},
                                         {0.09999, 0.1001, true},
                                         {0.5, 0.51, false},
                                         {0, 1e-6, true},
                                         {3.5e-5, 0.25, true}});
    options.isReversed = random() % 3 != 0;
    options.hasTitle = random() % 4 != 0;
    options.hasCaption = random() % 4 != 0;
    const std::vector<std::uint32_t> counts{1, 2, 3, 5, 8, 10, 14, 20, 64, 300, 2000, 8000};
    HeatmapCells& cells = made.content.cells;
    cells.level = oneOf<std::uint32_t>(random, {0, 0, 0, 1, 4, 10});
    cells.rows = oneOf(random, counts);
    cells.columns = oneOf(random, counts);
    if (std::uint64_t{cells.rows} * cells.columns > 100'000)
        cells.columns = 10;
    const std::vector<std::uint32_t> firsts{0, 7, 999'990, 4'000'000, 4'294'900'000};
    cells.firstRow = oneOf(random, firsts) >> cells.level;
    cells.firstColumn = oneOf(random, firsts) >> cells.level;
    cells.max.assign(std::size_t{cells.rows} * cells.columns, 100);
    cells.count = cells.max;
    cells.missed.assign(cells.rows, 90);
    for (std::size_t row = random() % 20; row < cells.rows; row += 1 + random() % 9)
        cells.missed[row] = 255;
    cells.recorded.assign(cells.rows, 0);
    for (std::size_t row = cells.rows / 2; row < cells.rows; row += 3)
        cells.recorded[row] = 1;
    for (std::size_t cell = 0; cell < cells.max.size(); cell += 3)
        cells.max[cell] = 0; // somewhere in its block, where the row is not recorded
    made.content.blockQ = made.content.blockK = 8;
    made.content.title = oneOf(random, words());
    made.content.model = oneOf(random, words());
    made.content.quantityName = oneOf<std::string>(random, {"p_model", "kept blocks", "missed mass"});
    made.content.caption = {"2\u2009048 tokens.",
                            "Selection exact, observed, 128 keys a query, blocks of 8 × 8.",
                            "Attention kept 98.1\u2009%,", "missed 1.9\u2009%.", "Colour: max of p_model."};
    HeatmapMarks& marks = made.content.marks;
    const auto markIn = [&random](std::uint32_t begin, std::uint32_t count, std::uint32_t level,
                                  std::vector<TokenRange>& ranges) {
        const std::uint32_t tokens = count << level;
        if (((std::uint64_t{begin} + count) << level) > UINT32_MAX)
            return; // no trace is as long
        for (std::size_t i = random() % 3; i > 0; --i) {
            const auto from = static_cast<std::uint32_t>(random() % tokens);
            const auto size = 1 + static_cast<std::uint32_t>(random() % (tokens - from));
            ranges.push_back({(begin << level) + from, (begin << level) + from + size});
        }
    };
    markIn(cells.firstRow, cells.rows, cells.level, marks.queries);
    markIn(cells.firstColumn, cells.columns, cells.level, marks.keys);
    for (auto& [margin, count] :
         {std::pair(&marks.rowReads, cells.columns), std::pair(&marks.keyReaders, cells.rows)}) {
        margin->resize(random() % 2 == 0 ? count : 0);
        for (float& value : *margin)
            value = static_cast<float>(random() % 5) / 4;
    }
    const bool isMixed = random() % 2 == 0;
    const std::size_t first = random();
    made.content.tokenName = [isMixed, first](std::uint32_t token) {
        return tokenWords()[(isMixed ? first + token : first) % tokenWords().size()];
    };
    return made;
}

/// One item of the display list, as the painter draws it.
struct Drawn {
    const FigureGroup* group;
    const FigureItem* item;
    FigureBox box;

    const FigureText* text() const { return std::get_if<FigureText>(item); }
    bool isBar() const { return group->name == "colour bar"; }
    QString name() const
    {
        const QString words = text() ? QString::fromStdString(text()->text).left(30) : QString();
        return QString("%1 %2 '%3' [%4 %5 %6 %7]")
            .arg(QString::fromStdString(group->name))
            .arg(item->index())
            .arg(words)
            .arg(box.left, 0, 'f', 2)
            .arg(box.top, 0, 'f', 2)
            .arg(box.right, 0, 'f', 2)
            .arg(box.bottom, 0, 'f', 2);
    }
};

FigureBox drawnBox(const FigureItem& item, FigureFonts& fonts)
{
    if (const auto* text = std::get_if<FigureText>(&item)) {
        const TextBoxes boxes = boxesOf(*text, fonts);
        return text->font == FigureFont::Mono ? boxes.ink : boxes.all(); // names stand closer than lines do
    }
    if (const auto* line = std::get_if<FigureLine>(&item)) {
        const double half = line->widthPt / 72 * 25.4 / 2;
        const bool isLevel = line->y1 == line->y2;
        return {std::min(line->x1, line->x2) - (isLevel ? 0 : half),
                std::min(line->y1, line->y2) - (isLevel ? half : 0),
                std::max(line->x1, line->x2) + (isLevel ? 0 : half),
                std::max(line->y1, line->y2) + (isLevel ? half : 0)};
    }
    const auto boxOf = [](const auto& shape) {
        return FigureBox{shape.x, shape.y, shape.x + shape.width, shape.y + shape.height};
    };
    if (const auto* rectangle = std::get_if<FigureRectangle>(&item))
        return boxOf(*rectangle);
    if (const auto* hatch = std::get_if<FigureHatch>(&item))
        return boxOf(*hatch);
    return boxOf(std::get<FigureCells>(item));
}

bool overlap(const FigureBox& a, const FigureBox& b)
{
    return std::min(a.right, b.right) - std::max(a.left, b.left) > kTolerance
        && std::min(a.bottom, b.bottom) - std::max(a.top, b.top) > kTolerance;
}

/// Lines, frames and hatching touch what they belong to; a text touches nothing, nor does the bar.
bool mayTouch(const Drawn& a, const Drawn& b)
{
    return !a.text() && !b.text() && a.isBar() == b.isBar();
}

/// What is wrong with a page; empty when nothing is.
QString faultOf(const FigureSpec& spec, FigureFonts& fonts)
{
    std::vector<Drawn> all;
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items)
            all.push_back({&group, &item, drawnBox(item, fonts)});
    }
    for (const Drawn& drawn : all) {
        const FigureBox& box = drawn.box;
        if (box.width() < 0 || box.height() < 0)
            return "mirrored: " + drawn.name();
        if (box.left < -kTolerance || box.top < -kTolerance || box.right > spec.widthMm + kTolerance
            || box.bottom > spec.heightMm + kTolerance)
            return "outside: " + drawn.name();
        if (const auto* cells = std::get_if<FigureCells>(drawn.item); cells && box.width() < 2)
            return "no room: " + drawn.name();
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = i + 1; j < all.size(); ++j) {
            if (!mayTouch(all[i], all[j]) && overlap(all[i].box, all[j].box))
                return "on each other: " + all[i].name() + " and " + all[j].name();
        }
    }
    return {};
}

std::vector<FigureText> textsOf(const FigureSpec& spec, const char* group)
{
    std::vector<FigureText> texts;
    for (const FigureGroup& candidate : spec.groups) {
        for (const FigureItem& item : candidate.items) {
            if (const auto* text = std::get_if<FigureText>(&item); text && candidate.name == group)
                texts.push_back(*text);
        }
    }
    return texts;
}

bool isDropped(const FigureSpec& spec, const char* part)
{
    return std::count(spec.dropped.begin(), spec.dropped.end(), part) > 0;
}

/// What is missing without a word, or told and not missing.
QString silenceOf(const Figure& figure, const FigureSpec& spec, FigureFonts& fonts)
{
    const auto bar = textsOf(spec, "colour bar");
    if (bar.empty() != isDropped(spec, "colour bar") || (!bar.empty() && bar.size() < 3))
        return "colour bar";
    const auto titles = textsOf(spec, "title");
    const bool hasTitle = figure.options.hasTitle && !figure.content.title.empty();
    if (hasTitle != (!titles.empty() || isDropped(spec, "title")))
        return "title";
    const bool isWhole = titles.empty()
        || (withoutIsolates(titles[0].text) == withoutIsolates(figure.content.title)
            && !boxesOf(titles[0], fonts).isShortened);
    if (isWhole == isDropped(spec, "end of the title"))
        return "end of the title";
    const auto captions = textsOf(spec, "caption");
    if (captions.size() != (figure.options.hasCaption ? 1 : 0))
        return "caption";
    if (!captions.empty()) {
        const std::string text = withoutIsolates(captions[0].text);
        if (text.starts_with(withoutIsolates(figure.content.model))
            == isDropped(spec, "middle of the model's name"))
            return "middle of the model's name";
        for (const char* phrase : {"2\u202f048 tokens", "kept 98.1\u202f%", "Colour: max of p_model."}) {
            if (text.find(phrase) == std::string::npos)
                return phrase;
        }
        if ((text.find("Scale: ") == std::string::npos) != !bar.empty())
            return "scale";
    }
    for (const char* axis : {"query axis", "key axis"}) {
        if (textsOf(spec, axis).size() < 2) // its name, and a position or a token
            return axis;
    }
    return {};
}

} // namespace

class TestFigureRoom : public QObject {
    Q_OBJECT

private slots:
    void pages_anyFigure_keepEverythingApart_data();
    void pages_anyFigure_keepEverythingApart();
    void pages_anyPanels_keepEverythingApart_data();
    void pages_anyPanels_keepEverythingApart();
    void phrasesOfAll_sayOnceWhatIsCommon();
    void pages_usualWidths_dropNothing();
    void raster_markedCell_isWhereItBelongs_data();
    void raster_markedCell_isWhereItBelongs();
    void words_letterWiderThanThePage_isLeftOutAndSaid();
    void placeMap_lessAndLessRoom_givesWayInOrder();
    void labelSpans_takeApart_keepsTheFirst();
    void shortened_anyText_isCutBetweenLetters();
};

void TestFigureRoom::pages_anyFigure_keepEverythingApart_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 400; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void TestFigureRoom::pages_anyFigure_keepEverythingApart()
{
    QFETCH(const unsigned, seed);
    static auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    Figure figure = figureOf(seed);
    auto spec = layOutHeatmap(figure.content, figure.options, *fonts);
    if (!spec) { // refused: then what it asks for is enough, and less is not
        QCOMPARE(exitCodeOf(spec.error().code), 64);
        const QString message = QString::fromStdString(spec.error().message);
        const auto least = QRegularExpression("([\\d.]+) mm are the least").match(message);
        QVERIFY2(least.hasMatch(), qPrintable(message));
        const double asked = figure.options.widthMm;
        figure.options.widthMm = least.captured(1).toDouble() - 0.1;
        QVERIFY(figure.options.widthMm < 40);
        QVERIFY(figure.options.widthMm <= asked || !layOutHeatmap(figure.content, figure.options, *fonts));
        figure.options.widthMm = least.captured(1).toDouble();
        spec = layOutHeatmap(figure.content, figure.options, *fonts);
        QVERIFY2(spec, spec ? "" : spec.error().message.c_str());
    }
    const QString fault = faultOf(*spec, *fonts);
    QVERIFY2(fault.isEmpty(), qPrintable(fault));
    const QString silence = silenceOf(figure, *spec, *fonts);
    QVERIFY2(silence.isEmpty(), qPrintable(silence));
}

void TestFigureRoom::pages_anyPanels_keepEverythingApart_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 200; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

/// Panels of any number in rows of any length: apart, their maps of one size, none forgotten.
void TestFigureRoom::pages_anyPanels_keepEverythingApart()
{
    QFETCH(const unsigned, seed);
    static auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    Figure figure = figureOf(seed);
    std::mt19937 random(seed * 31);
    figure.options.hasBar = random() % 3 != 0;
    figure.options.columns = static_cast<std::uint32_t>(random() % 5);
    const std::size_t count = 1 + random() % 7;
    std::vector<HeatmapContent> panels(count, figure.content);
    for (std::size_t panel = 0; panel < count; ++panel) {
        panels[panel].title = "L" + std::to_string(panel) + " · H7";
        panels[panel].caption.push_back("Kept " + std::to_string(panel) + " of all.");
    }
    auto spec = layOutPanels(panels, figure.options, *fonts);
    for (double width = figure.options.widthMm; !spec; width *= 1.2) {
        QCOMPARE(spec.error().code, ErrorCode::InvalidArgument);
        QVERIFY(width < 40.0 * 7);
        figure.options.widthMm = width;
        spec = layOutPanels(panels, figure.options, *fonts);
    }
    const QString fault = faultOf(*spec, *fonts);
    QVERIFY2(fault.isEmpty(), qPrintable(fault));
    std::vector<const FigureCells*> maps;
    for (const FigureGroup& group : spec->groups) {
        if (group.name.ends_with(") cells"))
            maps.push_back(&std::get<FigureCells>(group.items.back()));
    }
    QCOMPARE(maps.size(), count);
    for (const FigureCells* map : maps) {
        QVERIFY(std::abs(map->width - maps[0]->width) < 0.1); // edges lie on pixels
        QVERIFY(std::abs(map->height - maps[0]->height) < 0.1);
    }
    QCOMPARE(!textsOf(*spec, "colour bar").empty(), figure.options.hasBar);
    QCOMPARE(textsOf(*spec, "caption").empty(), !figure.options.hasCaption);
    for (std::size_t panel = 0; panel < count; ++panel) {
        const std::string phrase = "Kept " + std::to_string(panel) + " of all.";
        QVERIFY2(spec->caption.find(phrase) != std::string::npos || (count == 1 && panel == 0),
                 spec->caption.c_str());
        const std::string letter = std::string("(") + static_cast<char>('a' + panel) + ")";
        const auto titles = textsOf(*spec, (letter + " title").c_str());
        QVERIFY(titles.size() == 1 && withoutIsolates(titles[0].text).starts_with(letter));
    }
}

void TestFigureRoom::phrasesOfAll_sayOnceWhatIsCommon()
{
    const auto all = phrasesOfAll({{"A.", "kept 1.", "B."}, {"A.", "kept 2.", "B."}, {"A.", "B."}},
                                  {"(a) L0", "(b) L1", "(c) L2"});
    QCOMPARE(all, (std::vector<std::string>{"A.", "B.", "(a) L0: kept 1.", "(b) L1: kept 2.", "(c) L2."}));
}

void TestFigureRoom::pages_usualWidths_dropNothing()
{
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    for (const double width : {40.0, 77.0, 160.0, 300.0}) {
        for (const std::uint32_t rows : {4u, 300u}) {
            Figure figure = figureOf(1);
            figure.options = {};
            figure.content.marks = {};
            figure.options.widthMm = width;
            HeatmapCells& cells = figure.content.cells;
            cells = {0, 0, 0, rows, rows, {}, {}, {}, {}};
            cells.max.assign(std::size_t{rows} * rows, 9);
            cells.recorded.assign(rows, 0);
            figure.content.title = "L1 · H0";
            figure.content.model = "SmolLM2-135M-Instruct";
            figure.content.tokenName = [](std::uint32_t) { return std::string("␣the"); };
            const auto spec = layOutHeatmap(figure.content, figure.options, *fonts);
            QVERIFY(spec);
            QVERIFY2(spec->dropped.empty(), spec->dropped.empty() ? "" : spec->dropped[0].c_str());
            QCOMPARE(faultOf(*spec, *fonts), QString());
            const auto labels = textsOf(*spec, "query axis");
            QCOMPARE(labels[0].font == FigureFont::Mono, rows == 4);
        }
    }
}

void TestFigureRoom::raster_markedCell_isWhereItBelongs_data()
{
    QTest::addColumn<double>("width");
    QTest::addColumn<std::uint32_t>("rows");
    QTest::addColumn<std::uint32_t>("columns");
    for (const double width : {22.0, 24.0, 26.0, 35.0, 77.0, 300.0}) {
        for (const auto& [rows, columns] : {std::pair(12, 12), std::pair(10, 800), std::pair(800, 10)})
            QTest::addRow("%g mm, %d x %d", width, rows, columns)
                << width << static_cast<std::uint32_t>(rows) << static_cast<std::uint32_t>(columns);
    }
}

/// The map's one dark cell stands in the upper left, and the bar's dark end is its upper one: neither is
/// mirrored.
void TestFigureRoom::raster_markedCell_isWhereItBelongs()
{
    QFETCH(const double, width);
    QFETCH(const std::uint32_t, rows);
    QFETCH(const std::uint32_t, columns);
    Figure figure = figureOf(1);
    figure.options = {};
    figure.content.marks = {};
    figure.options.widthMm = width;
    HeatmapCells& cells = figure.content.cells;
    cells = {0, 900, 100, rows, columns, {}, {}, {}, {}};
    cells.max.assign(std::size_t{rows} * columns, 0);
    cells.count = cells.max;
    cells.recorded.assign(rows, 0);
    const std::uint32_t row = rows / 5;
    const std::uint32_t column = columns / 5;
    cells.max[std::size_t{row} * columns + column] = 254;
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    const auto spec = layOutHeatmap(figure.content, figure.options, *fonts);
    QVERIFY2(spec, spec ? "" : spec.error().text().c_str());
    constexpr double kDpi = 300;
    const auto raster = rasteriseFigure(*spec, *fonts, kDpi);
    QVERIFY(raster);
    const auto colourAt = [&](double x, double y) {
        const auto pixel = [](double mm) { return static_cast<std::size_t>(mm / 25.4 * kDpi); };
        return raster->pixels[pixel(y) * raster->width + pixel(x)] & 0xFFFFFF;
    };
    const std::uint32_t page = 0xFFFFFF; // nothing is kept but the marked cell
    std::size_t bars = 0;
    for (const FigureGroup& group : spec->groups) {
        for (const FigureItem& item : group.items) {
            const auto* map = std::get_if<FigureCells>(&item);
            if (map && group.name == "colour bar") {
                ++bars;
                const double x = map->x + map->width / 2;
                const std::uint32_t high = colourAt(x, map->y + map->height * 0.05); // one of the first 25
                const std::uint32_t low = colourAt(x, map->y + map->height * 0.95);
                QVERIFY(std::count(map->colours.begin(), map->colours.begin() + 25, high) > 0);
                QVERIFY(std::count(map->colours.end() - 25, map->colours.end(), low) > 0);
            } else if (map) {
                const double x = map->x + map->width * (column + 0.5) / columns;
                const double y = map->y + map->height * (row + 0.5) / rows;
                if (columns < 100 && rows < 100) // else a cell may be smaller than a pixel
                    QCOMPARE(colourAt(x, y), map->colours[std::size_t{row} * columns + column]);
                QCOMPARE(colourAt(2 * map->x + map->width - x, y), page);
                QCOMPARE(colourAt(x, 2 * map->y + map->height - y), page);
            }
        }
    }
    QCOMPARE(bars, isDropped(*spec, "colour bar") ? std::size_t{0} : std::size_t{1});
}

void TestFigureRoom::words_letterWiderThanThePage_isLeftOutAndSaid()
{
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    const PageText title = titleOn(3, 1, "W", *fonts);
    QVERIFY(!title.text);
    QCOMPARE(title.dropped, std::string("title"));
    const PageText caption = captionOn(3.6, "W", {"i."}, *fonts);
    QVERIFY(caption.text);
    QCOMPARE(caption.text->text, std::string("…, i."));
    QCOMPARE(caption.dropped, std::string("middle of the model's name"));
    QVERIFY(!titleOn(77, 15, "", *fonts).text && titleOn(77, 15, "", *fonts).dropped.empty());
}

void TestFigureRoom::placeMap_lessAndLessRoom_givesWayInOrder()
{
    HeatmapSizes sizes;
    sizes.rows = sizes.columns = 4;
    sizes.axisNameLength = 13;
    sizes.axisNameHeight = 3;
    sizes.positions = {5, 1.5, 1.5};
    sizes.queryNames = sizes.keyNames = LabelSize{12, 1.3, 1.3};
    sizes.bar = {9, 1.5, 1.5};
    QStringList steps;
    double before = 1e9;
    for (sizes.width = 80; sizes.width > 12; sizes.width -= 0.25) {
        const auto map = placeMap(sizes);
        QString step = "refused";
        if (map) {
            step = QString("%1%2%3")
                       .arg(map->parts.namesQueries)
                       .arg(map->parts.namesKeys)
                       .arg(map->parts.hasBar);
            QVERIFY(map->width >= page::kLeastMap);
            QVERIFY(map->width <= before + 20);
            before = map->width;
        } else {
            QVERIFY(sizes.width < 20);
        }
        if (steps.isEmpty() || steps.last() != step)
            steps << step;
    }
    QCOMPARE(steps.first(), QString("111"));
    QVERIFY2(steps.contains("011"), qPrintable(steps.join(' ')));
    QCOMPARE(steps.last(), QString("refused"));
    QVERIFY(steps.indexOf("011") < steps.indexOf("010"));
}

void TestFigureRoom::labelSpans_takeApart_keepsTheFirst()
{
    const std::vector<LabelSpan> spans{{0, 2}, {10, 12}, {1, 3}, {2.5, 4}, {11, 13}, {5, 9.4}};
    QVERIFY((takeApart(spans, 0.5) == std::vector<std::size_t>{0, 1, 3, 5}));
    QVERIFY(takeApart({}, 1).empty());
    const LabelSpan moved = movedBetween({-1, 3}, 0, 20);
    QCOMPARE(moved.from, 0.0);
    QCOMPARE(moved.to, 4.0);
    QCOMPARE(movedBetween({18, 22}, 0, 20).from, 16.0);
    QCOMPARE(movedBetween({0, 30}, 0, 20).from, 0.0);
}

void TestFigureRoom::shortened_anyText_isCutBetweenLetters()
{
    QCOMPARE(shortened("short", 5, TextCut::End), std::string("short"));
    QCOMPARE(shortened("longer", 5, TextCut::End), std::string("longe…"));
    QCOMPARE(shortened("abcdefgh", 4, TextCut::Middle), std::string("ab…gh"));
    QCOMPARE(shortened("日本語", 3, TextCut::End), std::string("日本語"));
    QCOMPARE(shortened("日本語", 2, TextCut::End), std::string("日本…"));
    QCOMPARE(shortened("ae\u0301\u0302x", 2, TextCut::End), std::string("a…"));
    QCOMPARE(shortened("abcde\u0301", 3, TextCut::Middle), std::string("ab…"));
    QCOMPARE(shortened("👩🏽‍🔬🇩🇪", 3, TextCut::End), std::string("…"));
}

QTEST_GUILESS_MAIN(TestFigureRoom)
#include "tst_figure_room.moc"
