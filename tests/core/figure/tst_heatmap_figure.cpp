// SPDX-License-Identifier: Apache-2.0
#include "core/figure/made_figure.h"

#include "core/base/bidi_text.h"
#include "core/base/percent.h"
#include "core/figure/heatmap_colours.h"
#include "core/figure/heatmap_layout.h"
#include "core/figure/heatmap_marks.h"
#include "core/figure/heatmap_mask.h"
#include "core/reading/edge_query.h"
#include "core/tiles/tile_builder.h"

#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

using namespace headwater;
using namespace headwater::test;

class TestHeatmapFigure : public MadeFigure {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(record()); }
    void spec_wholeMap_saysWhatItShows();
    void spec_cells_areTheColourTable();
    void spec_masks_areGreyAndSaid_data();
    void spec_masks_areGreyAndSaid();
    void spec_fewTokens_areNamed();
    void spec_quotations_areIsolated();
    void spec_unknownMissedMass_isHatched();
    void spec_belowTheBlocks_tellsPairsFromBlocks();
    void spec_positions_haveOneStepOnBothAxes();
    void spec_marks_areFramedAndSaid();
    void spec_margins_areTheProfiles();
    void spec_wrongMarks_areRefused();
    void spec_panels_areTheHeadsThatWereAsked();
    void export_headWithoutEdges_drawsItsOverview();
    void notKept_isBoundedInEveryRowThatIsDrawn();
};

void TestHeatmapFigure::spec_wholeMap_saysWhatItShows()
{
    HeatmapFigureOptions options;
    options.layer = 1;
    const FigureSpec spec = specOf(options);
    QCOMPARE(spec.widthMm, 77.0);
    const QString text = textOf(spec);
    for (const char* phrase :
         {"L1 · H0", "query token", "key token", "p_model", "synthetic figure", "2\u202f048 tokens",
          "128 keys", "max of p_model over", "8 × 8 tokens", "Attention kept"})
        QVERIFY2(QString(text).replace('\n', ' ').contains(phrase), qPrintable(text));
    const double kept = m_trace->findHead(1, 0)->statistics.keptMass.mean;
    const double shown = std::floor(kept * 1000 + 5e-4) / 10; // as the window: down, and the rest up
    QVERIFY(text.contains(QString("Attention kept %1\u202f%").arg(shown, 0, 'f', 1)));
    QVERIFY(text.contains(QString("missed %1\u202f%").arg(100 - shown, 0, 'f', 1)));
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items) {
            if (const auto* found = std::get_if<FigureText>(&item))
                QVERIFY(found->sizePt >= 7 && found->sizePt <= 9 && found->y < spec.heightMm);
        }
    }
}

void TestHeatmapFigure::spec_cells_areTheColourTable()
{
    HeatmapFigureOptions options;
    options.limits = {0.001, 0.5, true};
    const auto edges = m_trace->loadEdges(0, 0);
    QVERIFY(edges);
    for (const Colormap map : {Colormap::Magma, Colormap::Viridis, Colormap::Cividis, Colormap::Greys}) {
        options.colormap = map;
        options.level = 3;
        const FigureSpec spec = specOf(options);
        const FigureCells& cells = cellsOf(spec);
        QCOMPARE(cells.columns, 256u);
        const auto table = colourTable(map, true, options.limits, CellQuantity::Max, 1);
        const TileRun run = buildStrip({**edges}, {0, 0, 3, 0, 0, 1});
        for (std::uint32_t i = 0; i < 256 * 256; ++i) {
            const Rgb colour = table[run[0]->max[i]];
            const std::uint32_t packed =
                std::uint32_t{colour.red} << 16 | std::uint32_t{colour.green} << 8 | colour.blue;
            QCOMPARE(cells.colours[i], i % 256 > i / 256 || run[0]->max[i] == 0 ? kNoCell : packed);
        }
    }
}

void TestHeatmapFigure::spec_masks_areGreyAndSaid_data()
{
    QTest::addColumn<bool>("sinks");
    QTest::addColumn<bool>("diagonal");
    QTest::addColumn<std::uint32_t>("level");
    QTest::addColumn<QString>("said");
    QTest::newRow("none") << false << false << 3U << QString();
    QTest::newRow("sinks") << true << false << 3U << "Grey: sinks masked.";
    QTest::newRow("diagonal") << false << true << 4U << "Grey: diagonal and recent blocks masked.";
    QTest::newRow("both, cells below a block")
        << true << true << 1U << "Grey: sinks, diagonal and recent blocks masked.";
}

