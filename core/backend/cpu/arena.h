// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace headwater {

/// Where the CPU backend's tensors and scratch live. With Poison::On every byte that is not meant to be read
/// holds a signalling pattern (NaN as float and as binary16): fresh memory, freed memory and scratch between
/// operations, so that a read of freed or foreign memory shows in the numbers. The backend tests run the
/// whole forward pass on it.
class Arena {
public:
    enum class Poison { Off, On };
    explicit Arena(Poison poison)
        : m_poison(poison)
    {
    }

    /// 64-byte aligned; zeroed is not promised. Freed with the returned pointer.
    Result<std::shared_ptr<std::byte>> allocate(std::size_t bytes);

    bool poisons() const { return m_poison == Poison::On; }

private:
    Poison m_poison;
};

/// Reusable scratch of one worker thread. Grows, never shrinks; contents are undefined at the start of every
/// operation.
class Scratch {
public:
    /// `count` floats, 64-byte aligned, valid until reset().
    float* floats(std::size_t count);
    /// One room that every call gives again, for what is used up before the next: a panel of weights.
    float* panel(std::size_t count);
    /// Gives everything back to the next operation.
    void reset(bool poison);

private:
    struct Slab {
        std::unique_ptr<float[]> memory;
        std::size_t capacity = 0;

        float* floats(std::size_t count);
    };
    std::vector<Slab> m_slabs;
    std::size_t m_next = 0;
    Slab m_panel;
};

} // namespace headwater
