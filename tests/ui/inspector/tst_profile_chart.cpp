// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/profile_section.h"

#include "core/reading/edge_query.h"
#include "support/patience.h"
#include "ui/map/made_trace.h"
#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QtCharts/QChart>
#include <QtCharts/QChartView>
#include <map>
#include <random>

using namespace headwater;
using namespace headwater::testing;

/// The profiles of the inspector against the trace's own numbers.
class TestProfileChart : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

    struct Parts {
        Subject subject;
        ViewReader reader{&subject};
        ProfileSection section{&subject, &reader};

        Parts() // as the panel does that holds it
        {
            QObject::connect(&subject, &Subject::lockedChanged, &section, &ProfileSection::read);
            QObject::connect(&subject, &Subject::shownHeadChanged, &section, &ProfileSection::read);
            QObject::connect(&reader, &ViewReader::readingChanged, &section, &ProfileSection::read);
        }
    };

    std::unique_ptr<Parts> openParts() const
    {
        auto parts = std::make_unique<Parts>();
        parts->section.resize(336, 260);
        parts->subject.setTrace(m_trace);
        parts->subject.setHead({1, 0});
        parts->section.show();
        return parts;
    }

    /// The height of every token of a profile: the largest value of the entries that hold it.
    static std::vector<float> heightsOf(const std::vector<BlockEntry>& entries, bool ofRow)
    {
        std::vector<float> heights(1000);
        for (const BlockEntry& entry : entries) {
            const std::uint32_t begin = (ofRow ? entry.keyBlock : entry.queryBlock) * 16;
            for (std::uint32_t token = begin; token < std::min(begin + 16, 1000U); ++token)
                heights[token] = entry.mass;
        }
        return heights;
    }

    /// Every bin holds the largest of its tokens' heights.
    static void compareBins(const std::vector<ProfileBin>& bins, const std::vector<float>& heights)
    {
        QCOMPARE(bins.size(), std::size_t{ProfileChart::kMostBins});
        std::uint32_t next = 0;
        for (const ProfileBin& bin : bins) {
            QCOMPARE(bin.tokens.begin, next);
            QVERIFY(bin.tokens.end > bin.tokens.begin);
            next = bin.tokens.end;
            float most = 0;
            for (std::uint32_t token = bin.tokens.begin; token < bin.tokens.end; ++token)
                most = std::max(most, heights[token]);
            QCOMPARE(bin.value, most);
        }
        QCOMPARE(next, static_cast<std::uint32_t>(heights.size()));
    }

    static void click(ProfileChart* chart, std::uint32_t token)
    {
        QTest::mouseClick(chart->chartView()->viewport(), Qt::LeftButton, Qt::NoModifier,
                          chart->placeOf(token).toPoint());
    }

    /// Pixels of a colour, give or take the smoothing of edges.
    static int pixelsOf(const QImage& image, const QColor& colour)
    {
        int count = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x)
                count += image.pixel(x, y) == colour.rgb() ? 1 : 0;
        }
        return count;
    }

