// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf/gguf_weights.h"

#include "core/base/text.h"
#include "core/model/byte_reader.h"
#include "core/model/dequantize.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace headwater {

Error GgufWeights::fail(const GgufTensor& tensor, const std::string& found, const std::string& expected,
                        ErrorCode code) const
{
    return formatError(m_file.pathOf(tensor), tensor.infoOffset, printable(tensor.name), found, expected,
                       code);
}

Result<const GgufTensor*> GgufWeights::take(const std::string& name,
                                            std::span<const std::uint64_t> dimensions)
{
    const GgufTensor* tensor = m_file.findTensor(name);
    const std::string expected = fmt::format("dimensions [{}]", fmt::join(dimensions, ", "));
    if (!tensor)
        return formatError(m_file.path, m_file.metadataEnd, name, "no such tensor", "one of " + expected);
    if (!std::ranges::equal(tensor->dimensions, dimensions))
        return fail(*tensor, fmt::format("dimensions [{}]", fmt::join(tensor->dimensions, ", ")), expected,
                    ErrorCode::BadFormat);
    m_taken.insert(tensor);
    return tensor;
}

Result<WeightType> GgufWeights::typeOf(const GgufTensor& tensor) const
{
    const auto types = weightTypes();
    const auto traits = std::ranges::find(types, tensor.type->id, &WeightTypeTraits::ggmlId);
    if (traits != types.end())
        return traits->type;
    std::vector<std::string_view> names;
    for (const WeightTypeTraits& known : types)
        names.push_back(known.name);
    return fail(tensor, fmt::format("type {}", tensor.type->name),
                fmt::format("a type this version reads ({})", fmt::join(names, ", ")),
                ErrorCode::Unsupported);
}

Result<WeightMatrix> GgufWeights::matrix(const std::string& name, std::uint64_t rows, std::uint64_t cols)
{
    HEADWATER_TRY_ASSIGN(const GgufTensor* tensor, take(name, std::array{cols, rows}));
    HEADWATER_TRY_ASSIGN(const WeightType type, typeOf(*tensor));
    return WeightMatrix{type, static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(cols),
                        tensor->data};
}

Result<std::span<const float>> GgufWeights::vector(const std::string& name, std::uint64_t size)
{
    HEADWATER_TRY_ASSIGN(const GgufTensor* tensor, take(name, std::array{size}));
    HEADWATER_TRY_ASSIGN(const WeightType type, typeOf(*tensor));
    // The data is aligned: mappings begin at a page, the file's alignment is at least 8 and was checked.
    if (type == WeightType::F32)
        return std::span(reinterpret_cast<const float*>(tensor->data.data()), size);
    std::vector<float>& floats = m_widened->emplace_back(size);
    dequantizeRow({type, 1, static_cast<std::uint32_t>(size), tensor->data}, 0, floats);
    return std::span<const float>(floats);
}

Result<void> GgufWeights::check(const std::string& name, std::uint64_t size)
{
    HEADWATER_TRY_ASSIGN(const GgufTensor* tensor, take(name, std::array{size}));
    HEADWATER_TRY(typeOf(*tensor));
    return {};
}

Result<void> GgufWeights::checkTypes() const
{
    for (const GgufTensor& tensor : m_file.tensors)
        HEADWATER_TRY(typeOf(tensor));
    return {};
}

Result<void> GgufWeights::checkAllTaken(const std::string& architecture) const
{
    for (const GgufTensor& tensor : m_file.tensors) {
        if (!m_taken.contains(&tensor))
            return fail(tensor, "a tensor without a place in the model",
                        fmt::format("only tensors that architecture {} has", architecture),
                        ErrorCode::Unsupported);
    }
    return {};
}

} // namespace headwater
