// SPDX-License-Identifier: Apache-2.0
// What a trace says of pairs that it has no number of holds in a model: for every head of SmolLM2 at 2 048
// tokens (with "slow" 4 096) no pair exceeds its bound, against dense attention in float64.
#include "core/base/half.h"
#include "core/reading/known_pair.h"
#include "core/select/dense_head.h"
#include "core/select/model_bench.h"
#include "core/trace/chunk.h"

#include <QTest>

using namespace headwater;
using namespace headwater::test;

namespace {

std::uint32_t tokens = 2048;

/// A head as a reader of the trace has it: through the chunks that store it.
struct StoredHead {
    HeadShape shape;
    HeadEdges edges;
    std::vector<float> missedPeak;

    explicit StoredHead(const HeadRecord& record)
        : shape(record.shape())
    {
        edges.grid = record.grid;
        for (const Chunk& chunk : chunksOf(record, 0)) {
            edges.append(chunk);
            for (const std::uint16_t half : chunk.missedPeak)
                missedPeak.push_back(floatFromHalf(half));
        }
    }
};

/// What was compared, and the largest excess over a bound, relative to it.
struct Excess {
    std::uint64_t notKept = 0;
    std::uint64_t inBlock = 0;
    std::uint64_t peaks = 0;
    double overBound = 0;
    double ofPeak = 0; ///< of a peak's number from the truth

    void addOver(double excess)
    {
        if (!(overBound >= excess)) // what is no number stays
            overBound = excess;
    }
    void join(const Excess& other)
    {
        notKept += other.notKept;
        inBlock += other.inBlock;
        peaks += other.peaks;
        addOver(other.overBound);
        ofPeak = std::max(ofPeak, other.ofPeak);
    }
};

/// A bound covers what the forward, in float32, found; float64 differs from it by the rounding of the scores,
/// whose terms are some hundreds at most.
constexpr double kRounding = 2e-5;
constexpr double kOfTheSmallest = 0x1p-24; ///< a step of the smallest binary16

Excess compare(const HeadArrays& head, const StoredHead& stored)
{
    Excess excess;
    const DenseHead dense(head, stored.shape);
    DenseBlock block;
    for (std::uint32_t index = 0; index < stored.shape.grid.numQueryBlocks(); ++index) {
        dense.queryBlock(index, block);
        for (std::uint32_t row = block.firstRow; row < block.firstRow + block.numRows; ++row) {
            const double* const p = block.rowOf(row);
            const RowKnowledge known{stored.shape, stored.edges, stored.missedPeak[row]};
            for (std::uint32_t key = stored.shape.firstKey(row); key <= row; ++key) {
                const KnownPair pair = knownPair(known, row, key);
                if (pair.state == KnownPair::State::Peak) {
                    ++excess.peaks;
                    const double off = std::abs(p[key] - static_cast<double>(pair.value));
                    excess.ofPeak = std::max(excess.ofPeak, (off - kOfTheSmallest) / p[key]);
                    continue;
                }
                ++(pair.state == KnownPair::State::NotKept ? excess.notKept : excess.inBlock);
                // No bound fails, too: of an observed head all are known.
                if (!(p[key] <= static_cast<double>(pair.bound)))
                    excess.addOver(p[key] / static_cast<double>(pair.bound) - 1);
            }
        }
    }
    return excess;
}

} // namespace

class TestModelBounds : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
        const auto loaded = m_bench.load("smollm2-135m");
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
    }

    void everyPairOfEveryHead_isWithinItsBound();

private:
    ModelBench m_bench;
};

void TestModelBounds::everyPairOfEveryHead_isWithinItsBound()
{
    const SelectParams select = resolvedSelect(Selection::Exact, Propagation::Observed, tokens, 512);
    const auto prompt = m_bench.ids(tokens);
    QVERIFY2(prompt, prompt ? "" : prompt.error().text().c_str());
    Excess all;
    std::size_t heads = 0;
    std::mutex mutex;
    HEADWATER_VERIFY_NONE(m_bench.checkRun(
        *prompt, select, [&](const HeadArrays& head, const HeadObservation& seen) -> std::string {
            const Excess excess = compare(head, StoredHead(seen.record));
            HEADWATER_EXPECT(excess.overBound <= kRounding, "a pair exceeds its bound by {:.2e} of it",
                             excess.overBound);
            HEADWATER_EXPECT(excess.ofPeak <= 0x1p-11 + kRounding, "a peak is {:.2e} off", excess.ofPeak);
            const std::lock_guard lock(mutex);
            all.join(excess);
            ++heads;
            return {};
        }));
    QCOMPARE(heads, m_bench.numHeads());
    const std::uint64_t pairs = std::uint64_t{tokens} * (tokens + 1) / 2 * heads;
    QCOMPARE(all.notKept + all.inBlock + all.peaks, pairs);
    QVERIFY(all.notKept > pairs / 10);
    qInfo("%zu heads, %u tokens: %.1f million pairs not kept, %.1f in kept blocks; the most that one exceeds "
          "its bound "
          "%.1e, a peak is off %.1e",
          heads, tokens, static_cast<double>(all.notKept) / 1e6, static_cast<double>(all.inBlock) / 1e6,
          all.overBound, all.ofPeak);
}

int main(int argc, char** argv)
{
    if (argc > 1 && std::string_view(argv[1]) == "slow") {
        tokens = 4096;
        --argc;
        ++argv;
    }
    TestModelBounds test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_model_bounds.moc"