private slots:
    void initTestCase()
    {
        auto trace = writeMadeTrace(m_folder.filePath(QStringLiteral("made.hwt")).toStdString(), MadeTrace{});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        m_trace = *trace;
    }

    void bins_coverTheSequence_andLoseNoBar()
    {
        std::mt19937 random(3);
        for (const std::uint32_t seqLen : {1U, 7U, 255U, 256U, 257U, 1000U, 1048576U}) {
            Profile profile;
            std::map<std::uint32_t, float> truth;
            for (int i = 0; i < 40; ++i) {
                const auto at = static_cast<std::uint32_t>(random() % seqLen);
                truth[at] = static_cast<float>(random() % 1000 + 1) / 1001;
            }
            for (const auto& [token, value] : truth)
                profile.bars.push_back({{token, token + 1}, value, token});
            const std::vector<ProfileBin> bins = binsOf(profile, seqLen, 256);
            QCOMPARE(bins.size(), std::size_t{std::min(seqLen, 256U)});
            QCOMPARE(bins.front().tokens.begin, 0U);
            QCOMPARE(bins.back().tokens.end, seqLen);
            for (std::size_t i = 0; i < bins.size(); ++i) {
                QVERIFY(i == 0 || bins[i].tokens.begin == bins[i - 1].tokens.end);
                float most = 0;
                for (auto it = truth.lower_bound(bins[i].tokens.begin);
                     it != truth.end() && it->first < bins[i].tokens.end; ++it)
                    most = std::max(most, it->second);
                QCOMPARE(bins[i].value, most);
                QVERIFY(most == 0.0F || truth[bins[i].at] == most);
                QCOMPARE(binAt(bins, bins[i].tokens.begin), i);
                QCOMPARE(binAt(bins, bins[i].tokens.end - 0.5), i);
            }
        }
        QVERIFY(binsOf({}, 0, 256).empty());
    }

    void blockRow_isTheMeanOfItsBlock()
    {
        auto parts = openParts();
        parts->subject.setLocked({700, std::nullopt});
        ProfileChart* const row = parts->section.row();
        const auto edges = m_trace->loadEdges(1, 0);
        QTRY_COMPARE(row->bins().size(), std::size_t{ProfileChart::kMostBins});
        compareBins(row->bins(), heightsOf(rowEntries(**edges, 700), true));
        QCOMPARE(row->note(),
                 QStringLiteral("row 700 · %1 · mean of 16 rows (its block)")
                     .arg(quantityOf(*m_trace, *m_trace->findHead(1, 0))));
        QVERIFY(parts->section.key()->isHidden());
    }

    void tableRow_isItsHeaviestKeys()
    {
        auto parts = openParts();
        parts->subject.setLocked({990, std::nullopt});
        ProfileChart* const row = parts->section.row();
        QTRY_COMPARE(row->bins().size(), std::size_t{ProfileChart::kMostBins});
        const Result<TokenRow> truth = m_trace->loadTokenRow(1, 0, 990);
        std::vector<float> heights(1000);
        for (std::size_t i = 0; i < truth->keys.size(); ++i)
            heights[truth->keys[i]] = truth->probability[i];
        compareBins(row->bins(), heights);
        QCOMPARE(row->note(),
                 QStringLiteral("row 990 · %1 · its 4 heaviest keys").arg(tokenRowQuantityOf(*m_trace)));
    }

    void key_isWhoReadsItsBlock()
    {
        auto parts = openParts();
        parts->subject.setLocked({std::nullopt, 212});
        ProfileChart* const key = parts->section.key();
        const auto edges = m_trace->loadEdges(1, 0);
        QTRY_COMPARE(key->bins().size(), std::size_t{ProfileChart::kMostBins});
        compareBins(key->bins(), heightsOf(columnEntries(**edges, 212), false));
        QVERIFY2(key->note().contains(QStringLiteral("16 keys (its block), by query block")),
                 qPrintable(key->note()));
        QVERIFY(parts->section.row()->isHidden());
    }

    void click_locksTheHeaviestTokenOfItsBin()
    {
        auto parts = openParts();
        parts->subject.setLocked({700, std::nullopt});
        ProfileChart* const row = parts->section.row();
        QTRY_COMPARE(row->bins().size(), std::size_t{ProfileChart::kMostBins});
        const auto edges = m_trace->loadEdges(1, 0);
        const BlockEntry sink = rowEntries(**edges, 700).front();
        QCOMPARE(sink.keyBlock, 0U);
        QVERIFY(row->valueAt(row->placeOf(3)).startsWith(QStringLiteral("keys 0–15: ")));
        click(row, 3);
        QCOMPARE(parts->subject.locked(), (TokenPair{700, sink.peakKey}));
        // Who reads that key: the last query block that does.
        ProfileChart* const key = parts->section.key();
        QTRY_COMPARE(key->bins().size(), std::size_t{ProfileChart::kMostBins});
        const std::uint32_t block = 900 / 16;
        std::optional<BlockEntry> reader;
        for (const BlockEntry& entry : columnEntries(**edges, sink.peakKey)) {
            if (entry.queryBlock == block)
                reader = entry;
        }
        QVERIFY(reader);
        click(key, 900);
        QCOMPARE(parts->subject.locked(), (TokenPair{reader->peakQuery, sink.peakKey}));
    }

    void click_neverLocksAFutureKey_norOnNothing()
    {
        auto parts = openParts();
        const std::uint32_t first = 700 / 16 * 16; // the first row of a block, whose pairs are of later rows
        parts->subject.setLocked({first, std::nullopt});
        ProfileChart* const row = parts->section.row();
        QTRY_COMPARE(row->bins().size(), std::size_t{ProfileChart::kMostBins});
        click(row, first);
        QCOMPARE(*parts->subject.locked().query, first);
        QVERIFY(parts->subject.locked().key && *parts->subject.locked().key <= first);
        const TokenPair before = parts->subject.locked();
        QVERIFY(row->valueAt(row->placeOf(980)).isEmpty());
        click(row, 980); // the future: nothing is kept there
        QCOMPARE(parts->subject.locked(), before);
    }

    void folded_readsNothing_andRemembersIt()
    {
        auto parts = openParts();
        auto* const title = parts->section.findChild<QPushButton*>(QStringLiteral("profileTitle"));
        parts->subject.setLocked({700, 200});
        QVERIFY(parts->section.isVisible() && parts->section.row()->isVisible());
        QTest::mouseClick(title, Qt::LeftButton);
        QVERIFY(parts->section.title()->isFolded() && parts->section.row()->isHidden());
        parts->section.title()->setFoldedByDefault(false); // a person has chosen
        QVERIFY(parts->section.title()->isFolded());
        parts->subject.setLocked({650, 200});
        QVERIFY(parts->section.row()->isHidden() && parts->section.key()->isHidden());
        QTest::mouseClick(title, Qt::LeftButton);
        QTRY_VERIFY(parts->section.row()->note().startsWith(QStringLiteral("row 650 · p_")));
        QVERIFY(parts->section.row()->isVisible() && parts->section.key()->isVisible());
        parts->subject.setLocked({});
        QVERIFY(parts->section.isHidden());
    }

    void colours_areTheQueryAndTheKey()
    {
        for (const Theme& theme : {darkTheme(), lightTheme()}) {
            auto parts = openParts();
            parts->section.setPalette(paletteOf(theme));
            parts->subject.setLocked({700, 200});
            QTRY_VERIFY(!parts->section.row()->bins().empty() && !parts->section.key()->bins().empty());
            const QImage row = parts->section.row()->chartView()->grab().toImage();
            const QImage key = parts->section.key()->chartView()->grab().toImage();
            QVERIFY(pixelsOf(row, theme.query) > 200 && pixelsOf(key, theme.key) > 200);
            QVERIFY(pixelsOf(row, theme.query) > 5 * pixelsOf(row, theme.key)); // the lock alone
            QVERIFY(pixelsOf(row, theme.dock) > row.width() * row.height() / 4);
        }
    }
};

QTEST_MAIN(TestProfileChart)
#include "tst_profile_chart.moc"
