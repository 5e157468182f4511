// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/arena.h"

#include "core/base/text.h"

#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <new>

namespace headwater {
namespace {

constexpr std::size_t kAlignment = 64;
/// 0xFFFF is a NaN in binary16, 0xFFFFFFFF one in binary32.
constexpr int kPoisonByte = 0xFF;

} // namespace

Result<std::shared_ptr<std::byte>> Arena::allocate(std::size_t bytes)
{
    void* const memory =
        ::operator new (bytes == 0 ? kAlignment : bytes, std::align_val_t{kAlignment}, std::nothrow);
    if (!memory)
        return Error{ErrorCode::OutOfMemory, fmt::format("cannot take {} more", humanBytes(bytes)),
                     "cpu backend"};
    if (poisons())
        std::memset(memory, kPoisonByte, bytes);
    return std::shared_ptr<std::byte>(static_cast<std::byte*>(memory),
                                      [bytes, poison = poisons()](std::byte* freed) {
                                          if (poison)
                                              std::memset(freed, kPoisonByte, bytes);
                                          ::operator delete (freed, std::align_val_t{kAlignment});
                                      });
}

float* Scratch::Slab::floats(std::size_t count)
{
    constexpr std::size_t kPad = kAlignment / sizeof(float);
    if (capacity < count + kPad) {
        capacity = count + kPad;
        memory = std::make_unique_for_overwrite<float[]>(capacity);
    }
    const auto address = reinterpret_cast<std::uintptr_t>(memory.get());
    const std::size_t skip = (kAlignment - address % kAlignment) % kAlignment / sizeof(float);
    return memory.get() + skip;
}

float* Scratch::floats(std::size_t count)
{
    if (m_next == m_slabs.size())
        m_slabs.emplace_back();
    return m_slabs[m_next++].floats(count);
}

float* Scratch::panel(std::size_t count)
{
    return m_panel.floats(count);
}

void Scratch::reset(bool poison)
{
    m_next = 0;
    if (!poison)
        return;
    for (Slab& slab : m_slabs)
        std::memset(slab.memory.get(), kPoisonByte, slab.capacity * sizeof(float));
    if (m_panel.memory)
        std::memset(m_panel.memory.get(), kPoisonByte, m_panel.capacity * sizeof(float));
}

} // namespace headwater