void TestHeatmapFigure::spec_masks_areGreyAndSaid()
{
    QFETCH(const bool, sinks);
    QFETCH(const bool, diagonal);
    QFETCH(const std::uint32_t, level);
    QFETCH(const QString, said);
    const BlockGrid grid{300, 8, 4};
    const std::uint32_t sinkTokens[] = {0, 137};
    HeatmapCells cells;
    cells.level = level;
    cells.firstRow = 200 >> level;
    cells.firstColumn = 120 >> level;
    cells.rows = 64 >> level;
    cells.columns = 96 >> level;
    HeatmapFigureOptions options;
    options.maskSinks = sinks;
    options.maskDiagonal = diagonal;
    const std::vector<std::uint8_t> hidden = hiddenCells(cells, grid, sinkTokens, options);
    QCOMPARE(hidden.empty(), !sinks && !diagonal);
    const std::uint32_t side = 1U << level;
    for (std::uint32_t i = 0; i < hidden.size(); ++i) {
        const std::uint32_t query = (cells.firstRow + i / cells.columns) * side;
        const std::uint32_t key = (cells.firstColumn + i % cells.columns) * side;
        bool expected = false;
        for (std::uint32_t token = key; token < key + side;
             ++token) { // does it hold a token of a hidden block?
            const std::uint32_t block = token / grid.blockK;
            const std::uint32_t ownBlock = query / grid.blockQ * grid.blockQ / grid.blockK;
            expected = expected || (sinks && (block == 0 || block == 137 / grid.blockK))
                || (diagonal && block + 1 >= ownBlock);
        }
        QCOMPARE(hidden[i] != 0, expected);
    }
    // On the page: grey where hidden, the caption's own phrase, and the same from the sidecar's options.
    HeatmapFigureOptions page = options;
    page.level = 4;
    const FigureSpec spec = specOf(page);
    QCOMPARE(textOf(spec).simplified().contains(said), true);
    const auto greys = std::count(cellsOf(spec).colours.begin(), cellsOf(spec).colours.end(), kHiddenCell);
    QCOMPARE(greys > 0, diagonal || (sinks && !m_trace->sinks(0, 0).empty()));
    const auto again = heatmapOptionsFromJson(toJson(page));
    QVERIFY(again.has_value());
    QCOMPARE(cellsOf(specOf(*again)).colours, cellsOf(spec).colours);
    page.quantity = CellQuantity::Missed; // belongs to rows: nothing is hidden, nothing said
    QVERIFY(hiddenCells(cells, grid, sinkTokens, page).empty());
    QVERIFY(!textOf(specOf(page)).contains("masked"));
}

void TestHeatmapFigure::spec_fewTokens_areNamed()
{
    HeatmapFigureOptions options;
    options.queries = TokenRange{100, 112};
    options.keys = TokenRange{96, 110};
    const FigureSpec spec = specOf(options);
    QCOMPARE(cellsOf(spec).rows, 12u);
    QCOMPARE(cellsOf(spec).columns, 14u);
    QStringList labels;
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items) {
            if (const auto* text = std::get_if<FigureText>(&item); text && text->font == FigureFont::Mono)
                labels << QString::fromStdString(text->text);
        }
    }
    QCOMPARE(labels.size(), 26);
    const std::string_view token = m_trace->tokenText(100);
    QCOMPARE(labels[0].left(3),
             QString::fromUtf8(token.data(), static_cast<qsizetype>(token.size())).left(3));
    QVERIFY(textOf(spec).contains("of single pairs"));
}

