// SPDX-License-Identifier: Apache-2.0
// Times the widening of every stored type to float32 against the mere copying of as many floats, in one run.
//   widen_bench [rows=8192] [columns=2048] [threads=2]
#include "core/model/dequantize.h"
#include "core/parallel/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <random>
#include <vector>

using namespace headwater;

namespace {

constexpr int kRuns = 5;

double secondsOf(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

int main(int count, char** arguments)
{
    const auto argument = [&](int at, unsigned long fallback) {
        return count > at ? std::strtoul(arguments[at], nullptr, 10) : fallback;
    };
    const auto rows = static_cast<std::uint32_t>(argument(1, 8192));
    const auto cols = static_cast<std::uint32_t>(argument(2, 2048));
    ThreadPool pool(argument(3, 2));
    if (rows == 0 || cols == 0 || cols % 256 != 0) {
        std::fputs("widen_bench: expected columns in whole blocks of 256\n", stderr);
        return 64;
    }
    const std::size_t elements = std::size_t{rows} * cols;
    std::vector<std::byte> stored(elements * sizeof(float));
    std::mt19937 random(11);
    for (std::byte& byte : stored)
        byte = static_cast<std::byte>(random() & 0x3F); // scales stay finite, whatever the layout
    std::vector<float> out(elements);
    const auto best = [&](const std::function<void(std::uint32_t row, float* to)>& widen) {
        double seconds = 1e9;
        for (int run = 0; run < kRuns; ++run)
            seconds = std::min(seconds, secondsOf([&] {
                                   pool.parallelFor(rows, [&](std::size_t row, std::size_t) {
                                       widen(static_cast<std::uint32_t>(row), out.data() + row * cols);
                                   });
                               }));
        return seconds;
    };
    const double copied = best([&](std::uint32_t row, float* to) {
        std::memcpy(to, stored.data() + std::size_t{row} * cols * sizeof(float), cols * sizeof(float));
    });
    std::printf("%zu threads, %u x %u; float32 written, GB/s; share of the copy's %.1f\n", pool.size(), rows,
                cols, double(elements) * sizeof(float) / copied / 1e9);
    for (const WeightTypeTraits& traits : weightTypes()) {
        const WeightMatrix matrix{traits.type, rows, cols,
                                  std::span(stored).first(storedBytes(traits.type, elements))};
        const double seconds = best([&](std::uint32_t row, float* to) {
            dequantizeRow(matrix, row, {to, cols});
        });
        std::printf("%-7s %6.1f %5.2f\n", traits.name, double(elements) * sizeof(float) / seconds / 1e9,
                    copied / seconds);
    }
    return 0;
}
