// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/tensor_copy.h"

#include "core/backend/cpu/cpu_tensor.h"
#include "core/backend/cpu/finite_rows.h"
#include "core/base/half.h"

#include <cstring>

namespace headwater {

bool toHalves(std::span<const float> values, std::uint16_t* out)
{
    const std::span<std::uint16_t> halves(out, values.size());
    halvesFromFloats(values, halves);
    return areFinite(halves);
}

Error halfOverflow(std::string where)
{
    return {ErrorCode::BadFormat, "a value is beyond 65504, the largest that binary16 holds",
            std::move(where)};
}

Result<void> copyTensorRows(const DeviceTensor& from, std::size_t fromRow, std::size_t count,
                            DeviceTensor& to, std::size_t toRow)
{
    const std::size_t elements = count * from.cols();
    if (from.type() == ElementType::F32 && to.type() == ElementType::F16) {
        if (!toHalves({floatRow(from, fromRow), elements}, halfRow(to, toRow)))
            return halfOverflow({});
    } else if (from.type() == ElementType::F16 && to.type() == ElementType::F32)
        floatsFromHalves({halfRow(from, fromRow), elements}, {floatRow(to, toRow), elements});
    else if (from.type() == ElementType::F32)
        std::memcpy(floatRow(to, toRow), floatRow(from, fromRow), elements * sizeof(float));
    else
        std::memcpy(halfRow(to, toRow), halfRow(from, fromRow), elements * sizeof(std::uint16_t));
    return {};
}

void floatsOfRows(const DeviceTensor& from, std::size_t fromRow, std::size_t count, std::span<float> out)
{
    if (from.type() == ElementType::F32)
        std::memcpy(out.data(), floatRow(from, fromRow), count * from.cols() * sizeof(float));
    else
        floatsFromHalves({halfRow(from, fromRow), count * from.cols()}, out);
}

} // namespace headwater
