// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/rope.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace headwater {
namespace {

constexpr std::uint32_t kStep = 256;

} // namespace

Rope::Rope(const Rotary& rotary, std::uint32_t positions)
    : m_pairing(rotary.pairs)
    , m_magnitude(rotary.magnitude)
    , m_pairs(rotary.frequencies.size())
    , m_turning(m_pairs)
{
    while (m_turning > 0 && m_magnitude == 1 && rotary.frequencies[m_turning - 1] == 0)
        --m_turning;
    const auto tabulate = [&](std::vector<double>& cosines, std::vector<double>& sines, std::uint32_t count,
                              double step) {
        cosines.reserve(count * m_turning);
        sines.reserve(count * m_turning);
        for (std::uint32_t i = 0; i < count; ++i) {
            for (std::size_t pair = 0; pair < m_turning; ++pair) {
                const double angle = static_cast<double>(i) * step * rotary.frequencies[pair];
                cosines.push_back(std::cos(angle));
                sines.push_back(std::sin(angle));
            }
        }
    };
    tabulate(m_coarseCos, m_coarseSin, positions / kStep + 1, kStep);
    tabulate(m_fineCos, m_fineSin, kStep, 1);
}

void Rope::fill(std::uint32_t firstPosition, std::uint32_t count, float* cosines, float* sines) const
{
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t position = firstPosition + i;
        const double* const coarseCos = m_coarseCos.data() + position / kStep * m_turning;
        const double* const coarseSin = m_coarseSin.data() + position / kStep * m_turning;
        const double* const fineCos = m_fineCos.data() + position % kStep * m_turning;
        const double* const fineSin = m_fineSin.data() + position % kStep * m_turning;
        for (std::size_t pair = 0; pair < m_turning; ++pair) {
            cosines[i * m_pairs + pair] = static_cast<float>(
                m_magnitude * (coarseCos[pair] * fineCos[pair] - coarseSin[pair] * fineSin[pair]));
            sines[i * m_pairs + pair] = static_cast<float>(
                m_magnitude * (coarseSin[pair] * fineCos[pair] + coarseCos[pair] * fineSin[pair]));
        }
    }
}

void Rope::rotate(const float* cosines, const float* sines, float* vectors, int heads,
                  std::size_t headDim) const
{
    const bool neighbours = m_pairing == RotaryPairs::Neighbours;
    const std::size_t step = neighbours ? 2 : 1;
    const std::size_t apart = neighbours ? 1 : m_pairs;
    for (int head = 0; head < heads; ++head, vectors += headDim) {
        for (std::size_t pair = 0; pair < m_turning; ++pair) {
            float* const first = vectors + step * pair;
            float* const second = first + apart;
            const float x = *first;
            const float y = *second;
            *first = x * cosines[pair] - y * sines[pair];
            *second = x * sines[pair] + y * cosines[pair];
        }
    }
}

void Rope::turn(std::uint32_t firstPosition, std::uint32_t count, float* vectors, std::size_t width,
                int heads, Scratch& scratch) const
{
    float* const cosines = scratch.floats(count * m_pairs);
    float* const sines = scratch.floats(count * m_pairs);
    fill(firstPosition, count, cosines, sines);
    for (std::uint32_t i = 0; i < count; ++i)
        rotate(cosines + i * m_pairs, sines + i * m_pairs, vectors + i * width, heads,
               width / static_cast<std::size_t>(heads));
}

const Rope& RopeTables::of(const Rotary& rotary, std::uint32_t positions)
{
    const auto found = m_ropes.find(rotary);
    if (found != m_ropes.end() && found->second.positions >= positions)
        return found->second.rope;
    // To the next power of two: a token that is decoded needs no table of its own.
    const std::uint32_t reached = std::bit_ceil(std::max(positions, kStep));
    const auto made = m_ropes.insert_or_assign(rotary, Reaching{reached, Rope(rotary, reached)});
    return made.first->second.rope;
}

} // namespace headwater
