// SPDX-License-Identifier: Apache-2.0
// Times a warm session of a trace: opening it beside one dense forward of the same tokens, in turns, then
// what it answers: a row of all heads, a window and a whole pattern of one head, a column of one head and of
// all.
//   session_bench MODEL TRACE [rounds]
// Wall and processor time (of the whole process): on a busy machine only the second tells of the program.
#include "bench/process_use.h"
#include "core/backend/cpu/cpu_backend.h"
#include "core/engine/loaded_model.h"
#include "core/forward/forward_pass.h"
#include "core/session/warm_session.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace headwater;

namespace {

struct Times {
    std::vector<double> wall;
    std::vector<double> processor;

    template <class Work> void take(Work work)
    {
        const double before = processorMilliseconds(CLOCK_PROCESS_CPUTIME_ID);
        const auto begin = std::chrono::steady_clock::now();
        work();
        wall.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
        processor.push_back(processorMilliseconds(CLOCK_PROCESS_CPUTIME_ID) - before);
    }

    static double median(std::vector<double> values)
    {
        std::sort(values.begin(), values.end());
        return values[values.size() / 2];
    }

    void print(const char* what) const
    {
        std::printf("%-38s wall %9.1f ms (min %9.1f)  processor %9.1f ms\n", what, median(wall),
                    *std::min_element(wall.begin(), wall.end()), median(processor));
        std::fflush(stdout);
    }
};

template <class T> T orDie(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        std::exit(1);
    }
    return std::move(*result);
}

void orDie(const Result<void>& result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        std::exit(1);
    }
}

HeadRange headsOf(const Model& model, int layer)
{
    return allHeads(model.config.layers[static_cast<std::size_t>(layer)]);
}

void askQuestions(WarmSession& session, const Model& model, std::size_t rounds)
{
    const std::uint32_t tokens = session.trace()->seqLen();
    const int layers = model.config.numLayers();
    const int middle = layers / 2;
    Times row, window, pattern, column, columns;
    for (std::size_t round = 0; round < rounds; ++round) {
        row.take([&] {
            for (int layer = 0; layer < layers; ++layer)
                orDie(session.row(layer, headsOf(model, layer), tokens - 2));
        });
        const std::uint32_t side = std::min<std::uint32_t>(512, tokens);
        window.take([&] {
            orDie(session.window(middle, {0, 1}, tokens - side, side, tokens / 2 - side / 2, side));
        });
        const std::uint32_t whole = std::min<std::uint32_t>(2048, tokens);
        pattern.take([&] { orDie(session.window(middle, {0, 1}, 0, whole, 0, whole)); });
        column.take([&] { orDie(session.columns(middle, {0, 1}, 0)); });
    }
    columns.take([&] {
        for (int layer = 0; layer < layers; ++layer)
            orDie(session.columns(layer, headsOf(model, layer), 0));
    });
    row.print("one row of all heads");
    window.print("512 x 512 of one head, at the end");
    pattern.print("2048 x 2048 of one head");
    column.print("a whole column of one head");
    columns.print("a whole column of all heads");
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::fprintf(stderr, "usage: session_bench MODEL TRACE [rounds]\n");
        return 64;
    }
    const std::size_t rounds = argc > 3 ? std::stoul(argv[3]) : 3;
    const LoadedModel loaded = orDie(loadModelAndTokenizer(argv[1]));
    const auto trace = orDie(Trace::open(argv[2]));
    const auto backend = makeCpuBackend(0);
    orDie(backend->uploadWeights(loaded.model));
    Times dense, opening;
    std::unique_ptr<WarmSession> session;
    double engine = 0;
    double held = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        session.reset();
        {
            ForwardPass pass(*backend, loaded.model);
            ForwardOptions options;
            options.grid = defaultGrid(trace->seqLen());
            dense.take([&] { orDie(pass.prefill(trace->tokenIds(), options, nullptr)); });
        }
        if (round == 0)
            engine = anonymousMebibytes(); // what a forward leaves behind: weights, scratch of the threads
        opening.take([&] { session = orDie(WarmSession::open(*backend, loaded.model, trace, {})); });
        held = std::max(held, anonymousMebibytes() - engine);
    }
    std::printf("%u tokens, %s; check: %u heads, largest difference %.2e\n", trace->seqLen(),
                session->quantity(), session->check().heads, static_cast<double>(session->check().largest));
    dense.print("dense forward");
    opening.print("session opened");
    std::printf("ratio %.3f (wall), %.3f (processor); holds %.0f MiB beyond the engine's %.0f\n",
                Times::median(opening.wall) / Times::median(dense.wall),
                Times::median(opening.processor) / Times::median(dense.processor), held, engine);
    askQuestions(*session, *loaded.model, 5 * rounds);
}
