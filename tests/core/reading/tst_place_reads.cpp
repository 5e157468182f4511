// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/base/half_bound.h"
#include "core/reading/cell_list.h"
#include "core/reading/head_reads.h"
#include "core/reading/place_reads.h"
#include "core/trace/synthetic_trace.h"
#include "core/trace/trace_quantity.h"

#include <QTemporaryDir>
#include <set>

using namespace headwater;

namespace {

std::string messageOf(const Error& error)
{
    return error.text();
}

} // namespace

/// Layers × heads on the sample: every head's value is what is known of it alone.
class TestPlaceReads : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        const auto trace = Trace::open(HEADWATER_SOURCE_DIR "/resources/samples/story.hwt");
        QVERIFY2(trace, trace ? "" : messageOf(trace.error()).c_str());
        m_trace = *trace;
        QVERIFY(m_trace->heads().size() > 100 && m_trace->sealHash());
    }

    void pair_isThatOfEveryHead();
    void span_addsUpItsPairs();
    void band_tellsTheSame();
    void row_isItsLargestKeyButSinks();
    void key_isTheMeanOfItsRows();
    void session_comesFirst();
    void overviews_haveNoNumber();
    void order_isByWhatIsCertain();
    void wrongPlaces_areRefused();

private:
    PlaceReads read(const Place& place, const RowBand* band = nullptr) const
    {
        const auto reads = readPlace(readingOf(m_trace), place, band);
        return reads ? *reads : PlaceReads();
    }
    std::shared_ptr<const Trace> m_trace;
};

void TestPlaceReads::pair_isThatOfEveryHead()
{
    const TraceReading reading = readingOf(m_trace);
    const std::uint32_t last = m_trace->seqLen() - 1;
    std::set<KnownMass::State> seen;
    for (const auto& [row, key] :
         {std::pair{last, 5U}, {last, last - 1}, {300U, 17U}, {301U, 300U}, {40U, 0U}}) {
        const PlaceReads reads = read(Place::ofPair(row, key));
        QCOMPARE(reads.heads.size(), m_trace->heads().size());
        for (const HeadPlace& head : reads.heads) {
            const auto pairs = readPairs(reading, head.head, {row, row + 1}, {key, key + 1});
            QVERIFY(pairs && pairs->size() == 1 && head.mass);
            const KnownPair& pair = pairs->front();
            QCOMPARE(head.mass->upper, static_cast<double>(pair.bound));
            QCOMPARE(head.mass->isExact(), pair.hasValue());
            QVERIFY(!pair.hasValue() || head.mass->lower <= static_cast<double>(pair.value));
            QCOMPARE(head.mass->lower > 0, pair.hasValue() && pair.value > 0x1p-24F);
            QCOMPARE(std::string(head.quantity), std::string("p_model"));
            seen.insert(head.mass->state);
        }
    }
    QVERIFY(seen.size() >= 4);
}

void TestPlaceReads::span_addsUpItsPairs()
{
    const TraceReading reading = readingOf(m_trace);
    const Place place{TokenRange{120, 150}, TokenRange{90, 130}};
    const PlaceReads reads = read(place);
    for (std::size_t i = 0; i < reads.heads.size(); i += 31) {
        const KnownMass& mass = *reads.heads[i].mass;
        const auto pairs = readPairs(reading, reads.heads[i].head, *place.rows, *place.keys);
        QVERIFY(pairs.has_value());
        double least = 0;
        double most = 0;
        for (const KnownPair& pair : *pairs) {
            least += pair.hasValue() ? static_cast<double>(floorOfNearestHalf(pair.value)) : 0;
            most += static_cast<double>(pair.bound);
        }
        QVERIFY(mass.lower >= least / 30 - 1e-9);
        QVERIFY(mass.upper <= most / 30 + 1e-6);
        QVERIFY(mass.lower <= mass.upper && mass.upper <= 1);
    }
}

void TestPlaceReads::band_tellsTheSame()
{
    const TraceReading reading = readingOf(m_trace);
    const auto band = loadRowBand(reading, {300, 310});
    QVERIFY2(band, band ? "" : messageOf(band.error()).c_str());
    QCOMPARE((*band)->rows.begin, 256U);
    QCOMPARE((*band)->rows.end, m_trace->seqLen()); // within the next tile
    QVERIFY((*band)->holds(*m_trace, {256, 437}) && !(*band)->holds(*m_trace, {255, 260}));
    QVERIFY((*band)->bytes() < std::size_t{64} << 20);
    for (const Place& place :
         {Place::ofPair(305, 20), Place::ofRow(400), Place{TokenRange{256, 300}, TokenRange{4, 9}}}) {
        const PlaceReads cold = read(place);
        const PlaceReads warm = read(place, band->get());
        QCOMPARE(cold.heads.size(), warm.heads.size());
        for (std::size_t i = 0; i < cold.heads.size(); ++i) {
            QCOMPARE(warm.heads[i].mass->state, cold.heads[i].mass->state);
            QCOMPARE(warm.heads[i].mass->lower, cold.heads[i].mass->lower);
            QCOMPARE(warm.heads[i].mass->upper, cold.heads[i].mass->upper);
            QCOMPARE(warm.heads[i].key, cold.heads[i].key);
        }
    }
}

