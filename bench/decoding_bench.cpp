// SPDX-License-Identifier: Apache-2.0
// Decodes tokens in step with a peer: bench/decoding.py starts both and gives each its turn.
//   decoding_bench MODEL IDS_FILE THREADS NEW_TOKENS
// Prefills the ids, says "ready", then decodes as many tokens as each line of its input says, taking the
// likeliest as `generate` does, and prints the seconds that each took.
#include "core/backend/open_backend.h"
#include "core/forward/forward_pass.h"
#include "core/model/model_loader.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

using namespace headwater;

namespace {

int fail(const Error& error)
{
    std::fprintf(stderr, "decoding_bench: %s\n", error.text().c_str());
    return 1;
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 5) {
        std::fputs("decoding_bench: expected MODEL IDS_FILE THREADS NEW_TOKENS\n", stderr);
        return 64;
    }
    std::ifstream file(arguments[2]);
    const std::vector<std::int32_t> ids{std::istream_iterator<std::int32_t>(file), {}};
    const auto loaded = loadModel(arguments[1]);
    if (!loaded)
        return fail(loaded.error());
    const auto backend = openBackend({.threads = std::strtoul(arguments[3], nullptr, 10)});
    if (!backend)
        return fail(backend.error());
    if (const auto ready = (*backend)->uploadWeights(*loaded); !ready)
        return fail(ready.error());
    ForwardPass forward(**backend, *loaded);
    ForwardOptions options;
    options.grid = defaultGrid(static_cast<std::uint32_t>(ids.size()));
    options.newTokens = static_cast<std::uint32_t>(std::strtoul(arguments[4], nullptr, 10));
    if (const auto done = forward.prefill(ids, options, nullptr); !done)
        return fail(done.error());
    std::int32_t token = ids.back();
    std::puts("ready");
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
        for (unsigned long left = std::stoul(line); left > 0; --left) {
            const auto begin = std::chrono::steady_clock::now();
            const auto logits = forward.decode(token);
            if (!logits)
                return fail(logits.error());
            token = greedyToken(*logits);
            std::printf("%.7f ",
                        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        }
        std::puts("");
        std::fflush(stdout);
    }
    return 0;
}
