// SPDX-License-Identifier: Apache-2.0
// What DESIGN §3 promises of `exact`, `tree` and `stream`, on every head of a model instead of made ones: a
// program for builtin:needle, one for SmolLM2 (HEADWATER_MODEL_HEADS). With "slow" all heads at 4 096 tokens
// instead of a tenth of them (three whole layers).
#include "core/forward/forward_pass.h"
#include "core/select/content_tree.h"
#include "model_bench.h"
#include "stream_checks.h"
#include "support/layer_collector.h"
#include "tree_checks.h"

#include <QTest>

using namespace headwater;
using namespace headwater::test;

namespace {

constexpr bool kNeedle = std::string_view(HEADWATER_MODEL_HEADS) == "needle";
bool everyHead = kNeedle;

unsigned long long number(std::uint64_t value)
{
    return value;
}

/// Sizes of a run, and one layer in how many is looked at.
struct RunSize {
    std::uint32_t tokens;
    std::uint32_t keepKeys;
    int oneIn;
};

} // namespace

Q_DECLARE_METATYPE(RunSize)

class TstModelHeads : public QObject {
    Q_OBJECT

private:
    static void sizes()
    {
        QTest::addColumn<RunSize>("size");
        if (kNeedle || !everyHead)
            QTest::newRow("1024 tokens, every head") << RunSize{1024, 128, 1};
        QTest::newRow(everyHead ? "4096 tokens, every head" : "4096 tokens, a tenth of the heads")
            << RunSize{4096, 512, everyHead ? 1 : 10};
    }

    ModelBench m_bench;

private slots:
    void initTestCase()
    {
        if (!kNeedle)
            HEADWATER_SKIP_WITHOUT("smollm2-135m");
        const auto loaded = m_bench.load(kNeedle ? "builtin:needle" : "smollm2-135m");
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        QCOMPARE(m_bench.numHeads(), std::size_t(kNeedle ? 15 : 270));
    }

    void exact_equalsDense_data() { sizes(); }
    void exact_equalsDense();
    void tree_thatOpensAllEqualsExact_data() { sizes(); }
    void tree_thatOpensAllEqualsExact();
    void stream_followsTheRefinement_data();
    void stream_followsTheRefinement();
    void stream_largeBudgetIsDense();
    void stream_laterKeysDoNotMatter();
    void stream_bytesDoNotDependOnThreadsOrChunks_data();
    void stream_bytesDoNotDependOnThreadsOrChunks();
    void stream_movesWithTheHeads();
};

/// The blocks of `exact` are a top-K of the dense head in float64, its rows' log-sum-exp true to 1e-4, kept
/// and missed add to 1, every pair of p >= 0.1 is kept; and that is what the model's run recorded, to the
/// byte.
void TstModelHeads::exact_equalsDense()
{
    QFETCH(RunSize, size);
    const SelectParams select =
        resolvedSelect(Selection::Exact, Propagation::Observed, size.tokens, size.keepKeys);
    QCOMPARE(select.keepPeak, 0.1f);
    WorstDifference worst;
    std::size_t heads = 0;
    std::mutex mutex;
    const auto check = [&](const HeadArrays& head, const HeadObservation& seen) -> std::string {
        const KeepRule rule{select.keepKeys, select.keepPeak};
        const HeadShape shape = shapeOf(seen.record);
        const WholeHead whole = runExact(head, shape, rule, 1);
        HEADWATER_EXPECT(sameRecord(whole.record, seen.record), "the backend recorded something else");
        ExactComparison comparison(head, shape, rule, whole);
        HEADWATER_EXPECT_NONE(comparison.run());
        const std::lock_guard lock(mutex);
        worst.join(comparison.worst());
        ++heads;
        return {};
    };
    HEADWATER_VERIFY_NONE(m_bench.checkLayers(size.tokens, size.oneIn, select, check));
    QCOMPARE(heads, m_bench.numHeads() / std::size_t(size.oneIn));
    QVERIFY(worst.strongPairs > 0);
    qInfo("%zu heads: log-sum-exp %.1e, kept + missed %.1e, masses %.1e (a score rounds by %.1e), output "
          "%.1e of the "
          "largest value; %llu pairs of p >= 0.1",
          heads, worst.lse, worst.sum, worst.mass, worst.rounding, worst.output, number(worst.strongPairs));
}

