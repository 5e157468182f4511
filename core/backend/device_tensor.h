// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <memory>

namespace headwater {

enum class ElementType { F32, F16 };

constexpr std::size_t elementBytes(ElementType type)
{
    return type == ElementType::F32 ? 4 : 2;
}

/// Memory of a backend, [rows, cols] row-major. Opaque: only the backend that made it can look inside; freed
/// with the last handle. An empty handle owns nothing.
class DeviceTensor {
public:
    /// What a backend hangs its own memory on.
    struct Storage {
        virtual ~Storage() = default;
    };

    DeviceTensor() = default;
    DeviceTensor(std::shared_ptr<Storage> storage, std::size_t rows, std::size_t cols, ElementType type)
        : m_storage(std::move(storage))
        , m_rows(rows)
        , m_cols(cols)
        , m_type(type)
    {
    }

    std::size_t rows() const { return m_rows; }
    std::size_t cols() const { return m_cols; }
    ElementType type() const { return m_type; }
    bool isEmpty() const { return !m_storage; }
    Storage* storage() const { return m_storage.get(); }

private:
    std::shared_ptr<Storage> m_storage;
    std::size_t m_rows = 0;
    std::size_t m_cols = 0;
    ElementType m_type = ElementType::F32;
};

} // namespace headwater
