// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reading/edge_query.h"
#include "made_trace.h"
#include "ui/map/map_description.h"
#include "ui/map/tooltip_card.h"
#include "ui/map/tooltip_content.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <random>
#include <set>

using namespace headwater;

namespace {

constexpr std::uint32_t kLength = 1000;

std::shared_ptr<TileSource> sourceOf(const std::shared_ptr<const Trace>& trace)
{
    return std::make_shared<TileSource>(
        std::make_shared<HeadCache>(std::make_shared<const TraceHeadSource>(trace), std::size_t{1} << 28),
        TileSource::Options{}, TileSource::Ready{});
}

MapCell cellOf(std::uint32_t level, std::uint32_t query, std::uint32_t key)
{
    return {level, cellTokens(query, level, kLength), cellTokens(key, level, kLength)};
}

} // namespace

class TestTooltipContent : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void rowKeeps_measuredOrNot_saysWhichItIs();
    void pair_notRecorded_isNotZero();
    void pairs_ofAnyCell_areCausalOnes();
    void largest_ofAnotherPair_saysSo();
    void belowTheBlocks_anyCell_saysWhatItsPairsAre();
    void missed_ofManyRows_namesTheRowThatMissesMost();
    void missed_unknown_isNotGuessed();
    void missed_mode_describesTheRowAlone();
    void words_rightToLeft_standAsTheyAreRead();

private:
    QTemporaryDir m_folder;
    testing::MadeTrace m_made;
    std::shared_ptr<const Trace> m_exact;
    std::shared_ptr<const Trace> m_kept;
};

void TestTooltipContent::initTestCase()
{
    m_made.seqLen = kLength;
    const auto exact =
        testing::writeMadeTrace(m_folder.filePath(QStringLiteral("exact.hwt")).toStdString(), m_made);
    m_made.normaliser = Normaliser::Kept;
    const auto kept =
        testing::writeMadeTrace(m_folder.filePath(QStringLiteral("kept.hwt")).toStdString(), m_made);
    QVERIFY(exact && kept);
    m_exact = *exact;
    m_kept = *kept;
}

void TestTooltipContent::rowKeeps_measuredOrNot_saysWhichItIs()
{
    const MapCell cell = cellOf(4, m_made.needleQuery, m_made.needleKey);
    const CellAnswer exact = lookUpCell(*sourceOf(m_exact), *m_exact, {0, 0}, cell);
    QVERIFY(exact.edge && !std::isnan(exact.missed));
    const double keeps = 1 - static_cast<double>(exact.missed);
    // How blocks were chosen is no claim about the number.
    QCOMPARE(tooltipOf(exact, *m_exact, MapMode::Max).pill, QStringLiteral("p_model · selection exact"));
    QCOMPARE(tooltipOf(exact, *m_exact, MapMode::Max).keeps,
             QStringLiteral("row keeps %1 %").arg(std::floor(keeps * 1000) / 10, 0, 'f', 1));
    const CellAnswer kept = lookUpCell(*sourceOf(m_kept), *m_kept, {0, 0}, cell);
    QVERIFY(kept.edge && std::isnan(kept.missed));
    QCOMPARE(tooltipOf(kept, *m_kept, MapMode::Max).keeps,
             QStringLiteral("row keeps: not measured · head 96.2 to 96.6 %"));
}

void TestTooltipContent::pair_notRecorded_isNotZero()
{
    const auto edges = m_exact->loadEdges(0, 0);
    QVERIFY(edges);
    // The last query block keeps some 25 of 63 blocks: one of the others.
    std::uint32_t key = 160;
    while (findCellEdge(**edges, 4, kLength - 1, key))
        key += 16;
    const CellAnswer answer = lookUpCell(*sourceOf(m_exact), *m_exact, {0, 0}, cellOf(4, kLength - 1, key));
    QVERIFY(answer.known && !answer.edge);
    const TooltipContent content = tooltipOf(answer, *m_exact, MapMode::Max, {kLength - 2, key + 3});
    QCOMPARE(content.value, QStringLiteral("not kept"));
    // The last block holds rows 992 to 999.
    QCOMPARE(content.aggregate, QStringLiteral("none of 128 pairs is in the map · at most 0.00201 a key"));
    QCOMPARE(content.query->label, QStringLiteral("query 998"));
    QVERIFY(content.rank.isEmpty() && content.keeps.isEmpty());
    QCOMPARE(tooltipOf(answer, *m_exact, MapMode::Count).value, QStringLiteral("0"));
}