void TestHeatmapFigure::spec_quotations_areIsolated()
{
    HeatmapFigureOptions options;
    options.title = "שלום, 3";
    const FigureSpec spec = specOf(options);
    QCOMPARE(spec.title, options.title); // of the document: for programs
    QVERIFY(textOf(spec).contains(QString::fromStdString(isolated(options.title))));

    // Also where it is shortened, and of several lines.
    HeatmapContent content;
    const std::vector<std::uint8_t> codes(64);
    content.cells = {0, 0, 0, 8, 8, codes, codes, std::vector<std::uint8_t>(8), std::vector<std::uint8_t>(8)};
    content.blockQ = content.blockK = 8;
    content.tokenName = [](std::uint32_t) { return std::string("x"); };
    for (int i = 0; i < 30; ++i)
        content.model += "שלום ";
    content.caption = {"12 tokens.", "Plain."};
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    const auto laid = layOutHeatmap(content, {}, *fonts);
    QVERIFY(laid);
    const QString caption = textOf(*laid).section(QString::fromUtf8("שלום"), 1);
    QVERIFY(textOf(*laid).contains(QChar(0x2068)));
    QVERIFY2(caption.contains(QStringLiteral("\u2069, 12 tokens. Plain.")), qPrintable(caption));
}

void TestHeatmapFigure::spec_unknownMissedMass_isHatched()
{
    HeatmapContent content;
    content.cells = {0,
                     0,
                     0,
                     40,
                     40,
                     std::vector<std::uint8_t>(1600),
                     std::vector<std::uint8_t>(1600),
                     std::vector<std::uint8_t>(40, 100),
                     std::vector<std::uint8_t>(40)};
    for (std::uint32_t row = 10; row < 20; ++row)
        content.cells.missed[row] = 255;
    content.blockQ = content.blockK = 8;
    content.tokenName = [](std::uint32_t) { return std::string("x"); };
    HeatmapFigureOptions options;
    options.quantity = CellQuantity::Missed;
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    const auto laidOut = layOutHeatmap(content, options, *fonts);
    QVERIFY2(laidOut, laidOut ? "" : laidOut.error().text().c_str());
    const FigureSpec& spec = *laidOut;
    std::vector<FigureHatch> hatches;
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items) {
            if (const auto* hatch = std::get_if<FigureHatch>(&item))
                hatches.push_back(*hatch);
        }
    }
    const FigureCells& cells = cellsOf(spec);
    QCOMPARE(hatches.size(), std::size_t{1});
    QVERIFY(std::abs(hatches[0].y - (cells.y + cells.height / 4)) < 1e-9);
    QVERIFY(std::abs(hatches[0].height - cells.height / 4) < 1e-9);
    QCOMPARE(cells.colours[15 * 40 + 3], kNoCell);
    QCOMPARE(cells.colours[15 * 40 + 30], 0xFFFFFFu);
    QVERIFY(cells.colours[5 * 40 + 3] != kNoCell);
}

/// A block's number at its own pair, the rest of the block hatched; a recorded row by its keys; what is not
/// kept is page.
void TestHeatmapFigure::spec_belowTheBlocks_tellsPairsFromBlocks()
{
    const std::uint32_t rows = m_trace->seqLen();
    HeatmapFigureOptions options;
    options.queries = TokenRange{rows - 40, rows};
    options.keys = TokenRange{rows - 60, rows};
    options.level = 0;
    options.limits = {0, 1, false};
    const FigureSpec spec = specOf(options);
    const FigureCells& cells = cellsOf(spec);
    const HeadInfo& info = *m_trace->findHead(0, 0);
    const auto edges = m_trace->loadEdges(0, 0);
    QVERIFY(edges);
    const BlockGrid& grid = (*edges)->grid;
    std::size_t numbers = 0;
    std::size_t open = 0;
    std::size_t unnamed = 0;
    for (std::uint32_t row = rows - 40; row < rows; ++row) {
        std::vector<std::uint32_t> recorded;
        if (m_trace->hasTokenRow(row))
            recorded = m_trace->loadTokenRow(0, 0, row)->keys;
        for (std::uint32_t key = rows - 60; key <= row; ++key) {
            const std::uint32_t colour =
                cells.colours[std::size_t{row - (rows - 40)} * cells.columns + (key - (rows - 60))];
            const std::uint32_t block = row / grid.blockQ;
            const auto begin = (*edges)->keyBlock.begin() + (*edges)->rowPtr[block];
            const auto end = (*edges)->keyBlock.begin() + (*edges)->rowPtr[block + 1];
            const auto found = std::find(begin, end, key / grid.blockK);
            const auto at = found == end
                ? 0U
                : (*edges)->peakAt[static_cast<std::size_t>(found - (*edges)->keyBlock.begin())];
            const bool isPeak =
                found != end && row % grid.blockQ == at >> 8 && key % grid.blockK == (at & 0xFF);
            const bool isNamed = std::ranges::find(recorded, key) != recorded.end();
            if (isPeak || isNamed) {
                QVERIFY(colour != kNoCell);
                ++numbers;
            } else if (found != end && recorded.empty()) {
                QCOMPARE(colour, kNoCell);
                ++open;
            } else {
                QCOMPARE(colour, 0xFFFFFFu);
                ++unnamed;
            }
        }
    }
    QVERIFY(numbers > 20 && open > 100 && unnamed > 100);
    const auto& first = spec.groups[1].items.front();
    const auto* const hatch = std::get_if<FigureHatch>(&first);
    QVERIFY(spec.groups[1].name == "cells" && hatch && hatch->width == cells.width);
    const QString text = textOf(spec);
    QVERIFY2(text.contains("of single pairs"), qPrintable(text));
    QVERIFY2(
        text.contains(
            QStringLiteral("Hatched: in a kept block of %1 × %2 tokens").arg(info.blockQ).arg(info.blockK)),
        qPrintable(text));
    QVERIFY2(text.contains("Amber edge: rows recorded token by token"), qPrintable(text));
    options.quantity = CellQuantity::Count; // a block is a block
    QVERIFY(!textOf(specOf(options)).contains("Hatched"));
}