/// M >= T and W >= b: the tree opens every key of every row.
void TstModelHeads::tree_thatOpensAllEqualsExact()
{
    QFETCH(RunSize, size);
    SelectParams select = resolvedSelect(Selection::Tree, Propagation::Observed, size.tokens, size.keepKeys);
    select.keepPeak = 0;
    select.beam = treeShape(size.tokens, select.treeLevels).branching;
    select.open = size.tokens;
    TreeTies ties;
    std::mutex mutex;
    const auto check = [&](const HeadArrays& head, const HeadObservation& seen) -> std::string {
        const WholeHead exact = runExact(head, shapeOf(seen.record), {select.keepKeys, 0}, 1, nullptr, false);
        TreeTies ofHead;
        HEADWATER_EXPECT_NONE(keepTheSameBlocks(exact.record, seen.record, ofHead));
        const std::lock_guard lock(mutex);
        ties.join(ofHead);
        return {};
    };
    HEADWATER_VERIFY_NONE(m_bench.checkLayers(size.tokens, size.oneIn, select, check));
    QVERIFY(ties.blocks > 0);
    qInfo("%llu of %llu blocks differ by a tie, the widest of mass %.1e", number(ties.ties),
          number(ties.blocks), ties.widest);
}

void TstModelHeads::stream_followsTheRefinement_data()
{
    QTest::addColumn<RunSize>("size");
    QTest::addColumn<bool>("middle");
    for (const bool middle : {false, true}) {
        const char* const probe = middle ? "middle" : "first";
        if (kNeedle || !everyHead)
            QTest::addRow("1024 tokens, %s", probe) << RunSize{1024, 128, 1} << middle;
        if (everyHead)
            QTest::addRow("4096 tokens, %s", probe) << RunSize{4096, 512, 1} << middle;
    }
}

/// I2, I3, I4: the blocks are those of the plain refinement, and those that the model's run recorded.
void TstModelHeads::stream_followsTheRefinement()
{
    QFETCH(RunSize, size);
    QFETCH(bool, middle);
    SelectParams select =
        resolvedSelect(Selection::Stream, Propagation::Observed, size.tokens, size.keepKeys);
    select.keepPeak = 0;
    select.probe = middle ? StreamProbe::Middle : StreamProbe::First;
    RefinementCount count;
    std::mutex mutex;
    const auto check = [&](const HeadArrays& head, const HeadObservation& seen) -> std::string {
        if (seen.record.kind == HeadKind::Sliding)
            return {};
        const HeadShape shape = shapeOf(seen.record);
        for (std::uint32_t first = 0; first < head.tokens; first += kTileRows) {
            const BlockMask mask = runStream(head, shape, first, select.keepKeys, select.probe);
            const BlockMask recorded =
                maskOfTile(seen.record, first, std::min(kTileRows, head.tokens - first));
            HEADWATER_EXPECT(mask.keyBlock == recorded.keyBlock && mask.rowPtr == recorded.rowPtr,
                             "the backend recorded something else in the tile of row {}", first);
        }
        RefinementCount ofHead;
        HEADWATER_EXPECT_NONE(followsTheRefinement(head, shape, select.keepKeys, select.probe, ofHead));
        const std::lock_guard lock(mutex);
        count.join(ofHead);
        return {};
    };
    HEADWATER_VERIFY_NONE(m_bench.checkLayers(size.tokens, size.oneIn, select, check));
    QVERIFY(count.refined > 0);
    QVERIFY2(kNeedle || count.tied * 1000 <= count.refined, "so many ties are none");
    qInfo("%llu query blocks refined, %llu of them otherwise than in float64, on a near tie",
          number(count.refined), number(count.tied));
}

void TstModelHeads::stream_largeBudgetIsDense() // I1
{
    const SelectParams select = resolvedSelect(Selection::Stream, Propagation::Observed, 1024, 1024);
    const auto check = [](const HeadArrays& head, const HeadObservation& seen) -> std::string {
        if (seen.record.kind == HeadKind::Sliding)
            return {};
        return largeBudgetIsDense(head, shapeOf(seen.record), StreamProbe::First);
    };
    HEADWATER_VERIFY_NONE(m_bench.checkLayers(1024, 1, select, check));
}

void TstModelHeads::stream_laterKeysDoNotMatter() // I4, and what I5 says of scratch memory
{
    const SelectParams select = resolvedSelect(Selection::Stream, Propagation::Observed, 1024, 128);
    const auto check = [&](const HeadArrays& head, const HeadObservation& seen) -> std::string {
        if (seen.record.kind == HeadKind::Sliding)
            return {};
        HEADWATER_EXPECT_NONE(sameBytesInAnyOrder(head, shapeOf(seen.record), select.keepKeys));
        return laterKeysDoNotMatter(head, shapeOf(seen.record), select.keepKeys);
    };
    HEADWATER_VERIFY_NONE(m_bench.checkLayers(1024, 1, select, check));
}

