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

/// Counts the block and gives what lies behind its prefix; null when there is none.
inline void* countedBlock(void* block, std::size_t size, std::size_t prefix)
{
    if (!block)
        return nullptr;
    char* const memory = static_cast<char*>(block) + prefix;
    std::memcpy(memory - sizeof size, &size, sizeof size);
    const std::size_t now = heapInUse += size;
    for (std::size_t peak = heapPeak; peak < now && !heapPeak.compare_exchange_weak(peak, now);) { }
    return memory;
}

inline void freeCounted(void* pointer, std::size_t prefix)
{
    if (!pointer)
        return;
    std::size_t size = 0;
    std::memcpy(&size, static_cast<char*>(pointer) - sizeof size, sizeof size);
    heapInUse -= size;
    std::free(static_cast<char*>(pointer) - prefix);
}

} // namespace headwater::test

void* operator new(std::size_t size)
{
    using namespace headwater::test;
    void* const memory = countedBlock(std::malloc(size + kHeapPrefix), size, kHeapPrefix);
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept
{
    const auto prefix = static_cast<std::size_t>(alignment); // at least that of size_t
    const std::size_t whole = (size + 2 * prefix - 1) / prefix * prefix;
    return headwater::test::countedBlock(std::aligned_alloc(prefix, whole), size, prefix);
}

void* operator new(std::size_t size, std::align_val_t alignment)
{
    void* const memory = operator new(size, alignment, std::nothrow);
    if (!memory)
        throw std::bad_alloc();
    return memory;
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
    headwater::test::freeCounted(pointer, headwater::test::kHeapPrefix);
}

void operator delete(void* pointer, std::align_val_t alignment) noexcept
{
    headwater::test::freeCounted(pointer, static_cast<std::size_t>(alignment));
}

void operator delete(void* pointer, std::size_t, std::align_val_t alignment) noexcept
{
    operator delete(pointer, alignment);
}

void operator delete(void* pointer, std::align_val_t alignment, const std::nothrow_t&) noexcept
{
    operator delete(pointer, alignment);
}

void operator delete(void* pointer, std::size_t) noexcept
{
    operator delete(pointer);
}

void operator delete(void* pointer, const std::nothrow_t&) noexcept
{
    operator delete(pointer);
}