void TestHeatmapFigure::spec_positions_haveOneStepOnBothAxes()
{
    for (const auto& range :
         {TokenRange{0, 2048}, TokenRange{1000, 1300}, TokenRange{2000, 2048}, TokenRange{2001, 2017}}) {
        HeatmapFigureOptions options;
        options.queries = options.keys = range;
        options.level = 1; // no names of tokens
        const FigureSpec spec = specOf(options);
        const auto positionsOf = [&](const char* axis) {
            QStringList positions;
            for (const FigureItem& item : groupOf(spec, axis).items) {
                const auto* text = std::get_if<FigureText>(&item);
                if (text && text->text != "query token" && text->text != "key token")
                    positions << QString::fromStdString(text->text);
            }
            return positions;
        };
        QVERIFY(positionsOf("query axis").size() > 1);
        QCOMPARE(positionsOf("query axis"), positionsOf("key axis"));
    }
}

void TestHeatmapFigure::spec_marks_areFramedAndSaid()
{
    const std::uint32_t row = 2047;
    const auto recorded = m_trace->loadTokenRow(1, 0, row);
    QVERIFY(recorded && !recorded->keys.empty());
    HeatmapFigureOptions options;
    options.layer = 1;
    options.markedQueries = {{row, row + 1}};
    options.markedKeys = {{recorded->keys[0], recorded->keys[0] + 1}, {512, 1024}};
    FigureSpec spec = specOf(options);
    const FigureCells& map = cellsOf(spec);
    const auto frames = framesOf(spec, "marks");
    QCOMPARE(frames.size(), std::size_t{1 + 2 + 2 * 2}); // a pair has a halo and a frame
    const FigureRectangle& query = frames[0];
    QCOMPARE(query.x, map.x);
    QCOMPARE(query.width, map.width);
    const double y = map.y + map.height * (row + 0.5) / 2048;
    QVERIFY(query.y <= y && y <= query.y + query.height && query.height < 1);
    const FigureRectangle& span = frames[2];
    QVERIFY(std::abs(span.x - (map.x + map.width / 4)) < 1e-6);
    QVERIFY(std::abs(span.width - map.width / 4) < 1e-6);
    QVERIFY(spec.caption.find("Framed: query 2\u202f047") != std::string::npos);
    QVERIFY(spec.caption.find("keys 512–1\u202f023.") != std::string::npos);

    options.markedKeys.pop_back();
    options.hasCaption = false; // there is a text for the paper all the same
    spec = specOf(options);
    const std::string value = fmt::format("The pair: p_model {:.3g}.", recorded->probability[0]);
    QVERIFY2(spec.caption.find(value) != std::string::npos, spec.caption.c_str());
    QVERIFY(!textOf(spec).contains("Framed"));
    // A key that the query cannot read, and one of which there is a bound alone.
    options.markedQueries = {{1000, 1001}};
    options.markedKeys = {{1001, 1002}};
    QVERIFY(specOf(options).caption.find("The query cannot read the key.") != std::string::npos);
}