void TstModelHeads::stream_bytesDoNotDependOnThreadsOrChunks_data()
{
    QTest::addColumn<int>("propagation");
    QTest::newRow("observed") << int(Propagation::Observed);
    QTest::newRow("propagated") << int(Propagation::Propagated);
}

/// I5: a forward of one thread and chunks of 256 rows records the bytes of two threads and one chunk,
/// runModel()'s.
void TstModelHeads::stream_bytesDoNotDependOnThreadsOrChunks()
{
    QFETCH(int, propagation);
    const std::uint32_t tokens = 700;
    const SelectParams select =
        resolvedSelect(Selection::Stream, static_cast<Propagation>(propagation), tokens, 128);
    const auto prompt = m_bench.ids(tokens);
    QVERIFY(prompt);
    std::vector<std::vector<HeadObservation>> expected;
    QVERIFY(runModel(m_bench.backend(), *m_bench.model(), *prompt, &select,
                     [&](ModelLayer&&, std::vector<HeadObservation>&& seen) -> Result<bool> {
                         expected.push_back(std::move(seen));
                         return true;
                     }));
    QCOMPARE(expected.size(), std::size_t(m_bench.model()->config.numLayers()));
    const auto backend = makeCpuBackend(1);
    QVERIFY(backend->uploadWeights(m_bench.model()));
    ForwardPass pass(*backend, m_bench.model());
    ForwardOptions options;
    options.mode = static_cast<Propagation>(propagation) == Propagation::Propagated
        ? AttentionRequest::Mode::Propagated
        : AttentionRequest::Mode::Observed;
    options.select = select;
    options.grid = gridOf(select, tokens);
    options.chunkRows = 256;
    LayerCollector seen;
    QVERIFY(pass.prefill(*prompt, options, &seen));
    QCOMPARE(seen.layers.size(), expected.size());
    for (std::size_t layer = 0; layer < expected.size(); ++layer)
        for (std::size_t head = 0; head < expected[layer].size(); ++head)
            QVERIFY2(sameRecord(seen.layers[layer][head].record, expected[layer][head].record)
                         && sameProbes(seen.layers[layer][head], expected[layer][head]),
                     fmt::format("layer {}, head {}", layer, head).c_str());
}

/// I6: heads in another order keep what they kept; heads that share their keys may keep different blocks.
void TstModelHeads::stream_movesWithTheHeads()
{
    const SelectParams select = resolvedSelect(Selection::Stream, Propagation::Observed, 1024, 128);
    std::size_t compared = 0;
    std::size_t different = 0;
    const auto layers = m_bench.layers(1024, 1);
    QVERIFY(layers);
    for (const ModelLayer& layer : **layers) {
        if (!layer.isGlobal())
            continue;
        const std::vector<int> from = movedHeads(layer.config);
        const auto movedLayer = moveHeads(m_bench.backend(), layer, from);
        QVERIFY(movedLayer);
        DeviceTensor attended;
        const auto seen = observeLayer(m_bench.backend(), layer, select, attended);
        const auto moved = observeLayer(m_bench.backend(), *movedLayer, select, attended);
        QVERIFY(seen && moved);
        for (std::size_t place = 0; place < moved->size(); ++place) {
            const auto head = static_cast<std::size_t>(from[place]);
            QVERIFY(head != place);
            QVERIFY2(sameRecord((*moved)[place].record, (*seen)[head].record),
                     fmt::format("layer {}, head {}", layer.index, head).c_str());
            const std::size_t next = head % std::size_t(layer.groupSize()) == 0 ? head + 1 : head - 1;
            different += (*seen)[head].record.keyBlock != (*seen)[next].record.keyBlock;
            ++compared;
        }
    }
    qInfo("%zu heads of %zu keep other blocks than a neighbour with the same keys", different, compared);
    QVERIFY(different > 0);
}

int main(int argc, char** argv)
{
    std::vector<char*> arguments(argv, argv + argc);
    if (arguments.size() > 1 && std::string_view(arguments[1]) == "slow") {
        everyHead = true;
        arguments.erase(arguments.begin() + 1);
    }
    TstModelHeads test;
    return QTest::qExec(&test, static_cast<int>(arguments.size()), arguments.data());
}

#include "tst_model_heads.moc"