void TestPlaceReads::row_isItsLargestKeyButSinks()
{
    const std::uint32_t last = m_trace->seqLen() - 1;
    QVERIFY(m_trace->hasTokenRow(last));
    const HeadReads ranked = rankHeads(readingOf(m_trace), {last, std::nullopt}, {});
    const PlaceReads reads = read(Place::ofRow(last));
    int exact = 0;
    for (const HeadRead& one : ranked.heads) {
        const auto head = std::ranges::find(reads.heads, one.head, &HeadPlace::head);
        QVERIFY(head != reads.heads.end());
        if (!one.isHeld || !head->mass->isExact())
            continue;
        ++exact;
        QCOMPARE(head->mass->lower, static_cast<double>(one.mass));
        QCOMPARE(*head->key, one.key);
    }
    QVERIFY(exact > 200);
}

void TestPlaceReads::key_isTheMeanOfItsRows()
{
    const TraceReading reading = readingOf(m_trace);
    const std::uint32_t key = m_trace->seqLen() - 200;
    const PlaceReads reads = read(Place::ofKey(key));
    for (std::size_t i = 0; i < reads.heads.size(); i += 67) {
        const auto pairs = readPairs(reading, reads.heads[i].head, {key, m_trace->seqLen()}, {key, key + 1});
        QVERIFY(pairs.has_value());
        double least = 0;
        double most = 0;
        for (const KnownPair& pair : *pairs) {
            least += pair.hasValue() ? static_cast<double>(floorOfNearestHalf(pair.value)) : 0;
            most += static_cast<double>(pair.bound);
        }
        const auto rows = static_cast<double>(pairs->size());
        const KnownMass& mass = *reads.heads[i].mass;
        QVERIFY(mass.lower >= least / rows - 1e-9 && mass.upper <= most / rows + 1e-6);
    }
}

void TestPlaceReads::session_comesFirst()
{
    const TraceReading reading = readingOf(m_trace);
    const std::uint32_t row = 333;
    QVERIFY(!m_trace->hasTokenRow(row));
    ExactRow given;
    given.row = row;
    given.listed = 1;
    given.firstHead = {0};
    for (int layer = 0; layer < m_trace->numLayers(); ++layer)
        given.firstHead.push_back(given.firstHead.back()
                                  + static_cast<std::uint32_t>(m_trace->numHeads(layer)));
    const std::size_t heads = given.firstHead.back();
    given.lse.assign(heads, 1);
    given.keys.assign(heads, 77);
    given.probability.assign(heads, 0.25F);
    given.given[12] = std::vector<float>(heads, 0.125F);
    reading.exactRows->add(given);
    for (const auto& [key, p] : {std::pair{77U, 0.25}, {12U, 0.125}}) {
        const auto reads = readPlace(reading, Place::ofPair(row, key));
        QVERIFY(reads.has_value());
        for (const HeadPlace& head : reads->heads) {
            QVERIFY(head.mass->isExact());
            QCOMPARE(head.mass->lower, p);
            QCOMPARE(head.mass->upper, p);
        }
    }
    const auto other = readPlace(reading, Place::ofPair(row, 13));
    QVERIFY(other && !other->heads[0].mass->isExact() && other->heads[0].mass->upper <= 0.25);
}

void TestPlaceReads::overviews_haveNoNumber()
{
    QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("s.hwt").toStdString();
    SyntheticSpec spec{"s", {1024, 16, 16}, 2, 4, 6, 2, 1};
    QVERIFY(writeSyntheticTrace(path, spec).has_value());
    const auto trace = Trace::open(path);
    QVERIFY(trace.has_value());
    const auto reads = readPlace(readingOf(*trace), Place::ofPair(600, 3));
    QVERIFY(reads.has_value());
    QCOMPARE(reads->unknownHeads, std::size_t{4});
    for (const HeadPlace& head : reads->heads)
        QCOMPARE(head.mass.has_value(), (*trace)->hasEdges(head.head.layer, head.head.head));
}

void TestPlaceReads::order_isByWhatIsCertain()
{
    PlaceReads reads;
    const auto add = [&](std::optional<KnownMass> mass) {
        reads.heads.push_back({{0, static_cast<int>(reads.heads.size())}, mass, std::nullopt, ""});
    };
    using State = KnownMass::State;
    add(KnownMass{State::NotKept, 0, 0.1, true});
    add(std::nullopt);
    add(KnownMass{State::Exact, 0.4, 0.4, true});
    add(KnownMass{State::None, 0, 0, true});
    add(KnownMass{State::InBlock, 0, 0.9, true});
    add(KnownMass{State::NotKept, 0, std::nan(""), true});
    add(KnownMass{State::InBlock, 0.5, 0.6, true});
    QCOMPARE(reads.heaviestFirst(), (std::vector<std::size_t>{6, 2, 5, 4, 0, 3, 1}));
}

void TestPlaceReads::wrongPlaces_areRefused()
{
    const std::uint32_t tokens = m_trace->seqLen();
    const TraceReading reading = readingOf(m_trace);
    for (const Place& place :
         {Place{}, Place::ofRow(tokens), Place::ofKey(tokens), Place::ofPair(3, 4),
          Place{TokenRange{1, 5}, std::nullopt}, Place{TokenRange{5, 5}, TokenRange{0, 1}},
          Place{TokenRange{5, 6}, TokenRange{3, tokens + 1}}}) {
        const auto reads = readPlace(reading, place);
        QVERIFY(!reads && reads.error().code == ErrorCode::InvalidArgument);
    }
    QVERIFY(readPlace(reading, Place::ofRow(tokens - 1)).has_value());
}

QTEST_GUILESS_MAIN(TestPlaceReads)
#include "tst_place_reads.moc"