void TestHeatmapFigure::spec_margins_areTheProfiles()
{
    const std::uint32_t row = 2047;
    HeatmapFigureOptions options;
    options.layer = 1;
    options.head = 0;
    options.queries = options.keys = TokenRange{1024, 2048};
    const auto recorded = m_trace->loadTokenRow(1, 0, row);
    QVERIFY(recorded);
    options.markedQueries = {{row, row + 1}};
    options.markedKeys = {{1100, 1101}};
    options.hasRowMargin = options.hasKeyMargin = true;
    const FigureSpec spec = specOf(options);
    const FigureCells& map = cellsOf(spec);
    std::size_t above = 0;
    double longest = 0;
    std::vector<double> right(map.rows);
    for (const FigureRectangle& bar : framesOf(spec, "margins")) {
        if (bar.y + bar.height < map.y) {
            ++above;
            longest = std::max(longest, bar.height);
            continue;
        }
        QVERIFY(bar.x > map.x + map.width);
        for (std::uint32_t cell = 0; cell < map.rows; ++cell) {
            const double middle = map.y + map.height * (cell + 0.5) / map.rows;
            if (bar.y <= middle && middle <= bar.y + bar.height)
                right[cell] = bar.width;
        }
    }
    float most = 0; // of the keys that are drawn
    for (std::size_t i = 0; i < recorded->keys.size(); ++i)
        most = std::max(most, recorded->keys[i] >= 1024 ? recorded->probability[i] : 0);
    QVERIFY(most > 0 && above > 0);
    QVERIFY(std::abs(longest - page::kMarginBar * std::sqrt(static_cast<double>(most))) < 1e-6);
    // Who reads a key, by query block, as the trace has it.
    const auto edges = m_trace->loadEdges(1, 0);
    QVERIFY(edges);
    std::vector<float> readers(map.rows);
    const std::uint32_t tokens = 1024 / map.rows;
    for (const BlockEntry& entry : columnEntries(**edges, 1100)) {
        for (std::uint32_t query = entry.queryBlock * 8; query < entry.queryBlock * 8 + 8; ++query)
            if (query >= 1024)
                readers[(query - 1024) / tokens] = std::max(readers[(query - 1024) / tokens], entry.mass);
    }
    for (std::uint32_t cell = 0; cell < map.rows; ++cell)
        QVERIFY(std::abs(right[cell] - page::kMarginBar * std::sqrt(static_cast<double>(readers[cell])))
                < 1e-6);
    QVERIFY(spec.caption.find("heaviest keys of query 2\u202f047") != std::string::npos);
    QVERIFY(spec.caption.find("right: who reads the 8 keys around 1\u202f100, by query block")
            != std::string::npos);
}

void TestHeatmapFigure::spec_wrongMarks_areRefused()
{
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    const auto refused = [&](const HeatmapFigureOptions& options, const char* word) {
        const auto spec = heatmapFigure(m_trace, options, *fonts);
        return !spec && spec.error().code == ErrorCode::InvalidArgument
            && spec.error().message.find(word) != std::string::npos;
    };
    HeatmapFigureOptions options;
    options.queries = TokenRange{0, 1024};
    options.markedQueries = {{1024, 1025}};
    QVERIFY(refused(options, "1024:1025 are not within 0:1024"));
    options.queries.reset();
    options.markedQueries = {{2000, 2049}};
    QVERIFY(refused(options, "queries"));
    options.markedQueries = {{7, 7}};
    QVERIFY(refused(options, "queries"));
    options.markedQueries.clear();
    options.hasRowMargin = true;
    QVERIFY(refused(options, "one marked query"));
    options.markedQueries = {{7, 9}};
    QVERIFY(refused(options, "one marked query"));
    options.hasRowMargin = false;
    // Of a head without edges no bars would be a lie.
    QVERIFY(!m_trace->hasEdges(1, 1));
    HeatmapFigureOptions bare;
    bare.layer = bare.head = 1;
    bare.markedKeys = {{100, 101}};
    bare.hasKeyMargin = true;
    const auto unknown = heatmapFigure(m_trace, bare, *fonts);
    QVERIFY(!unknown && unknown.error().code == ErrorCode::Unsupported);
    options.hasKeyMargin = true;
    options.markedKeys = {{1, 2}, {3, 4}};
    QVERIFY(refused(options, "one marked key"));
}

