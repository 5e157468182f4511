// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_quantity.h"

#include "core/record/quantity.h"

#include <nlohmann/json.hpp>

namespace headwater {

bool isPropagated(const Trace& trace)
{
    const auto propagated = nlohmann::json::json_pointer("/params/propagated");
    const nlohmann::json& meta = trace.meta();
    return meta.contains(propagated) && meta[propagated] == true;
}

const char* tokenRowQuantity(const Trace& trace)
{
    return wholeRowQuantity(isPropagated(trace));
}

const char* blockQuantity(const Trace& trace, const HeadInfo& info)
{
    return quantityOf(isPropagated(trace), info.normaliser);
}

} // namespace headwater