void TestTooltipContent::pairs_ofAnyCell_areCausalOnes()
{
    const auto source = sourceOf(m_exact);
    std::mt19937 random(5);
    for (int round = 0; round < 300; ++round) {
        const std::uint32_t level = 4 + static_cast<std::uint32_t>(random() % 6);
        const auto query = static_cast<std::uint32_t>(random() % kLength);
        const MapCell cell = cellOf(level, query, static_cast<std::uint32_t>(random() % (query + 1)));
        std::uint64_t pairs = 0;
        for (std::uint32_t q = cell.queries.begin; q < cell.queries.end; ++q) {
            for (std::uint32_t k = cell.keys.begin; k < cell.keys.end; ++k)
                pairs += k <= q;
        }
        const TooltipContent content =
            tooltipOf(lookUpCell(*source, *m_exact, {0, 0}, cell), *m_exact, MapMode::Max);
        QVERIFY2(content.aggregate.contains(QStringLiteral(" of %1 pairs ").arg(thousandsOf(pairs))),
                 qPrintable(content.aggregate));
    }
}

void TestTooltipContent::largest_ofAnotherPair_saysSo()
{
    const CellAnswer answer =
        lookUpCell(*sourceOf(m_exact), *m_exact, {0, 0}, cellOf(4, m_made.needleQuery, m_made.needleKey));
    const TokenPair needle{m_made.needleQuery, m_made.needleKey};
    QCOMPARE(tooltipOf(answer, *m_exact, MapMode::Max, needle).query->label, QStringLiteral("query 940"));
    const TokenPair beside{m_made.needleQuery + 1, m_made.needleKey};
    const TooltipContent content = tooltipOf(answer, *m_exact, MapMode::Max, beside);
    QCOMPARE(content.query->label, QStringLiteral("largest at query 940"));
    QCOMPARE(content.key->label, QStringLiteral("key 212"));
}

/// No number for a pair that has none, of any cell below the blocks; what bounds it holds for all of the
/// cell.
void TestTooltipContent::belowTheBlocks_anyCell_saysWhatItsPairsAre()
{
    std::mt19937 random(8);
    for (const auto& trace : {m_exact, m_kept}) {
        const auto source = sourceOf(trace);
        const auto edges = trace->loadEdges(0, 0);
        QVERIFY(edges);
        std::set<QString> values;
        for (int round = 0; round < 400; ++round) {
            const std::uint32_t level = static_cast<std::uint32_t>(random() % 4);
            const auto query =
                static_cast<std::uint32_t>(round % 4 == 0 ? 984 + random() % 16 : random() % kLength);
            auto key = static_cast<std::uint32_t>(random() % (query + 1));
            const std::vector<BlockEntry> entries = rowEntries(**edges, query); // the first rows have fewer
            QVERIFY(!entries.empty());
            const BlockEntry block = entries[random() % entries.size()];
            if (round % 2 == 0)
                key = std::min(query, block.keyBlock * 16 + static_cast<std::uint32_t>(random() % 16));
            const MapCell cell = cellOf(level, query, key);
            const CellAnswer answer = lookUpCell(*source, *trace, {0, 0}, cell);
            QVERIFY(answer.known && answer.pair);
            const TooltipContent content = tooltipOf(answer, *trace, MapMode::Max, {query, key});
            const bool isNumber = content.value.contains('.');
            QCOMPARE(isNumber, answer.pair->hasValue());
            values.insert(isNumber ? QStringLiteral("number") : content.value);
            if (isNumber) {
                const bool isOther = answer.pair->row != query || answer.pair->key != key;
                QCOMPARE(content.query->label.startsWith("largest"), isOther);
                QVERIFY(content.query->label.endsWith(thousandsOf(answer.pair->row)));
                continue;
            }
            QCOMPARE(content.query->label, QStringLiteral("query ") + thousandsOf(query));
            QCOMPARE(content.key->label, QStringLiteral("key ") + thousandsOf(key));
            QVERIFY2(content.aggregate.contains(std::isnan(answer.pair->bound) ? "not measured" : "at most"),
                     qPrintable(content.aggregate));
            QCOMPARE(content.rank.startsWith("largest, "), answer.isSomewhere());
        }
        const std::set<QString> expected{"number", "not in its row's 4", "not kept",
                                         "only its block is known"};
        QCOMPARE(values, expected);
    }
}

