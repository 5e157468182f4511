// SPDX-License-Identifier: Apache-2.0
#include "core/model/model_source.h"

#include <fmt/format.h>

namespace headwater {

Result<std::uint64_t> ModelSource::requireUnsigned(Fact fact, std::uint64_t min, std::uint64_t max) const
{
    HEADWATER_TRY_ASSIGN(const auto value, findUnsigned(fact, min, max));
    if (!value)
        return fail(fact, "missing", fmt::format("an integer from {} to {}", min, max));
    return *value;
}

Result<double> ModelSource::requireFloat(Fact fact, double min, double max) const
{
    HEADWATER_TRY_ASSIGN(const auto value, findFloat(fact, min, max));
    if (!value)
        return fail(fact, "missing", "a float");
    return *value;
}

Result<std::vector<std::uint64_t>> ModelSource::requirePerLayer(Fact fact, std::size_t layers,
                                                                std::uint64_t min, std::uint64_t max) const
{
    HEADWATER_TRY_ASSIGN(auto values, findPerLayer(fact, layers, min, max));
    if (!values)
        return fail(fact, "missing", fmt::format("an integer from {} to {}", min, max));
    return *values;
}

} // namespace headwater
