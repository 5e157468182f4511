// SPDX-License-Identifier: Apache-2.0
#include "core/reading/quantity.h"

namespace headwater {

const char* tokenRowQuantity(const Trace& trace)
{
    const auto propagated = nlohmann::json::json_pointer("/params/propagated");
    const nlohmann::json& meta = trace.meta();
    return meta.contains(propagated) && meta[propagated] == true ? "p_stream" : "p_model";
}

const char* blockQuantity(const Trace& trace, const HeadInfo& info)
{
    return info.normaliser == Normaliser::Kept ? "p_masked" : tokenRowQuantity(trace);
}

} // namespace headwater
