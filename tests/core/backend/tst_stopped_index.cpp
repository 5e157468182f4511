// SPDX-License-Identifier: Apache-2.0
// A stop is heard while the content trees of a layer are built. Nothing here looks at a clock: work that must
// not be done is work that would leave traces, or never end.
#include "core/backend/cpu/cpu_backend.h"
#include "core/backend/cpu/cpu_tensor.h"
#include "core/parallel/thread_pool.h"
#include "core/select/content_tree.h"
#include "core/select/k_means.h"

#include <QTest>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <optional>
#include <thread>

using namespace headwater;

namespace {

std::vector<float> randomPoints(std::uint32_t count, std::uint32_t dim)
{
    SeededRandom random(17);
    std::vector<float> points(std::size_t(count) * dim);
    for (float& value : points)
        value = static_cast<float>(random.remainder(2000)) / 1000 - 1;
    return points;
}

std::stop_token stopped()
{
    std::stop_source source;
    source.request_stop();
    return source.get_token();
}

/// Requests a stop from another thread some time after `begin`.
class StopFromOutside {
public:
    StopFromOutside()
        : m_thread([this] {
            m_begun.wait(false);
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            m_source.request_stop();
        })
    {
    }
    ~StopFromOutside() { begin(); }
    std::stop_token begin()
    {
        m_begun = true;
        m_begun.notify_all();
        return m_source.get_token();
    }

private:
    std::atomic<bool> m_begun = false;
    std::stop_source m_source;
    std::jthread m_thread;
};

} // namespace

class TstStoppedIndex : public QObject {
    Q_OBJECT

    static constexpr std::uint32_t kDim = 16;

private slots:
    void assignment_isLeftUnfinished_data()
    {
        QTest::addColumn<int>("threads");
        QTest::newRow("this thread alone") << 0;
        QTest::newRow("pool") << 2;
    }

    void assignment_isLeftUnfinished()
    {
        QFETCH(int, threads);
        constexpr std::uint32_t kPoints = 10'000;
        constexpr std::uint32_t kUntouched = 77;
        const std::vector<float> points = randomPoints(kPoints, kDim);
        const std::vector<float> means = randomPoints(8, kDim);
        std::optional<ThreadPool> pool;
        if (threads > 0)
            pool.emplace(std::size_t(threads));
        const auto assign = [&](std::stop_token stop) {
            std::vector<std::uint32_t> cluster(kPoints, kUntouched);
            assignNearest({points.data(), kDim, kPoints, kDim}, means, 8, cluster.data(),
                          pool ? &*pool : nullptr, std::move(stop));
            return std::count(cluster.begin(), cluster.end(), kUntouched);
        };
        QCOMPARE(assign({}), 0);
        QCOMPARE(assign(stopped()), std::ptrdiff_t(kPoints));
    }

    /// So many rounds would take days: that it returns at all is what is tested.
    void kMeans_hearsAStopBetweenRounds()
    {
        constexpr std::uint32_t kPoints = 1000;
        const std::vector<float> points = randomPoints(kPoints, kDim);
        StopFromOutside outside;
        const auto cluster = kMeans({points.data(), kDim, kPoints, kDim}, 4,
                                    std::numeric_limits<std::uint32_t>::max(), 5, nullptr, outside.begin());
        QCOMPARE(cluster.size(), std::size_t(kPoints));
        QVERIFY(*std::max_element(cluster.begin(), cluster.end()) < 4u);
    }

    void build_givesNoTreeWhenStopped_data()
    {
        QTest::addColumn<int>("levels");
        QTest::newRow("one level") << 1;
        QTest::newRow("three levels") << 3;
    }

    void build_givesNoTreeWhenStopped()
    {
        QFETCH(int, levels);
        constexpr std::uint32_t kKeys = 4000;
        const std::vector<float> keys = randomPoints(kKeys, kDim);
        const KeyValues head{keys.data(), kDim, nullptr, 0, kKeys, kDim};
        const TreeShape shape = treeShape(kKeys, std::uint32_t(levels));
        QCOMPARE(ContentTree::build(head, shape, 5, nullptr).length(), kKeys);
        const ContentTree tree = ContentTree::build(head, shape, 5, nullptr, stopped());
        QCOMPARE(tree.length(), 0u);
        QVERIFY(tree.levels().empty());
    }

    /// One key/value head: nobody looks at the token between two heads. Unheard, the tree would be whole and
    /// the answer no error.
    void indexKeys_isCancelledInsideOneTree()
    {
        constexpr std::uint32_t kKeys = 262'144;
        auto model = std::make_shared<Model>();
        LayerConfig layer;
        layer.kind = HeadKind::Global;
        layer.numHeads = 1;
        layer.numKvHeads = 1;
        layer.headDim = int(kDim);
        model->config.layers = {layer};
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(model));
        auto keys = backend->allocate(kKeys, kDim, ElementType::F32);
        QVERIFY(keys);
        const std::vector<float> points = randomPoints(kKeys, kDim);
        std::copy(points.begin(), points.end(), floatRow(*keys, 0));
        SelectParams select;
        select.selection = Selection::Tree;
        select.treeLevels = 1; // 8 192 clusters over all keys at once: seconds
        StopFromOutside outside;
        const auto index = backend->indexKeys(0, *keys, kKeys, select, outside.begin());
        QVERIFY(!index);
        QCOMPARE(index.error().code, ErrorCode::Cancelled);
        QCOMPARE(index.error().context, std::string("layer 0"));
    }
};

QTEST_APPLESS_MAIN(TstStoppedIndex)
#include "tst_stopped_index.moc"
