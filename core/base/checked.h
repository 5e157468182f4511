// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <type_traits>

namespace headwater {

/// Sums and products of numbers that came from a file: nothing instead of a wrapped value.
template <class T, class = std::enable_if_t<std::is_unsigned_v<T>>> // no <concepts>: moc 6.4 cannot read it
constexpr std::optional<T> checkedAdd(T a, T b)
{
    T sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        return std::nullopt;
    return sum;
}

template <class T, class = std::enable_if_t<std::is_unsigned_v<T>>>
constexpr std::optional<T> checkedMultiply(T a, T b)
{
    T product = 0;
    if (__builtin_mul_overflow(a, b, &product))
        return std::nullopt;
    return product;
}

/// The next multiple of `alignment` (a power of two) at or after `value`.
template <class T, class = std::enable_if_t<std::is_unsigned_v<T>>>
constexpr std::optional<T> checkedAlignUp(T value, T alignment)
{
    const auto padded = checkedAdd<T>(value, alignment - 1);
    if (!padded)
        return std::nullopt;
    return *padded & ~(alignment - 1);
}

} // namespace headwater
