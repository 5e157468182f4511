// SPDX-License-Identifier: Apache-2.0
// Times every kind of selection tile against the bare matrix products of dense attention, in one run on one
// thread.
//   select_bench [tokens=8192] [head dim=64] [tiles=8]
#include "core/base/gemm.h"
#include "core/select/exact_tile.h"
#include "core/select/sparse_tile.h"
#include "core/select/stream_tile.h"
#include "core/select/tree_tile.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

using namespace headwater;

namespace {

/// Topic-like keys: a random walk plus noise, a few heavy first tokens; queries near the keys of their past.
struct MadeHead {
    std::vector<float> keys;
    std::vector<float> values;
    std::vector<float> queries;
};

MadeHead makeHead(std::uint32_t tokens, std::uint32_t dim)
{
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    MadeHead head;
    head.keys.resize(std::size_t(tokens) * dim);
    head.values.resize(head.keys.size());
    head.queries.resize(head.keys.size());
    std::vector<float> topic(dim);
    for (std::uint32_t t = 0; t < tokens; ++t)
        for (std::uint32_t i = 0; i < dim; ++i) {
            topic[i] = topic[i] * 0.98f + 0.2f * normal(random);
            head.keys[std::size_t(t) * dim + i] = topic[i] + normal(random);
            head.queries[std::size_t(t) * dim + i] =
                (topic[i] + normal(random)) * 1.5f / std::sqrt(float(dim));
            head.values[std::size_t(t) * dim + i] = normal(random);
        }
    return head;
}

/// Processor time of this thread: what else runs on the machine costs cache, not time slices.
double secondsOf(const std::function<void()>& work)
{
    const auto now = [] {
        timespec time;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
    };
    const double start = now();
    work();
    return now() - start;
}

/// The best of a few repetitions of the sum over tiles.
double best(std::uint32_t repetitions, const std::function<void()>& work)
{
    double seconds = 1e30;
    for (std::uint32_t i = 0; i < repetitions; ++i)
        seconds = std::min(seconds, secondsOf(work));
    return seconds;
}

void bareProducts(const MadeHead& made, std::uint32_t dim, std::uint32_t firstRow, bool values,
                  std::vector<float>& scores, std::vector<float>& out)
{
    for (std::uint32_t key = 0; key < firstRow + kTileRows; key += kTileKeys) {
        gemm(GemmRight::Transposed, kTileKeys, kTileRows, dim, made.keys.data() + std::size_t(key) * dim, dim,
             made.queries.data() + std::size_t(firstRow) * dim, dim, scores.data(), kTileRows);
        if (values)
            gemmLeftTransposed(dim, kTileRows, kTileKeys, made.values.data() + std::size_t(key) * dim, dim,
                               scores.data(), kTileRows, out.data(), kTileRows, true);
    }
}

} // namespace

int main(int argc, char** argv)
{
    const auto argument = [&](int i, std::uint32_t otherwise) {
        return argc > i ? static_cast<std::uint32_t>(std::strtoul(argv[i], nullptr, 10)) : otherwise;
    };
    const std::uint32_t tokens = argument(1, 8192) / kTileRows * kTileRows;
    const std::uint32_t dim = argument(2, 64);
    const std::uint32_t tiles = argument(3, 8);
    const MadeHead made = makeHead(tokens, dim);
    const HeadShape shape{defaultGrid(tokens), HeadKind::Global, 0};
    const KeyValues head{made.keys.data(), dim, made.values.data(), dim, tokens, dim};
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 1; i <= tiles; ++i)
        rows.push_back((tokens / kTileRows * i / tiles - 1) * kTileRows);
    const auto tileAt = [&](std::uint32_t row) {
        return QueryTile{made.queries.data() + std::size_t(row) * dim, dim, row, kTileRows};
    };

    std::vector<float> scores(kTileKeys * kTileRows);
    std::vector<float> out(kTileRows * dim);
    const auto overTiles = [&](const std::function<void(std::uint32_t)>& one) {
        return best(25, [&] { std::for_each(rows.begin(), rows.end(), one); });
    };
    std::printf("%s, T %u, d %u, blocks %u/%u, %u tiles\n", gemmLibrary(), tokens, dim, shape.grid.blockQ,
                shape.grid.blockK, tiles);
    const double both =
        overTiles([&](std::uint32_t row) { bareProducts(made, dim, row, true, scores, out); });
    const double score =
        overTiles([&](std::uint32_t row) { bareProducts(made, dim, row, false, scores, out); });
    const auto print = [&](const char* name, double seconds) {
        std::printf("%-28s %9.3f ms a tile  %6.3f x both products  %6.3f x scores alone\n", name,
                    seconds * 1e3 / tiles, seconds / both, seconds / score);
    };
    print("bare products", both);
    print("bare scores", score);

    ExactScratch exactScratch;
    TileRecord record;
    const KeepRule rule{512, 0.1f};
    print("exact", overTiles([&](std::uint32_t row) {
              exactTile(shape, head, tileAt(row), rule, exactScratch, {out.data(), dim}, record);
          }));
    print("dense, no record", overTiles([&](std::uint32_t row) {
              denseTile(shape, head, tileAt(row), exactScratch, {out.data(), dim});
          }));
    print("exact, no output", overTiles([&](std::uint32_t row) {
              exactTile(shape, head, tileAt(row), rule, exactScratch, {}, record);
          }));
    SparseScratch sparseScratch;
    std::vector<BlockMask> masks;
    for (const std::uint32_t row : rows) {
        exactTile(shape, head, tileAt(row), {512, 0}, exactScratch, {}, record);
        masks.push_back(record.mask);
    }
    const auto maskOf = [&](std::uint32_t row) {
        return masks[std::find(rows.begin(), rows.end(), row) - rows.begin()];
    };
    print("sparse, 512 keys", overTiles([&](std::uint32_t row) {
              sparseTile(shape, head, tileAt(row), maskOf(row), sparseScratch, {out.data(), dim}, &record);
          }));
    print("sparse, output only", overTiles([&](std::uint32_t row) {
              sparseTile(shape, head, tileAt(row), maskOf(row), sparseScratch, {out.data(), dim}, nullptr);
          }));
    const TreeShape treeOf = treeShape(tokens, 0);
    ContentTree tree;
    const double build = best(3, [&] { tree = ContentTree::build(head, treeOf, 1, nullptr); });
    std::printf("tree of %u levels, %u children: built in %.1f ms, %.3f ms a tile of the head\n",
                treeOf.levels, treeOf.branching, build * 1e3, build * 1e3 * kTileRows / tokens);
    TreeScratch treeScratch;
    BlockMask treeMask;
    print("tree, W 16, M 1024", overTiles([&](std::uint32_t row) {
              treeTile(shape, tree, tileAt(row), 512, {16, 1024}, treeScratch, treeMask);
          }));
    StreamScratch streamScratch;
    print("stream, 512 keys", overTiles([&](std::uint32_t row) {
              streamTile(shape, head, tileAt(row), 512, StreamProbe::First, streamScratch, treeMask);
          }));
    return 0;
}