void TestHeatmapFigure::spec_panels_areTheHeadsThatWereAsked()
{
    HeatmapFigureOptions options;
    options.widthMm = 160;
    options.heads = {{1, 1}, {0, 0}, {1, 0}};
    options.level = 4;
    const FigureSpec spec = specOf(options);
    QCOMPARE(spec.title, std::string("L1 · H1, L0 · H0, L1 · H0"));
    const std::vector<std::string> letters{"(a)", "(b)", "(c)"};
    for (std::size_t panel = 0; panel < letters.size(); ++panel) {
        HeatmapFigureOptions alone;
        alone.layer = options.heads[panel].layer;
        alone.head = options.heads[panel].head;
        alone.level = 4;
        const auto& map = std::get<FigureCells>(groupOf(spec, letters[panel] + " cells").items.back());
        QVERIFY(map.colours == cellsOf(specOf(alone)).colours);
        const std::string named = fmt::format("{} L{} · H{}: ", letters[panel], alone.layer, alone.head);
        QVERIFY2(spec.caption.find(named) != std::string::npos, spec.caption.c_str());
    }
    const std::string tokens = "2\u202f048 tokens."; // once, for all
    QCOMPARE(spec.caption.find(tokens), spec.caption.rfind(tokens));
    options.heads.push_back({7, 0});
    auto fonts = FigureFonts::load();
    QVERIFY(fonts);
    const auto missing = heatmapFigure(m_trace, options, *fonts);
    QVERIFY(!missing && missing.error().code == ErrorCode::NotFound);
}

void TestHeatmapFigure::export_headWithoutEdges_drawsItsOverview()
{
    HeatmapFigureOptions options;
    options.head = 1; // the made trace holds every second head's edges
    QVERIFY(!m_trace->hasEdges(0, 1));
    QVERIFY(exportHeatmap(m_trace, options, file("overview.pdf")));
    options.level = 0;
    const auto written = exportHeatmap(m_trace, options, file("fine.pdf"));
    QVERIFY(!written);
    QVERIFY(written.error().code == ErrorCode::Unsupported);
    QVERIFY(written.error().text().find("layer 0 head 1") != std::string::npos);
}

/// A cell at the edge of the range shows rows beyond it.
void TestHeatmapFigure::notKept_isBoundedInEveryRowThatIsDrawn()
{
    const auto rows = m_trace->loadRows(0, 0);
    QVERIFY(rows);
    const std::vector<float>& bounds = (*rows)->missedPeak;
    const auto largest = std::max_element(bounds.begin() + 1024, bounds.begin() + 1088);
    const auto row = static_cast<std::uint32_t>(largest - bounds.begin());
    HeatmapFigureOptions options;
    options.queries = row < 1056 ? TokenRange{row + 1, 1064} : TokenRange{1048, row};
    const auto boundAt = [&](std::uint32_t level) {
        options.level = level;
        const QString text = textOf(specOf(options));
        static const QRegularExpression pattern("not kept, at most (\\S+) a key");
        return pattern.match(text).captured(1);
    };
    const float asked =
        *std::max_element(bounds.begin() + options.queries->begin, bounds.begin() + options.queries->end);
    QVERIFY(asked < *largest);
    QCOMPARE(boundAt(0), QString::fromStdString(boundText(static_cast<double>(asked))));
    QCOMPARE(boundAt(6), QString::fromStdString(boundText(static_cast<double>(*largest))));
    const float unknown = std::numeric_limits<float>::quiet_NaN();
    const RowSlice odd{0, {}, {}, {0.5F, unknown, 0.001F, 0.25F}};
    QVERIFY(std::isnan(largestMissedPeak(odd, 0, 3)));
    QCOMPARE(largestMissedPeak(odd, 2, 4), 0.25F);
    QCOMPARE(largestMissedPeak(odd, 0, 0), 0.0F);
}

QTEST_GUILESS_MAIN(TestHeatmapFigure)
#include "tst_heatmap_figure.moc"
