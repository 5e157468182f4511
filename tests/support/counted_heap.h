// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

/// Counts what `new` takes, so that a bound on it can be measured. It replaces the program's operators: to be
/// included by one file of a program.
namespace headwater::test {

inline std::atomic<std::size_t> heapInUse{0};
inline std::atomic<std::size_t> heapPeak{0};
constexpr std::size_t kHeapPrefix = 16; ///< holds the size; keeps the alignment

} // namespace headwater::test

void* operator new(std::size_t size)
{
    using namespace headwater::test;
    void* const block = std::malloc(size + kHeapPrefix);
    if (!block)
        throw std::bad_alloc();
    std::memcpy(block, &size, sizeof size);
    const std::size_t now = heapInUse += size;
    for (std::size_t peak = heapPeak; peak < now && !heapPeak.compare_exchange_weak(peak, now);) { }
    return static_cast<char*>(block) + kHeapPrefix;
}

/// Sanitizers bring a nothrow `new` of their own, whose blocks our `delete` could not free.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    try {
        return operator new(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

void operator delete(void* pointer) noexcept
{
    using namespace headwater::test;
    if (!pointer)
        return;
    char* const block = static_cast<char*>(pointer) - kHeapPrefix;
    std::size_t size = 0;
    std::memcpy(&size, block, sizeof size);
    heapInUse -= size;
    std::free(block);
}

void operator delete(void* pointer, std::size_t) noexcept
{
    operator delete(pointer);
}

void operator delete(void* pointer, const std::nothrow_t&) noexcept
{
    operator delete(pointer);
}