void TestTooltipContent::missed_ofManyRows_namesTheRowThatMissesMost()
{
    const auto rows = m_exact->loadRows(0, 0);
    QVERIFY(rows);
    for (const std::uint32_t level : {4U, 6U, 9U}) {
        const MapCell cell = cellOf(level, 700, 100);
        const CellAnswer answer = lookUpCell(*sourceOf(m_exact), *m_exact, {0, 0}, cell);
        std::uint32_t most = cell.queries.begin;
        for (std::uint32_t row = cell.queries.begin; row < cell.queries.end; ++row) {
            if ((*rows)->missed[row] > (*rows)->missed[most])
                most = row;
        }
        QCOMPARE(answer.missedRow, most);
        QCOMPARE(answer.missedMost, (*rows)->missed[most]);
        const TooltipContent content =
            tooltipOf(answer, *m_exact, MapMode::Missed, {cell.queries.begin + 1, 3U});
        QVERIFY(content.query->label.endsWith(QStringLiteral("query %1").arg(most)));
        QVERIFY(!content.key && content.rank.isEmpty() && content.keeps.isEmpty());
        QCOMPARE(content.value,
                 QStringLiteral("%1 %").arg(
                     std::ceil(static_cast<double>(answer.missedMost) * 1000 - 5e-4) / 10, 0, 'f', 1));
    }
}

void TestTooltipContent::missed_unknown_isNotGuessed()
{
    const CellAnswer answer = lookUpCell(*sourceOf(m_kept), *m_kept, {0, 0}, cellOf(4, 700, 100));
    const TooltipContent content = tooltipOf(answer, *m_kept, MapMode::Missed);
    QCOMPARE(content.value, QStringLiteral("not measured"));
    QVERIFY(!content.key);
}

void TestTooltipContent::missed_mode_describesTheRowAlone()
{
    const CellAnswer answer = lookUpCell(*sourceOf(m_exact), *m_exact, {0, 0}, cellOf(6, 700, 100));
    const QString text = mapDescription(*m_exact, {0, 0}, MapMode::Missed, {1U, 1U}, answer);
    QVERIFY(text.startsWith(QStringLiteral("layer 0 head 0, query %1 ").arg(answer.missedRow)));
    QVERIFY(text.contains(QStringLiteral(", misses ")) && !text.contains(QStringLiteral("key")));
}

void TestTooltipContent::words_rightToLeft_standAsTheyAreRead()
{
    // In a paragraph that begins in Hebrew what stands before the word is on its right, English too.
    testing::MadeTrace made;
    made.layers = made.heads = 1;
    made.seqLen = 20;
    made.needleKey = made.needleQuery = 0;
    testing::MadeTokens tokens;
    for (std::uint32_t i = 0; i < made.seqLen; ++i) {
        tokens.text += i % 2 == 0 ? "שלום " : "abc ";
        tokens.offsets.push_back(static_cast<std::uint32_t>(tokens.text.size()));
    }
    tokens.sentences.push_back(static_cast<std::uint32_t>(tokens.text.size()));
    made.tokens = tokens;
    const auto trace =
        testing::writeMadeTrace(m_folder.filePath(QStringLiteral("rtl.hwt")).toStdString(), made);
    QVERIFY(trace);
    CellAnswer answer;
    answer.known = true;
    answer.cell = {0, {2, 3}, {1, 2}};
    const TooltipContent content = tooltipOf(answer, **trace, MapMode::Max, {2, 1});
    QVERIFY(content.query && content.query->isRightToLeft);
    QCOMPARE(content.query->before, QString::fromUtf8("שלום abc "));

    QWidget window;
    window.setPalette(paletteOf(lightTheme()));
    window.resize(900, 500);
    TooltipCard card(&window);
    card.setPalette(window.palette());
    card.showAt(content, QRectF(10, 10, 5, 5));
    const QImage picture = card.grab().toImage();
    // The word's colour is the label's, too, which stands at the left: the rightmost columns are the word's.
    const auto columnsOf = [&picture](const QColor& colour, int from) {
        std::vector<int> columns;
        for (int x = from; x < picture.width(); ++x) {
            for (int y = 70; y < 95; ++y) {
                const QColor pixel = picture.pixelColor(x, y);
                if (std::abs(pixel.red() - colour.red()) + std::abs(pixel.green() - colour.green())
                        + std::abs(pixel.blue() - colour.blue())
                    < 60) {
                    columns.push_back(x);
                    break;
                }
            }
        }
        return columns;
    };
    const std::vector<int> word = columnsOf(lightTheme().query, 85);
    const std::vector<int> before = columnsOf(lightTheme().text, 85);
    QVERIFY(!word.empty() && !before.empty());
    QVERIFY2(word.back() < before.front(),
             qPrintable(QStringLiteral("%1 %2").arg(word.back()).arg(before.front())));
}

QTEST_MAIN(TestTooltipContent)
#include "tst_tooltip_content.moc"
